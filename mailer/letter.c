/* SPDX-License-Identifier: MIT */
#include "mailer/letter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <sodium.h>

#include "core/mail/message.h"
#include "core/secret.h"
#include "core/template.h"
#include "core/wrap.h"
#include "mailer/inspect.h"
#include "mailer/links.h"

#define SUBJECT_MAX   1000
#define SMALL_MAX     4096
#define GREETING_MAX  4096
#define VALUES_MAX    88
#define PART_ROOM     ((size_t)48 << 10) /* of a usual letter, kept locked */
#define PREVIEW_EMAIL "member@example.org"

struct letters {
	const struct manifest *m;
	const struct conf *conf;
	unsigned languages;
	struct wording *wording; /* [languages] */
};

void letter_mailbox(char out[ADDRESS_TEXT], const char *address, const char *handle)
{
	const char *at = strchr(address, '@');

	snprintf(out, ADDRESS_TEXT, "%.*s+%s%s", (int)(at - address), address, handle, at);
}

void letter_sender(char out[ADDRESS_TEXT], const char *address, const char *handle, const char *tag)
{
	char tagged[HANDLE_TEXT + TAG_TEXT];

	snprintf(tagged, sizeof(tagged), "%s%s%s", handle, *tag ? "-" : "", tag);
	letter_mailbox(out, address, tagged);
}

/* What members answer to a notice, which has no Reply-To, would land in the box: it votes nothing,
 * and nobody reads it. */
static enum err check_sender(const struct manifest *m, const struct conf *conf, struct why *why)
{
	if (!strcasecmp(conf->bounce, m->reply_to))
		return why_set(why, ERR_SETTINGS,
		               "[sender] bounce: %s is the election's address for votes "
		               "(reply_to): what reads bounces there would destroy them; give "
		               "bounces a mailbox of their own",
		               conf->bounce);
	if (strcasecmp(conf->address, m->reply_to))
		return OK;
	return why_set(
		why, ERR_SETTINGS,
		"[sender] address: %s is the election's address for votes (reply_to), where "
		"nobody reads: write one that somebody does, since members answer to notices",
		conf->address);
}

void letter_free(struct letters *l)
{
	if (!l)
		return;
	for (unsigned i = 0; i < l->languages; i++)
		wording_release(&l->wording[i]);
	free(l->wording);
	free(l);
}

const char *letter_own_text(const struct letters *l, unsigned language)
{
	const char *path = l->wording[language].own.file.path;

	return *path ? path : NULL;
}

enum err letter_sources(const struct letters *l, wording_source *visit, void *context,
                        struct why *why)
{
	struct source settings;
	enum err e = conf_source(&settings, l->conf);

	if (!e)
		e = visit(context, "settings", &settings, why);
	for (unsigned i = 0; !e && i < l->languages; i++)
		e = wording_sources(&l->wording[i], l->m->language[i], visit, context, why);
	return e;
}

void letter_desk_init(struct letter_desk *d)
{
	buf_init(&d->text, LETTER_MAX);
	buf_init(&d->wrapped, LETTER_MAX);
	buf_init(&d->html, LETTER_MAX);
	buf_init(&d->link, SMALL_MAX);
	buf_init(&d->mailto, SMALL_MAX);
	buf_init(&d->token, TOKEN_TEXT_MAX);
	buf_init(&d->subject, SUBJECT_MAX);
	buf_init(&d->greeting, GREETING_MAX);
	secret_lock(&d->text, PART_ROOM);
	secret_lock(&d->wrapped, PART_ROOM);
	secret_lock(&d->html, PART_ROOM);
	secret_lock(&d->link, SMALL_MAX);
	secret_lock(&d->mailto, SMALL_MAX);
	secret_lock(&d->token, TOKEN_TEXT_MAX);
}

static void wipe_desk(struct letter_desk *d)
{
	buf_wipe(&d->text);
	buf_wipe(&d->wrapped);
	buf_wipe(&d->html);
	buf_wipe(&d->link);
	buf_wipe(&d->mailto);
	buf_wipe(&d->token);
	buf_clear(&d->subject);
	buf_wipe(&d->greeting);
}

void letter_desk_release(struct letter_desk *d)
{
	secret_unlock(&d->text);
	secret_unlock(&d->wrapped);
	secret_unlock(&d->html);
	secret_unlock(&d->link);
	secret_unlock(&d->mailto);
	secret_unlock(&d->token);
	buf_free(&d->subject);
	buf_free(&d->greeting);
}

/* The values of one mail: its kind, then the election's, then, at `own` from the front, the
 * member's. A subject is filled without the member's: it never holds a name or a token. */
struct filled {
	struct template_value value[VALUES_MAX];
	size_t n;
	char reply_to[ADDRESS_TEXT];
};

static void add_value(struct filled *f, struct template_value value)
{
	if (f->n + 1 >= VALUES_MAX)
		bug("too many values for a letter");
	f->value[f->n++] = value;
	f->value[f->n] = (struct template_value){ 0 };
}

static void add_text(struct filled *f, const char *name, const char *text)
{
	add_value(f, (struct template_value){ name, text, NULL, 0 });
}

static void add_when(struct filled *f, const char *name, bool condition)
{
	static const struct template_row once = { NULL };

	add_value(f, (struct template_value){ name, NULL, &once, condition });
}

static void add_shared(struct filled *f, const struct wording *w, const struct letter_order *o)
{
	enum mailing_kind kind = o->mailing.kind;
	bool invitation = kind == MAILING_INVITATION;

	if (mailing_is_letter(kind)) {
		add_when(f, "invitation", invitation);
		add_when(f, "reminder", kind == MAILING_REMINDER);
		add_when(f, "renewed", invitation && o->member->generation > 1);
	} else {
		add_when(f, "notice", kind == MAILING_NOTICE);
		add_when(f, "extension", kind == MAILING_EXTENSION);
		add_when(f, "announcement", kind == MAILING_ANNOUNCEMENT);
		add_when(f, "moved", kind == MAILING_MOVED);
	}
	for (size_t i = 0; i < w->facts.values; i++)
		add_value(f, w->facts.value[i]);
	for (const struct template_value *own = w->own.value; own->name; own++)
		add_value(f, *own);
}

static void add_own(struct filled *f, const struct letter_desk *d, const struct letters *l,
                    const struct letter_order *o)
{
	const char *name = o->member->name;

	add_text(f, "name", name);
	add_when(f, "named", *name);
	add_when(f, "nameless", !*name);
	add_text(f, "greeting", buf_text(&d->greeting));
	add_when(f, "own_greeting", d->greeting.len);
	add_when(f, "usual_greeting", !d->greeting.len);
	if (!o->token)
		return;
	letter_mailbox(f->reply_to, l->m->reply_to, o->handle);
	add_text(f, "reply_to", f->reply_to);
	add_text(f, "token", buf_text(&d->token));
	add_text(f, "four", buf_text(&d->token) + d->token.len - LINKS_TAIL + 1);
	add_text(f, "link", buf_text(&d->link));
	add_text(f, "mailto", buf_text(&d->mailto));
}

/* The token, the link with all of it but the last group, the mailto: up to the choice. */
static enum err write_pieces(struct letter_desk *d, const struct letters *l,
                             const struct letter_order *o, struct why *why)
{
	char text[TOKEN_TEXT_MAX], mailbox[ADDRESS_TEXT];
	enum err e;

	token_write(text, o->token);
	letter_mailbox(mailbox, l->m->reply_to, o->handle);
	buf_adds(&d->token, text);
	links_page(&d->link, l->m->link, text);
	links_mailto(&d->mailto, mailbox, buf_text(&d->subject), text);
	sodium_memzero(text, sizeof(text));
	e = buf_err(&d->link) ? buf_err(&d->link) : buf_err(&d->mailto);
	if (buf_err(&d->token))
		e = buf_err(&d->token);
	return e ? why_set(why, e, "the link or the subject is too long for a letter") : OK;
}

static enum err fill_parts(struct letter_desk *d, const struct letters *l,
                           const struct letter_order *o, struct why *why)
{
	const struct wording *w = &l->wording[o->member->language];
	enum wording_set set = o->token ? WORDING_LETTER : WORDING_SHORT;
	struct filled f = { .n = 0 };
	enum err e;

	if (!o->token == mailing_is_letter(o->mailing.kind))
		bug("a letter without a token, or a short mail with one");
	wipe_desk(d);
	add_shared(&f, w, o);
	e = wording_fill(&d->subject, w, set, WORDING_SUBJECT, f.value, why);
	if (!e && o->token)
		e = write_pieces(d, l, o, why);
	if (!e)
		e = owntext_greet(&d->greeting, &w->own, o->member->name, why);
	add_own(&f, d, l, o);
	if (!e)
		e = wording_fill(&d->text, w, set, WORDING_TEXT, f.value, why);
	if (!e)
		e = wording_fill(&d->html, w, set, WORDING_HTML, f.value, why);
	if (!e) {
		wrap_text(&d->wrapped, buf_text(&d->text));
		e = buf_err(&d->wrapped);
	}
	return e;
}

enum err letter_write(struct buf *out, struct letter_desk *desk, const struct letters *l,
                      const struct letter_order *order, struct why *why)
{
	const struct member *member = order->member;
	char reply_to[ADDRESS_TEXT], id[ADDRESS_TEXT + 64 + MAILING_TEXT], begin[MAILING_TEXT];
	struct message message = {
		.from_name = *l->conf->name ? l->conf->name : NULL,
		.from = l->conf->address,
		.to_name = *member->name ? member->name : NULL,
		.to = member->email,
		/* An answer to a short mail is for a person, not for the box. */
		.reply_to = order->token ? reply_to : NULL,
		.message_id = id,
		.auto_submitted = "auto-generated",
		.language = l->m->language[member->language],
		.date = (unsigned long long)time(NULL),
	};
	enum err e = fill_parts(desk, l, order, why);

	buf_wipe(out);
	letter_mailbox(reply_to, l->m->reply_to, order->handle);
	mailing_id(begin, order->mailing);
	if (order->test)
		snprintf(begin, sizeof(begin), "preflight-%llu", (unsigned long long)order->test);
	snprintf(id, sizeof(id), "%s.%s%s%s.%u%s", begin, order->handle, *member->tag ? "-" : "",
	         member->tag, member->generation, strchr(l->conf->address, '@'));
	message.subject = buf_text(&desk->subject);
	message.text = buf_text(&desk->wrapped);
	message.html = buf_text(&desk->html);
	if (!e)
		e = message_write(out, &message, why);
	wipe_desk(desk);
	return e;
}

/* A mail of this kind to nobody. */
static enum err try_one(const struct letters *l, struct letter_desk *d, struct buf *out,
                        const struct member *member, enum mailing_kind kind, struct why *why)
{
	char handle[HANDLE_TEXT], reply_to[ADDRESS_TEXT];
	struct token token;
	const struct letter_order order = { .mailing = { .kind = kind },
		                            .member = member,
		                            .handle = handle,
		                            .token = mailing_is_letter(kind) ? &token : NULL };
	struct inspect inspect = { .m = l->m,
		                   .wording = &l->wording[member->language],
		                   .set = order.token ? WORDING_LETTER : WORDING_SHORT,
		                   .language = member->language,
		                   .from = l->conf->name };
	enum err e;

	mint_dummy(&token, handle);
	letter_mailbox(reply_to, l->m->reply_to, handle);
	e = fill_parts(d, l, &order, why);
	inspect.subject = buf_text(&d->subject);
	inspect.text = buf_text(&d->text);
	inspect.wrapped = buf_text(&d->wrapped);
	inspect.html = buf_text(&d->html);
	if (!e && order.token) {
		inspect.token = buf_text(&d->token);
		inspect.four = buf_text(&d->token) + d->token.len - LINKS_TAIL + 1;
		inspect.link = buf_text(&d->link);
		inspect.reply_to = reply_to;
	}
	if (!e)
		e = inspect_mail(&inspect, why);
	return e ? e : letter_write(out, d, l, &order, why);
}

/* Every kind in each language, with and without a name, with a first code and a later one: a
 * mistake in a template shows now. */
static enum err try_all(const struct letters *l, struct why *why)
{
	struct buf out = BUF_INIT(LETTER_MAX);
	struct letter_desk desk;
	enum err e = OK;

	letter_desk_init(&desk);
	for (unsigned i = 0; !e && i < 2 * l->languages; i++) {
		struct member member = { .generation = 1 + i % 2,
			                 .language = i / 2,
			                 .email = PREVIEW_EMAIL };

		snprintf(member.name, sizeof(member.name), "%s", i % 2 ? "A" : "");
		for (unsigned kind = 0; !e && kind < MAILING_KINDS; kind++)
			e = try_one(l, &desk, &out, &member, (enum mailing_kind)kind, why);
	}
	letter_desk_release(&desk);
	buf_free(&out);
	return e;
}

enum err letter_load(struct letters **out, const struct manifest *m, uint64_t closes,
                     const struct conf *conf, struct why *why)
{
	struct letters *l = calloc(1, sizeof(*l));
	enum err e;

	if (!l)
		return why_set(why, ERR_MEMORY, "out of memory");
	e = check_sender(m, conf, why);
	l->m = m;
	l->conf = conf;
	l->wording = calloc(m->languages, sizeof(*l->wording));
	if (!e && !l->wording)
		e = why_set(why, ERR_MEMORY, "out of memory");
	if (!e)
		l->languages = m->languages;
	for (unsigned i = 0; !e && i < l->languages; i++)
		e = wording_load(&l->wording[i], m, i, closes, conf, why);
	if (!e)
		e = wording_strays(l->wording, l->languages, conf, why);
	if (!e)
		e = try_all(l, why);
	if (e)
		letter_free(l);
	else
		*out = l;
	return e;
}

enum err letter_html(struct buf *out, struct letter_desk *desk, const struct letters *l,
                     const struct letter_order *order, struct why *why)
{
	enum err e = fill_parts(desk, l, order, why);

	buf_wipe(out);
	if (!e)
		buf_add(out, desk->html.data, desk->html.len);
	wipe_desk(desk);
	return e ? e : buf_err(out);
}
