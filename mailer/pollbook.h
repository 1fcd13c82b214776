/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_POLLBOOK_H
#define VOTEPOST_MAILER_POLLBOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/group.h"
#include "core/head.h"
#include "core/manifest.h"

/*
 * pollbook - which credentials have voted and which were replaced, by a board that the receiver
 * has signed.
 *
 * Read from two files that anyone may fetch: the board and a head. The board must begin with
 * this election's manifest and its first head.size lines have the root that the receiver signed;
 * lines beyond are not looked at. Ballots are not opened and their proofs not checked: that is
 * the scrutineer's (votepost-scrutineer verify). Nothing here knows a member.
 *
 * Memory: 50 to 100 bytes for each ballot, and twice that for each replacement.
 */
enum pollbook_state {
	POLLBOOK_UNMARKED, /* issued and unused, or never issued */
	POLLBOOK_VALID,    /* brought in by a `replaced` line, and unused */
	POLLBOOK_USED,     /* a ballot of it stands */
	POLLBOOK_REPLACED
};

struct pollbook;

/* ERR_INVALID where the head or the board is another election's, the board is not what the head
 * signs, or a line has no place where it stands: a second ballot of one credential, a change that
 * the mailer did not sign. The sentence names the file, and the line from 0; the check is the
 * protocol's. A line longer than any that there can be is ERR_TOO_LARGE. */
MUST_CHECK enum err pollbook_read(struct pollbook **out, const struct manifest *m,
                                  const char *board, const char *head, struct why *why);
void pollbook_free(struct pollbook *p);

/* `*hour`, where not NULL: the `time` line that the ballot stands behind, Unix seconds; 0 for
 * what is not used. */
enum pollbook_state pollbook_find(const struct pollbook *p, const struct point *credential,
                                  uint64_t *hour);

const struct head *pollbook_head(const struct pollbook *p);
uint64_t pollbook_ballots(const struct pollbook *p);
uint64_t pollbook_replaced(const struct pollbook *p);
uint64_t pollbook_closes(const struct pollbook *p); /* the closing time in force */
bool pollbook_closed(const struct pollbook *p);     /* the last line stands */

#endif
