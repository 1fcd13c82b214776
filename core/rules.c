/* SPDX-License-Identifier: MIT */
#include "core/rules.h"

#include <string.h>

#include "core/text.h"

enum err rules_init(struct rules *r, const struct manifest *m)
{
	memset(r, 0, sizeof(*r));
	r->m = m;
	r->lines = 1;
	r->closes = m->closes;
	return registry_new(&r->registry, m->members);
}

void rules_release(struct rules *r)
{
	registry_free(r->registry);
	memset(r, 0, sizeof(*r));
}

/* The first class that is not whole is named once, however often this is asked. */
static enum err end_issued(struct rules *r, struct why *why)
{
	const struct roll_class *class;

	if (r->issued_done)
		return OK;
	r->issued_done = true;
	for (; r->class_at < r->m->classes; r->class_at++, r->class_members = 0) {
		class = &r->m->class[r->class_at];
		if (r->class_members < class->members && !r->skipped)
			return why_check(why, "issued roll",
			                 "%llu of the roll's %llu credentials of weight %u were "
			                 "issued",
			                 (unsigned long long)r->class_members,
			                 (unsigned long long)class->members, class->weight);
	}
	return OK;
}

static enum err end_accepted(struct rules *r, struct why *why)
{
	unsigned missing = r->accepted + 1;

	if (r->accepted_done)
		return OK;
	r->accepted_done = true;
	if (missing <= r->m->trustees.count && !r->skipped)
		return why_check(why, "accepted missing", "trustee %u never accepted its share",
		                 missing);
	return OK;
}

static enum err add_credentials(struct rules *r, const struct line *line, struct why *why)
{
	const struct point *c = line->u.issued.credential;
	enum err e = OK;

	for (unsigned i = 0; i < line->u.issued.n; i++) {
		enum err added = registry_add(r->registry, &c[i], line->u.issued.weight);

		if (added == ERR_EXISTS && !e)
			e = why_check(why, "issued credential", "credential %u was issued already",
			              i);
		else if (added == ERR_MEMORY)
			return why_set(why, ERR_MEMORY, "no memory for the credentials");
	}
	return e;
}

/* Within a line and from line to line of one weight, strictly ascending. */
static enum err check_ascending(struct rules *r, const struct line *line, struct why *why)
{
	const struct point *c = line->u.issued.credential;
	const struct point *before = r->class_members ? &r->last_credential : NULL;
	enum err e = OK;

	for (unsigned i = 0; i < line->u.issued.n; i++) {
		if (!e && before && memcmp(before->bytes, c[i].bytes, GROUP_BYTES) >= 0)
			e = why_check(why, "issued order", "credential %u does not ascend", i);
		before = &c[i];
	}
	if (before)
		r->last_credential = *before;
	return e;
}

/* Step to the class of this weight; the ones that are left behind must be whole. */
static enum err find_class(struct rules *r, unsigned weight, struct why *why)
{
	const struct roll_class *class = r->m->class;
	unsigned at = r->class_at;
	enum err e = OK;

	while (at < r->m->classes && class[at].weight < weight)
		at++;
	if (at == r->m->classes || class[at].weight != weight) {
		bool known = false;

		for (unsigned i = 0; i < r->m->classes; i++)
			known = known || class[i].weight == weight;
		return known ? why_check(why, "issued order", "weight %u comes after a greater one",
		                         weight)
		             : why_check(why, "issued roll", "the roll has no weight %u", weight);
	}
	for (; r->class_at < at; r->class_at++, r->class_members = 0) {
		if (!e && !r->skipped && r->class_members < class[r->class_at].members)
			e = why_check(why, "issued roll",
			              "%llu of the roll's %llu credentials of weight %u were "
			              "issued",
			              (unsigned long long)r->class_members,
			              (unsigned long long)class[r->class_at].members,
			              class[r->class_at].weight);
	}
	return e;
}

static enum err keep_first(enum err first, enum err e)
{
	return first ? first : e;
}

static enum err take_issued(struct rules *r, const struct line *line, struct why *why)
{
	unsigned weight = line->u.issued.weight;
	const struct roll_class *class;
	enum err e, added;

	if (r->opened) {
		e = why_check(why, "issued after opening",
		              "credentials are issued after the first time line");
		added = add_credentials(r, line, NULL);
		return added == ERR_MEMORY ? added : e;
	}
	if (r->issued_done) {
		e = why_check(why, "issued order", "an issued line after the last of them");
		added = add_credentials(r, line, NULL);
		return added == ERR_MEMORY ? added : e;
	}
	e = find_class(r, weight, why);
	class = r->class_at < r->m->classes ? &r->m->class[r->class_at] : NULL;
	if (class && class->weight == weight) {
		e = keep_first(e, check_ascending(r, line, e ? NULL : why));
		r->class_members += line->u.issued.n;
		if (!e && r->class_members > class->members)
			e = why_check(why, "issued roll",
			              "%llu credentials of weight %u, the roll has %llu",
			              (unsigned long long)r->class_members, weight,
			              (unsigned long long)class->members);
	}
	added = add_credentials(r, line, e ? NULL : why);
	return added == ERR_MEMORY ? added : keep_first(e, added);
}

static enum err take_accepted(struct rules *r, const struct line *line, struct why *why)
{
	unsigned j = line->u.accepted.trustee;
	unsigned due = r->accepted + 1;
	enum err e = end_issued(r, why);

	if (e)
		why = NULL;
	if (r->accepted_done)
		return keep_first(e, why_check(why, "accepted order",
		                               "an accepted line after the last of them"));
	if (j < due)
		return keep_first(e, why_check(why, "accepted order",
		                               "trustee %u accepts where %u is due", j, due));
	r->accepted = j;
	if (j > due && !r->skipped)
		e = keep_first(e, why_check(why, "accepted missing",
		                            "trustee %u never accepted its share", due));
	return e;
}

static enum err take_time(struct rules *r, const struct line *line, struct why *why)
{
	uint64_t at = line->u.time;
	enum err e = OK;

	if (r->opened && at <= r->time)
		e = why_check(why, "time order", "the clock does not go forward");
	else if (!r->opened && at < r->m->opens)
		e = why_check(why, "time before opening",
		              "the first time line stands before the opening time");
	r->opened = true;
	if (at > r->time)
		r->time = at;
	return e;
}

static const char *no_right(enum err found, enum registry_state state)
{
	if (found)
		return "was never issued";
	return state == REGISTRY_USED ? "has voted already" : "was replaced";
}

static enum err take_replaced(struct rules *r, const struct line *line, struct why *why)
{
	const struct point *old = &line->u.replaced.old, *by = &line->u.replaced.by;
	enum registry_state state = REGISTRY_UNUSED;
	unsigned weight = r->m->class[0].weight; /* where nobody knows it */
	enum err found = registry_get(r->registry, old, &weight, &state);
	enum err e = OK;

	r->replaced++;
	if ((found && !r->skipped) || state != REGISTRY_UNUSED)
		e = why_check(why, "replaced credential", "the credential that it replaces %s",
		              no_right(found, state));
	else if (!found && registry_set(r->registry, old, REGISTRY_REPLACED))
		bug("a credential went away");
	if (line->u.replaced.revoked)
		return e;
	/* Taken in even where the old one had no right: its ballot is then told apart. */
	found = registry_add(r->registry, by, weight);
	if (found == ERR_MEMORY)
		return why_set(why, ERR_MEMORY, "no memory for the credentials");
	if (found == ERR_EXISTS && !e)
		e = why_check(why, "replaced by", "the new credential was seen before");
	return e;
}

static enum err take_extended(struct rules *r, const struct line *line, struct why *why)
{
	if (line->u.closes <= r->closes)
		return why_check(why, "extended earlier",
		                 "the new closing time is not after the one in force");
	if (r->time >= r->closes)
		return why_check(why, "extended late", "the closing time in force has passed");
	r->closes = line->u.closes;
	return OK;
}

static enum err take_ballot(struct rules *r, const struct line *line, unsigned *weight,
                            struct why *why)
{
	const struct point *c = &line->u.ballot.credential;
	enum registry_state state = REGISTRY_UNUSED;
	enum err found = registry_get(r->registry, c, weight, &state);

	r->ballots++;
	if (found && r->skipped)
		return OK;
	if (found || state != REGISTRY_UNUSED) {
		*weight = 0;
		return why_check(why, "ballot credential", "its credential %s",
		                 no_right(found, state));
	}
	if (registry_set(r->registry, c, REGISTRY_USED))
		bug("a credential went away");
	r->weight += *weight;
	if (!r->opened && !r->skipped)
		return why_check(why, "line before opening", "a ballot before the first time line");
	if (r->time >= r->closes && !r->skipped)
		return why_check(why, "ballot late", "a ballot after the closing time");
	return OK;
}

static enum err take_closed(struct rules *r, const struct line *line, struct why *why)
{
	struct registry_counts counts = registry_counts(r->registry);

	r->closed = true;
	if (r->skipped)
		return OK;
	if (r->time < r->closes)
		return why_check(why, "closed early", "closed before the closing time");
	if (!r->last_was_time)
		return why_check(why, "closed time",
		                 "the line before closed is not the last time line");
	if (line->u.closed.ballots != r->ballots || line->u.closed.issued != counts.issued ||
	    line->u.closed.replaced != r->replaced)
		return why_check(why, "closed counts",
		                 "it says %llu ballots, %llu issued, %llu replaced; the board has "
		                 "%llu, %llu, %llu",
		                 (unsigned long long)line->u.closed.ballots,
		                 (unsigned long long)line->u.closed.issued,
		                 (unsigned long long)line->u.closed.replaced,
		                 (unsigned long long)r->ballots, (unsigned long long)counts.issued,
		                 (unsigned long long)r->replaced);
	return OK;
}

static enum err take_by_type(struct rules *r, const struct line *line, unsigned *weight,
                             struct why *why)
{
	switch (line->type) {
	case LINE_ISSUED:
		return take_issued(r, line, why);
	case LINE_ACCEPTED:
		return take_accepted(r, line, why);
	case LINE_TIME:
		return take_time(r, line, why);
	case LINE_REPLACED:
		return take_replaced(r, line, why);
	case LINE_EXTENDED:
		return take_extended(r, line, why);
	case LINE_BALLOT:
		return take_ballot(r, line, weight, why);
	case LINE_CLOSED:
		return take_closed(r, line, why);
	}
	bug("a line of no type");
}

enum err rules_take(struct rules *r, const struct line *line, unsigned *weight, struct why *why)
{
	unsigned own_weight = 0;
	enum err e = OK, own;

	r->lines++;
	if (weight)
		*weight = 0;
	if (r->closed)
		return why_check(why, "line after closed", "a line after the closed line");
	if (line->type != LINE_ISSUED && line->type != LINE_ACCEPTED) {
		e = end_issued(r, why);
		/* Where both are missing the second is told at the end. */
		if (!e)
			e = end_accepted(r, why);
	}
	own = take_by_type(r, line, &own_weight, e ? NULL : why);
	r->last_was_time = line->type == LINE_TIME;
	if (weight)
		*weight = own_weight;
	return own == ERR_MEMORY ? own : keep_first(e, own);
}

void rules_skip(struct rules *r)
{
	r->lines++;
	r->last_was_time = false;
	r->skipped = true;
}

enum err rules_end(struct rules *r, bool must_close, struct why *why)
{
	enum err e = end_issued(r, why);

	if (!e)
		e = end_accepted(r, why);
	if (!e && must_close && !r->closed && !r->skipped && !r->not_closed_told) {
		r->not_closed_told = true;
		e = why_check(why, "not closed", "the board has no closed line");
	}
	return e;
}
