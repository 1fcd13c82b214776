/* SPDX-License-Identifier: MIT */
#include "core/tally.h"

#include <stdlib.h>
#include <string.h>

#include "core/count.h"
#include "core/shamir.h"

_Static_assert(WEIGHT_MAX < 1 << TALLY_SUMS, "a sum for every bit of a weight");

void tally_init(struct tally *t, const struct manifest *m)
{
	*t = (struct tally){ .m = m };
}

void tally_release(struct tally *t)
{
	for (unsigned i = 0; i < TALLY_SUMS; i++)
		free(t->sum[i]);
	free(t->total);
	*t = (struct tally){ 0 };
}

/* What the ballots in a sum count; 0 for a sum that is not used. */
static unsigned factor_of(const struct manifest *m, unsigned i)
{
	if (m->classes > TALLY_SUMS)
		return 1u << i;
	return i < m->classes ? m->class[i].weight : 0;
}

/* Does a ballot of this weight go into this sum? */
static bool belongs(const struct manifest *m, unsigned weight, unsigned i)
{
	unsigned factor = factor_of(m, i);

	return m->classes > TALLY_SUMS ? (weight & factor) != 0 : weight == factor;
}

static enum err add_totals(struct cell_total *to, const struct cell_total *from)
{
	enum err e = point_add(&to->a, &to->a, &from->a);

	return e ? e : point_add(&to->b, &to->b, &from->b);
}

static enum err add_cells(struct cell_total **sum, const struct ballot *b, const struct manifest *m)
{
	bool first = *sum == NULL;
	struct cell_total cell;
	enum err e = OK;

	if (first)
		*sum = calloc(m->cells, sizeof(**sum));
	if (!*sum)
		return ERR_MEMORY;
	for (unsigned r = 0; r < m->rows && !e; r++) {
		for (unsigned c = 0; c < m->row[r].cells && !e; c++) {
			struct cell_total *to = *sum + m->row[r].first_cell + c;

			ballot_cell(&cell.a, &cell.b, b, m, r, c);
			if (first) /* nothing to add to: two decodings saved */
				*to = cell;
			else
				e = add_totals(to, &cell);
		}
	}
	return e;
}

enum err tally_add(struct tally *t, const struct ballot *b, unsigned weight)
{
	bool any = false;
	enum err e = OK;

	for (unsigned i = 0; i < TALLY_SUMS && !e; i++) {
		if (!belongs(t->m, weight, i))
			continue;
		any = true;
		e = add_cells(&t->sum[i], b, t->m);
	}
	if (!any)
		bug("a ballot of a weight that the roll does not have");
	t->ballots++;
	t->weight += weight;
	return e;
}

enum err tally_merge(struct tally *t, const struct tally *from)
{
	const struct manifest *m = t->m;

	for (unsigned i = 0; i < TALLY_SUMS; i++) {
		if (!from->sum[i])
			continue;
		if (!t->sum[i])
			t->sum[i] = calloc(m->cells, sizeof(*t->sum[i]));
		if (!t->sum[i])
			return ERR_MEMORY;
		for (unsigned c = 0; c < m->cells; c++) {
			enum err e = add_totals(&t->sum[i][c], &from->sum[i][c]);

			if (e)
				return e;
		}
	}
	t->ballots += from->ballots;
	t->weight += from->weight;
	return OK;
}

static enum err add_weighted(struct cell_total *to, const struct cell_total *from, unsigned factor)
{
	struct cell_total times;
	enum err e = point_times(&times.a, factor, &from->a);

	if (!e)
		e = point_times(&times.b, factor, &from->b);
	return e ? e : add_totals(to, &times);
}

enum err tally_total(struct tally *t)
{
	const struct manifest *m = t->m;

	free(t->total);
	t->total = calloc(m->cells, sizeof(*t->total)); /* zeroes are the identity */
	if (!t->total)
		return ERR_MEMORY;
	for (unsigned i = 0; i < TALLY_SUMS; i++) {
		for (unsigned c = 0; t->sum[i] && c < m->cells; c++) {
			enum err e = add_weighted(&t->total[c], &t->sum[i][c], factor_of(m, i));

			if (e)
				return e;
		}
	}
	return OK;
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
	unsigned k = t->m->trustees.threshold, number[TRUSTEES_MAX];
	struct point p;
	enum err e;

	if (n < k)
		return why_check(why, "shares", "%u good shares, the threshold is %u", n, k);
	for (unsigned i = 0; i < k; i++)
		number[i] = shares[i]->trustee;
	for (unsigned i = 0; i < k; i++)
		shamir_lambda(&lambda[i], number, k, i);
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
