/* SPDX-License-Identifier: MIT */
#include "mailer/bounce.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "core/text.h"
#include "mailer/amend.h"
#include "mailer/kept.h"
#include "mailer/reader.h"
#include "mailer/whom.h"

/* What one mail comes to: a report of a member's letter, or one more in a count. */
struct note {
	bool of_member;
	uint32_t serial;
	char tag[TAG_TEXT];
	bool current; /* of a letter to the address that the member has now */
	uint64_t mark;
	struct returned report;
	struct returns_counts count;
};

struct bounce {
	const char *home;
	struct reader *reader;
	struct whom *whom;
	struct amend *amend;
	struct returns *returns;
	uint64_t came[BOUNCE_BATCH]; /* of the mails since the last flush */
	struct note note[BOUNCE_BATCH];
	unsigned put, noted;
	struct returns_counts counts;
};

/* The part before the @. */
static void copy_local(char out[REPORT_ADDRESS], const char *address)
{
	size_t n = strcspn(address, "@");

	n = n < REPORT_ADDRESS - 1 ? n : REPORT_ADDRESS - 1;
	memcpy(out, address, n);
	out[n] = '\0';
}

static struct report_marks marks_of(const struct manifest *m, const struct conf *conf)
{
	struct report_marks marks = { 0 };
	const char *at = strchr(conf->address, '@');

	copy_local(marks.bounce, conf->bounce);
	copy_local(marks.reply_to, m->reply_to);
	if (at)
		snprintf(marks.domain, sizeof(marks.domain), "%s", at + 1);
	return marks;
}

enum err bounce_open(struct bounce **out, const char *home, const struct manifest *m,
                     const struct conf *conf, const char *program, struct why *why)
{
	const struct report_marks marks = marks_of(m, conf);
	struct bounce *b = calloc(1, sizeof(*b));
	enum err e;

	if (!b)
		return why_set(why, ERR_MEMORY, "out of memory");
	b->home = home;
	e = reader_start(&b->reader, program, 0, &marks, why); /* it inherits nothing of the rest */
	if (!e)
		e = whom_open(&b->whom, home, m, why);
	if (!e) /* made, since one may come while this runs */
		e = amend_open(&b->amend, home, true, why);
	if (!e)
		e = returns_open(&b->returns, home, true, why);
	if (e)
		bounce_close(b);
	else
		*out = b;
	return e;
}

void bounce_close(struct bounce *b)
{
	if (!b)
		return;
	reader_stop(b->reader);
	whom_close(b->whom);
	amend_close(b->amend);
	returns_close(b->returns);
	free(b);
}

/* Tells one mail from another; nobody learns anything of it from this. */
static uint64_t mark_of(const struct buf *raw)
{
	unsigned char hash[crypto_generichash_BYTES_MIN];
	uint64_t mark;

	crypto_generichash(hash, sizeof(hash), (const unsigned char *)buf_text(raw), raw->len, NULL,
	                   0);
	memcpy(&mark, hash, sizeof(mark));
	return mark;
}

/* As much as there is room for, whole characters. */
static void copy_text(char *out, size_t room, const char *text)
{
	size_t len = strlen(text), n = 0, next;
	uint32_t c;

	while (n < len && (next = utf8_next(&c, text + n, len - n)) && n + next < room)
		n += next;
	memcpy(out, text, n);
	out[n] = '\0';
}

static void note_failure(struct note *note, const struct report *report, uint64_t came)
{
	struct returned *r = &note->report;

	note->of_member = true;
	memcpy(note->tag, report->tag, sizeof(note->tag));
	r->failure = report->kind == REPORT_DELAYED
	                     ? FAILURE_DELAYED
	                     : failure_class(report->code, report->status, report->words);
	r->at = came;
	memcpy(r->status, report->status, sizeof(r->status));
	copy_text(r->system, sizeof(r->system), report->system);
	copy_text(r->text, sizeof(r->text), report->words);
}

static void judge(struct note *note, const struct report *report, bool found, uint64_t came)
{
	if (!found)
		note->count.forged = 1;
	else if (report->kind == REPORT_COMPLAINT)
		note->count.complaints = 1;
	else if (report->kind == REPORT_OTHER)
		note->count.other = 1;
	else
		note_failure(note, report, came);
}

/* The answer to the mail that waits longest. */
static enum err take_one(struct bounce *b, struct why *why)
{
	struct note *note = &b->note[b->noted];
	bool readable, found = false;
	const struct buf *raw;
	struct report report;
	enum err e = reader_take(b->reader, &report, &readable, &raw, why);

	if (e)
		return e;
	*note = (struct note){ .mark = mark_of(raw) };
	if (!readable || !*report.handle) {
		note->count.kept = 1;
		e = kept_add(b->home, raw, note->mark, why);
	} else {
		found = whom_find(b->whom, report.handle, &note->serial);
		judge(note, &report, found, b->came[b->noted]);
	}
	explicit_bzero(&report, sizeof(report));
	reader_forget(b->reader);
	if (!e)
		b->noted++;
	return e;
}

/* What failed for one may fail for all: they are put again, or not. */
static enum err forget(struct bounce *b, enum err e)
{
	reader_drop(b->reader);
	b->put = b->noted = 0;
	return e;
}

enum err bounce_put(struct bounce *b, const void *raw, size_t len, uint64_t came,
                    const char *recipient, struct why *why)
{
	enum err e = OK;

	if (b->put == BOUNCE_BATCH)
		bug("more mails than one flush takes");
	/* Some at once, so that the two processes wake each other seldom. */
	if (!reader_has_room(b->reader))
		for (unsigned i = 0; !e && i < READER_WINDOW / 2; i++)
			e = take_one(b, why);
	if (!e)
		e = reader_put(b->reader, raw, len, recipient, why);
	if (e)
		return forget(b, e);
	b->came[b->put++] = came;
	return OK;
}

static void add_counts(struct returns_counts *all, const struct note *note)
{
	if (note->of_member)
		all->read[note->report.failure]++;
	all->complaints += note->count.complaints;
	all->other += note->count.other;
	all->forged += note->count.forged;
	all->kept += note->count.kept;
}

/* A tag that is not the member's is made up, or older than two changes. Without one, where there
 * is one: an old letter, or somebody who has seen it. */
static enum err check_tag(struct bounce *b, struct note *note, struct why *why)
{
	struct amended now;
	enum err e = amend_get(b->amend, note->serial, &now, why);

	note->current = !e && !sodium_memcmp(note->tag, now.tag, sizeof(now.tag));
	if (!note->current && *note->tag) {
		note->of_member = false;
		note->count.forged = 1;
	}
	explicit_bzero(&now, sizeof(now));
	return e;
}

/* Tags are looked up under the lock of `returns`: so what `reissue` forgets after it has changed an
 * address (mailer/cmd_reissue.c) holds whatever was found to be of the old one. */
static enum err note_all(struct bounce *b, struct returns_counts *run, struct why *why)
{
	struct returns_counts more = { 0 };
	enum err e = OK;

	for (unsigned i = 0; !e && i < b->noted; i++) {
		struct note *note = &b->note[i];

		if (note->of_member)
			e = check_tag(b, note, why);
		add_counts(run, note);
		if (note->current)
			returns_add(b->returns, note->serial, &note->report, note->mark);
		else
			add_counts(&more, note);
	}
	returns_count(b->returns, &more);
	return e;
}

static enum err note_and_commit(struct bounce *b, struct returns_counts *run, struct why *why)
{
	enum err e;

	returns_begin(b->returns);
	e = note_all(b, run, why);
	if (!e)
		return returns_commit(b->returns, why);
	returns_abort(b->returns);
	return e;
}

enum err bounce_flush(struct bounce *b, struct why *why)
{
	struct returns_counts run = b->counts;
	enum err e = OK;

	while (!e && !reader_is_idle(b->reader))
		e = take_one(b, why);
	if (!e && !b->noted)
		return OK;
	if (!e)
		e = note_and_commit(b, &run, why);
	if (e)
		return forget(b, e);
	b->counts = run;
	b->put = b->noted = 0;
	return OK;
}

const struct returns_counts *bounce_counts(const struct bounce *b)
{
	return &b->counts;
}
