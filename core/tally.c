/* SPDX-License-Identifier: MIT */
#include "core/tally.h"

#include <stdlib.h>
#include <string.h>

#include "core/count.h"

enum err tally_init(struct tally *t, const struct manifest *m)
{
	memset(t, 0, sizeof(*t));
	t->m = m;
	t->by_class = calloc(m->classes, sizeof(*t->by_class));
	return t->by_class ? OK : ERR_MEMORY;
}

void tally_release(struct tally *t)
{
	if (t->by_class) {
		for (unsigned i = 0; i < t->m->classes; i++)
			free(t->by_class[i]);
	}
	free(t->by_class);
	free(t->total);
	memset(t, 0, sizeof(*t));
}

static unsigned class_of(const struct manifest *m, unsigned weight)
{
	unsigned low = 0, high = m->classes;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (m->class[middle].weight < weight)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == m->classes || m->class[low].weight != weight)
		bug("a ballot of a weight that the roll does not have");
	return low;
}

static enum err add_totals(struct cell_total *to, const struct cell_total *from)
{
	enum err e = point_add(&to->a, &to->a, &from->a);

	return e ? e : point_add(&to->b, &to->b, &from->b);
}

enum err tally_add(struct tally *t, const struct ballot *b, unsigned weight)
{
	const struct manifest *m = t->m;
	struct cell_total **class = &t->by_class[class_of(m, weight)];
	struct cell_total cell;
	bool first = *class == NULL;
	enum err e = OK;

	if (first)
		*class = calloc(m->cells, sizeof(**class));
	if (!*class)
		return ERR_MEMORY;
	for (unsigned r = 0; r < m->rows && !e; r++) {
		for (unsigned c = 0; c < m->row[r].cells && !e; c++) {
			struct cell_total *sum = *class + m->row[r].first_cell + c;

			ballot_cell(&cell.a, &cell.b, b, m, r, c);
			if (first) /* nothing to add to: two decodings saved */
				*sum = cell;
			else
				e = add_totals(sum, &cell);
		}
	}
	t->ballots++;
	t->weight += weight;
	return e;
}

enum err tally_merge(struct tally *t, const struct tally *from)
{
	const struct manifest *m = t->m;

	for (unsigned i = 0; i < m->classes; i++) {
		if (!from->by_class[i])
			continue;
		if (!t->by_class[i]) {
			t->by_class[i] = calloc(m->cells, sizeof(*t->by_class[i]));
			if (!t->by_class[i])
				return ERR_MEMORY;
		}
		for (unsigned c = 0; c < m->cells; c++) {
			enum err e = add_totals(&t->by_class[i][c], &from->by_class[i][c]);

			if (e)
				return e;
		}
	}
	t->ballots += from->ballots;
	t->weight += from->weight;
	return OK;
}

static enum err add_weighted(struct cell_total *to, const struct cell_total *from, unsigned weight)
{
	struct cell_total times;
	enum err e = point_times(&times.a, weight, &from->a);

	if (!e)
		e = point_times(&times.b, weight, &from->b);
	return e ? e : add_totals(to, &times);
}

enum err tally_total(struct tally *t)
{
	const struct manifest *m = t->m;

	free(t->total);
	t->total = calloc(m->cells, sizeof(*t->total)); /* zeroes are the identity */
	if (!t->total)
		return ERR_MEMORY;
	for (unsigned i = 0; i < m->classes; i++) {
		for (unsigned c = 0; t->by_class[i] && c < m->cells; c++) {
			enum err e =
				add_weighted(&t->total[c], &t->by_class[i][c], m->class[i].weight);

			if (e)
				return e;
		}
	}
	return OK;
}

/* λ of shares[at] for the value at 0: Π m/(m − j) over the other ones. */
static void lagrange(struct scalar *out, const struct share *const *shares, unsigned k, unsigned at)
{
	struct scalar up, down, m, j, difference;

	scalar_from(&up, 1);
	scalar_from(&down, 1);
	scalar_from(&j, shares[at]->trustee);
	for (unsigned i = 0; i < k; i++) {
		if (i == at)
			continue;
		scalar_from(&m, shares[i]->trustee);
		scalar_sub(&difference, &m, &j);
		scalar_mul(&up, &up, &m);
		scalar_mul(&down, &down, &difference);
	}
	scalar_invert(&down, &down);
	scalar_mul(out, &up, &down);
}

/* B − Σ λ·D: the count times G. */
static enum err open_cell(struct point *out, const struct point *b, const struct scalar *lambda,
                          const struct share *const *shares, unsigned k, unsigned cell)
{
	struct point part;
	enum err e = OK;

	*out = *b;
	for (unsigned i = 0; i < k && !e; i++) {
		e = point_mul(&part, &lambda[i], &shares[i]->cell[cell].d);
		if (!e)
			e = point_sub(out, out, &part);
	}
	return e;
}

enum err tally_counts(uint64_t *counts, const struct tally *t, const struct share *const *shares,
                      unsigned n, struct why *why)
{
	struct scalar lambda[TRUSTEES_MAX];
	struct count_table *table = NULL;
	unsigned k = t->m->trustees.threshold;
	struct point p;
	enum err e;

	if (n < k)
		return why_check(why, "shares", "%u good shares, the threshold is %u", n, k);
	for (unsigned i = 0; i < k; i++)
		lagrange(&lambda[i], shares, k, i);
	e = count_table_new(&table, t->weight, t->m->cells);
	for (unsigned c = 0; c < t->m->cells && !e; c++) {
		e = open_cell(&p, &t->total[c].b, lambda, shares, k, c);
		if (!e)
			e = count_find(&counts[c], table, &p);
	}
	count_table_free(table);
	if (e == ERR_MEMORY)
		return why_set(why, e, "no memory for the counts");
	if (e)
		return why_check(why, "result count",
		                 "the shares open a total to no count up to the total weight");
	return OK;
}
