/* SPDX-License-Identifier: MIT */
#include "scrutineer/typeface.h"

#include "tests/fuzz/fuzz.h"

/* A typeface's table of characters: whatever it says, nothing beyond U+FFFF is in it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct typeface *f;

	if (!typeface_parse(&f, data, size)) {
		for (uint32_t c = 0; c < 0x10000; c += 7)
			(void)typeface_has(f, c);
		fuzz_must(!typeface_has(f, 0xffff) && !typeface_has(f, 0x1f5f3));
	}
	typeface_free(f);
	return 0;
}
