/* SPDX-License-Identifier: MIT */
#include "mailer/gather.h"

#include <stdio.h>
#include <string.h>

#include "core/mail/address.h"
#include "mailer/addressee.h"

#define TRIM_AFTER 20000 /* members between giving pages back */

struct work {
	const struct gather *g;
	struct lanes *lanes;
	uint64_t state[SEND_STATES]; /* letters that are not planned */
};

static uint32_t place_of(const struct gather *g, uint32_t serial)
{
	return g->outbox ? outbox_place(g->outbox, serial) : serial;
}

static enum err find_domain(char out[ADDRESS_TEXT], const struct gather *g, uint32_t serial,
                            struct why *why)
{
	struct member member;
	enum err e = addressee_find(&member, g->roll, g->amend, g->kind, serial, why);

	/* What is no address has no domain; the relay's thread will say so of the letter. */
	if (!e)
		(void)address_domain(out, member.email);
	explicit_bzero(&member, sizeof(member));
	return e;
}

static enum err put_members(struct work *w, struct why *why)
{
	const struct gather *g = w->g;
	uint64_t members = roll_summary(g->roll)->members;
	char domain[ADDRESS_TEXT];
	enum err e = OK;

	for (uint64_t i = 0; !e && i < members; i++) {
		uint32_t serial = (uint32_t)i;

		if (i % TRIM_AFTER == TRIM_AFTER - 1)
			roll_trim(g->roll);
		if (g->only && !serials_has(g->only, serial))
			continue;
		e = find_domain(domain, g, serial, why);
		if (!e && lanes_put(w->lanes, place_of(g, serial), domain))
			e = why_set(why, ERR_MEMORY, "out of memory");
	}
	roll_trim(g->roll);
	return e;
}

/* A deferred letter: when is it due? 0: never. */
static uint64_t due(const struct gather *g, const struct standing *s)
{
	if (s->next)
		return s->next;
	return g->refused ? g->now : retry_due(&g->retry, s->attempts, s->at);
}

/* A letter that something is known of: does it stay? */
static enum err sift_one(struct work *w, uint32_t place, const struct standing *s)
{
	const struct gather *g = w->g;
	uint64_t at;

	switch (s->state) {
	case SEND_PLANNED:
		if (s->attempts)
			lanes_behind(w->lanes, place);
		return OK;
	case SEND_UNCERTAIN:
		if (s->attempts >= RETRY_UNCERTAIN_MAX && !g->refused)
			lanes_drop(w->lanes, place);
		return OK;
	case SEND_REFUSED:
		if (!g->refused)
			lanes_drop(w->lanes, place);
		return OK;
	case SEND_DEFERRED:
		at = due(g, s);
		if (!at)
			lanes_drop(w->lanes, place);
		return at > g->now ? lanes_delay(w->lanes, place, (at - g->now) * 1000) : OK;
	default:
		lanes_drop(w->lanes, place);
		return OK;
	}
}

static enum err sift(void *context, uint32_t place, const struct standing *s)
{
	struct work *w = context;
	enum err e;

	if (!lanes_has(w->lanes, place))
		return OK;
	e = sift_one(w, place, s);
	w->state[s->state] += s->state != SEND_PLANNED && lanes_has(w->lanes, place);
	return e;
}

static void tell_states(const struct work *w, uint64_t state[SEND_STATES])
{
	memcpy(state, w->state, sizeof(w->state));
	state[SEND_PLANNED] = lanes_letters(w->lanes);
	for (unsigned i = 0; i < SEND_STATES; i++)
		state[SEND_PLANNED] -= w->state[i];
}

enum err gather_letters(struct lanes **out, uint64_t state[SEND_STATES], const struct gather *g,
                        struct why *why)
{
	struct work w = { .g = g };
	enum err e = lanes_new(&w.lanes, roll_summary(g->roll)->members, g->conf, why);

	if (e)
		return e;
	e = put_members(&w, why);
	if (!e && g->outbox)
		e = outbox_each(g->outbox, sift, &w, why);
	if (!e && lanes_ready(w.lanes))
		e = why_set(why, ERR_MEMORY, "out of memory");
	if (e) {
		lanes_free(w.lanes);
		return e;
	}
	if (state)
		tell_states(&w, state);
	*out = w.lanes;
	return OK;
}

enum err gather_domain(char out[ADDRESS_TEXT], const struct gather *g,
                       const struct lanes_view *lane, struct why *why)
{
	*out = 0;
	if (lane->name) {
		snprintf(out, ADDRESS_TEXT, "%s", lane->name);
		return OK;
	}
	if (lane->shared || !lane->letters)
		return OK;
	return find_domain(out, g, g->outbox ? outbox_serial(g->outbox, lane->place) : lane->place,
	                   why);
}
