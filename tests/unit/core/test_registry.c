/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/registry.h"
#include "tests/support.h"

static struct point nth(uint64_t n)
{
	struct point p = { { 0 } };

	memcpy(p.bytes, &n, sizeof(n));
	p.bytes[31] = 0x5a;
	return p;
}

static struct registry *fresh(uint64_t expected)
{
	struct registry *r;

	assert_int_equal(registry_new(&r, expected), OK);
	return r;
}

static void a_credential_is_there_once(void **state)
{
	struct registry *r = fresh(10);
	struct point a = nth(1), b = nth(2);
	enum registry_state s;
	unsigned weight;

	(void)state;
	assert_int_equal(registry_add(r, &a, 3), OK);
	assert_int_equal(registry_add(r, &a, 1), ERR_EXISTS);
	assert_int_equal(registry_get(r, &a, &weight, &s), OK);
	assert_int_equal(weight, 3);
	assert_int_equal(s, REGISTRY_UNUSED);
	assert_int_equal(registry_get(r, &b, NULL, NULL), ERR_NOT_FOUND);
	assert_int_equal(registry_set(r, &b, REGISTRY_USED), ERR_NOT_FOUND);
	registry_free(r);
}

static void the_counts_follow_every_change(void **state)
{
	struct registry *r = fresh(0);
	struct registry_counts c;
	struct point p;

	(void)state;
	for (uint64_t i = 0; i < 10; i++) {
		p = nth(i);
		assert_int_equal(registry_add(r, &p, 1), OK);
	}
	for (uint64_t i = 0; i < 4; i++) {
		p = nth(i);
		assert_int_equal(registry_set(r, &p, REGISTRY_USED), OK);
		assert_int_equal(registry_set(r, &p, REGISTRY_USED), OK);
	}
	p = nth(9);
	assert_int_equal(registry_set(r, &p, REGISTRY_REPLACED), OK);
	p = nth(3);
	assert_int_equal(registry_set(r, &p, REGISTRY_UNUSED), OK);
	c = registry_counts(r);
	assert_int_equal(c.issued, 10);
	assert_int_equal(c.used, 3);
	assert_int_equal(c.replaced, 1);
	registry_free(r);
}

/* Far more come than were expected, and every one is still what it was. */
static void it_grows_and_forgets_nobody(void **state)
{
	const uint64_t many = 20000;
	struct registry *r = fresh(1);

	(void)state;
	for (uint64_t i = 0; i < many; i++) {
		struct point p = nth(i);

		assert_int_equal(registry_add(r, &p, (unsigned)(i % 1000) + 1), OK);
		if (i % 3 == 0)
			assert_int_equal(registry_set(r, &p, REGISTRY_USED), OK);
	}
	for (uint64_t i = 0; i < many; i++) {
		struct point p = nth(i);
		enum registry_state s;
		unsigned weight;

		assert_int_equal(registry_get(r, &p, &weight, &s), OK);
		assert_int_equal(weight, i % 1000 + 1);
		assert_int_equal(s, i % 3 ? REGISTRY_UNUSED : REGISTRY_USED);
	}
	assert_int_equal(registry_counts(r).issued, many);
	assert_int_equal(registry_counts(r).used, (many + 2) / 3);
	registry_free(r);
}

/* A hostile manifest may say so; memory follows what is issued. */
static void four_thousand_million_expected_cost_nothing(void **state)
{
	struct registry *r = fresh(UINT64_C(0xffffffff));
	struct point p = nth(7);

	(void)state;
	assert_int_equal(registry_add(r, &p, 1), OK);
	registry_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_credential_is_there_once),
		cmocka_unit_test(the_counts_follow_every_change),
		cmocka_unit_test(it_grows_and_forgets_nobody),
		cmocka_unit_test(four_thousand_million_expected_cost_nothing),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
