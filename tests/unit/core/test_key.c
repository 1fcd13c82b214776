/* SPDX-License-Identifier: MIT */
#include "core/key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void keys_are_big_endian(void **state)
{
	unsigned char k[8];

	(void)state;
	key_u32(k, 0x01020304);
	assert_memory_equal(k, "\1\2\3\4", 4);
	key_u64(k, UINT64_C(0x0102030405060708));
	assert_memory_equal(k, "\1\2\3\4\5\6\7\10", 8);
}

static void keys_come_back_and_sort_as_numbers_do(void **state)
{
	static const uint64_t n[] = { 0,         1, 255, 256, 65535, 0xFFFFFFFF, UINT64_C(1) << 32,
		                      UINT64_MAX };
	unsigned char last[8], k[8];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(n) / sizeof(n[0]); i++) {
		key_u64(k, n[i]);
		assert_true(key_read_u64(k) == n[i]);
		if (i)
			assert_true(memcmp(last, k, 8) < 0);
		memcpy(last, k, 8);
		key_u32(k, (uint32_t)n[i]);
		assert_int_equal(key_read_u32(k), (uint32_t)n[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_big_endian),
		cmocka_unit_test(keys_come_back_and_sort_as_numbers_do),
	};

	return cmocka_run_group_tests_name("key", tests, NULL, NULL);
}
