/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_OUTBOX_H
#define VOTEPOST_MAILER_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/ledger.h"
#include "core/mail/smtp.h"

/*
 * outbox - who was served: the send state of each member, in LMDB under the mailer's home. One
 * for each mailing (mailer/mailing.h), in a folder of its own.
 *
 *   planned → in flight (on disk before MAIL) → accepted | deferred | refused | uncertain
 *
 * A member that the outbox does not know is planned. What was in flight when a program died is
 * uncertain at the next start: the letter may have arrived, and a second copy with the same
 * token and Message-ID does no harm. The counts of all states add up to the roll in every
 * transaction.
 *
 * A letter that was deferred and has no next time is given up: it was tried until the vote left no
 * more time, and is still counted as deferred.
 *
 * Members stand in the outbox by place, a shuffled order (mailer/shuffle.h), which is the order
 * that letters leave in, as far as mailer/lanes.h lets them. One thread at a time.
 */
struct outbox;

/* Made where it is missing if `members` is not 0; it must then be for so many members. The
 * home's lock is the caller's. ERR_NOT_FOUND where there is none and `members` is 0. */
MUST_CHECK enum err outbox_open(struct outbox **out, const char *home, const char *folder,
                                uint64_t members, struct why *why);
void outbox_close(struct outbox *o);

/* What a run of `send` begins with: everything in flight becomes uncertain. `*n` of them. */
MUST_CHECK enum err outbox_recover(struct outbox *o, uint64_t *n, struct why *why);

/* These members are to be served anew, whatever became of their last letter: their token was
 * replaced. One durable transaction. */
MUST_CHECK enum err outbox_renew(struct outbox *o, const uint32_t *serial, unsigned n,
                                 struct why *why);

/* What these were refused for was not theirs: they are planned again, but were tried, and so are
 * claimed with more than one attempt. One durable transaction. */
MUST_CHECK enum err outbox_take_back(struct outbox *o, const uint32_t *serial, unsigned n,
                                     struct why *why);

/* Where a member stands, and who stands at a place. */
uint32_t outbox_place(const struct outbox *o, uint32_t serial);
uint32_t outbox_serial(const struct outbox *o, uint32_t place);

/* Members by state. */
MUST_CHECK enum err outbox_counts(struct outbox *o, uint64_t members, uint64_t state[SEND_STATES],
                                  struct why *why);

/* One letter that somebody has taken on. */
struct claim {
	uint32_t place, serial;
	enum send_state before; /* what it was */
	unsigned attempts;      /* so far, this one included */
};

/* What became of it. */
struct outcome {
	struct claim claim;
	enum send_state state;
	bool tried; /* false: give it back as it was, if refused as one that is taken back */
	/* Now, 0 for one that nobody has looked at; and when to try again, for deferred and
	 * uncertain, 0: never. For one that is given back: not before, in this run; 0: at once. */
	uint64_t at, next;
	/* In letters that this run had heard of: when it left, and when it was heard of itself. */
	uint64_t left, heard;
	struct smtp_answer answer;
};

/* One durable transaction: note what became of `n` letters, then claim those at `claims` places.
 * Nothing is noted where it fails. */
MUST_CHECK enum err outbox_exchange(struct outbox *o, const struct outcome *outcome, unsigned n,
                                    const uint32_t *place, struct claim *claim, unsigned claims,
                                    struct why *why);

/* What is known of one member's letter. */
struct standing {
	enum send_state state;
	uint64_t at, next; /* 0 where there is none */
	unsigned attempts, code;
	char status[12], queue_id[64], text[256];
};
MUST_CHECK enum err outbox_find(struct outbox *o, uint32_t serial, struct standing *standing,
                                struct why *why);

/* Every letter that something is known of, by place, all of one moment; what `visit` returns ends
 * the walk unless it is OK. */
typedef enum err outbox_visit(void *context, uint32_t place, const struct standing *standing);
MUST_CHECK enum err outbox_each(struct outbox *o, outbox_visit *visit, void *context,
                                struct why *why);

void outbox_trim(struct outbox *o);

#endif
