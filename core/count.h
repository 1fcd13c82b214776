/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_COUNT_H
#define VOTEPOST_CORE_COUNT_H

#include <stdint.h>

#include "core/err.h"
#include "core/group.h"

/*
 * count - find n where n·G is given and n is not too large: baby-step giant-step.
 *
 * The table is made once for many searches, a baby step an entry, at most 16 MiB: for a limit
 * of 2^32 and hundreds of searches, as much work goes into it as into the searches.
 */
struct count_table;

/* For `searches` of numbers from 0 to `limit`. count_table_free after. */
MUST_CHECK enum err count_table_new(struct count_table **out, uint64_t limit, unsigned searches);
void count_table_free(struct count_table *t);

/* ERR_NOT_FOUND where no number up to the limit gives the point. */
MUST_CHECK enum err count_find(uint64_t *n, const struct count_table *t, const struct point *p);

#endif
