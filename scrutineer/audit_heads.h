/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_AUDIT_HEADS_H
#define VOTEPOST_SCRUTINEER_AUDIT_HEADS_H

#include "core/err.h"
#include "scrutineer/audit.h"

/*
 * audit_heads - signed heads against the board: head.json, the record's heads.ndjson and a
 * file of heads that someone fetched during the vote. Signatures are checked when they are
 * read, roots as the board's lines pass by. Checks: "head signature", "head root", "head
 * size", "head time", "head missing".
 */

/* All heads there are, sorted; needs the manifest. */
MUST_CHECK enum err audit_heads_read(struct audit *a, struct why *why);
/* After each line: whatever head has just this size must have this root. */
void audit_heads_pass(struct audit *a);
/* After the last line. */
void audit_heads_end(struct audit *a);

#endif
