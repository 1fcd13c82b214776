/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_DRAFT_H
#define VOTEPOST_RECEIVER_DRAFT_H

#include "receiver/box.h"

/*
 * draft - a ballot box that is being made.
 *
 * It stands under a name that no one opens and becomes the box at draft_finish, whole; what was
 * left of one that was never finished goes when the next is begun.
 */

/* With the manifest as its first line. ERR_EXISTS where there is a box already, or the board of
 * one (folder_free). box_close after draft_finish too, or instead of it. */
MUST_CHECK enum err draft_begin(struct box **out, const char *folder, const char *manifest,
                                size_t len, uint64_t map_max, struct why *why);
MUST_CHECK enum err draft_finish(struct box *box, struct why *why);

#endif
