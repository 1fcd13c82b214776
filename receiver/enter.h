/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_ENTER_H
#define VOTEPOST_RECEIVER_ENTER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/board.h"
#include "core/err.h"
#include "receiver/box.h"

/*
 * enter - how each line enters the box: what it must satisfy there, and all that it changes.
 *
 * Protocol section 6's rules, one line at a time, on disk. Whoever calls has checked what the
 * line is signed with and, for a ballot, its proofs; whether it may stand here and now is
 * decided in the transaction that writes it, so two copies of one token cannot both pass.
 */
enum entry {
	ENTRY_DONE,
	ENTRY_ALREADY,  /* this very line stands already */
	ENTRY_UNKNOWN,  /* its credential was never issued */
	ENTRY_USED,     /* a ballot of this credential stands already */
	ENTRY_REPLACED, /* the credential was replaced or revoked */
	ENTRY_EARLY,
	ENTRY_LATE,    /* at or after the closing time in force, or the board is closed */
	ENTRY_KNOWN,   /* a replacement's new credential is not new */
	ENTRY_INVALID, /* an extension that does not extend, a point that is none */
	ENTRIES
};
const char *entry_name(enum entry entry);

/* A ballot that arrived at `arrived`. `*index` is that of the ballot that stands for this
 * credential, where one does. */
enum entry enter_ballot(struct box_txn *t, const struct point *credential, enum channel channel,
                        const char *line, size_t len, uint64_t arrived, uint64_t now,
                        uint64_t *index);

/* Is this very line the one at `index`? */
bool enter_stands(struct box_txn *t, uint64_t index, const char *text, size_t len);

/* A replaced or extended line. */
enum entry enter_change(struct box_txn *t, const struct line *line, const char *text, size_t len,
                        uint64_t now);

/* The last `time` and `closed`. ENTRY_EARLY before the closing time in force, ENTRY_ALREADY on
 * a closed board. */
enum entry enter_closed(struct box_txn *t, uint64_t now);

/* What `open` writes; core/rules.h has checked it. */
void enter_issued(struct box_txn *t, const struct line *line, const char *text, size_t len);

/* Compare the flat board with the box, and mend (flat.h). `quick`: where its length and last
 * line are as they must be, believe the rest. */
MUST_CHECK enum err enter_mend(struct box *box, bool quick, struct why *why);

#endif
