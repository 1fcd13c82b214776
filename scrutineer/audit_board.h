/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_AUDIT_BOARD_H
#define VOTEPOST_SCRUTINEER_AUDIT_BOARD_H

#include "core/err.h"
#include "core/file.h"
#include "scrutineer/audit.h"

/*
 * audit_board - the lines after the manifest, in batches: forms, signatures and proofs by the
 * crew, order by core/rules.h, then the sums by the crew again.
 *
 * Lines that a checkpoint covers are read again for the credentials that they hold, which is
 * cheap, and hashed, so that a board that was changed in its past is refused ("checkpoint
 * root"); their signatures and proofs are not checked a second time.
 */
MUST_CHECK enum err audit_board_run(struct audit *a, struct lines *lines, struct why *why);

#endif
