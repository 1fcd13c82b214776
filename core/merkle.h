/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MERKLE_H
#define VOTEPOST_CORE_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/group.h"

/*
 * merkle - the tree over the board's lines: RFC 9162 section 2.1, SHA-256.
 *
 * `struct merkle` is the frontier alone, a hash a level: appending is O(1) amortised, the
 * root O(log n). Who must prove something keeps the nodes of complete subtrees, which
 * merkle_append hands out, and gives a way to look them up.
 */
#define MERKLE_LEVELS 54
struct node {
	unsigned char bytes[HASH_BYTES];
};
struct merkle {
	uint64_t size;
	struct node frontier[MERKLE_LEVELS]; /* [l] holds where bit l of size is set */
};

void merkle_leaf(struct node *out, const void *line, size_t len);

/* `keep`, where not NULL, is told every complete subtree that this leaf ends: level 0 is the
 * leaf itself, `index` counts the nodes of its level. */
typedef void merkle_keep(void *ctx, unsigned level, uint64_t index, const struct node *node);
void merkle_append(struct merkle *m, const struct node *leaf, merkle_keep *keep, void *ctx);
/* Of the empty tree too. */
void merkle_root(struct node *out, const struct merkle *m);

/* A kept node, by level and index. */
typedef enum err merkle_get(void *ctx, unsigned level, uint64_t index, struct node *out);

struct path {
	unsigned len;
	struct node node[2 * MERKLE_LEVELS];
};
/* Leaf `index` of the tree of `size` leaves; index < size. */
MUST_CHECK enum err merkle_inclusion(struct path *out, uint64_t index, uint64_t size,
                                     merkle_get *get, void *ctx);
/* From the tree of `from` leaves to that of `to`; from ≤ to, empty where 0 or equal. */
MUST_CHECK enum err merkle_consistency(struct path *out, uint64_t from, uint64_t to,
                                       merkle_get *get, void *ctx);

/* ERR_INVALID where the proof does not hold. */
MUST_CHECK enum err merkle_check_inclusion(const struct node *leaf, uint64_t index, uint64_t size,
                                           const struct node *root, const struct path *path);
MUST_CHECK enum err merkle_check_consistency(uint64_t from, const struct node *from_root,
                                             uint64_t to, const struct node *to_root,
                                             const struct path *path);

#endif
