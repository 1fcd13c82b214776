/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_OPENING_H
#define VOTEPOST_CORE_OPENING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/group.h"
#include "core/head.h"
#include "core/manifest.h"
#include "core/sign.h"

/*
 * opening - opening.json, the receiver's signed word on what stood when the vote was opened: the
 * programs, the rehearsal, and a head over a board without any ballot. Protocol section 8.3.
 *
 * The file holds one line an opening. The first is written with the box. Each later one says that
 * the programs were changed while the box was in use (`serve --changed-programs`): it names the
 * new programs and the board at that moment, ballots and all, and repeats the rest. The last line
 * is the one in force.
 *
 * Names of checks: "opening election", "opening rehearsal", "opening head", "opening signature",
 * "opening order", "json keys", ….
 */
#define OPENING_FILE  "opening.json"
#define OPENING_MAX   2048 /* bytes of a line */
#define OPENINGS_MAX  32   /* lines of a file */
#define PROGRAM_BYTES 32   /* SHA-256 of a program */

enum opening_program { PROGRAM_PARSER, PROGRAM_RECEIVER, PROGRAMS };
const char *program_name(enum opening_program p); /* "votepost-parser", "votepost-receiver" */

struct opening {
	uint64_t at;
	unsigned char definition[HASH_BYTES]; /* of this election */
	unsigned char program[PROGRAMS][PROGRAM_BYTES];
	bool rehearsed;                           /* else the next two are zero */
	unsigned char rehearsal[HASH_BYTES];      /* E of the test election */
	unsigned char rehearsal_root[HASH_BYTES]; /* its closed_root */
	struct head head;
};

/* What a rehearsal and its election have in common: title, organiser, languages, channels,
 * waiver, questions, second_factor. OK or ERR_MEMORY. */
MUST_CHECK enum err opening_definition(unsigned char out[HASH_BYTES], const struct manifest *m);
/* The first of these that is not the same in both; NULL where all are. */
MUST_CHECK enum err opening_difference(const char **member, const struct manifest *a,
                                       const struct manifest *b);

/* Append the signed line, without its line feed; `secret` is the receiver's. */
void opening_write(struct buf *out, const struct opening *o, const struct manifest *m,
                   const unsigned char secret[SIGN_SECRET_BYTES]);
/* One line: its form, that it is of this election, its head's signature and its own. */
MUST_CHECK enum err opening_read(struct opening *out, const struct manifest *m, const char *line,
                                 size_t len, struct why *why);

/* A whole file: each line as above, and that each later one follows from the one before it.
 * ERR_NOT_FOUND where there is no such file. */
struct openings {
	unsigned n; /* at least 1 */
	struct opening line[OPENINGS_MAX];
};
MUST_CHECK enum err openings_read(struct openings *out, const struct manifest *m, const char *path,
                                  struct why *why);

#endif
