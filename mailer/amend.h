/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_AMEND_H
#define VOTEPOST_MAILER_AMEND_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/ledger.h"
#include "core/manifest.h"
#include "mailer/amended.h"
#include "mailer/roll.h"

/*
 * amend - what has changed for members since the roll was frozen: newer generations of their
 * tokens, their new addresses, a later closing time. In LMDB under the mailer's home.
 *
 * A replacement is first planned: its `replaced` line is on its way to the board. It is in force
 * once that line is seen to stand there (mailer/stand.h), and only then may the new token be
 * mailed. Where the old token was used meanwhile, it stays, and the plan is dropped.
 *
 * Nothing here is a secret or comes from one: a generation, and which of the mailer's token
 * keys it is derived under.
 */
struct amend;

struct amend_counts {
	uint64_t planned, plans;            /* members whose plan waits to stand; plans in all */
	uint64_t standing[REPLACE_REASONS]; /* replacements that stand, by reason */
	uint64_t used;                      /* plans dropped, since the token was used */
	uint64_t untold;                    /* members with an old address still to be told */
	uint64_t closes, next_closes;       /* in force, and planned; 0: the manifest's; none */
	uint32_t epoch;                     /* the newest that any member is planned under */
};

/* `create`: made where it is missing; else a home without one has nothing amended. The home's
 * lock is the caller's where it writes. */
MUST_CHECK enum err amend_open(struct amend **out, const char *home, bool create, struct why *why);
void amend_close(struct amend *a);

struct amend_counts amend_counts(const struct amend *a);

/* The closing time in force: the latest that is known to stand, else the manifest's. */
uint64_t amend_closes(const struct amend *a, const struct manifest *m);

/* Replacements that stand, whatever the reason: each has brought in a credential. */
uint64_t amend_standing(const struct amend *a);

/* Any thread. */
MUST_CHECK enum err amend_get(struct amend *a, uint32_t serial, struct amended *out,
                              struct why *why);

/* The member as of today: its generation, epoch, tag and address. */
MUST_CHECK enum err amend_member(struct amend *a, struct member *member, struct why *why);

/* Changes, in one durable transaction from begin to commit. Sticky: the first failure is told by
 * amend_commit, and nothing of it is kept then. */
void amend_begin(struct amend *a);
/* The next generation, under the newest token key, and from now on a new tag; what waited before is
 * superseded. ERR_STATE for more plans than AMEND_PLANS_MAX. */
void amend_plan(struct amend *a, uint32_t serial, enum replace_reason reason, uint32_t epoch);
/* What a board says of a member's plans: bit i of `stood` that plan[i] has been in force. The
 * newest of them is, now. `used`: a ballot of it stands, or of the one that was in force before:
 * what is still on its way comes to nothing. */
void amend_settle(struct amend *a, uint32_t serial, uint32_t stood, bool used);
/* The member's mail goes to `email` from now on, with a new tag; `old` is to be told, unless it is
 * NULL. ERR_STATE where AMEND_OLD_MAX addresses wait to be told already. */
void amend_address(struct amend *a, uint32_t serial, const char *email, const char *old);
/* The first of the old addresses was told, or cannot be. */
void amend_told(struct amend *a, uint32_t serial);
void amend_plan_closes(struct amend *a, uint64_t closes);
/* `closes` is in force; a time that is planned waits on where it is later. */
void amend_settle_closes(struct amend *a, uint64_t closes);
MUST_CHECK enum err amend_commit(struct amend *a, struct why *why);

/* Every member that something is amended for, by serial; what `visit` returns ends the walk
 * unless it is OK. No change may be under way. */
typedef enum err amend_visit(void *context, uint32_t serial, const struct amended *amended,
                             struct why *why);
MUST_CHECK enum err amend_each(struct amend *a, amend_visit *visit, void *context, struct why *why);

#endif
