/* SPDX-License-Identifier: MIT */
#include "core/json.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

/* What is read prints as the same bytes: one value, one written form. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf again = BUF_INIT(8u << 20);
	struct why why = { 0 };
	json_t *value = NULL;

	if (json_read(&value, (const char *)data, size, &why)) {
		fuzz_must(why.text[0]);
		return 0;
	}
	json_add(&again, value);
	fuzz_must(!buf_err(&again));
	fuzz_must(again.len == size && !memcmp(again.data, data, size));
	json_decref(value);
	buf_free(&again);
	return 0;
}
