/* SPDX-License-Identifier: MIT */
#include "core/proof.h"

#include <string.h>

#include <sodium.h>

/* One branch of a disjunction: commitments A, B, challenge and response. */
struct branch {
	struct point a, b;
	struct scalar c, z;
};

static unsigned branches(const struct row *row)
{
	return row->hi - row->lo + 1;
}

static size_t row_proof_bytes(const struct row *row)
{
	return (size_t)(4 * branches(row) - 1) * GROUP_BYTES;
}

size_t row_bytes(const struct row *row)
{
	return (size_t)row->cells * CELL_BYTES + row_proof_bytes(row);
}

static const struct point *point_at(const unsigned char *in, size_t i)
{
	return (const struct point *)(const void *)(in + i * GROUP_BYTES);
}

static const struct scalar *scalar_at(const unsigned char *in, size_t i)
{
	return (const struct scalar *)(const void *)(in + i * GROUP_BYTES);
}

static void place(unsigned char *out, size_t i, const void *bytes)
{
	memcpy(out + i * GROUP_BYTES, bytes, GROUP_BYTES);
}

/* Swap where `on`, in the same time either way: which branch is real is the vote. */
static void swap_if(void *x, void *y, size_t len, unsigned on)
{
	unsigned char *p = x, *q = y, mask = (unsigned char)(0u - on), t;
	size_t i;

	for (i = 0; i < len; i++) {
		t = (unsigned char)((p[i] ^ q[i]) & mask);
		p[i] ^= t;
		q[i] ^= t;
	}
}

/* The same for a copy. */
static void copy_if(void *to, const void *from, size_t len, unsigned on)
{
	unsigned char *p = to, mask = (unsigned char)(0u - on);
	const unsigned char *q = from;
	size_t i;

	for (i = 0; i < len; i++)
		p[i] ^= (unsigned char)((p[i] ^ q[i]) & mask);
}

static void begin(struct transcript *t, const char *label, const struct proof_context *ctx,
                  unsigned row)
{
	transcript_begin(t, label);
	transcript_add(t, ctx->m->id, HASH_BYTES);
	transcript_add_point(t, &ctx->m->election_key);
	transcript_add_point(t, &ctx->credential);
	transcript_add_le32(t, row);
}

static void cell_challenge(struct scalar *c, const unsigned char in[CELL_BYTES],
                           const struct proof_context *ctx, unsigned row, unsigned cell)
{
	struct transcript t;
	size_t i;

	begin(&t, "votepost/1 cell proof", ctx, row);
	transcript_add_le32(&t, cell);
	for (i = 0; i < CELL_POINTS; i++)
		transcript_add_point(&t, point_at(in, i));
	transcript_scalar(&t, c);
}

/* α = r·G, β = r·P + value·G; both possible β are made, one is taken. */
static enum err encrypt(struct point *alpha, struct point *beta, const struct scalar *r,
                        const struct point *key, unsigned value)
{
	struct point with;
	enum err e;

	point_base(alpha, r);
	e = point_mul(beta, r, key);
	if (e)
		return e;
	e = point_add(&with, beta, &group_base);
	swap_if(beta, &with, sizeof(with), value);
	sodium_memzero(&with, sizeof(with));
	return e;
}

/* The branch that does not hold, made from a challenge drawn beforehand. Since the prover
 * knows r, A = z·G − c·α is (z − c·r)·G: no variable-base multiplication is needed. The
 * statement is off by one: upwards where 0 was encrypted, downwards where 1. */
static enum err simulate(struct branch *s, const struct scalar *r, const struct point *key,
                         unsigned value, struct nonces *nonces)
{
	struct scalar t, off, minus;
	struct point shift;
	enum err e;

	nonces_next(nonces, &s->c);
	nonces_next(nonces, &s->z);
	scalar_mul(&t, &s->c, r);
	scalar_sub(&t, &s->z, &t);
	point_base(&s->a, &t);
	e = point_mul(&s->b, &t, key);
	off = s->c;
	memset(&minus, 0, sizeof(minus));
	scalar_sub(&minus, &minus, &s->c);
	swap_if(&off, &minus, sizeof(off), value);
	point_base(&shift, &off);
	if (!e)
		e = point_add(&s->b, &s->b, &shift);
	scalar_wipe(&t);
	scalar_wipe(&off);
	scalar_wipe(&minus);
	sodium_memzero(&shift, sizeof(shift));
	return e;
}

enum err cell_prove(unsigned char out[CELL_BYTES], struct scalar *r,
                    const struct proof_context *ctx, unsigned row, unsigned cell, unsigned value,
                    struct nonces *nonces)
{
	const struct point *key = &ctx->m->election_key;
	struct branch real, other;
	struct point alpha, beta;
	struct scalar w, c;
	enum err e;

	nonces_next(nonces, r);
	nonces_next(nonces, &w);
	e = encrypt(&alpha, &beta, r, key, value);
	point_base(&real.a, &w);
	if (!e)
		e = point_mul(&real.b, &w, key);
	if (!e)
		e = simulate(&other, r, key, value, nonces);
	if (e)
		goto done;
	place(out, 0, &alpha);
	place(out, 1, &beta);
	/* Branch 0 is the real one for a 0: swap commitments into place, then hash. */
	swap_if(&real, &other, 2 * sizeof(struct point), value);
	place(out, 2, &real.a);
	place(out, 3, &real.b);
	place(out, 4, &other.a);
	place(out, 5, &other.b);
	cell_challenge(&c, out, ctx, row, cell);
	scalar_sub(&real.c, &c, &other.c);
	scalar_mul(&real.z, &real.c, r);
	scalar_add(&real.z, &real.z, &w);
	swap_if(&real.c, &other.c, 2 * sizeof(struct scalar), value);
	place(out, 6, &real.c);
	place(out, 7, &real.z);
	place(out, 8, &other.z);
done:
	scalar_wipe(&w);
	sodium_memzero(&real, sizeof(real));
	sodium_memzero(&other, sizeof(other));
	return e;
}

/* Is `commitment` exactly z·base − c·p? Comparing encodings decodes the commitment for free:
 * an encoding that is none equals nothing. */
static bool holds(const struct point *commitment, const struct point *z_base,
                  const struct scalar *c, const struct point *p)
{
	struct point right;

	return !point_mul(&right, c, p) && !point_sub(&right, z_base, &right) &&
	       point_equal(&right, commitment);
}

/* z·G = A + c·α and z·P = B + c·β */
static bool branch_holds(const struct branch *x, const struct point *key, const struct point *alpha,
                         const struct point *beta)
{
	struct point left;

	point_base(&left, &x->z);
	if (!holds(&x->a, &left, &x->c, alpha))
		return false;
	return !point_mul(&left, &x->z, key) && holds(&x->b, &left, &x->c, beta);
}

static enum err failed(const unsigned char *points, size_t n, const char *check, unsigned row,
                       unsigned cell, struct why *why)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!point_valid(point_at(points, i)))
			return why_check(why, "point", "row %u, cell %u: no point's encoding", row,
			                 cell);
	return why_check(why, check, "row %u, cell %u: the proof does not hold", row, cell);
}

enum err cell_check(const unsigned char in[CELL_BYTES], const struct proof_context *ctx,
                    unsigned row, unsigned cell, struct why *why)
{
	const struct point *key = &ctx->m->election_key, *alpha = point_at(in, 0);
	struct point beta = *point_at(in, 1);
	struct branch x = { *point_at(in, 2), *point_at(in, 3), *scalar_at(in, 6),
		            *scalar_at(in, 7) };
	struct scalar c;

	if (!branch_holds(&x, key, alpha, &beta))
		return failed(in, CELL_POINTS, "cell proof", row, cell, why);
	cell_challenge(&c, in, ctx, row, cell);
	scalar_sub(&x.c, &c, &x.c);
	x.a = *point_at(in, 4);
	x.b = *point_at(in, 5);
	x.z = *scalar_at(in, 8);
	if (point_sub(&beta, &beta, &group_base) || !branch_holds(&x, key, alpha, &beta))
		return failed(in, CELL_POINTS, "cell proof", row, cell, why);
	return OK;
}

static void row_challenge(struct scalar *c, const unsigned char *cells,
                          const struct proof_context *ctx, unsigned row)
{
	const struct row *r = &ctx->m->row[row];
	const unsigned char *proof = cells + (size_t)r->cells * CELL_BYTES;
	struct transcript t;
	size_t i;

	begin(&t, "votepost/1 row proof", ctx, row);
	transcript_add_le32(&t, r->lo);
	transcript_add_le32(&t, r->hi);
	for (i = 0; i < r->cells; i++) {
		transcript_add_point(&t, point_at(cells + i * CELL_BYTES, 0));
		transcript_add_point(&t, point_at(cells + i * CELL_BYTES, 1));
	}
	for (i = 0; i < 2 * (size_t)branches(r); i++)
		transcript_add_point(&t, point_at(proof, i));
	transcript_scalar(&t, c);
}

/* One branch of a row's proof, real (index = sum − lo) or not, by the same steps: with t = w
 * for the real one and z − c·r for others, A = t·G and B = t·P + (index − real)·c·G. Where
 * there is one branch only, the last term is left out. */
static enum err row_branch(struct branch *x, struct scalar *w, const struct point *key,
                           const struct scalar *r, const struct scalar *distance, bool alone,
                           struct nonces *nonces)
{
	unsigned real = scalar_is_zero(distance);
	struct scalar t;
	struct point shift;
	enum err e;

	nonces_next(nonces, &x->c);
	nonces_next(nonces, &x->z);
	scalar_mul(&t, &x->c, r);
	scalar_sub(&t, &x->z, &t);
	swap_if(&t, w, sizeof(t), real);
	point_base(&x->a, &t);
	e = point_mul(&x->b, &t, key);
	if (!e && !alone) {
		struct scalar off;

		scalar_mul(&off, distance, &x->c);
		point_base(&shift, &off);
		e = point_add(&x->b, &x->b, &shift);
		scalar_wipe(&off);
		sodium_memzero(&shift, sizeof(shift));
	}
	swap_if(&t, w, sizeof(t), real);
	scalar_wipe(&t);
	return e;
}

enum err row_prove(unsigned char *cells, const struct proof_context *ctx, unsigned row,
                   const struct scalar *r, unsigned sum, struct nonces *nonces)
{
	const struct row *shape = &ctx->m->row[row];
	unsigned char *proof = cells + (size_t)shape->cells * CELL_BYTES;
	unsigned n = branches(shape), j;
	struct branch x[OPTIONS_MAX + 1];
	struct scalar w, c, real, distance[OPTIONS_MAX + 1], z;
	enum err e = OK;

	nonces_next(nonces, &w);
	scalar_from(&real, sum - shape->lo);
	for (j = 0; !e && j < n; j++) {
		scalar_from(&distance[j], j);
		scalar_sub(&distance[j], &distance[j], &real);
		e = row_branch(&x[j], &w, &ctx->m->election_key, r, &distance[j], n == 1, nonces);
		place(proof, 2 * (size_t)j, &x[j].a);
		place(proof, 2 * (size_t)j + 1, &x[j].b);
	}
	if (e)
		goto done;
	row_challenge(&c, cells, ctx, row);
	for (j = 0; j < n; j++) { /* what is left of c belongs to the real branch */
		unsigned simulated = !scalar_is_zero(&distance[j]);
		static const struct scalar none;

		copy_if(&x[j].c, &none, sizeof(none), !simulated);
		scalar_sub(&c, &c, &x[j].c);
	}
	scalar_mul(&z, &c, r);
	scalar_add(&z, &z, &w);
	for (j = 0; j < n; j++) {
		unsigned is_real = scalar_is_zero(&distance[j]);

		copy_if(&x[j].c, &c, sizeof(c), is_real);
		copy_if(&x[j].z, &z, sizeof(z), is_real);
		if (j + 1 < n)
			place(proof, 2 * (size_t)n + j, &x[j].c);
		place(proof, 3 * (size_t)n - 1 + j, &x[j].z);
	}
done:
	scalar_wipe(&w);
	scalar_wipe(&real);
	/* The real branch's answers would tell which of the published ones they are. */
	scalar_wipe(&c);
	scalar_wipe(&z);
	sodium_memzero(x, sizeof(x));
	sodium_memzero(distance, sizeof(distance));
	return e;
}

/* α* and β*: the cells' sum, a blank cell times hi. */
static enum err row_sum(struct point *alpha, struct point *beta, const unsigned char *cells,
                        const struct row *row)
{
	enum err e = OK;
	unsigned i;

	*alpha = *point_at(cells, 0);
	*beta = *point_at(cells, 1);
	for (i = 1; !e && i < row->cells; i++) {
		unsigned times = row->blank && i == row->cells - 1 ? row->hi : 1;
		struct point a = *point_at(cells + (size_t)i * CELL_BYTES, 0);
		struct point b = *point_at(cells + (size_t)i * CELL_BYTES, 1);

		if (times != 1)
			e = point_times(&a, times, &a);
		if (!e && times != 1)
			e = point_times(&b, times, &b);
		if (!e)
			e = point_add(alpha, alpha, &a);
		if (!e)
			e = point_add(beta, beta, &b);
	}
	return e;
}

enum err row_check(const unsigned char *cells, const struct proof_context *ctx, unsigned row,
                   struct why *why)
{
	const struct row *shape = &ctx->m->row[row];
	const unsigned char *proof = cells + (size_t)shape->cells * CELL_BYTES;
	unsigned n = branches(shape), j;
	struct point alpha, beta, shift;
	struct scalar left;
	enum err e = row_sum(&alpha, &beta, cells, shape);

	if (!e)
		e = point_times(&shift, shape->lo, &group_base);
	if (!e)
		e = point_sub(&beta, &beta, &shift);
	row_challenge(&left, cells, ctx, row);
	for (j = 0; !e && j < n; j++) {
		struct branch x = { *point_at(proof, 2 * (size_t)j),
			            *point_at(proof, 2 * (size_t)j + 1), left,
			            *scalar_at(proof, 3 * (size_t)n - 1 + j) };

		if (j + 1 < n) {
			x.c = *scalar_at(proof, 2 * (size_t)n + j);
			scalar_sub(&left, &left, &x.c);
		}
		if (!branch_holds(&x, &ctx->m->election_key, &alpha, &beta))
			return failed(proof, 2 * (size_t)n, "row proof", row, 0, why);
		e = j + 1 < n ? point_sub(&beta, &beta, &group_base) : OK;
	}
	return e ? failed(proof, 2 * (size_t)n, "row proof", row, 0, why) : OK;
}
