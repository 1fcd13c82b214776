/* SPDX-License-Identifier: MIT */
#include "core/board.h"

#include "core/rules.h"
#include "tests/fuzz/fuzz.h"

/* Any board line: its form, its signature, and where it may stand as the first. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct manifest *m = fuzz_manifest();
	struct why why = { 0 };
	struct rules rules;
	struct line line;
	unsigned weight;

	fuzz_must(!rules_init(&rules, m));
	if (!line_read(&line, m, (const char *)data, size, &why)) {
		fuzz_must(size <= line_max(m));
		if (line_check_signature(&line, m, &why))
			fuzz_must(why.check[0]);
		if (rules_take(&rules, &line, &weight, &why))
			fuzz_must(why.check[0]);
	} else {
		fuzz_must(why.text[0]);
	}
	line_release(&line);
	rules_release(&rules);
	return 0;
}
