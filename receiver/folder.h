/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_FOLDER_H
#define VOTEPOST_RECEIVER_FOLDER_H

#include <stdbool.h>

#include "core/err.h"

/*
 * folder - what stands in a ballot box's folder, by name, before anything of it is opened.
 */
#define FOLDER_BOX   "box"
#define FOLDER_DRAFT "box.new" /* a box that is being made, or was never finished */
#define FOLDER_BOARD "board.ndjson"

bool folder_has_box(const char *folder);

/* May a box be made here? ERR_EXISTS where there is one, and where there is a board that no
 * unfinished draft can have left: it may be all that remains of a vote. */
MUST_CHECK enum err folder_free(const char *folder, struct why *why);

/* ERR_NOT_FOUND, and what to do about it. */
enum err folder_no_box(const char *folder, struct why *why);

#endif
