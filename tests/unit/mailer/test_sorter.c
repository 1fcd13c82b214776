/* SPDX-License-Identifier: MIT */
#include "mailer/sorter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sodium.h>

#define SIZE 34

static void records_come_out_in_byte_order(void **state)
{
	/* More than three runs of eight megabytes. */
	static const unsigned counts[] = { 0, 1, 2, 1000, 800000 };

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		unsigned char record[SIZE], last[SIZE] = { 0 };
		uint64_t in = 0, out = 0;
		struct sorter *s;
		unsigned n = 0;
		struct why why = { 0 };

		assert_int_equal(sorter_new(&s, "/tmp", SIZE, &why), OK);
		for (unsigned k = 0; k < counts[i]; k++) {
			randombytes_buf(record, SIZE);
			in += record[5];
			assert_int_equal(sorter_add(s, record, &why), OK);
		}
		while (sorter_next(s, record, &why) == OK) {
			assert_true(memcmp(last, record, SIZE) <= 0);
			memcpy(last, record, SIZE);
			out += record[5];
			n++;
		}
		assert_int_equal(n, counts[i]);
		assert_int_equal(in, out);
		sorter_free(s);
	}
}

static void a_folder_that_is_not_there_is_said(void **state)
{
	struct sorter *s = NULL;
	struct why why = { 0 };

	(void)state;
	assert_int_equal(sorter_new(&s, "/nowhere/at/all", SIZE, &why), ERR_IO);
	assert_null(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_out_in_byte_order),
		cmocka_unit_test(a_folder_that_is_not_there_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
