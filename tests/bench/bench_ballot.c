/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "core/ballot.h"
#include "made.h"

/*
 * bench_ballot - making and checking a 1-of-4 ballot against the bare libsodium operations
 * that this cannot be done without, in turns within one run.
 *
 * Prints one line of JSON. The counts below are protocol section 4 with n cells, written down
 * once and held against nothing but the text: a multiplication that the code does beyond them
 * counts against it.
 */
#define OPTIONS 4
#define BATCH   40
#define BATCHES 16

struct ops {
	unsigned base, mul, add; /* points */
	unsigned scalar_mul, scalar_add, random, hash_bytes, hashes;
};

/* A cell: α, A of both branches and the shift of the simulated one are multiples of G; β and B
 * of both branches multiples of P; two additions. Its hash covers E, P, C and six points. The
 * row: w·G, w·P, its hash. The signature: C, k·G, its hash over the body. */
static const struct ops MAKE = {
	.base = 4 * OPTIONS + 1 + 2,
	.mul = 3 * OPTIONS + 1,
	.add = 2 * OPTIONS,
	.scalar_mul = 2 * OPTIONS + 1 + 1,
	.scalar_add = 4 * OPTIONS + 1 + 1,
	.random = 4 * OPTIONS + 1 + 1,
	.hashes = OPTIONS + 1 + 1,
	.hash_bytes = OPTIONS * 430 + 650 + 1500,
};

/* A cell: four equations of a multiple of G or P, a multiple of α or β, one subtraction; β − G
 * once. The row: two equations over sums of the cells; β − G. The signature: one equation. */
static const struct ops CHECK = {
	.base = 2 * OPTIONS + 1 + 1,
	.mul = 6 * OPTIONS + 3 + 1,
	.add = 5 * OPTIONS + 2 + 2 * (OPTIONS - 1) + 1 + 1,
	.scalar_add = OPTIONS,
	.hashes = OPTIONS + 1 + 1,
	.hash_bytes = OPTIONS * 430 + 650 + 1500,
};

static void bare_points(const struct ops *o, unsigned char p[32], const unsigned char s[32])
{
	unsigned char out[32];
	unsigned i;

	for (i = 0; i < o->base; i++)
		if (crypto_scalarmult_ristretto255_base(out, s))
			abort();
	for (i = 0; i < o->mul; i++)
		if (crypto_scalarmult_ristretto255(out, s, p))
			abort();
	for (i = 0; i < o->add; i++)
		if (crypto_core_ristretto255_add(out, p, p))
			abort();
}

static void bare_rest(const struct ops *o, const unsigned char s[32])
{
	unsigned char out[64], some[2048] = { 1 };
	crypto_hash_sha512_state h;
	unsigned i;

	for (i = 0; i < o->scalar_mul; i++)
		crypto_core_ristretto255_scalar_mul(out, s, s);
	for (i = 0; i < o->scalar_add; i++)
		crypto_core_ristretto255_scalar_add(out, s, s);
	for (i = 0; i < o->random; i++)
		crypto_core_ristretto255_scalar_random(out);
	for (i = 0; i < o->hashes; i++) {
		crypto_hash_sha512_init(&h);
		crypto_hash_sha512_update(&h, some, o->hash_bytes / o->hashes);
		crypto_hash_sha512_final(&h, out);
		crypto_core_ristretto255_scalar_reduce(out, out);
	}
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *x)
{
	qsort(x, BATCHES, sizeof(*x), by_size);
	return (x[BATCHES / 2 - 1] + x[BATCHES / 2]) / 2 / BATCH;
}

static void make_some(const struct made *e, struct buf *lines)
{
	for (unsigned i = 0; i < BATCH; i++) {
		buf_clear(&lines[i]);
		made_ballot(&lines[i], e, i, i);
	}
}

static void check_one(const struct made *e, const struct buf *line)
{
	struct why why = { 0 };
	struct ballot b;

	made_must(ballot_read(&b, e->m, line->data, line->len, &why), &why);
	made_must(ballot_check_signature(&b, e->m, &why), &why);
	made_must(ballot_check_proofs(&b, e->m, &why), &why);
	ballot_release(&b);
}

struct all {
	const struct made *e;
	const struct buf *lines;
};

static void check_step(void *ctx, uint64_t i)
{
	struct all *all = ctx;

	check_one(all->e, &all->lines[i % BATCH]);
}

/* One measured batch of each kind, next to each other in time. */
static void turn(const struct made *e, struct buf *lines, double t[6], unsigned char p[32],
                 const unsigned char s[32])
{
	double at = made_now(), next;
	unsigned i;

	make_some(e, lines);
	next = made_now(), t[0] = next - at, at = next;
	for (i = 0; i < BATCH; i++)
		bare_points(&MAKE, p, s);
	next = made_now(), t[1] = next - at, at = next;
	for (i = 0; i < BATCH; i++)
		bare_rest(&MAKE, s);
	next = made_now(), t[2] = next - at, at = next;
	for (i = 0; i < BATCH; i++)
		check_one(e, &lines[i]);
	next = made_now(), t[3] = next - at, at = next;
	for (i = 0; i < BATCH; i++)
		bare_points(&CHECK, p, s);
	next = made_now(), t[4] = next - at, at = next;
	for (i = 0; i < BATCH; i++)
		bare_rest(&CHECK, s);
	next = made_now(), t[5] = next - at;
}

int main(void)
{
	static double t[6][BATCHES];
	unsigned char p[32], s[32];
	struct buf lines[BATCH];
	struct made e;
	double at, alone, together, m[6];
	unsigned cores = made_cores();

	group_init();
	made_init(&e, BATCH, OPTIONS, 1790000000, 1790086400);
	crypto_core_ristretto255_random(p);
	crypto_core_ristretto255_scalar_random(s);
	for (unsigned i = 0; i < BATCH; i++)
		lines[i] = BUF_INIT(1u << 20);
	for (unsigned i = 0; i < BATCHES; i++) {
		double one[6];

		turn(&e, lines, one, p, s);
		for (unsigned j = 0; j < 6; j++)
			t[j][i] = one[j];
	}
	for (unsigned j = 0; j < 6; j++)
		m[j] = median(t[j]) * 1e6;

	struct all all = { &e, lines };

	at = made_now();
	made_spread(check_step, &all, 0, 10 * BATCH, 1);
	alone = made_now() - at;
	at = made_now();
	made_spread(check_step, &all, 0, 10 * BATCH, cores);
	together = made_now() - at;
	printf("{\"make_us\":%.1f,\"make_points_us\":%.1f,\"make_rest_us\":%.1f,"
	       "\"check_us\":%.1f,\"check_points_us\":%.1f,\"check_rest_us\":%.1f,"
	       "\"make_base\":%u,\"make_mul\":%u,\"make_add\":%u,"
	       "\"check_base\":%u,\"check_mul\":%u,\"check_add\":%u,"
	       "\"cores\":%u,\"speedup\":%.2f}\n",
	       m[0], m[1], m[2], m[3], m[4], m[5], MAKE.base, MAKE.mul, MAKE.add, CHECK.base,
	       CHECK.mul, CHECK.add, cores, alone / together);
	for (unsigned i = 0; i < BATCH; i++)
		buf_free(&lines[i]);
	made_release(&e);
	return 0;
}
