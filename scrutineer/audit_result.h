/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_AUDIT_RESULT_H
#define VOTEPOST_SCRUTINEER_AUDIT_RESULT_H

#include "core/err.h"
#include "scrutineer/audit.h"

/*
 * audit_result - the trustees' shares and the result, against the totals that the audit made
 * of the board itself.
 *
 * A share that fails is named and left out; fewer than the threshold fail a record that has a
 * result ("shares"). On a board that failed already only the forms are looked at: its totals
 * would make every proof fail, and tell nothing.
 */

/* Is there a share, or a result? Before the board is closed neither may be. */
bool audit_result_begun(const struct audit *a);
MUST_CHECK enum err audit_result_run(struct audit *a, struct why *why);

#endif
