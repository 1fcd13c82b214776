/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_ELECTION_H
#define VOTEPOST_TESTS_ELECTION_H

#include <stdbool.h>

#include "core/board.h"
#include "core/buf.h"
#include "core/manifest.h"
#include "core/merkle.h"
#include "core/tally.h"
#include "core/trustee.h"

/*
 * election - a whole small election in memory, with all its secrets, for tests: the ceremony,
 * the manifest, the credentials, and a board that grows line by line. Everything asserts.
 *
 * election_init draws; election_open writes the issued and accepted lines and the first time
 * line; then ballots; election_close. A test that wants a broken board adds its own lines with
 * election_line.
 */
#define ELECTION_OPENS  UINT64_C(1796126400) /* 2026-12-01T12:00:00Z */
#define ELECTION_CLOSES UINT64_C(1796248800) /* 2026-12-02T22:00:00Z */
#define ELECTION_VOTERS 64

struct election_shape {
	unsigned threshold, trustees;
	unsigned voters[2]; /* of weight 1 and of weight 3; the second may be 0 */
	unsigned min_ballots;
	bool grades; /* a second question, two options of three grades */
};

struct voter {
	struct scalar secret;
	struct point credential;
	unsigned weight;
};

struct election {
	struct election_shape shape;
	struct manifest *m;
	unsigned char mailer_secret[SIGN_SECRET_BYTES], receiver_secret[SIGN_SECRET_BYTES];
	struct trustee_secret trustee[TRUSTEES_MAX];
	struct voter voter[ELECTION_VOTERS]; /* by weight, then ascending by credential */
	unsigned voters;
	struct buf board; /* the lines so far, each with its line feed */
	struct merkle tree;
	uint64_t ballots, issued, replaced, time;
	uint64_t *counts; /* [cells] what the ballots add up to */
	struct tally tally;
};

void election_init(struct election *e, const struct election_shape *shape);
/* The same, its manifest saying that it is an exercise. */
void election_init_test(struct election *e, const struct election_shape *shape);
void election_release(struct election *e);

/* A line, without its line feed. */
void election_line(struct election *e, const struct buf *line);
void election_issue(struct election *e);
void election_accept(struct election *e);
void election_time(struct election *e, uint64_t at);
/* All three, the time being the opening. */
void election_open(struct election *e);

/* The cells of an answer that picks option `choice` of the first question (its number of
 * options: blank) and, where there are grades, grade choice % 3 everywhere. */
void election_cells(const struct election *e, unsigned char *cells, unsigned choice);
/* A voter's ballot line, not added to anything. */
void election_ballot(const struct election *e, struct buf *line, unsigned voter, unsigned choice);
/* The same, onto the board and into counts and tally. */
void election_vote(struct election *e, unsigned voter, unsigned choice);
/* The last time line and the closed line. */
void election_close(struct election *e);

void election_root(const struct election *e, unsigned char root[HASH_BYTES]);
void election_head(const struct election *e, struct head *head, uint64_t time);

/* board.ndjson, head.json (where `head`) into a folder that is there. */
void election_write(const struct election *e, const char *dir, bool head);
/* share-j.json of these totals. */
void election_share(const struct election *e, struct buf *line, unsigned j);
void election_write_share(const struct election *e, const char *dir, unsigned j);
void election_write_result(const struct election *e, const char *dir);

/* DIR/NAME with these bytes. */
void election_file(const char *dir, const char *name, const void *bytes, size_t len);

#endif
