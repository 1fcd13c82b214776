/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_STAND_H
#define VOTEPOST_MAILER_STAND_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/manifest.h"
#include "mailer/amend.h"
#include "mailer/keys.h"
#include "mailer/outbox.h"
#include "mailer/pollbook.h"
#include "mailer/roll.h"

/*
 * stand - which planned replacements stand on the board by now: those are in force, and their
 * members are to be mailed again. Protocol section 8: a new token is mailed only once its
 * `replaced` line stands under a signed head.
 *
 * Safe to repeat and to kill: a member's letter is planned anew before the replacement is in
 * force, and while a plan waits, nothing is mailed to them (struct amended.plans).
 */
struct stand {
	const struct manifest *m;
	const struct keys *keys;
	const struct pollbook *pollbook;
	struct roll *roll;
	struct amend *amend;
	struct outbox *outbox;
	void (*step)(void *context, uint64_t more); /* may be NULL */
	void *context;
	/* Results, of this run */
	uint64_t stood, used, waiting; /* members */
	bool extended;                 /* the later closing time is in force */
};

MUST_CHECK enum err stand_run(struct stand *s, struct why *why);

/* ERR_STATE where this board holds replacements that this home knows nothing of: the home, or its
 * amendments, are older than the board. Whatever is told of members then is wrong. */
MUST_CHECK enum err stand_check(const struct pollbook *pollbook, const struct amend *amend,
                                struct why *why);
/* The sentence of that. */
enum err stand_stale(struct why *why);

#endif
