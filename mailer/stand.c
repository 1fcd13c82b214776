/* SPDX-License-Identifier: MIT */
#include "mailer/stand.h"

#include <stdlib.h>
#include <string.h>

#include "mailer/changes.h"
#include "mailer/derive.h"

#define BATCH 1000 /* members in one transaction */

/* The members that something is planned for; no change may be made while they are listed. */
struct planned {
	uint32_t *serial;
	size_t n, room;
};

static enum err list_planned(void *context, uint32_t serial, const struct amended *amended,
                             struct why *why)
{
	struct planned *p = context;

	if (!amended->plans)
		return OK;
	if (p->n == p->room)
		return why_set(why, ERR_FORMAT, "more plans than the amendments count");
	p->serial[p->n++] = serial;
	return OK;
}

/* What the board says of one member's plans. */
struct fate {
	uint32_t stood; /* a bit for each plan */
	bool used;      /* the newest token that has been in force */
};

enum err stand_stale(struct why *why)
{
	return why_set(
		why, ERR_STATE,
		"this board holds replacements that this folder knows nothing of: the folder "
		"is older than the board, from a copy perhaps. Take the newest one that "
		"there is");
}

enum err stand_check(const struct pollbook *pollbook, const struct amend *amend, struct why *why)
{
	const uint64_t known = amend_standing(amend) + amend_counts(amend).plans;

	return pollbook_replaced(pollbook) > known ? stand_stale(why) : OK;
}

static enum err tell_fate(struct fate *fate, const struct stand *s, uint32_t serial,
                          struct why *why)
{
	struct point credential[AMEND_PLANS_MAX + 1];
	enum pollbook_state state, newest;
	struct amended amended;
	struct member member;
	enum err e = roll_get(s->roll, serial, &member, why);

	*fate = (struct fate){ 0 };
	if (!e)
		e = amend_get(s->amend, serial, &amended, why);
	if (!e)
		e = changes_credentials(credential, s->keys, s->m, &member, &amended, why);
	explicit_bzero(&member, sizeof(member));
	if (e)
		return e;
	newest = pollbook_find(s->pollbook, &credential[0], NULL);
	for (unsigned i = 0; i < amended.plans; i++) {
		state = pollbook_find(s->pollbook, &credential[i + 1], NULL);
		if (state == POLLBOOK_UNMARKED)
			continue;
		fate->stood |= UINT32_C(1) << i;
		newest = state;
	}
	fate->used = newest == POLLBOOK_USED;
	return newest == POLLBOOK_REPLACED ? stand_stale(why) : OK;
}

/* Their letters first: a crash between the two leaves them planned, and they are found again. */
static enum err settle(struct stand *s, const uint32_t *serial, const struct fate *fate, size_t n,
                       struct why *why)
{
	uint32_t again[BATCH];
	unsigned renewed = 0;
	enum err e;

	for (size_t i = 0; i < n; i++)
		if (fate[i].stood && !fate[i].used)
			again[renewed++] = serial[i];
	e = outbox_renew(s->outbox, again, renewed, why);
	if (e)
		return e;
	amend_begin(s->amend);
	for (size_t i = 0; i < n; i++)
		if (fate[i].stood || fate[i].used)
			amend_settle(s->amend, serial[i], fate[i].stood, fate[i].used);
	return amend_commit(s->amend, why);
}

static enum err settle_all(struct stand *s, const struct planned *p, struct why *why)
{
	const struct amend_counts before = amend_counts(s->amend);
	struct fate fate[BATCH];
	enum err e = OK;

	for (size_t from = 0; !e && from < p->n; from += BATCH) {
		size_t n = p->n - from < BATCH ? p->n - from : BATCH;

		for (size_t i = 0; !e && i < n; i++)
			e = tell_fate(&fate[i], s, p->serial[from + i], why);
		if (!e)
			e = settle(s, p->serial + from, fate, n, why);
		if (!e && s->step)
			s->step(s->context, n);
	}
	s->waiting = amend_counts(s->amend).planned;
	s->used = amend_counts(s->amend).used - before.used;
	s->stood = before.planned - s->waiting - s->used;
	return e;
}

/* What the board says holds, whatever was planned here: each of its lines has our signature. */
static enum err settle_closes(struct stand *s, struct why *why)
{
	const uint64_t closes = pollbook_closes(s->pollbook);

	s->extended = closes > amend_closes(s->amend, s->m);
	if (!s->extended)
		return OK;
	amend_begin(s->amend);
	amend_settle_closes(s->amend, closes);
	return amend_commit(s->amend, why);
}

enum err stand_run(struct stand *s, struct why *why)
{
	struct planned p = { .room = amend_counts(s->amend).planned };
	enum err e = settle_closes(s, why);

	s->stood = s->used = s->waiting = 0;
	if (e || !p.room)
		return e ? e : stand_check(s->pollbook, s->amend, why);
	p.serial = calloc(p.room, sizeof(*p.serial));
	e = p.serial ? amend_each(s->amend, list_planned, &p, why)
	             : why_set(why, ERR_MEMORY, "out of memory");
	if (!e)
		e = settle_all(s, &p, why);
	free(p.serial);
	return e ? e : stand_check(s->pollbook, s->amend, why);
}
