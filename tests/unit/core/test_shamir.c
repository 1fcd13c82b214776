/* SPDX-License-Identifier: MIT */
#include "core/shamir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support.h"

#define OFFICERS 6

struct shared {
	unsigned k, n;
	struct scalar coefficient[SHAMIR_MAX], share[SHAMIR_MAX];
	struct point commitment[SHAMIR_MAX];
};

static void share_out(struct shared *s, unsigned k, unsigned n)
{
	s->k = k;
	s->n = n;
	for (unsigned l = 0; l < k; l++) {
		scalar_random(&s->coefficient[l]);
		point_base(&s->commitment[l], &s->coefficient[l]);
	}
	for (unsigned j = 1; j <= n; j++)
		shamir_share(&s->share[j - 1], s->coefficient, k, j);
}

/* Does this set of shares, a bit each, give the secret back? */
static bool opens(const struct shared *s, unsigned set, unsigned k)
{
	struct scalar part[SHAMIR_MAX], secret;
	unsigned number[SHAMIR_MAX], n = 0;

	for (unsigned j = 1; j <= s->n; j++) {
		if (!(set >> (j - 1) & 1))
			continue;
		part[n] = s->share[j - 1];
		number[n++] = j;
	}
	shamir_combine(&secret, part, number, k);
	return !memcmp(secret.bytes, s->coefficient[0].bytes, GROUP_BYTES);
}

static void every_k_shares_open_and_no_fewer(void **state)
{
	struct shared s;

	(void)state;
	for (unsigned k = 1; k <= OFFICERS; k++) {
		share_out(&s, k, OFFICERS);
		for (unsigned set = 1; set < 1u << OFFICERS; set++) {
			unsigned n = (unsigned)__builtin_popcount(set);

			assert_int_equal(opens(&s, set, n), n >= k);
		}
	}
}

static void each_share_is_what_the_commitments_say(void **state)
{
	struct point due, got;
	struct shared s;

	(void)state;
	share_out(&s, 3, OFFICERS);
	for (unsigned j = 1; j <= OFFICERS; j++) {
		point_base(&got, &s.share[j - 1]);
		assert_int_equal(shamir_commitment(&due, s.commitment, 3, j), OK);
		assert_true(point_equal(&due, &got));
		/* Another's share is not. */
		assert_int_equal(shamir_commitment(&due, s.commitment, 3, j % OFFICERS + 1), OK);
		assert_false(point_equal(&due, &got));
	}
}

static void a_commitment_that_is_no_point_is_refused(void **state)
{
	struct point due;
	struct shared s;

	(void)state;
	share_out(&s, 2, 3);
	memset(s.commitment[1].bytes, 0xFF, GROUP_BYTES);
	assert_int_equal(shamir_commitment(&due, s.commitment, 2, 1), ERR_INVALID);
	share_out(&s, 1, 3);
	memset(s.commitment[0].bytes, 0xFF, GROUP_BYTES);
	assert_int_equal(shamir_commitment(&due, s.commitment, 1, 1), ERR_INVALID);
}

/* f(x) = 5 + 3x + 2x²: small numbers that can be followed by hand. */
static void small_numbers_come_out_as_on_paper(void **state)
{
	static const uint64_t values[] = { 10, 19, 32 };
	static const unsigned number[] = { 1, 2, 3 };
	struct scalar coefficient[3], share[3], want, secret;

	(void)state;
	scalar_from(&coefficient[0], 5);
	scalar_from(&coefficient[1], 3);
	scalar_from(&coefficient[2], 2);
	for (unsigned i = 0; i < 3; i++) {
		shamir_share(&share[i], coefficient, 3, i + 1);
		scalar_from(&want, values[i]);
		assert_memory_equal(share[i].bytes, want.bytes, GROUP_BYTES);
	}
	shamir_combine(&secret, share, number, 3);
	assert_memory_equal(secret.bytes, coefficient[0].bytes, GROUP_BYTES);
}

static void one_bit_of_a_share_spoils_the_secret(void **state)
{
	uint64_t seed = support_seed();
	struct shared s;

	(void)state;
	share_out(&s, 3, 3);
	for (unsigned i = 0; i < 50; i++) {
		struct shared bad = s;
		uint64_t draw = support_random(&seed);

		bad.share[draw % 3].bytes[draw / 3 % 31] ^= (unsigned char)(1u << (draw >> 32) % 8);
		assert_false(opens(&bad, 7, 3));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_k_shares_open_and_no_fewer),
		cmocka_unit_test(each_share_is_what_the_commitments_say),
		cmocka_unit_test(a_commitment_that_is_no_point_is_refused),
		cmocka_unit_test(small_numbers_come_out_as_on_paper),
		cmocka_unit_test(one_bit_of_a_share_spoils_the_secret),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
