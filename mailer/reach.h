/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_REACH_H
#define VOTEPOST_MAILER_REACH_H

#include <stdbool.h>
#include <stdint.h>

#include "mailer/outbox.h"
#include "mailer/returns.h"

/*
 * reach - what became of one member's letter, as far as the mailer can know, and sums of that.
 *
 * Each member is in exactly one of these, so that every sum adds up to its members. The outbox
 * knows what the relay said, the returns what came back later. "Delivered" means no more than
 * that: the relay took the letter, and no report says that it did not arrive. A letter that lies
 * in a spam folder, or in a mailbox that nobody opens, looks delivered.
 */
enum reach {
	REACH_PLANNED,   /* not tried yet */
	REACH_IN_FLIGHT, /* being handed over just now */
	REACH_DELIVERED, /* the relay took it, and nothing came back */
	REACH_DELAYED,   /* the relay took it; a report says that it is still being tried */
	REACH_DEFERRED,  /* the relay said no for now */
	REACH_UNCERTAIN, /* the relay may have taken it */
	/* The relay said no for good; in the order of enum failure */
	REACH_REFUSED_HARD,
	REACH_REFUSED_FULL,
	REACH_REFUSED_POLICY,
	REACH_REFUSED_SOFT,
	/* It came back, likewise; or the address is dead, and was not mailed again */
	REACH_BOUNCED_HARD,
	REACH_BOUNCED_FULL,
	REACH_BOUNCED_POLICY,
	REACH_BOUNCED_SOFT,
	REACHES
};

/* The four kinds that matter to a person, in the order that pages show them. */
enum reach_kind {
	REACH_ARRIVED, /* delivered */
	REACH_WAITING, /* delayed, deferred, uncertain: it may still arrive */
	REACH_LOST,    /* refused, bounced */
	REACH_UNTRIED, /* planned, in flight */
	REACH_KINDS
};

/* "planned", "delivered", "refused: no such mailbox", "bounced: mailbox full" */
const char *reach_name(enum reach reach);
/* For programs: "planned", "in flight", "refused hard", "bounced full" */
void reach_key(char out[32], enum reach reach);
/* What it means and what to do, in a few words. */
const char *reach_meaning(enum reach reach);
enum reach_kind reach_kind(enum reach reach);

/* Members by what became of their letters. */
struct reached {
	uint32_t n[REACHES];
};
void reached_add(struct reached *sum, const struct reached *more);
uint64_t reached_members(const struct reached *r);
uint64_t reached_of(const struct reached *r, enum reach_kind kind);
/* Those whose letter was tried: all but the untried. The delivery rate is delivered / tried. */
uint64_t reached_tried(const struct reached *r);

#define RATE_TEXT 12
/* "61.2", rounded down, so that no rate looks better than it is; "" where nothing was tried. */
void reached_rate(char out[RATE_TEXT], const struct reached *r);
/* Is the delivery rate under so many percent? Exactly so many is not under; nothing tried is not. */
bool reached_under(const struct reached *r, unsigned percent);

/* One member's letter. */
struct fate {
	/* What the outbox says, see fate_letter; zeroed, it is planned */
	enum send_state state;
	uint64_t at;
	enum failure refusal; /* why, where it was refused */
	bool given_up;        /* deferred, and no further try before the vote ends */
	/* Something came back, for this letter or another mail */
	bool returned;
	struct returned last;
	/* Filled by fate_judge. `warned`: not lost, and a person should look at it: what came back
	 * goes on for a day or more, or it was given up. */
	enum reach reach;
	bool warned;
};
void fate_letter(struct fate *f, const struct standing *s, uint64_t closes);
void fate_judge(struct fate *f);

#endif
