/* SPDX-License-Identifier: MIT */
#include "receiver/enter.h"

#include <string.h>

#include "receiver/lookup.h"

#define HOUR 3600

const char *entry_name(enum entry entry)
{
	static const char *const names[ENTRIES] = {
		[ENTRY_DONE] = "written",
		[ENTRY_ALREADY] = "seen already",
		[ENTRY_UNKNOWN] = "unknown",
		[ENTRY_USED] = "used",
		[ENTRY_REPLACED] = "replaced already",
		[ENTRY_EARLY] = "before the opening",
		[ENTRY_LATE] = "after the close",
		[ENTRY_KNOWN] = "its new credential is not new",
		[ENTRY_INVALID] = "not valid",
	};

	return entry < ENTRIES ? names[entry] : "";
}

/* Once a time at or after the closing stands, only `closed` may follow. */
static bool over(const struct state *s)
{
	return s->closed || s->time >= s->closes;
}

static void append_time(struct box_txn *t, uint64_t at)
{
	struct buf line = BUF_INIT(128);

	time_line_write(&line, at);
	if (buf_err(&line))
		txn_fail(&t->txn, buf_err(&line));
	(void)box_append(t, buf_text(&line), line.len);
	lookup_hour(t, at);
	t->state.time = at;
	buf_free(&line);
}

/* The hour's `time` line, where it is owed before a line that comes now. It never reaches the
 * closing time in force: that is for enter_closed. */
static void enter_hour(struct box_txn *t, uint64_t now)
{
	const struct state *s = &t->state;
	/* A mail taken just before the closing may be written just after it. */
	uint64_t at = now < s->closes ? now : s->closes - 1;

	if (over(s) || at < t->box->m->opens || at <= s->time)
		return;
	if (!s->time || at / HOUR != s->time / HOUR)
		append_time(t, at);
}

static enum entry of_state(const struct box_credential *c)
{
	switch (c->state) {
	case CREDENTIAL_UNUSED:
		return ENTRY_DONE;
	case CREDENTIAL_USED:
		return ENTRY_USED;
	case CREDENTIAL_REPLACED:
		return ENTRY_REPLACED;
	}
	bug("a credential's state");
}

/* Its entry, and whether it may still be used. Trouble on disk makes the transaction fail. */
static enum entry find(struct box_txn *t, const struct point *credential, struct box_credential *c)
{
	enum err e = box_credential(t, credential, c);

	if (e == ERR_NOT_FOUND)
		return ENTRY_UNKNOWN;
	if (e) {
		txn_fail(&t->txn, e);
		return ENTRY_UNKNOWN;
	}
	return of_state(c);
}

enum entry enter_ballot(struct box_txn *t, const struct point *credential, enum channel channel,
                        const char *line, size_t len, uint64_t arrived, uint64_t now,
                        uint64_t *index)
{
	struct box_credential c = { 0 };
	enum entry entry = find(t, credential, &c);

	*index = c.index;
	if (entry != ENTRY_DONE)
		return entry;
	if (arrived < t->box->m->opens)
		return ENTRY_EARLY;
	if (arrived >= t->state.closes || over(&t->state))
		return ENTRY_LATE;
	enter_hour(t, now > arrived ? now : arrived);
	if (!t->state.time)
		return ENTRY_EARLY; /* the clock went back over the opening */
	c.index = box_append(t, line, len);
	lookup_ballot(t, credential, line, len);
	c.state = CREDENTIAL_USED;
	box_credential_put(t, credential, &c);
	t->state.ballots++;
	t->state.channel[channel]++;
	*index = c.index;
	return ENTRY_DONE;
}

bool enter_stands(struct box_txn *t, uint64_t index, const char *text, size_t len)
{
	struct span line;

	return box_line(t, index, &line) == OK && line.len == len &&
	       memcmp(line.data, text, len) == 0;
}

static enum entry enter_replaced(struct box_txn *t, const struct line *line, const char *text,
                                 size_t len, uint64_t now)
{
	const struct point *old = &line->u.replaced.old, *by = &line->u.replaced.by;
	struct box_credential c = { 0 }, fresh;
	enum entry entry = find(t, old, &c);

	if (entry == ENTRY_REPLACED && enter_stands(t, c.index, text, len))
		return ENTRY_ALREADY;
	if (over(&t->state))
		return ENTRY_LATE;
	if (entry != ENTRY_DONE)
		return entry;
	if (!line->u.replaced.revoked) {
		if (!point_valid(by) || point_is_identity(by))
			return ENTRY_INVALID;
		if (find(t, by, &fresh) != ENTRY_UNKNOWN)
			return ENTRY_KNOWN;
	}
	enter_hour(t, now);
	c.index = box_append(t, text, len);
	c.state = CREDENTIAL_REPLACED;
	box_credential_put(t, old, &c);
	t->state.replaced++;
	if (!line->u.replaced.revoked) {
		fresh = (struct box_credential){ .weight = c.weight };
		box_credential_put(t, by, &fresh);
		t->state.issued++;
	}
	return ENTRY_DONE;
}

static enum entry enter_extended(struct box_txn *t, const struct line *line, const char *text,
                                 size_t len, uint64_t now)
{
	if (line->u.closes == t->state.closes && line->u.closes != t->box->m->closes)
		return ENTRY_ALREADY;
	if (over(&t->state))
		return ENTRY_LATE;
	if (line->u.closes <= t->state.closes)
		return ENTRY_INVALID;
	enter_hour(t, now);
	(void)box_append(t, text, len);
	t->state.closes = line->u.closes;
	return ENTRY_DONE;
}

enum entry enter_change(struct box_txn *t, const struct line *line, const char *text, size_t len,
                        uint64_t now)
{
	if (line->type == LINE_REPLACED)
		return enter_replaced(t, line, text, len, now);
	if (line->type == LINE_EXTENDED)
		return enter_extended(t, line, text, len, now);
	return ENTRY_INVALID;
}

static void append_closed(struct box_txn *t)
{
	struct buf line = BUF_INIT(256);

	closed_write(&line, t->state.ballots, t->state.issued, t->state.replaced);
	if (buf_err(&line))
		txn_fail(&t->txn, buf_err(&line));
	(void)box_append(t, buf_text(&line), line.len);
	t->state.closed = 1;
	buf_free(&line);
}

enum entry enter_closed(struct box_txn *t, uint64_t now)
{
	if (t->state.closed)
		return ENTRY_ALREADY;
	if (now < t->state.closes)
		return ENTRY_EARLY;
	if (now > t->state.time)
		append_time(t, now);
	append_closed(t);
	return ENTRY_DONE;
}

void enter_issued(struct box_txn *t, const struct line *line, const char *text, size_t len)
{
	struct box_credential c = { .weight = line->u.issued.weight };

	(void)box_append(t, text, len);
	for (unsigned i = 0; i < line->u.issued.n; i++)
		box_credential_put(t, &line->u.issued.credential[i], &c);
	t->state.issued += line->u.issued.n;
}

/* A time line that the flat board has and the box lost. */
static enum entry replay_time(struct box_txn *t, uint64_t at)
{
	if (t->state.closed || at < t->box->m->opens || at <= t->state.time)
		return ENTRY_INVALID;
	append_time(t, at);
	return ENTRY_DONE;
}

static enum entry replay_closed(struct box_txn *t, const struct line *line)
{
	const struct state *s = &t->state;

	if (s->closed || s->time < s->closes || line->u.closed.ballots != s->ballots ||
	    line->u.closed.issued != s->issued || line->u.closed.replaced != s->replaced)
		return ENTRY_INVALID;
	append_closed(t);
	return ENTRY_DONE;
}

/* Everything about this moment is in the lines themselves: the last time that the board tells
 * stands for now, so that no other `time` comes between. */
static enum entry replay(struct box_txn *t, const struct line *line, const char *text, size_t len)
{
	uint64_t now = t->state.time, index;
	enum entry entry;

	switch (line->type) {
	case LINE_TIME:
		return replay_time(t, line->u.time);
	case LINE_BALLOT:
		entry = enter_ballot(t, &line->u.ballot.credential, line->u.ballot.channel, text,
		                     len, now, now, &index);
		/* The box lost its mail's verdict with it: the funnel must still add up. */
		if (entry == ENTRY_DONE)
			t->state.verdict[VERDICT_COUNTED]++;
		return entry;
	case LINE_REPLACED:
	case LINE_EXTENDED:
		return enter_change(t, line, text, len, now);
	case LINE_CLOSED:
		return replay_closed(t, line);
	case LINE_ISSUED:
	case LINE_ACCEPTED:
		break;
	}
	return ENTRY_INVALID;
}

static enum err check_line(const struct line *line, const struct manifest *m, struct why *why)
{
	enum err e = line_check_signature(line, m, why);

	if (!e && line->type == LINE_BALLOT && !m->channel[line->u.ballot.channel])
		e = why_check(why, "ballot channel", "a ballot by a channel that is not allowed");
	if (!e && line->type == LINE_BALLOT)
		e = ballot_check_proofs(&line->u.ballot, m, why);
	return e;
}

static enum err enter_missing(void *ctx, const char *text, size_t len, struct why *why)
{
	struct box *box = ctx;
	struct why flat_why = { 0 };
	struct box_txn t;
	struct line line;
	enum entry entry;
	enum err e;

	memset(&line, 0, sizeof(line));
	e = line_read(&line, box->m, text, len, why);
	if (!e)
		e = check_line(&line, box->m, why);
	if (e)
		goto done;
	box_begin(&t, box);
	entry = replay(&t, &line, text, len);
	if (entry != ENTRY_DONE) {
		box_abort(&t);
		e = why_check(why, "flat board",
		              "the box lacks this line, and it cannot be entered: %s",
		              entry_name(entry));
		goto done;
	}
	e = box_commit(&t, why, &flat_why);
done:
	line_release(&line);
	return e;
}

enum err enter_mend(struct box *box, bool quick, struct why *why)
{
	struct box_txn t;
	struct span last;
	bool same = false;
	enum err e;

	if (quick) {
		e = box_look(&t, box);
		same = !e && t.state.lines > 0 && box_line(&t, t.state.lines - 1, &last) == OK &&
		       flat_same(&box->flat, t.state.lines, t.state.bytes, last);
		box_abort(&t);
		if (e)
			return why_set(why, e, "%s: %s", box->folder, err_text(e));
	}
	return same ? OK : flat_compare(&box->flat, box, enter_missing, box, why);
}
