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
 * force, and while it is not, nothing is mailed to them (struct amended.planned).
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
	uint64_t stood, used, waiting;
	bool extended; /* the later closing time is in force */
};

MUST_CHECK enum err stand_run(struct stand *s, struct why *why);

#endif
