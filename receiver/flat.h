/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_FLAT_H
#define VOTEPOST_RECEIVER_FLAT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/store.h"

/*
 * flat - board.ndjson, the copy of the board that any tool can read, beside the box.
 *
 * The box comes first, durably; the file follows after each commit, and may be behind by a
 * tail after a crash or on a full disk. At start the two are compared line by line: a tail
 * missing in the file is written from the box; whole lines missing in the box are handed to
 * the caller, who checks each like any other line and enters it; a last line that was cut
 * short goes. Anything else is ERR_INVALID, "FILE:LINE: …": someone has to look.
 */
struct flat {
	int fd; /* -1 while closed */
	char *path;
	uint64_t lines, bytes; /* what stands in it, whole lines only */
	bool fragment;         /* and behind them, part of a write that failed */
};

struct box;
/* Enter one line that the box lacks. */
typedef enum err flat_missing(void *ctx, const char *line, size_t len, struct why *why);

/* Open (or make) folder/board.ndjson. `fresh`: whatever is in it goes. */
MUST_CHECK enum err flat_open(struct flat *f, const char *folder, bool fresh, struct why *why);
void flat_close(struct flat *f);

/* Does the file look as it must: `bytes` long, its last line the box's? Cheap. */
bool flat_same(struct flat *f, uint64_t lines, uint64_t bytes, struct span last);

/* Compare everything. `missing` is called for whole lines past the box's end. */
MUST_CHECK enum err flat_compare(struct flat *f, struct box *box, flat_missing *missing, void *ctx,
                                 struct why *why);

/* Write what the box has and the file lacks. After a failure the file ends with the last
 * whole line that could be written. */
MUST_CHECK enum err flat_follow(struct flat *f, struct box *box, struct why *why);
MUST_CHECK enum err flat_sync(struct flat *f, struct why *why);

#endif
