/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_JOURNAL_H
#define VOTEPOST_MAILER_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/ledger.h"

/*
 * journal - what was done with the keys, line after line in the home's journal.ndjson, each
 * line holding the SHA-256 of the one before. core/ledger.h has the form.
 *
 * Lines are added under the home's lock and are on disk when journal_add returns. A last line
 * that a crash has cut short is taken back; any other break of the chain is an error with its
 * line. No member, address, handle or token is ever in a line.
 */
#define JOURNAL_FILE "journal.ndjson"

struct journal_count {
	const char *name; /* [a-z ] */
	uint64_t n;
};

/* `event` and `purpose` are ours, clean and short. */
MUST_CHECK enum err journal_add(const char *home, const char *event, const char *purpose,
                                const struct journal_count *counts, size_t n, struct why *why);

/* What the lines of one event say in all: how many there are, and into counts[i].n the sum under
 * each of the names that are asked for. */
MUST_CHECK enum err journal_sum(const char *home, const char *event, struct journal_count *counts,
                                size_t n, uint64_t *lines, struct why *why);

/* The purpose of the newest line of one event; "" where there is none. */
#define JOURNAL_PURPOSE sizeof(((struct journal_line *)0)->purpose)
MUST_CHECK enum err journal_last(const char *home, const char *event, char purpose[JOURNAL_PURPOSE],
                                 struct why *why);

/* All lines, each with its line feed, appended to `out`; the hash over them, and the SHA-256 of
 * the last one. */
MUST_CHECK enum err journal_read(const char *home, struct buf *out, struct ledger_hash *hash,
                                 unsigned char last[HASH_BYTES], struct why *why);

#endif
