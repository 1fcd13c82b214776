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
#include "scrutineer/chronicle.h"
#include "scrutineer/course.h"

/*
 * reconcile - tokens issued against tokens used: the mailer's ledger, the receiver's funnel and
 * the board must tell one story. Every sum that must hold is a named line with its terms, and
 * each total is come by in two ways that do not depend on each other.
 */
struct accounts {
	const struct manifest *m;
	struct ledger_totals ledger;
	uint64_t journal_lines;
	struct chronicle chronicle; /* of the journal's lines */
	struct funnel funnel;
	/* of the board: */
	uint64_t lines, ballots, issued, replaced, renewed, unused;
	uint64_t weight, class_weight; /* of the ballots: as they came, by the roll's classes */
	uint64_t channel[CHANNELS];
	const uint64_t *counts; /* [cells], the audit's; NULL where nothing was counted */
};
void reconcile_release(struct accounts *a);

/* left (=, or at most) the sum of the terms. */
#define TERMS_MAX    8
#define SUM_NAME_MAX 96
struct term {
	const char *what;
	uint64_t n;
};
struct sum {
	char name[SUM_NAME_MAX]; /* what a difference is named by */
	bool at_most;            /* left ≤ Σ; else left = Σ */
	struct term left;
	unsigned terms;
	struct term term[TERMS_MAX];
	bool holds;
};
struct sums {
	struct sum *sum;
	unsigned n;
	unsigned differences;
};

/* ledger.ndjson: the chain, the last line's totals and signature. ERR_INVALID under "ledger
 * chain", "ledger election", "ledger signature", …, with the line from 1. */
MUST_CHECK enum err reconcile_ledger(struct accounts *a, const char *path, struct why *why);
/* funnel.json, with its signature. */
MUST_CHECK enum err reconcile_funnel(struct accounts *a, const char *path, struct why *why);
/* The board's side, from an audit that found nothing and the course that it was told to. Counts
 * stay the audit's. */
void reconcile_board(struct accounts *a, const struct audit *audit, const struct course *course);

/* All sums; sums_release after, also after a failure (ERR_MEMORY). */
MUST_CHECK enum err reconcile_sums(struct sums *out, const struct accounts *a);
void sums_release(struct sums *s);

/* The weight of the expressed (not blank) ballots in a row, and of the blank ones. */
struct expressed {
	uint64_t expressed, blank, marks; /* marks: Σ of the options, or grades, that were chosen */
};
struct expressed reconcile_row(const struct accounts *a, unsigned row);

/* An aligned table: the accounts, then each sum with its terms. */
void reconcile_text(struct buf *out, const struct accounts *a, const struct sums *sums);
/* {"type":"reconcile",…,"sums":[{"name":"…","holds":true,"left":{…},"terms":[…]}],"good":true}, without a line feed */
void reconcile_json(struct buf *out, const struct accounts *a, const struct sums *sums);

#endif
