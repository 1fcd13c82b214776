/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_BENCH_MADE_BOX_H
#define VOTEPOST_TESTS_BENCH_MADE_BOX_H

#include "made.h"
#include "receiver/box.h"

/* made_box - a box in `folder` with the whole roll of a made election in it, as `open` leaves
 * one, opened for writing. */
struct box *made_box(const char *folder, const struct made *e);

/* What a writer of it tells; for cast_start. */
void made_trouble(void *ctx, const char *event, const struct why *why);

#endif
