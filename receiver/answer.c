/* SPDX-License-Identifier: MIT */
#include "receiver/answer.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/asked.h"
#include "core/mail/message.h"
#include "core/template.h"
#include "core/text.h"
#include "core/values.h"
#include "core/wrap.h"
#include "receiver/fresh.h"
#include "receiver/harmless.h"
#include "receiver/sheet.h"
#include "receiver/wording.h"

#define BODY_MAX    (1u << 20)
#define SUBJECT_MAX 16384
#define VALUES_MAX  48

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

/* What every language says alike, and where all that is filled in lives. */
struct filling {
	const struct answers *a;
	const struct answer *answer;
	struct values values;
	char opens[TIME_TEXT], closes[TIME_TEXT];
	char credential[B64_LEN(GROUP_BYTES) + 1];
	struct buf reply_to, mailto, receipt, board, subject, plain, html;
};

/* "2026-12-02T22:00:00Z" for people: "2026-12-02 22:00 UTC" is the text's to say; here the T
 * and the seconds go. */
static void people_time(char out[TIME_TEXT], uint64_t seconds)
{
	time_write(out, seconds);
	out[10] = ' ';
	out[16] = '\0';
}

/* Where the board page is: beside the voting page. */
static void add_board(struct buf *out, const struct manifest *m, const struct receipt *receipt)
{
	const char *slash = strrchr(m->link, '/');

	if (slash && receipt)
		buf_addf(out, "%.*scheck#%s", (int)(slash + 1 - m->link), m->link,
		         receipt->tracker);
}

/* Does the member whose mail got this verdict need another? */
static bool votes_again(enum verdict verdict)
{
	return verdict != VERDICT_COUNTED && verdict != VERDICT_USED && verdict != VERDICT_EARLY &&
	       verdict != VERDICT_LATE;
}

static void add_conditions(struct value_list *l, const struct filling *f)
{
	const struct manifest *m = f->a->m;
	bool open = f->answer->now < f->answer->closes, again = votes_again(f->answer->verdict);

	values_add_when(l, "by_reply", m->channel[CHANNEL_REPLY]);
	values_add_when(l, "by_link", m->channel[CHANNEL_LINK]);
	values_add_when(l, "by_sealed", m->channel[CHANNEL_SEALED_REPLY]);
	values_add_when(l, "no_reply", !m->channel[CHANNEL_REPLY]);
	values_add_when(l, "no_link", !m->channel[CHANNEL_LINK]);
	values_add_when(l, "test", m->test);
	values_add_when(l, "again", again && open);
	values_add_when(l, "over", again && !open);
	for (unsigned h = 0; h < HINTS; h++)
		values_add_when(l, hint_name((enum hint)h), f->answer->hint == h);
}

/* What every text of one language may name. */
static struct value_list values_of(struct filling *f, unsigned language)
{
	struct value_list l = values_list(&f->values, VALUES_MAX);
	const struct manifest *m = f->a->m;
	const struct receipt *r = f->answer->receipt;

	values_add_text(&l, "title", m->title.in[language]);
	values_add_text(&l, "organiser", m->organiser);
	values_add_text(&l, "fingerprint", m->fingerprint);
	values_add_text(&l, "opens", f->opens);
	values_add_text(&l, "closes", f->closes);
	values_add_text(&l, "reply_to", buf_text(&f->reply_to));
	values_add_text(&l, "mailto", buf_text(&f->mailto));
	values_add_text(&l, "link", m->link);
	values_add_text(&l, "waiver", m->channel[CHANNEL_REPLY] ? m->waiver.in[language] : "");
	values_add_text(&l, "tracker", r ? r->tracker : "");
	values_add_text(&l, "credential", f->credential);
	values_add_text(&l, "receipt", buf_text(&f->receipt));
	values_add_text(&l, "board", buf_text(&f->board));
	add_conditions(&l, f);
	asked_add(&l, m, language);
	return l;
}

static enum err filling_start(struct filling *f, const struct answers *a,
                              const struct answer *answer)
{
	struct buf credential = BUF_INIT(64);
	enum err e;

	memset(f, 0, sizeof(*f));
	f->a = a;
	f->answer = answer;
	buf_init(&f->reply_to, 1024);
	buf_init(&f->mailto, 4096);
	buf_init(&f->receipt, 16384);
	buf_init(&f->board, 4096);
	buf_init(&f->subject, SUBJECT_MAX);
	buf_init(&f->plain, BODY_MAX);
	buf_init(&f->html, BODY_MAX);
	people_time(f->opens, a->m->opens);
	people_time(f->closes, answer->closes);
	fresh_address(&f->reply_to, a->m, answer->handle);
	fresh_mailto(&f->mailto, buf_text(&f->reply_to));
	add_board(&f->board, a->m, answer->receipt);
	if (answer->receipt) {
		b64_add(&credential, answer->receipt->credential.bytes, GROUP_BYTES);
		snprintf(f->credential, sizeof(f->credential), "%s", buf_text(&credential));
		receipt_write(&f->receipt, answer->receipt);
	}
	buf_free(&credential);
	e = buf_err(&f->reply_to);
	e = e ? e : buf_err(&f->mailto);
	e = e ? e : buf_err(&f->board);
	return e ? e : buf_err(&f->receipt);
}

static void filling_release(struct filling *f)
{
	values_release(&f->values);
	buf_free(&f->reply_to);
	buf_free(&f->mailto);
	buf_free(&f->receipt);
	buf_free(&f->board);
	buf_free(&f->subject);
	buf_free(&f->plain);
	buf_free(&f->html);
}

/* One of a language's texts, filled in, kept as long as all the rest. "" after a failure. */
static const char *fill_text(struct filling *f, const struct text *t, const struct value_list *l,
                             struct why *why)
{
	struct buf out = BUF_INIT(BODY_MAX);
	const char *text = "";
	enum err e = values_err(&f->values);

	if (!e)
		e = template_fill(&out, t->source, t->text, TEMPLATE_TEXT, l->value, why);
	while (!e && out.len && out.data[out.len - 1] == '\n')
		out.data[--out.len] = '\0';
	if (!e)
		text = values_text(&f->values, buf_text(&out));
	else
		f->values.e = e;
	buf_free(&out);
	return text;
}

/* A verdict's text is a heading, an empty line, and what is to be said. The heading. */
static const char *add_words(struct filling *f, struct value_list *l, const struct text *t,
                             struct why *why)
{
	const char *text = fill_text(f, t, l, why);
	size_t len = strcspn(text, "\n");
	char *heading = values_keep(&f->values, len + 1);

	if (heading)
		memcpy(heading, text, len);
	values_add_text(l, "heading", heading ? heading : "");
	values_add_text(l, "words", text + len + strspn(text + len, "\n"));
	return heading ? heading : "";
}

/* Subject, plain text and HTML rows of one language. */
static void speak(struct filling *f, const struct tongue *t, struct template_row *row,
                  struct why *why)
{
	struct value_list l = values_of(f, t->index), r = values_list(&f->values, 8);
	const struct template_row *blocks;
	const char *heading, *frame, *foot, *subject;
	bool several = f->a->wording.languages > 1;
	size_t n;

	heading = add_words(f, &l, &t->verdict[f->answer->verdict], why);
	subject = fill_text(f, &t->subject, &l, why);
	frame = fill_text(f, &t->frame, &l, why);
	foot = fill_text(f, &t->foot, &l, why);
	if (values_err(&f->values))
		return;
	buf_addf(&f->subject, "%s%s", f->subject.len ? " / " : "", subject);
	if (several)
		buf_addf(&f->plain, "\n* * * %s * * *\n\n", t->name.text);
	wrap_text(&f->plain, frame);
	buf_adds(&f->plain, "\n\n");
	wrap_text(&f->plain, foot);
	buf_adds(&f->plain, "\n");
	values_add_text(&r, "language", t->tag);
	values_add_text(&r, "name", t->name.text);
	values_add_text(&r, "direction", t->right_to_left ? "rtl" : "ltr");
	values_add_text(&r, "start", t->right_to_left ? "right" : "left");
	values_add_when(&r, "several", several);
	blocks = sheet_rows(&f->values, frame, heading, &n);
	values_add_rows(&r, "blocks", blocks, n);
	blocks = sheet_rows(&f->values, foot, "", &n);
	values_add_rows(&r, "foot", blocks, n);
	row->value = r.value;
}

/* The languages' names, for who does not read the first. */
static void add_names(struct buf *out, const struct wording *w)
{
	for (unsigned i = 0; w->languages > 1 && i < w->languages; i++)
		buf_addf(out, "%s%s", i ? " \xc2\xb7 " : "", w->tongue[i].name.text);
}

static enum err fill(struct filling *f, struct why *why)
{
	const struct wording *w = &f->a->wording;
	struct template_row *row = values_keep(&f->values, w->languages * sizeof(*row));
	struct value_list l = values_list(&f->values, 8);
	struct buf names = BUF_INIT(SUBJECT_MAX);
	enum err e;

	add_names(&names, w);
	if (names.len)
		buf_addf(&f->plain, "%s\n", buf_text(&names));
	for (unsigned i = 0; row && i < w->languages; i++)
		speak(f, &w->tongue[i], &row[i], why);
	values_add_text(&l, "title", f->a->m->title.in[w->tongue[0].index]);
	values_add_text(&l, "names", values_text(&f->values, buf_text(&names)));
	values_add_when(&l, "several", w->languages > 1);
	values_add_text(&l, "first", w->tongue[0].tag);
	values_add_rows(&l, "languages", row, w->languages);
	buf_free(&names);
	e = values_err(&f->values);
	if (!e)
		e = template_fill(&f->html, w->page.source, w->page.text, TEMPLATE_HTML, l.value,
		                  why);
	if (!e)
		e = buf_err(&f->subject);
	return e ? e : buf_err(&f->plain);
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

/* `trial`: see that it would not vote, too. */
static enum err write_answer(struct buf *message, const struct answers *a,
                             const struct answer *answer, bool trial, struct why *why)
{
	struct buf id = BUF_INIT(512), languages = BUF_INIT(1024);
	struct filling f;
	enum err e = filling_start(&f, a, answer);

	if (!e)
		e = fill(&f, why);
	if (!e && trial)
		e = harmless_check(&a->wording, a->m, answer->verdict, buf_text(&f.plain),
		                   buf_text(&f.html), why);
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
			.reply_to = buf_text(&f.reply_to),
			.subject = buf_text(&f.subject),
			.message_id = buf_text(&id),
			.in_reply_to = answer->in_reply_to[0] ? answer->in_reply_to : NULL,
			.auto_submitted = "auto-replied",
			.language = buf_text(&languages),
			.date = answer->now,
			.text = buf_text(&f.plain),
			.html = buf_text(&f.html),
		},
		why);
done:
	filling_release(&f);
	buf_free(&id);
	buf_free(&languages);
	return e;
}

enum err answer_write(struct buf *message, const struct answers *a, const struct answer *answer,
                      struct why *why)
{
	if (!answer_name(answer->verdict))
		bug("an answer to what is never answered");
	return write_answer(message, a, answer, false, why);
}

/* Every answer, for every reason, while the vote is open and after. */
static enum err try_all(const struct answers *a, struct why *why)
{
	struct receipt receipt = { .tracker = "00000-00000-00000-00000" };
	struct buf message = BUF_INIT(4 * BODY_MAX);
	struct answer sample = { .to = "a@b.example", .in_reply_to = "", .handle = "" };
	enum err e = OK;

	sample.receipt = &receipt;
	for (unsigned n = 0; n < VERDICTS * HINTS * 2 && !e; n++) {
		sample.verdict = (enum verdict)(n / 2 / HINTS);
		sample.hint = (enum hint)(n / 2 % HINTS);
		sample.closes = n % 2;
		if (!answer_name(sample.verdict))
			continue;
		buf_clear(&message);
		e = write_answer(&message, a, &sample, true, why);
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
