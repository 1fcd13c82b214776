/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_RECONCILE_H
#define VOTEPOST_SCRUTINEER_RECONCILE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/ledger.h"
#include "core/manifest.h"
#include "scrutineer/audit.h"

/*
 * reconcile - tokens issued against tokens used: the mailer's ledger, the receiver's funnel and
 * the board must tell one story. Every sum that must hold is a named line with its terms.
 */
struct accounts {
	const struct manifest *m;
	struct ledger_totals ledger;
	uint64_t journal_lines;
	struct funnel funnel;
	/* of the board: */
	uint64_t lines, ballots, issued, replaced, unused;
	uint64_t channel[CHANNELS];
};

/* left (=, or at most) the sum of the terms. */
#define TERMS_MAX 8
struct term {
	const char *what;
	uint64_t n;
};
struct sum {
	const char *name; /* what a difference is named by */
	bool at_most;     /* left ≤ Σ; else left = Σ */
	struct term left;
	unsigned terms;
	struct term term[TERMS_MAX];
	bool holds;
};
#define SUMS_MAX 16
struct sums {
	unsigned n;
	struct sum sum[SUMS_MAX];
	unsigned differences;
};

/* ledger.ndjson: the chain, the last line's totals and signature. ERR_INVALID under "ledger
 * chain", "ledger election", "ledger signature", …, with the line from 1. */
MUST_CHECK enum err reconcile_ledger(struct accounts *a, const char *path, struct why *why);
/* funnel.json, with its signature. */
MUST_CHECK enum err reconcile_funnel(struct accounts *a, const char *path, struct why *why);
/* The board's side, from an audit that found nothing. */
void reconcile_board(struct accounts *a, const struct audit *audit);

/* All sums. */
void reconcile_sums(struct sums *out, const struct accounts *a);

/* An aligned table: the accounts, then each sum with its terms. */
void reconcile_text(struct buf *out, const struct accounts *a, const struct sums *sums);
/* {"type":"reconcile",…,"sums":[{"name":"…","holds":true,"left":{…},"terms":[…]}],"good":true} */
void reconcile_json(struct buf *out, const struct accounts *a, const struct sums *sums);

#endif
