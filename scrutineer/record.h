/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_RECORD_H
#define VOTEPOST_SCRUTINEER_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "core/board.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/file.h"
#include "core/manifest.h"
#include "core/tally.h"

/*
 * record - a record folder (protocol section 6), each of its files read as hostile input:
 * with a cap, in its one form, no key or root taken from it but the manifest's.
 */
#define RECORD_BOARD  "board.ndjson"
#define RECORD_HEAD   "head.json"
#define RECORD_HEADS  "heads.ndjson"
#define RECORD_RESULT "result.json"
#define RECORD_SHARE  "share-%u.json" /* of trustee 1 … n */

#define RECORD_NAME_MAX 24
void record_share_name(char name[RECORD_NAME_MAX], unsigned trustee);

bool record_has(const char *dir, const char *name);
/* The board's size in bytes, for a progress bar; 0 where it cannot be told. */
uint64_t record_board_bytes(const char *dir);

/* The board's lines; the first, the manifest, is read and checked at once. ERR_INVALID under
 * the check's name for whatever is bad about it, a missing board included ("board missing").
 * lines_close and manifest_free after, also after a failure. */
MUST_CHECK enum err record_board(struct lines *lines, struct manifest **m, const char *dir,
                                 struct why *why);
/* The next line; ERR_NOT_FOUND at the end. Whether it has its line feed is the caller's to ask
 * (lines->ended_whole). ERR_INVALID ("line length") where it is longer than
 * any line may be: what follows cannot be told apart then. */
MUST_CHECK enum err record_next(struct lines *lines, struct why *why);

/* The manifest from a file of its own, `manifest.json`: ERR_INVALID or ERR_FORMAT. */
MUST_CHECK enum err record_manifest(struct manifest **m, const char *path, struct why *why);

/* head.json; ERR_NOT_FOUND where there is none. */
MUST_CHECK enum err record_head(struct head *head, const char *dir, struct why *why);

/* share-j.json and result.json, well formed. */
MUST_CHECK enum err record_share(struct share *share, const struct manifest *m, const char *dir,
                                 unsigned trustee, struct why *why);
MUST_CHECK enum err record_result(unsigned char head[HASH_BYTES], uint64_t *counts,
                                  const struct manifest *m, const char *dir, struct why *why);

#endif
