/* SPDX-License-Identifier: MIT */
#include "mailer/shuffle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void every_number_has_one_place(void **state)
{
	static const uint32_t sizes[] = { 1, 2, 3, 4, 5, 16, 17, 255, 256, 1000, 4097 };
	const unsigned char key[SHUFFLE_KEY_BYTES] = "a key for a test";
	struct shuffle s;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char *seen = calloc(sizes[i], 1);

		assert_non_null(seen);
		shuffle_init(&s, key, sizes[i]);
		for (uint32_t place = 0; place < sizes[i]; place++) {
			uint32_t number = shuffle_at(&s, place);

			assert_true(number < sizes[i]);
			assert_int_equal(seen[number]++, 0);
			assert_int_equal(shuffle_place(&s, number), place);
		}
		free(seen);
	}
}

static void another_key_is_another_order(void **state)
{
	struct shuffle a, b;
	unsigned same = 0, in_order = 0;

	(void)state;
	shuffle_init(&a, (const unsigned char *)"0123456789abcdef", 10000);
	shuffle_init(&b, (const unsigned char *)"0123456789abcdeg", 10000);
	for (uint32_t i = 0; i < 10000; i++) {
		same += shuffle_at(&a, i) == shuffle_at(&b, i);
		in_order += shuffle_at(&a, i) == i;
	}
	assert_true(same < 20);
	assert_true(in_order < 20);
}

static void the_largest_roll_is_shuffled_too(void **state)
{
	struct shuffle s;

	(void)state;
	shuffle_init(&s, (const unsigned char *)"0123456789abcdef", UINT32_MAX);
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(shuffle_place(&s, shuffle_at(&s, i * 4294967)), i * 4294967);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_has_one_place),
		cmocka_unit_test(another_key_is_another_order),
		cmocka_unit_test(the_largest_roll_is_shuffled_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
