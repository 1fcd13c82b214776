/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_RETURNS_H
#define VOTEPOST_MAILER_RETURNS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/mail/failure.h"

/*
 * returns - what came back, by member: LMDB under returns/ in the mailer's home.
 *
 * It needs neither the home's lock nor a key: `bounce` writes while a `send` runs, several at
 * once, and everyone else reads. A member is a serial of the roll. Here stand a failure, when,
 * and what the other system said of it; never a token.
 *
 * Of several failures the gravest holds: hard above those that were given up, those above what
 * is only delayed; among equals the last. Nothing here touches a token: `reissue` does.
 */
#define RETURNS_STATUS 12
#define RETURNS_SYSTEM 64
#define RETURNS_TEXT   256

struct returns;
struct returned {
	enum failure failure;
	uint64_t first, at;          /* of reports as grave as this: the first and the last */
	unsigned times;              /* so many reports */
	char status[RETURNS_STATUS]; /* "5.1.1"; "" where none was given */
	char system[RETURNS_SYSTEM]; /* which mail system has refused it; "" where unknown */
	char text[RETURNS_TEXT];     /* its words; "" where there are none */
};

/* What `bounce` has read. */
struct returns_counts {
	uint64_t read[FAILURES]; /* reports of mail to members, by what they say */
	uint64_t complaints;     /* a member's provider says: taken for spam */
	uint64_t other;          /* for a member, and no report: an absence, an answer */
	uint64_t forged;         /* of a handle or a tag that nobody has: changed nothing */
	uint64_t kept;           /* names nobody, or cannot be read */
};

/* `write`: made where it is missing. Otherwise OK with an empty one where there is none yet. */
MUST_CHECK enum err returns_open(struct returns **out, const char *home, bool write,
                                 struct why *why);
void returns_close(struct returns *r);

MUST_CHECK enum err returns_find(struct returns *r, uint32_t serial, struct returned *out,
                                 bool *found, struct why *why);
MUST_CHECK enum err returns_counts(struct returns *r, struct returns_counts *out, struct why *why);

/* Every member that something came back from, by serial; what `visit` returns ends the walk
 * unless it is OK. */
typedef enum err returns_visit(void *context, uint32_t serial, const struct returned *r,
                               struct why *why);
MUST_CHECK enum err returns_each(struct returns *r, returns_visit *visit, void *context,
                                 struct why *why);

/* Is the address dead? No mail goes to it any more until `reissue` has mended it. */
bool returns_dead(const struct returned *r);
/* Has an address that is not dead refused mail for a day or more? Worth a look. */
bool returns_lasting(const struct returned *r);

/* Reports, in one durable transaction from begin to commit. Sticky: the first failure is told by
 * returns_commit, and nothing is kept then. */
void returns_begin(struct returns *r);
/* One report on a letter to the address that the member has now: `report` without first and times.
 * `mark` tells one message from another: one of this member that was read before, whatever came
 * between, changes nothing. */
void returns_add(struct returns *r, uint32_t serial, const struct returned *report, uint64_t mark);
/* Add to the counts. */
void returns_count(struct returns *r, const struct returns_counts *more);
MUST_CHECK enum err returns_commit(struct returns *r, struct why *why);
/* Or none of it. */
void returns_abort(struct returns *r);

/* The member's address was mended: what is known of the old one goes. Durable. */
MUST_CHECK enum err returns_mended(struct returns *r, uint32_t serial, struct why *why);

#endif
