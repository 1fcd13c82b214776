/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_AMEND_H
#define VOTEPOST_MAILER_AMEND_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/ledger.h"
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

/* What holds for one member. A member that nothing is known of has generation 1, epoch 0. */
struct amended {
	uint32_t generation; /* of the token that is in force */
	uint32_t epoch;      /* of the token key that it is derived under (mailer/keys.h) */
	bool planned;        /* a replacement waits to stand: generation + 1, under `next_epoch` */
	uint32_t next_epoch;
	enum replace_reason reason;
	char email[ADDRESS_TEXT];    /* instead of the roll's; "" where it is the roll's */
	char tell_old[ADDRESS_TEXT]; /* the address that is still to be told of the change, or "" */
};

struct amend_counts {
	uint64_t planned;                   /* wait to stand */
	uint64_t standing[REPLACE_REASONS]; /* replacements in force, by reason */
	uint64_t used;                      /* plans dropped, since the token was used */
	uint64_t untold;                    /* old addresses that are still to be told */
	uint64_t closes, next_closes;       /* in force, and planned; 0: the manifest's; none */
	uint32_t epoch;                     /* the newest that any member is planned under */
};

/* `create`: made where it is missing; else a home without one has nothing amended. The home's
 * lock is the caller's where it writes. */
MUST_CHECK enum err amend_open(struct amend **out, const char *home, bool create, struct why *why);
void amend_close(struct amend *a);

struct amend_counts amend_counts(const struct amend *a);

/* Replacements in force, whatever the reason: each has brought in a credential. */
uint64_t amend_standing(const struct amend *a);

/* Any thread. */
MUST_CHECK enum err amend_get(struct amend *a, uint32_t serial, struct amended *out,
                              struct why *why);

/* The member as of today: its generation, epoch and address. */
MUST_CHECK enum err amend_member(struct amend *a, struct member *member, struct why *why);

/* Changes, in one durable transaction from begin to commit. Sticky: the first failure is told by
 * amend_commit, and nothing of it is kept then. */
void amend_begin(struct amend *a);
void amend_plan(struct amend *a, uint32_t serial, enum replace_reason reason, uint32_t epoch);
/* `stood`: the plan is in force; else it is dropped, since the token in force was used. */
void amend_settle(struct amend *a, uint32_t serial, bool stood);
/* The member's mail goes to `email` from now on; `old` is to be told. */
void amend_address(struct amend *a, uint32_t serial, const char *email, const char *old);
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
