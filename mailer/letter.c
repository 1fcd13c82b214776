/* SPDX-License-Identifier: MIT */
#include "mailer/letter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "core/file.h"
#include "core/mail/message.h"
#include "core/template.h"
#include "mailer/calendar.h"
#include "mailer/facts.h"
#include "mailer/home.h"
#include "mailer/wrap.h"

#define TEMPLATE_MAX  ((size_t)64 << 10)
#define SUBJECT_MAX   1000
#define SMALL_MAX     4096
#define VALUES_MAX    64
#define PART_ROOM     ((size_t)48 << 10) /* of a usual letter, kept locked */
#define TOKEN_TAIL    5                  /* a hyphen and the last group of four */
#define PREVIEW_EMAIL "member@example.org"

/* One language's templates, and what all its letters say alike. */
struct language {
	struct buf text, html; /* the templates */
	char text_path[256], html_path[256];
	char *subject;      /* filled */
	char *mail_subject; /* percent-encoded, for mailto: links */
	struct calendar *calendar;
	struct facts facts;
};

struct letters {
	const struct manifest *m;
	const struct conf *conf;
	unsigned languages;
	struct language *language;
};

void letter_mailbox(char out[ADDRESS_TEXT], const char *address, const char *handle)
{
	const char *at = strchr(address, '@');

	snprintf(out, ADDRESS_TEXT, "%.*s+%s%s", (int)(at - address), address, handle, at);
}

/* RFC 6068: everything but letters, digits and "-._~". */
static void add_percent(struct buf *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		    strchr("-._~", c))
			buf_addc(out, (char)c);
		else
			buf_addf(out, "%%%02X", c);
	}
}

static void template_path(struct buf *path, const struct letters *l, unsigned language,
                          const char *name)
{
	file_path(path, l->conf->templates, l->m->language[language]);
	buf_addc(path, '/');
	buf_adds(path, name);
}

static enum err read_template(struct buf *out, const struct letters *l, unsigned language,
                              const char *name, char shown[256], struct why *why)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX);
	enum err e;

	buf_init(out, TEMPLATE_MAX);
	template_path(&path, l, language, name);
	e = buf_err(&path);
	if (!e)
		e = file_read(out, buf_text(&path), why);
	if (e == ERR_NOT_FOUND)
		e = why_set(why, ERR_SETTINGS,
		            "%s: no template; the election has the language %s ([letter] "
		            "templates)",
		            buf_text(&path), l->m->language[language]);
	if (shown)
		snprintf(shown, 256, "%s", buf_text(&path));
	buf_free(&path);
	return e;
}

/* The subject is the same for every member: it never holds a name or a token. */
static enum err fill_subject(struct language *own, const struct letters *l, unsigned language,
                             struct why *why)
{
	struct buf template, filled = BUF_INIT(SUBJECT_MAX), encoded = BUF_INIT(SUBJECT_MAX * 3);
	char path[256];
	enum err e = read_template(&template, l, language, "letter.subject", path, why);

	if (!e && template.len && template.data[template.len - 1] == '\n')
		template.data[--template.len] = 0;
	if (!e)
		e = template_fill(&filled, path, buf_text(&template), TEMPLATE_TEXT,
		                  own->facts.value, why);
	if (!e) {
		add_percent(&encoded, buf_text(&filled));
		own->subject = strdup(buf_text(&filled));
		own->mail_subject = strdup(buf_text(&encoded));
		if (!own->subject || !own->mail_subject || buf_err(&encoded))
			e = why_set(why, ERR_MEMORY, "out of memory");
	}
	buf_free(&template);
	buf_free(&filled);
	buf_free(&encoded);
	return e;
}

static enum err load_language(struct letters *l, unsigned language, struct why *why)
{
	struct language *own = &l->language[language];
	struct buf path = BUF_INIT(HOME_PATH_MAX);
	enum err e;

	e = read_template(&own->text, l, language, "letter.txt", own->text_path, why);
	if (!e)
		e = read_template(&own->html, l, language, "letter.html", own->html_path, why);
	if (!e) {
		template_path(&path, l, language, "letter.words");
		e = buf_err(&path);
	}
	if (!e)
		e = calendar_open(&own->calendar, buf_text(&path), why);
	if (!e)
		e = facts_make(&own->facts, l->m, language, l->conf, own->calendar, why);
	if (!e)
		e = fill_subject(own, l, language, why);
	buf_free(&path);
	return e;
}

/* A letter to nobody in each language, with and without a name: a mistake in a template shows
 * now. */
static enum err try_all(const struct letters *l, struct why *why)
{
	struct buf out = BUF_INIT(LETTER_MAX);
	struct letter_desk desk;
	char handle[HANDLE_TEXT];
	struct token token;
	enum err e = OK;

	letter_desk_init(&desk);
	mint_dummy(&token, handle);
	for (unsigned i = 0; !e && i < 2 * l->languages; i++) {
		struct member member = { .generation = 1,
			                 .language = i / 2,
			                 .email = PREVIEW_EMAIL };

		snprintf(member.name, sizeof(member.name), "%s", i % 2 ? "A" : "");
		e = letter_write(&out, &desk, l, &member, handle, &token, why);
	}
	letter_desk_release(&desk);
	buf_free(&out);
	return e;
}

enum err letter_load(struct letters **out, const struct manifest *m, const struct conf *conf,
                     struct why *why)
{
	struct letters *l = calloc(1, sizeof(*l));
	enum err e = OK;

	if (!l)
		return why_set(why, ERR_MEMORY, "out of memory");
	l->m = m;
	l->conf = conf;
	l->language = calloc(m->languages, sizeof(*l->language));
	if (!l->language)
		e = why_set(why, ERR_MEMORY, "out of memory");
	else
		l->languages = m->languages;
	for (unsigned i = 0; !e && i < l->languages; i++)
		e = load_language(l, i, why);
	if (!e)
		e = try_all(l, why);
	if (e)
		letter_free(l);
	else
		*out = l;
	return e;
}

void letter_free(struct letters *l)
{
	if (!l)
		return;
	for (unsigned i = 0; i < l->languages; i++) {
		struct language *own = &l->language[i];

		buf_free(&own->text);
		buf_free(&own->html);
		facts_release(&own->facts);
		calendar_free(own->calendar);
		free(own->subject);
		free(own->mail_subject);
	}
	free(l->language);
	free(l);
}

void letter_lock(struct buf *b, size_t room)
{
	(void)buf_extend(b, room);
	buf_clear(b);
	/* Best effort: where the system's limit is reached, a letter may be swapped. */
	if (b->data)
		(void)sodium_mlock(b->data, b->room);
}

void letter_unlock(struct buf *b)
{
	if (b->data)
		(void)sodium_munlock(b->data, b->room);
	buf_free(b);
}

void letter_desk_init(struct letter_desk *d)
{
	buf_init(&d->text, LETTER_MAX);
	buf_init(&d->wrapped, LETTER_MAX);
	buf_init(&d->html, LETTER_MAX);
	buf_init(&d->link, SMALL_MAX);
	buf_init(&d->mailto, SMALL_MAX);
	buf_init(&d->token, TOKEN_TEXT_MAX);
	letter_lock(&d->text, PART_ROOM);
	letter_lock(&d->wrapped, PART_ROOM);
	letter_lock(&d->html, PART_ROOM);
	letter_lock(&d->link, SMALL_MAX);
	letter_lock(&d->mailto, SMALL_MAX);
	letter_lock(&d->token, TOKEN_TEXT_MAX);
}

static void wipe_desk(struct letter_desk *d)
{
	buf_wipe(&d->text);
	buf_wipe(&d->wrapped);
	buf_wipe(&d->html);
	buf_wipe(&d->link);
	buf_wipe(&d->mailto);
	buf_wipe(&d->token);
}

void letter_desk_release(struct letter_desk *d)
{
	letter_unlock(&d->text);
	letter_unlock(&d->wrapped);
	letter_unlock(&d->html);
	letter_unlock(&d->link);
	letter_unlock(&d->mailto);
	letter_unlock(&d->token);
}

/* A member's own values, then those of the language. */
struct filled {
	struct template_value value[VALUES_MAX];
	char reply_to[ADDRESS_TEXT];
	const char *four;
};

static void fill_values(struct filled *f, struct letter_desk *d, const struct letters *l,
                        const struct member *member, const char *handle)
{
	static const struct template_row once = { NULL };
	const struct language *own = &l->language[member->language];
	const char *token = buf_text(&d->token);
	size_t head = d->token.len - TOKEN_TAIL;
	bool named = *member->name;
	const struct template_value mine[] = {
		{ "name", member->name, NULL, 0 },
		{ "named", NULL, &once, named },
		{ "nameless", NULL, &once, !named },
		{ "reply_to", f->reply_to, NULL, 0 },
		{ "token", token, NULL, 0 },
		{ "four", token + head + 1, NULL, 0 },
		{ "link", buf_text(&d->link), NULL, 0 },
		{ "mailto", buf_text(&d->mailto), NULL, 0 },
	};
	const size_t n = sizeof(mine) / sizeof(mine[0]);

	letter_mailbox(f->reply_to, l->m->reply_to, handle);
	memcpy(f->value, mine, sizeof(mine));
	if (n + own->facts.values + 1 > VALUES_MAX)
		bug("too many values for a letter");
	memcpy(f->value + n, own->facts.value, (own->facts.values + 1) * sizeof(f->value[0]));
}

/* The token, the link with all of it but the last group, the mailto: up to the choice. */
static void write_pieces(struct letter_desk *d, const struct letters *l,
                         const struct member *member, const char *handle, const struct token *token)
{
	const struct language *own = &l->language[member->language];
	char text[TOKEN_TEXT_MAX], mailbox[ADDRESS_TEXT];
	size_t head = TOKEN_TEXT_MAX - 1 - TOKEN_TAIL;

	token_write(text, token);
	letter_mailbox(mailbox, l->m->reply_to, handle);
	wipe_desk(d);
	buf_adds(&d->token, text);
	buf_addf(&d->link, "%s#", l->m->link);
	buf_add(&d->link, text, head);
	buf_adds(&d->mailto, "mailto:");
	for (const char *p = mailbox; *p; p++) {
		const char one[2] = { *p, 0 };

		if (*p == '@')
			buf_addc(&d->mailto, '@');
		else
			add_percent(&d->mailto, one);
	}
	buf_addf(&d->mailto, "?subject=%s&body=VOTE%%20%s%%20", own->mail_subject, text);
	sodium_memzero(text, sizeof(text));
}

static enum err fill_parts(struct letter_desk *d, const struct letters *l,
                           const struct member *member, const char *handle,
                           const struct token *token, struct why *why)
{
	const struct language *own = &l->language[member->language];
	struct filled f;
	enum err e;

	write_pieces(d, l, member, handle, token);
	e = buf_err(&d->link) ? buf_err(&d->link) : buf_err(&d->mailto);
	if (buf_err(&d->token))
		e = buf_err(&d->token);
	if (e)
		return why_set(why, e, "the link or the subject is too long for a letter");
	fill_values(&f, d, l, member, handle);
	e = template_fill(&d->text, own->text_path, buf_text(&own->text), TEMPLATE_TEXT, f.value,
	                  why);
	if (!e)
		e = template_fill(&d->html, own->html_path, buf_text(&own->html), TEMPLATE_HTML,
		                  f.value, why);
	if (!e) {
		wrap_text(&d->wrapped, buf_text(&d->text));
		e = buf_err(&d->wrapped);
	}
	return e;
}

enum err letter_write(struct buf *out, struct letter_desk *desk, const struct letters *l,
                      const struct member *member, const char handle[HANDLE_TEXT],
                      const struct token *token, struct why *why)
{
	const struct language *own = &l->language[member->language];
	char reply_to[ADDRESS_TEXT], id[ADDRESS_TEXT + 64];
	struct message message = {
		.from_name = *l->conf->name ? l->conf->name : NULL,
		.from = l->conf->address,
		.to_name = *member->name ? member->name : NULL,
		.to = member->email,
		.reply_to = reply_to,
		.subject = own->subject,
		.message_id = id,
		.auto_submitted = "auto-generated",
		.language = l->m->language[member->language],
		.date = (unsigned long long)time(NULL),
	};
	enum err e = fill_parts(desk, l, member, handle, token, why);

	buf_wipe(out);
	letter_mailbox(reply_to, l->m->reply_to, handle);
	snprintf(id, sizeof(id), "vote.%s.%u%s", handle, member->generation,
	         strchr(l->conf->address, '@'));
	message.text = buf_text(&desk->wrapped);
	message.html = buf_text(&desk->html);
	if (!e)
		e = message_write(out, &message, why);
	wipe_desk(desk);
	return e;
}

enum err letter_html(struct buf *out, struct letter_desk *desk, const struct letters *l,
                     const struct member *member, const char handle[HANDLE_TEXT],
                     const struct token *token, struct why *why)
{
	enum err e = fill_parts(desk, l, member, handle, token, why);

	buf_wipe(out);
	if (!e)
		buf_add(out, desk->html.data, desk->html.len);
	wipe_desk(desk);
	return e ? e : buf_err(out);
}
