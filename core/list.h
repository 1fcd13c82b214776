/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_LIST_H
#define VOTEPOST_CORE_LIST_H

#include <stddef.h>

/*
 * list - an array that grows one by one. Its room doubles at the powers of two, and so follows from
 * how many it holds: nothing else has to be remembered.
 */

/* The list of `n` elements of `size` bytes, with room for one more: the caller's own, or it moved.
 * NULL where there is no memory; the old one then stands. */
void *list_more(void *list, size_t n, size_t size);

#endif
