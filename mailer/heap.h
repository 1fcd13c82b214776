/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_HEAP_H
#define VOTEPOST_MAILER_HEAP_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/*
 * heap - numbers by key, the smallest key first.
 *
 * Eight bytes each, so that a million letters can wait in one. A zeroed one is empty.
 */
struct heap_item {
	uint32_t key, value;
};
struct heap {
	struct heap_item *item;
	size_t n;
};
void heap_release(struct heap *h);

/* ERR_MEMORY; the heap stands as it was. */
MUST_CHECK enum err heap_push(struct heap *h, uint32_t key, uint32_t value);

/* The one with the smallest key, NULL where the heap is empty. */
const struct heap_item *heap_top(const struct heap *h);
/* Take that one out; there is one. */
struct heap_item heap_pop(struct heap *h);

#endif
