/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_AUDIT_H
#define VOTEPOST_SCRUTINEER_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/manifest.h"
#include "core/merkle.h"
#include "core/rules.h"
#include "core/tally.h"
#include "scrutineer/crew.h"

/*
 * audit - every check of protocol section 6 over a record, each finding named.
 *
 * The board is read once, in order, some hundred lines at a time; signatures and proofs are
 * checked by all processors. Memory is a few bytes a credential, whatever the number of
 * ballots. A bad record is no error of audit_run: it returns OK, and `failures` counts.
 */
enum stage {
	STAGE_UNKNOWN, /* the manifest is bad: nothing else can be told */
	STAGE_OPEN,
	STAGE_CLOSED,
	STAGE_COUNTED,
	STAGE_TOO_FEW, /* closed with 1 to min_ballots − 1 ballots: never decrypted */
};
/* "open", "closed", "counted", "closed with too few ballots", "unknown" */
const char *stage_name(enum stage stage);

struct finding {
	const char *file; /* "board.ndjson" */
	bool has_line;
	uint64_t line; /* from 0, the manifest */
	bool fails;    /* false: a remark, such as a share that is left out */
	struct why why;
};
typedef void finding_fn(void *ctx, const struct finding *finding);

struct audit;
struct checkpoint;
struct progress;
struct audit_options {
	const char *record;
	const char *heads;             /* another file of heads to agree with, or NULL */
	const struct checkpoint *from; /* what was verified before, or NULL */
	bool board_only;               /* board and heads; shares and result are not looked at */
	unsigned threads;              /* 0: all there are */
	size_t batch;                  /* lines that are checked at once; 0: some hundreds */
	finding_fn *found;
	void *ctx;
	void (*step)(void *ctx, uint64_t more); /* bytes of the board; may be NULL */
	/* Each line that broke no rule, in order, after audit.rules took it; may be NULL. */
	void (*took)(void *ctx, const struct audit *a, const struct line *line);
};

/* A head that the board must agree with when it has come to that size. */
struct kept_head {
	uint64_t size, time;
	struct node root;
	const char *file;
	uint64_t line;
	bool has_line;
};

struct audit {
	const struct audit_options *o;
	struct crew *crew;
	struct pass *pass;  /* audit_board.c's */
	struct manifest *m; /* NULL where it is bad */
	struct rules rules;
	struct tally tally;      /* of all ballots; tally.total is there when the board is good */
	uint64_t *class_ballots; /* [m->classes] */
	uint64_t channel_ballots[CHANNELS];
	struct merkle tree;
	struct node root;        /* over all lines; of a closed board, closed_root */
	struct kept_head *heads; /* sizes ascending */
	size_t head_count, head_at;
	bool head_seen;      /* head.json was there */
	bool cut;            /* the board could not be followed to its end */
	struct share *share; /* [trustees]; `good` says which hold */
	bool good[TRUSTEES_MAX];
	unsigned good_shares;
	uint64_t *counts; /* [m->cells], where the stage is counted and nothing failed */
	enum stage stage;
	uint64_t failures, board_failures;
};

/* Trouble of ours alone is an error: memory, a disk that cannot be read. */
MUST_CHECK enum err audit_run(struct audit *a, const struct audit_options *o, struct why *why);

/* The same in steps, for a board that comes line by line (the board page): begin with its
 * manifest, which is then the audit's; its lines by audit_board.h; end. Stop where one fails. */
MUST_CHECK enum err audit_begin(struct audit *a, const struct audit_options *o, struct manifest *m,
                                struct why *why);
MUST_CHECK enum err audit_end(struct audit *a, struct why *why);
void audit_release(struct audit *a);

/* For the parts of an audit: tell a finding and count it. `line` below 0: none. */
void audit_fails(struct audit *a, const char *file, int64_t line, const struct why *why);
void audit_remarks(struct audit *a, const char *file, int64_t line, const struct why *why);

/* The good shares in order, k of them or more; how many. */
unsigned audit_good_shares(const struct audit *a, const struct share *out[TRUSTEES_MAX]);

#endif
