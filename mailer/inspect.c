/* SPDX-License-Identifier: MIT */
#include "mailer/inspect.h"

#include <string.h>
#include <strings.h>

#include "core/flatten.h"
#include "core/secret.h"
#include "core/template.h"
#include "core/text.h"
#include "core/tokenlike.h"
#include "core/votelike.h"
#include "mailer/letter.h"

static enum err wrong(const struct inspect *i, enum wording_part part, struct why *why,
                      const char *what)
{
	return why_set(why, ERR_FORMAT, "%s: %s", i->wording->file[i->set][part].path, what);
}

static const char *fact(const struct inspect *i, const char *name)
{
	for (const struct template_value *v = i->wording->facts.value; v->name; v++)
		if (v->text && !strcmp(v->name, name))
			return v->text;
	bug("a fact of every letter is missing");
}

/* Does it stand there by itself? The token's last four characters also end the token. */
static bool holds(const char *part, const char *what)
{
	const char *at = strstr(part, what);

	while (at && at > part && at[-1] == '-')
		at = strstr(at + 1, what);
	return at != NULL;
}

static enum err must_hold(const struct inspect *i, const char *what, const char *name,
                          struct why *why)
{
	struct buf written = BUF_INIT(LETTER_MAX);
	enum wording_part part = WORDING_HTML;
	bool there;
	enum err e;

	template_html(&written, what);
	e = buf_err(&written);
	there = !e && holds(i->html, buf_text(&written));
	buf_wipe(&written);
	buf_free(&written);
	if (e)
		return why_set(why, e, "out of memory");
	if (!holds(i->text, what)) {
		part = WORDING_TEXT;
		there = false;
	}
	return there ? OK
	             : why_set(why, ERR_FORMAT, "%s: %s is missing, where it must stand",
	                       i->wording->file[i->set][part].path, name);
}

/* config/templates/README, "Every letter must have". */
static enum err check_parts(const struct inspect *i, struct why *why)
{
	const struct manifest *m = i->m;
	const bool letter = i->token != NULL;
	const struct {
		bool wanted;
		const char *what, *name;
	} parts[] = {
		{ letter, i->token, "{{token}}" },
		{ letter, fact(i, "fingerprint"), "{{fingerprint}}" },
		{ true, fact(i, "contact"), "{{contact}}" },
		{ letter && m->channel[CHANNEL_LINK], i->link, "{{link}}" },
		{ letter && m->channel[CHANNEL_LINK], i->four, "{{four}}" },
		{ letter && m->channel[CHANNEL_SEALED_REPLY], m->link, "{{page}}" },
		{ letter && m->channel[CHANNEL_SEALED_REPLY], i->reply_to, "{{reply_to}}" },
		{ letter && m->channel[CHANNEL_REPLY], fact(i, "waiver"), "{{waiver}}" },
		{ letter && m->channel[CHANNEL_REPLY], OWNTEXT_MARK, OWNTEXT_MARK },
	};
	enum err e = OK;

	for (size_t n = 0; !e && n < sizeof(parts) / sizeof(parts[0]); n++)
		if (parts[n].wanted)
			e = must_hold(i, parts[n].what, parts[n].name, why);
	/* Its & is written &amp;, and what follows is the choice. */
	if (!e && letter && m->channel[CHANNEL_REPLY] && !strstr(i->html, "\"mailto:"))
		e = wrong(i, WORDING_HTML, why, "{{mailto}} is missing, where it must stand");
	return e;
}

/* Whatever stands above it looks like an answer to whoever reads the reply. */
static enum err check_mark(const struct inspect *i, struct why *why)
{
	const char *mark = strstr(i->html, OWNTEXT_MARK);

	if (!i->token || !i->m->channel[CHANNEL_REPLY])
		return OK;
	if (strncmp(i->text + strspn(i->text, "\n"), OWNTEXT_MARK, strlen(OWNTEXT_MARK)))
		return wrong(i, WORDING_TEXT, why, OWNTEXT_MARK " must be the first line");
	if (mark > strstr(i->html, i->token))
		return wrong(i, WORDING_HTML, why,
		             OWNTEXT_MARK " must stand before everything else");
	return OK;
}

/* What the definition calls things is never the first line of a quote, and cannot be changed any
 * more: a cell of a table may hold an option named "Blanc". */
static bool is_texts(const struct texts *t, unsigned language, const char *line, size_t len)
{
	const char *text = t->in[language];

	return strlen(text) == len && !memcmp(text, line, len);
}

static bool of_election(const struct inspect *i, const char *line, size_t len)
{
	bool yes = is_texts(&i->m->title, i->language, line, len);

	for (unsigned q = 0; !yes && q < i->m->questions; q++) {
		const struct question *question = &i->m->question[q];

		yes = is_texts(&question->title, i->language, line, len);
		for (unsigned o = 0; !yes && o < question->options; o++)
			yes = is_texts(&question->option[o], i->language, line, len);
		for (unsigned g = 0; !yes && g < question->grades; g++)
			yes = is_texts(&question->grade[g], i->language, line, len);
	}
	return yes;
}

static enum err check_lines(const struct inspect *i, enum wording_part part, const char *text,
                            struct why *why)
{
	size_t len;

	while ((text = votelike_find(text, &len)) && part == WORDING_HTML &&
	       of_election(i, text, len))
		text += len;
	if (!text)
		return OK;
	return why_set(why, ERR_FORMAT,
	               "%s: \"%.*s\" would stand in a line by itself, and vote when somebody "
	               "quotes the letter: put a word before it, or brackets round it",
	               i->wording->file[i->set][part].path, len < 60 ? (int)len : 60, text);
}

/* Everything but this, which is the mail's own. */
static void leave_out(struct buf *out, const char *text, const char *own)
{
	for (const char *at; own && (at = strstr(text, own)); text = at + strlen(own)) {
		buf_add(out, text, (size_t)(at - text));
		buf_addc(out, '?');
	}
	buf_adds(out, text);
}

/* The text of a mail, with somebody's code in it? Its own and its own link's are left out. */
static enum err holds_token(bool *yes, const struct inspect *i, const char *text, struct why *why)
{
	struct buf most = BUF_INIT(LETTER_MAX), rest = BUF_INIT(LETTER_MAX);
	enum err e;

	leave_out(&most, text, i->token);
	leave_out(&rest, buf_text(&most), i->link ? strrchr(i->link, '#') : NULL);
	e = buf_err(&most) ? buf_err(&most) : buf_err(&rest);
	*yes = !e && tokenlike(buf_text(&rest), rest.len);
	buf_free(&most);
	buf_free(&rest);
	return e ? why_set(why, e, "out of memory") : OK;
}

static enum err check_token(const struct inspect *i, enum wording_part part, const char *text,
                            struct why *why)
{
	const char *name = "";
	bool yes;
	enum err e = holds_token(&yes, i, text, why);

	if (e || !yes)
		return e;
	for (const struct template_value *v = i->wording->facts.value; v->name; v++)
		if (v->text && tokenlike(v->text, strlen(v->text)))
			name = v->name;
	return why_set(why, ERR_FORMAT,
	               "%s: %s%s%s looks like a voting code when all is filled in: none may stand "
	               "in what goes to everyone, not even as an example",
	               i->wording->file[i->set][part].path, *name ? "{{" : "",
	               *name ? name : "this", *name ? "}}" : "");
}

static enum err check_html(const struct inspect *i, struct why *why)
{
	struct buf flat = BUF_INIT(LETTER_MAX);
	enum err e;

	secret_lock(&flat, strlen(i->html));
	flatten_html(&flat, i->html);
	e = buf_err(&flat);
	if (e)
		why_set(why, e, "out of memory");
	else
		e = check_lines(i, WORDING_HTML, buf_text(&flat), why);
	if (!e)
		e = check_token(i, WORDING_HTML, buf_text(&flat), why);
	secret_unlock(&flat);
	return e;
}

enum err inspect_mail(const struct inspect *i, struct why *why)
{
	enum err e;

	if (text_blank(i->subject, strlen(i->subject)) || strchr(i->subject, '\n'))
		return wrong(i, WORDING_SUBJECT, why, "the subject must be one line");
	if (tokenlike(i->from, strlen(i->from)))
		return why_set(why, ERR_FORMAT,
		               "[sender] name: looks like a voting code: none may stand in what "
		               "goes to everyone");
	e = check_token(i, WORDING_SUBJECT, i->subject, why);
	if (!e)
		e = check_parts(i, why);
	if (!e)
		e = check_mark(i, why);
	if (!e)
		e = check_lines(i, WORDING_TEXT, i->wrapped, why);
	if (!e)
		e = check_token(i, WORDING_TEXT, i->text, why);
	return e ? e : check_html(i, why);
}
