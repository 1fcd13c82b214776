/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_LEDGER_H
#define VOTEPOST_CORE_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#include "core/board.h"
#include "core/err.h"
#include "core/funnel.h"
#include "core/manifest.h"

/*
 * ledger - the mailer's signed account, ledger.ndjson: its journal's lines and the totals by
 * state. Scrutineers reconcile it with the funnel and the record. Protocol section 8.
 *
 * Journal line n (from 0), chained by the SHA-256 of the line before (zeroes for the first):
 *   {"type":"journal","n":0,"at":"…","event":"send","purpose":"…","counts":{"accepted":3},
 *    "previous":"b64"}
 * The ledger's last line, signed over H("votepost/1 ledger", E, SHA-256 of every line before
 * it with its line feed, then this line without its signature member):
 *   {"type":"ledger","election":"b64(E)","at":"…","issued":n,"replaced":n,
 *    "states":{"planned":n,…},"previous":"b64","signature":"b64"}
 */
enum send_state {
	SEND_PLANNED,
	SEND_IN_FLIGHT,
	SEND_ACCEPTED,
	SEND_DEFERRED,
	SEND_REFUSED,
	SEND_UNCERTAIN,
	SEND_STATES
};
/* "planned", "in flight", "accepted", "deferred", "refused", "uncertain" */
const char *send_state_name(enum send_state state);

/* Why a member's token was replaced: a closed list of words, so that no name or address can
 * slip into the journal with a reason. */
enum replace_reason {
	REPLACE_LOST,        /* "lost": the member has no letter any more */
	REPLACE_UNDELIVERED, /* "undelivered": it never arrived */
	REPLACE_ADDRESS,     /* "address": the member's address changed */
	REPLACE_STOLEN,      /* "stolen": somebody else may have it */
	REPLACE_MISTAKE,     /* "mistake": it went to the wrong person */
	REPLACE_ROTATION,    /* "rotation": all unused tokens were, under a fresh key */
	REPLACE_REASONS
};
const char *replace_reason_name(enum replace_reason reason);

#define JOURNAL_LINE_MAX   4096
#define JOURNAL_COUNTS_MAX 16
struct journal_line {
	uint64_t n, at;
	char event[33];    /* [a-z]{1,32} */
	char purpose[513]; /* clean text */
	unsigned counts;
	struct {
		char name[33]; /* [a-z ]{1,32} */
		uint64_t n;
	} count[JOURNAL_COUNTS_MAX];
	unsigned char previous[HASH_BYTES];
};
void journal_line_write(struct buf *out, const struct journal_line *line);
MUST_CHECK enum err journal_line_read(struct journal_line *out, const char *text, size_t len,
                                      struct why *why);

struct ledger_totals {
	uint64_t at, issued, replaced;
	uint64_t state[SEND_STATES]; /* members by state; they add up to the roll */
	unsigned char previous[HASH_BYTES];
};
/* `before` is the SHA-256 state over every line before, each with its line feed. */
struct ledger_hash {
	_Alignas(16) unsigned char state[128];
};
void ledger_hash_begin(struct ledger_hash *h);
void ledger_hash_line(struct ledger_hash *h, const char *line, size_t len);
void ledger_totals_write(struct buf *out, const struct ledger_totals *t, const struct manifest *m,
                         const struct ledger_hash *before,
                         const unsigned char secret[SIGN_SECRET_BYTES]);
/* Checks "ledger election", "ledger signature". */
MUST_CHECK enum err ledger_totals_read(struct ledger_totals *out, const char *line, size_t len,
                                       const struct manifest *m, const struct ledger_hash *before,
                                       struct why *why);

#endif
