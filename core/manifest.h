/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MANIFEST_H
#define VOTEPOST_CORE_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/ceremony.h"
#include "core/err.h"
#include "core/group.h"

/*
 * manifest - the election, frozen: one line of JSON, the first of the board, whose hash E
 * every later signature and proof binds. Protocol section 2.
 *
 * manifest_read checks every rule of section 2 and section 5's rules for trustees (the
 * proofs and the sum of the key too) before anything else is believed. Checks are named
 * "manifest …", "question …", "trustees …", "trustee proof", "election key", "point", ….
 * A manifest never changes after it was read; any number of threads may share one.
 */
#define MANIFEST_MAX     (1u << 20)
#define LANGUAGES_MAX    32
#define QUESTIONS_MAX    32
#define OPTIONS_MAX      64
#define GRADES_MAX       12
#define CELLS_MAX        512
#define WEIGHT_MAX       1000
#define FINGERPRINT_TEXT 30 /* five groups of five, hyphens, NUL */

enum channel { CHANNEL_REPLY, CHANNEL_SEALED_REPLY, CHANNEL_LINK, CHANNELS };

/* A text in each of the manifest's languages, in their order. */
struct texts {
	const char *in[LANGUAGES_MAX];
};

enum question_kind { QUESTION_CHOICE, QUESTION_GRADES };
struct question {
	const char *id;
	enum question_kind kind;
	struct texts title;
	unsigned options, grades; /* how many; grades is 0 for a choice */
	struct texts *option;     /* [options] */
	struct texts *grade;      /* [grades], best first */
	unsigned min, max;        /* of a choice */
	bool blank;
	unsigned first_row; /* its rows: one for a choice, one an option for grades */
};

/* What the cryptography sees: cells of 0 or 1 whose weighted sum lies in [lo, hi]. Every
 * cell weighs 1 but a blank one, always the last of its row, which weighs hi. */
struct row {
	unsigned cells, first_cell; /* first_cell counts through the whole ballot */
	unsigned lo, hi;
	bool blank;
};

struct roll_class {
	unsigned weight;
	uint64_t members;
};

struct manifest {
	const char *line; /* the bytes, without the line feed; NUL after them */
	size_t len;
	unsigned char id[HASH_BYTES]; /* E */
	char fingerprint[FINGERPRINT_TEXT];
	unsigned languages;
	const char *language[LANGUAGES_MAX];
	struct texts title, waiver; /* waiver.in[0] is NULL where replies are off */
	const char *organiser, *reply_to, *link;
	uint64_t opens, closes; /* Unix seconds */
	bool channel[CHANNELS];
	unsigned questions;
	struct question *question;
	unsigned rows, cells; /* in the whole ballot */
	struct row *row;
	unsigned classes; /* of the roll, weights ascending */
	struct roll_class *class;
	uint64_t members, weight; /* of the whole roll; weight is below 2^32 */
	uint64_t min_ballots;
	struct trustees trustees;
	struct point election_key;                      /* P */
	unsigned char mailer_key[32], receiver_key[32]; /* Ed25519 */
	bool second_factor, test;
	void *owned; /* what everything above points into */
};

/* `*out` is the caller's: manifest_free. */
MUST_CHECK enum err manifest_read(struct manifest **out, const char *line, size_t len,
                                  struct why *why);
void manifest_free(struct manifest *m);

/* "reply", "sealed-reply", "link" */
const char *channel_name(enum channel channel);
MUST_CHECK enum err channel_read(enum channel *out, const char *name);

/* The index of a language tag; 0, the manifest's first, where it has no such language. */
unsigned manifest_language(const struct manifest *m, const char *tag);

/* The letter of an option in a plain reply, and back: ABCDEFGHJKMNPQRSTUVWXYZ without I, L
 * and O. -1 for any other character. `letter` is upper case. */
char option_letter(unsigned option);
int option_from_letter(char letter);

/* May these cells stand in a ballot: each 0 or 1, each row's sum in its range? */
bool manifest_cells_fit(const struct manifest *m, const unsigned char *cells);

/* E's written form for people, of any 32-byte hash: its first 125 bits. */
void fingerprint_write(char out[FINGERPRINT_TEXT], const unsigned char hash[HASH_BYTES]);

#endif
