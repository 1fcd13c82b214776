/* SPDX-License-Identifier: MIT */
#include "mailer/reach.h"

#include <stdio.h>

#define DAY 86400

static const struct {
	const char *name, *meaning;
} words[REACHES] = {
	[REACH_PLANNED] = { "planned", "not tried yet: run send" },
	[REACH_IN_FLIGHT] = { "in flight", "being handed over just now" },
	[REACH_DELIVERED] = { "delivered", "the relay took it, and nothing came back; it may lie "
	                                   "in a spam folder" },
	[REACH_DELAYED] = { "delayed", "the relay took it; it is still being tried on its way" },
	[REACH_DEFERRED] = { "deferred", "the relay said no for now: send tries again" },
	[REACH_UNCERTAIN] = { "uncertain", "the connection was lost at the end: send mails the "
	                                   "same code again" },
	[REACH_REFUSED_HARD] = { "refused: no such mailbox",
	                         "ask for another address, then reissue with --email" },
	[REACH_REFUSED_FULL] = { "refused: mailbox full",
	                         "tell them by another way; send --refused tries again" },
	[REACH_REFUSED_POLICY] = { "refused: not wanted there",
	                           "for what it is or whence it comes: ask that provider" },
	[REACH_REFUSED_SOFT] = { "refused: other reasons", "send --refused tries again" },
	[REACH_BOUNCED_HARD] = { "bounced: no such mailbox",
	                         "ask for another address, then reissue with --email" },
	[REACH_BOUNCED_FULL] = { "bounced: mailbox full",
	                         "tell them by another way, then reissue" },
	[REACH_BOUNCED_POLICY] = { "bounced: not wanted there",
	                           "for what it is or whence it comes: ask that provider" },
	[REACH_BOUNCED_SOFT] = { "bounced: other reasons",
	                         "given up on its way: reissue mails a new letter" },
};

const char *reach_name(enum reach reach)
{
	return words[reach].name;
}

const char *reach_meaning(enum reach reach)
{
	return words[reach].meaning;
}

void reach_key(char out[32], enum reach reach)
{
	if (reach < REACH_REFUSED_HARD)
		snprintf(out, 32, "%s", words[reach].name);
	else if (reach < REACH_BOUNCED_HARD)
		snprintf(out, 32, "refused %s",
		         failure_name((enum failure)(reach - REACH_REFUSED_HARD)));
	else
		snprintf(out, 32, "bounced %s",
		         failure_name((enum failure)(reach - REACH_BOUNCED_HARD)));
}

enum reach_kind reach_kind(enum reach reach)
{
	switch (reach) {
	case REACH_PLANNED:
	case REACH_IN_FLIGHT:
		return REACH_UNTRIED;
	case REACH_DELIVERED:
		return REACH_ARRIVED;
	case REACH_DELAYED:
	case REACH_DEFERRED:
	case REACH_UNCERTAIN:
		return REACH_WAITING;
	default:
		return REACH_LOST;
	}
}

void reached_add(struct reached *sum, const struct reached *more)
{
	for (unsigned i = 0; i < REACHES; i++)
		sum->n[i] += more->n[i];
}

uint64_t reached_members(const struct reached *r)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < REACHES; i++)
		sum += r->n[i];
	return sum;
}

uint64_t reached_of(const struct reached *r, enum reach_kind kind)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < REACHES; i++)
		sum += reach_kind((enum reach)i) == kind ? r->n[i] : 0;
	return sum;
}

uint64_t reached_tried(const struct reached *r)
{
	return reached_members(r) - reached_of(r, REACH_UNTRIED);
}

void reached_rate(char out[RATE_TEXT], const struct reached *r)
{
	const uint64_t tried = reached_tried(r);
	const uint64_t thousandths = tried ? 1000 * (uint64_t)r->n[REACH_DELIVERED] / tried : 0;

	out[0] = 0;
	if (tried)
		snprintf(out, RATE_TEXT, "%u.%u", (unsigned)(thousandths / 10),
		         (unsigned)(thousandths % 10));
}

bool reached_under(const struct reached *r, unsigned percent)
{
	return 100 * (uint64_t)r->n[REACH_DELIVERED] < percent * reached_tried(r);
}

static enum reach bounced(enum failure failure)
{
	return (enum reach)(REACH_BOUNCED_HARD + failure);
}

static bool dead(const struct fate *f)
{
	return f->returned && returns_dead(&f->last);
}

/* With the relay. What came back before the letter went is about an earlier mail; a dead address
 * is dead whenever that was told. */
static enum reach judge_taken(const struct fate *f, enum reach otherwise)
{
	if (!f->returned || (!dead(f) && f->last.at < f->at))
		return otherwise;
	return f->last.failure == FAILURE_DELAYED ? REACH_DELAYED : bounced(f->last.failure);
}

/* Not with the relay: only a dead address says more, since nothing is mailed there any more. */
static enum reach judge_kept(const struct fate *f, enum reach otherwise)
{
	return dead(f) ? bounced(FAILURE_HARD) : otherwise;
}

static enum reach judge(const struct fate *f)
{
	switch (f->state) {
	case SEND_IN_FLIGHT:
		return REACH_IN_FLIGHT;
	case SEND_ACCEPTED:
		return judge_taken(f, REACH_DELIVERED);
	case SEND_UNCERTAIN:
		return judge_taken(f, REACH_UNCERTAIN);
	case SEND_DEFERRED:
		return judge_kept(f, REACH_DEFERRED);
	case SEND_REFUSED:
		return (enum reach)(REACH_REFUSED_HARD + f->refusal);
	default:
		return judge_kept(f, REACH_PLANNED);
	}
}

/* Late again and again, or given up for an earlier mail, over a day. */
static bool lasting(const struct returned *r)
{
	return r->failure == FAILURE_DELAYED ? r->times > 1 && r->at - r->first >= DAY
	                                     : returns_lasting(r);
}

void fate_letter(struct fate *f, const struct standing *s, uint64_t closes)
{
	f->state = s->state;
	f->at = s->at;
	f->refusal = FAILURE_SOFT;
	if (s->state == SEND_REFUSED)
		f->refusal = failure_class(s->code, s->status, s->text);
	if (f->refusal >= FAILURE_DELAYED)
		f->refusal = FAILURE_SOFT;
	f->given_up = s->state == SEND_DEFERRED && (!s->next || s->next >= closes);
}

void fate_judge(struct fate *f)
{
	f->reach = judge(f);
	f->warned = reach_kind(f->reach) != REACH_LOST &&
	            (f->given_up || (f->returned && lasting(&f->last)));
}
