/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_NODES_H
#define VOTEPOST_RECEIVER_NODES_H

#include <stdint.h>

#include "core/merkle.h"

/*
 * nodes - the board's tree on disk: every complete subtree's hash, by level and index, from which
 * any proof over any earlier board can be made. `ctx` is a struct txn of the box's store.
 */
void nodes_keep(void *ctx, unsigned level, uint64_t index, const struct node *node);
MUST_CHECK enum err nodes_get(void *ctx, unsigned level, uint64_t index, struct node *out);

#endif
