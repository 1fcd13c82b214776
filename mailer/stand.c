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

	if (!amended->planned)
		return OK;
	if (p->n == p->room)
		return why_set(why, ERR_FORMAT, "more plans than the amendments count");
	p->serial[p->n++] = serial;
	return OK;
}

enum fate { FATE_WAITS, FATE_STANDS, FATE_USED };

static enum err tell_fate(enum fate *fate, const struct stand *s, uint32_t serial, struct why *why)
{
	struct amended amended;
	struct member member;
	struct point old, by;
	enum err e = roll_get(s->roll, serial, &member, why);

	*fate = FATE_WAITS;
	if (!e)
		e = amend_get(s->amend, serial, &amended, why);
	if (!e)
		e = changes_credential(&by, s->keys, s->m, &member, &amended, why);
	if (!e && pollbook_find(s->pollbook, &by, NULL) != POLLBOOK_UNMARKED) {
		*fate = FATE_STANDS;
	} else if (!e) {
		member.generation = amended.generation;
		member.epoch = amended.epoch;
		e = derive_credential(&old, s->keys, s->m, &member, why);
		if (!e && pollbook_find(s->pollbook, &old, NULL) == POLLBOOK_USED)
			*fate = FATE_USED;
	}
	explicit_bzero(&member, sizeof(member));
	return e;
}

/* Their letters first: a crash between the two leaves them planned, and they are found again. */
static enum err settle(struct stand *s, const uint32_t *serial, const enum fate *fate, size_t n,
                       struct why *why)
{
	uint32_t again[BATCH];
	unsigned renewed = 0;
	enum err e;

	for (size_t i = 0; i < n; i++)
		if (fate[i] == FATE_STANDS)
			again[renewed++] = serial[i];
	e = outbox_renew(s->outbox, again, renewed, why);
	if (e)
		return e;
	amend_begin(s->amend);
	for (size_t i = 0; i < n; i++)
		if (fate[i] != FATE_WAITS)
			amend_settle(s->amend, serial[i], fate[i] == FATE_STANDS);
	e = amend_commit(s->amend, why);
	for (size_t i = 0; !e && i < n; i++) {
		s->stood += fate[i] == FATE_STANDS;
		s->used += fate[i] == FATE_USED;
		s->waiting += fate[i] == FATE_WAITS;
	}
	return e;
}

static enum err settle_all(struct stand *s, const struct planned *p, struct why *why)
{
	enum fate fate[BATCH];
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
	return e;
}

/* What the board says holds, whatever was planned here: each of its lines has our signature. */
static enum err settle_closes(struct stand *s, struct why *why)
{
	const uint64_t known = amend_counts(s->amend).closes, closes = pollbook_closes(s->pollbook);

	s->extended = closes > (known ? known : s->m->closes);
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
		return e;
	p.serial = calloc(p.room, sizeof(*p.serial));
	e = p.serial ? amend_each(s->amend, list_planned, &p, why)
	             : why_set(why, ERR_MEMORY, "out of memory");
	if (!e)
		e = settle_all(s, &p, why);
	free(p.serial);
	return e;
}
