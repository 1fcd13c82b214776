/* SPDX-License-Identifier: MIT */
#include "core/manifest.h"

#include <string.h>

#include <sodium.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct manifest *m = NULL;
	struct why why = { 0 };

	if (sodium_init() < 0)
		return 0;
	if (manifest_read(&m, (const char *)data, size, &why)) {
		fuzz_must(why.text[0]);
		return 0;
	}
	fuzz_must(m->len == size && !memcmp(m->line, data, size));
	fuzz_must(m->questions <= QUESTIONS_MAX && m->cells <= CELLS_MAX && m->rows <= m->cells);
	fuzz_must(m->opens < m->closes);
	manifest_free(m);
	return 0;
}
