/* SPDX-License-Identifier: MIT */
#include "core/count.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX (UINT64_C(1) << 20)

/* A point's first bytes stand for it: canonical encodings are as good as random, and what is
 * found is checked against the whole point. */
struct step {
	uint64_t key;
	uint64_t n;
};

struct count_table {
	uint64_t limit;
	uint64_t steps;
	struct point stride; /* steps·G */
	struct step step[];
};

static uint64_t key_of(const struct point *p)
{
	uint64_t key;

	memcpy(&key, p->bytes, sizeof(key));
	return key;
}

static int compare(const void *a, const void *b)
{
	const struct step *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->n > y->n) - (x->n < y->n);
}

enum err count_table_new(struct count_table **out, uint64_t limit, unsigned searches)
{
	uint64_t steps = (uint64_t)sqrt((double)limit * (searches ? searches : 1)) + 1;
	struct point at = { { 0 } }, one;
	struct count_table *t;
	struct scalar s;
	enum err e = OK;

	*out = NULL;
	if (steps > STEPS_MAX)
		steps = STEPS_MAX;
	if (steps > limit + 1)
		steps = limit + 1;
	t = malloc(sizeof(*t) + (size_t)steps * sizeof(t->step[0]));
	if (!t)
		return ERR_MEMORY;
	t->limit = limit;
	t->steps = steps;
	scalar_from(&s, 1);
	point_base(&one, &s);
	for (uint64_t n = 0; n < steps && !e; n++) {
		t->step[n] = (struct step){ .key = key_of(&at), .n = n };
		e = point_add(&at, &at, &one);
	}
	if (e)
		bug("adding G failed");
	t->stride = at;
	qsort(t->step, (size_t)steps, sizeof(t->step[0]), compare);
	*out = t;
	return OK;
}

void count_table_free(struct count_table *t)
{
	free(t);
}

static const struct step *find_step(const struct count_table *t, uint64_t key)
{
	uint64_t low = 0, high = t->steps;

	while (low < high) {
		uint64_t middle = (low + high) / 2;

		if (t->step[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low < t->steps && t->step[low].key == key ? &t->step[low] : NULL;
}

static bool gives(uint64_t n, const struct point *p)
{
	struct scalar s;
	struct point again;

	scalar_from(&s, n);
	point_base(&again, &s);
	return point_equal(&again, p);
}

enum err count_find(uint64_t *n, const struct count_table *t, const struct point *p)
{
	struct point rest = *p;

	for (uint64_t base = 0; base <= t->limit; base += t->steps) {
		const struct step *hit = find_step(t, key_of(&rest));
		enum err e;

		if (hit && base + hit->n <= t->limit && gives(base + hit->n, p)) {
			*n = base + hit->n;
			return OK;
		}
		e = point_sub(&rest, &rest, &t->stride);
		if (e)
			return e;
	}
	return ERR_NOT_FOUND;
}
