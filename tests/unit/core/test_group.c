/* SPDX-License-Identifier: MIT */
#include "tests/support.h"

#include <string.h>

#include <sodium.h>

#include "core/group.h"

/* RFC 9496, appendix A.1: the first multiples of the generator. */
static const char *const multiples[] = {
	"0000000000000000000000000000000000000000000000000000000000000000",
	"e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76",
	"6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919",
	"94741f5d5d52755ece4f23f044ee27d5d1ea1e2bd196b462166b16152a9d0259",
};

static void unhex(unsigned char out[32], const char *hex)
{
	assert_int_equal(sodium_hex2bin(out, 32, hex, 64, NULL, NULL, NULL), 0);
}

static void small_multiples_are_the_rfcs(void **state)
{
	struct point p, g, sum = { { 0 } };
	unsigned char want[32];
	struct scalar s;
	unsigned i;

	(void)state;
	scalar_from(&s, 1);
	point_base(&g, &s);
	assert_true(point_equal(&g, &group_base));
	for (i = 0; i < sizeof(multiples) / sizeof(*multiples); i++) {
		unhex(want, multiples[i]);
		scalar_from(&s, i);
		point_base(&p, &s);
		assert_memory_equal(p.bytes, want, 32);
		assert_memory_equal(sum.bytes, want, 32);
		assert_ok(point_times(&p, i, &g), NULL);
		assert_memory_equal(p.bytes, want, 32);
		assert_ok(point_add(&sum, &sum, &g), NULL);
	}
}

static void times_is_multiplication(void **state)
{
	static const uint64_t n[] = { 0, 1, 2, 7, 15, 16, 17, 100, 1000, 4294967295u };
	struct point g, a, b;
	struct scalar s;
	size_t i;

	(void)state;
	scalar_random(&s);
	point_base(&g, &s);
	for (i = 0; i < sizeof(n) / sizeof(*n); i++) {
		scalar_from(&s, n[i]);
		assert_ok(point_mul(&a, &s, &g), NULL);
		assert_ok(point_times(&b, n[i], &g), NULL);
		assert_true(point_equal(&a, &b));
	}
}

/* Section 7: the top bit, q, q + 1 and everything above are refused; q - 1 is not. */
static void a_scalar_has_one_form(void **state)
{
	static const char q[] = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
	unsigned char bytes[32];
	struct scalar s;

	(void)state;
	unhex(bytes, q);
	assert_int_equal(scalar_read(&s, bytes), ERR_FORMAT);
	assert_true(scalar_is_zero(&s));
	bytes[0]++;
	assert_int_equal(scalar_read(&s, bytes), ERR_FORMAT);
	bytes[0] = 0xec;
	assert_ok(scalar_read(&s, bytes), NULL);
	bytes[31] |= 0x80;
	assert_int_equal(scalar_read(&s, bytes), ERR_FORMAT);
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(scalar_read(&s, bytes), ERR_FORMAT);
	memset(bytes, 0, sizeof(bytes));
	assert_ok(scalar_read(&s, bytes), NULL);
}

static void the_identity_is_computed_with(void **state)
{
	struct point p, zero = { { 0 } }, out;
	struct scalar s, none = { { 0 } };

	(void)state;
	scalar_random(&s);
	point_base(&p, &s);
	assert_ok(point_mul(&out, &none, &p), NULL);
	assert_true(point_is_identity(&out));
	assert_ok(point_mul(&out, &s, &zero), NULL);
	assert_true(point_is_identity(&out));
	assert_ok(point_sub(&out, &p, &p), NULL);
	assert_true(point_is_identity(&out));
	assert_ok(point_add(&out, &p, &zero), NULL);
	assert_true(point_equal(&out, &p));
}

/* p - 1 and odd encodings are no points (RFC 9496, appendix A.2). */
static void what_is_no_point_is_refused(void **state)
{
	static const char *const bad[] = {
		"00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
	};
	struct point p, g, out;
	struct scalar s;
	size_t i;

	(void)state;
	scalar_from(&s, 1);
	point_base(&g, &s);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		unhex(p.bytes, bad[i]);
		assert_false(point_valid(&p));
		scalar_random(&s);
		assert_int_equal(point_mul(&out, &s, &p), ERR_INVALID);
		scalar_from(&s, 0);
		assert_int_equal(point_mul(&out, &s, &p), ERR_INVALID);
		assert_int_equal(point_add(&out, &g, &p), ERR_INVALID);
		assert_int_equal(point_sub(&out, &p, &g), ERR_INVALID);
		assert_int_equal(point_times(&out, 3, &p), ERR_INVALID);
	}
}

/* Lengths are hashed: where one input ends and the next begins changes the hash. */
static void inputs_cannot_slide(void **state)
{
	unsigned char a[HASH_BYTES], b[HASH_BYTES];
	struct transcript t;

	(void)state;
	transcript_begin(&t, "label");
	transcript_add(&t, "ab", 2);
	transcript_add(&t, "c", 1);
	transcript_hash(&t, a);
	transcript_begin(&t, "label");
	transcript_add(&t, "a", 1);
	transcript_add(&t, "bc", 2);
	transcript_hash(&t, b);
	assert_memory_not_equal(a, b, sizeof(a));
	transcript_begin(&t, "label");
	transcript_add_begin(&t, 2);
	transcript_add_part(&t, "a", 1);
	transcript_add_part(&t, "b", 1);
	transcript_add(&t, "c", 1);
	transcript_hash(&t, b);
	assert_memory_equal(a, b, sizeof(a));
}

static void nonces_never_repeat(void **state)
{
	struct nonces one, two;
	struct scalar secret, a, b;

	(void)state;
	scalar_random(&secret);
	nonces_init(&one, &secret);
	nonces_init(&two, &secret);
	nonces_next(&one, &a);
	nonces_next(&two, &b);
	assert_memory_not_equal(&a, &b, sizeof(a));
	nonces_next(&one, &b);
	assert_memory_not_equal(&a, &b, sizeof(a));
	nonces_wipe(&one);
	assert_true(sodium_is_zero((const unsigned char *)&one, sizeof(one)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_multiples_are_the_rfcs),
		cmocka_unit_test(times_is_multiplication),
		cmocka_unit_test(a_scalar_has_one_form),
		cmocka_unit_test(the_identity_is_computed_with),
		cmocka_unit_test(what_is_no_point_is_refused),
		cmocka_unit_test(inputs_cannot_slide),
		cmocka_unit_test(nonces_never_repeat),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
