/* SPDX-License-Identifier: MIT */
#include "receiver/answer.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mail/message.h"
#include "core/template.h"
#include "core/text.h"
#include "receiver/wording.h"

#define BODY_MAX    (1u << 20)
#define SUBJECT_MAX 1000
#define BETWEEN     "\n\n* * *\n\n"

struct answers {
	const struct manifest *m;
	char *name, *address;
	struct wording wording;
};

const char *answer_name(enum verdict verdict)
{
	static const char *const names[VERDICTS] = {
		[VERDICT_COUNTED] = "receipt",     [VERDICT_USED] = "used",
		[VERDICT_REPLACED] = "replaced",   [VERDICT_UNKNOWN_TOKEN] = "unknown-token",
		[VERDICT_NO_TOKEN] = "no-token",   [VERDICT_NO_CHOICE] = "no-choice",
		[VERDICT_AMBIGUOUS] = "ambiguous", [VERDICT_INVALID] = "invalid",
		[VERDICT_CHANNEL] = "channel",     [VERDICT_UNREADABLE] = "unreadable",
		[VERDICT_EARLY] = "early",         [VERDICT_LATE] = "late",
		[VERDICT_TOO_LARGE] = "too-large",
	};

	return names[verdict];
}

/* Everything that a text may name. */
struct values {
	char opens[TIME_TEXT], closes[TIME_TEXT];
	char credential[B64_LEN(GROUP_BYTES) + 1];
	struct buf reply_to, mailto, receipt;
	struct template_row once[2];
	struct template_value value[20];
};

static const struct template_value nothing[] = { { .name = NULL } };

/* "2026-12-02T22:00:00Z" for people: "2026-12-02 22:00 UTC" is the text's to say; here the T
 * and the seconds go. */
static void people_time(char out[TIME_TEXT], uint64_t seconds)
{
	time_write(out, seconds);
	out[10] = ' ';
	out[16] = '\0';
}

/* The election's reply address, with the handle where the mail had one that was issued. */
static void add_reply_to(struct buf *out, const struct manifest *m, const char *handle)
{
	const char *at = strrchr(m->reply_to, '@');

	if (!handle[0] || !at) {
		buf_adds(out, m->reply_to);
		return;
	}
	buf_add(out, m->reply_to, (size_t)(at - m->reply_to));
	buf_addf(out, "+%s%s", handle, at);
}

/* An address in a mailto: URL (RFC 6068): what is not plain is percent-encoded. */
static void add_percent(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._@",
		           *text))
			buf_addc(out, *text);
		else
			buf_addf(out, "%%%02X", (unsigned char)*text);
	}
}

static void add_text(struct values *v, size_t *at, const char *name, const char *text)
{
	v->value[(*at)++] = (struct template_value){ .name = name, .text = text };
}

static void add_condition(struct values *v, size_t *at, const char *name, bool holds)
{
	v->value[(*at)++] =
		(struct template_value){ .name = name, .row = v->once, .rows = holds ? 1 : 0 };
}

static void values_list(struct values *v, const struct manifest *m, const struct answer *answer,
                        unsigned language)
{
	const struct receipt *r = answer->receipt;
	size_t n = 0;

	v->once[0].value = nothing;
	add_text(v, &n, "title", m->title.in[language]);
	add_text(v, &n, "organiser", m->organiser);
	add_text(v, &n, "fingerprint", m->fingerprint);
	add_text(v, &n, "opens", v->opens);
	add_text(v, &n, "closes", v->closes);
	add_text(v, &n, "reply_to", buf_text(&v->reply_to));
	add_text(v, &n, "mailto", buf_text(&v->mailto));
	add_text(v, &n, "link", m->link);
	add_text(v, &n, "tracker", r ? r->tracker : "");
	add_text(v, &n, "credential", v->credential);
	add_text(v, &n, "receipt", buf_text(&v->receipt));
	add_condition(v, &n, "by_reply", m->channel[CHANNEL_REPLY]);
	add_condition(v, &n, "by_sealed", m->channel[CHANNEL_SEALED_REPLY]);
	add_condition(v, &n, "by_link", m->channel[CHANNEL_LINK]);
	add_condition(v, &n, "test", m->test);
	add_condition(v, &n, "open", answer->now < answer->closes);
	add_condition(v, &n, "over", answer->now >= answer->closes);
	v->value[n].name = NULL;
}

static enum err values_fill(struct values *v, const struct manifest *m, const struct answer *answer)
{
	struct buf credential = BUF_INIT(64);
	enum err e;

	memset(v, 0, sizeof(*v));
	buf_init(&v->reply_to, 1024);
	buf_init(&v->mailto, 4096);
	buf_init(&v->receipt, 16384);
	people_time(v->opens, m->opens);
	people_time(v->closes, answer->closes);
	add_reply_to(&v->reply_to, m, answer->handle);
	buf_adds(&v->mailto, "mailto:");
	add_percent(&v->mailto, buf_text(&v->reply_to));
	buf_adds(&v->mailto, "?subject=Vote&body=");
	if (answer->receipt) {
		b64_add(&credential, answer->receipt->credential.bytes, GROUP_BYTES);
		snprintf(v->credential, sizeof(v->credential), "%s", buf_text(&credential));
		receipt_write(&v->receipt, answer->receipt);
	}
	buf_free(&credential);
	e = buf_err(&v->reply_to);
	if (!e)
		e = buf_err(&v->mailto);
	return e ? e : buf_err(&v->receipt);
}

static void values_release(struct values *v)
{
	buf_free(&v->reply_to);
	buf_free(&v->mailto);
	buf_free(&v->receipt);
}

/* Subject and body in every language. */
static enum err fill(struct buf *subject, struct buf *body, const struct answers *a,
                     const struct answer *answer, struct values *v, struct why *why)
{
	enum err e = OK;

	for (unsigned i = 0; i < a->wording.languages && !e; i++) {
		const struct tongue *l = &a->wording.tongue[i];
		const struct text *t = &l->text[answer->verdict];

		values_list(v, a->m, answer, l->index);
		if (i) {
			buf_adds(subject, " / ");
			buf_adds(body, BETWEEN);
		}
		e = template_fill(subject, t->source, t->subject, TEMPLATE_TEXT, v->value, why);
		if (!e)
			e = template_fill(body, t->source, t->body, TEMPLATE_TEXT, v->value, why);
	}
	if (!e)
		e = buf_err(subject);
	return e ? e : buf_err(body);
}

static void new_id(struct buf *id, const char *address)
{
	const char *at = strrchr(address, '@');
	unsigned char bytes[16];
	char hex[2 * sizeof(bytes) + 1];

	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2hex(hex, sizeof(hex), bytes, sizeof(bytes));
	buf_addf(id, "%s%s", hex, at ? at : "@localhost");
}

static void add_languages(struct buf *out, const struct answers *a)
{
	for (unsigned i = 0; i < a->wording.languages; i++)
		buf_addf(out, "%s%s", i ? ", " : "", a->wording.tongue[i].tag);
}

enum err answer_write(struct buf *message, const struct answers *a, const struct answer *answer,
                      struct why *why)
{
	struct buf subject = BUF_INIT(SUBJECT_MAX), body = BUF_INIT(BODY_MAX);
	struct buf id = BUF_INIT(512), languages = BUF_INIT(1024);
	struct values v;
	enum err e;

	if (!answer_name(answer->verdict))
		bug("an answer to what is never answered");
	e = values_fill(&v, a->m, answer);
	if (!e)
		e = fill(&subject, &body, a, answer, &v, why);
	if (e)
		goto done;
	new_id(&id, a->address);
	add_languages(&languages, a);
	e = message_write(
		message,
		&(struct message){
			.from_name = a->name[0] ? a->name : NULL,
			.from = a->address,
			.to = answer->to,
			.reply_to = buf_text(&v.reply_to),
			.subject = buf_text(&subject),
			.message_id = buf_text(&id),
			.in_reply_to = answer->in_reply_to[0] ? answer->in_reply_to : NULL,
			.auto_submitted = "auto-replied",
			.language = buf_text(&languages),
			.date = answer->now,
			.text = buf_text(&body),
		},
		why);
done:
	values_release(&v);
	buf_free(&subject);
	buf_free(&body);
	buf_free(&id);
	buf_free(&languages);
	return e;
}

static enum err try_all(const struct answers *a, struct why *why)
{
	struct receipt receipt = { .tracker = "00000-00000-00000-00000" };
	struct buf message = BUF_INIT(BODY_MAX);
	struct answer sample = { .to = "someone@example.org", .in_reply_to = "", .handle = "" };
	enum err e = OK;

	sample.receipt = &receipt;
	for (unsigned v = 0; v < VERDICTS && !e; v++) {
		sample.verdict = (enum verdict)v;
		if (!answer_name(sample.verdict))
			continue;
		buf_clear(&message);
		e = answer_write(&message, a, &sample, why);
	}
	buf_free(&message);
	return e == ERR_MEMORY || e == OK ? e : ERR_SETTINGS;
}

enum err answers_open(struct answers **out, const struct manifest *m, const char *folder,
                      const char *name, const char *address, struct why *why)
{
	struct answers *a = calloc(1, sizeof(*a));
	enum err e = ERR_MEMORY;

	*out = NULL;
	if (!a)
		return e;
	a->m = m;
	a->name = strdup(name);
	a->address = strdup(address);
	if (a->name && a->address)
		e = wording_read(&a->wording, m, folder, why);
	if (!e)
		e = try_all(a, why);
	if (e) {
		answers_free(a);
		return e;
	}
	*out = a;
	return OK;
}

void answers_free(struct answers *a)
{
	if (!a)
		return;
	wording_release(&a->wording);
	free(a->name);
	free(a->address);
	free(a);
}

const char *answers_lacking(const struct answers *a)
{
	return a->wording.lacking;
}
