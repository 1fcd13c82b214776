/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_LANES_H
#define VOTEPOST_MAILER_LANES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "mailer/conf.h"
#include "mailer/outbox.h"
#include "mailer/pace.h"

/*
 * lanes - the letters that wait in one run, by receiving domain, and which may leave now.
 *
 * Each domain has a lane, with a pace and limits of its own. Of all lanes that may take a letter
 * now, the one goes whose first letter stands first in the outbox's shuffled order. So letters
 * leave in that order, across all domains, but for what a domain's limits hold back, and that
 * comes as soon as it may: no domain waits for another, and the slowest loses no time. What is put
 * behind leaves where nothing else may.
 *
 * In memory alone: eight bytes a member, and some for each domain. A letter is known by its place
 * in the outbox. Times are in milliseconds since the run began. One thread at a time.
 */
struct lanes;

#define LANES_MAX    100000 /* domains with a lane of their own; those that come later … */
#define LANES_SHARED 256    /* … share these */

/* For a roll of so many members; `conf` stays the caller's and must outlive it. */
MUST_CHECK enum err lanes_new(struct lanes **out, uint64_t members, const struct conf *conf,
                              struct why *why);
void lanes_free(struct lanes *l);

/* First the letters are put, each with its domain in the form of address_domain; some are dropped
 * again, wait for their time or are put behind; then lanes_ready, once. ERR_MEMORY. */
MUST_CHECK enum err lanes_put(struct lanes *l, uint32_t place, const char *domain);
void lanes_drop(struct lanes *l, uint32_t place);
MUST_CHECK enum err lanes_delay(struct lanes *l, uint32_t place, uint64_t until);
void lanes_behind(struct lanes *l, uint32_t place);
bool lanes_has(const struct lanes *l, uint32_t place);
/* A number for its lane. */
uint32_t lanes_of(const struct lanes *l, uint32_t place);
MUST_CHECK enum err lanes_ready(struct lanes *l);

/* Letters that wait, those included that wait for their time; not those that were taken. */
uint64_t lanes_letters(const struct lanes *l);

/* How long until a letter may be taken: 0 for now, LANES_NEVER where none waits, or only for
 * letters that were taken. ERR_MEMORY. */
#define LANES_NEVER UINT64_MAX
MUST_CHECK enum err lanes_wait(struct lanes *l, uint64_t now, uint64_t *wait);

/* Take up to `*n` letters that may leave now, and say how many. ERR_MEMORY. */
MUST_CHECK enum err lanes_take(struct lanes *l, uint64_t now, uint32_t *place, unsigned *n);

/* What became of one that was taken: it goes back where it was not tried, and waits where it was
 * put off. Its domain's pace learns from it, and that of all from what the relay says of itself:
 * before it has heard of a recipient, or at those of many domains. ERR_MEMORY. */
MUST_CHECK enum err lanes_done(struct lanes *l, const struct outcome *outcome, uint64_t now);

/* How long until all that waits has left, if all goes well; of what was put off the first counts,
 * since nothing is known of the others' domains until then. */
uint64_t lanes_forecast(const struct lanes *l, uint64_t now);
/* The same before the first one has left, as if no domain had limits. */
uint64_t lanes_all(const struct lanes *l);

/* One lane, for people. */
struct lanes_view {
	uint64_t letters, forecast; /* that wait, not put off; and how long they take */
	struct limits limits;
	uint32_t place;   /* of a letter of it, where there is one */
	const char *name; /* of a group of mailer.conf, NULL for a domain that has none */
	bool shared;
};
unsigned lanes_count(const struct lanes *l);
struct lanes_view lanes_look(const struct lanes *l, unsigned lane, uint64_t now);

#endif
