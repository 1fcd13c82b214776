/* SPDX-License-Identifier: MIT */
#include "core/rules.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

/* The lines of a whole board after its manifest, in whatever order: every refusal has a name,
 * the counts stay within one another, and the end is told a bounded number of times. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct manifest *m = fuzz_manifest();
	const char *at = (const char *)data, *end = at + size;
	struct registry_counts counts;
	struct rules rules;
	struct why why = { 0 };
	unsigned told = 0;

	fuzz_must(!rules_init(&rules, m));
	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		struct line line;
		unsigned weight = 0;

		stop = stop ? stop : end;
		if (line_read(&line, m, at, (size_t)(stop - at), &why))
			rules_skip(&rules);
		else if (rules_take(&rules, &line, &weight, &why))
			fuzz_must(why.check[0]);
		line_release(&line);
		at = stop < end ? stop + 1 : end;
	}
	while (rules_end(&rules, true, &why))
		fuzz_must(why.check[0] && ++told < 4);
	counts = registry_counts(rules.registry);
	fuzz_must(counts.used + counts.replaced <= counts.issued);
	fuzz_must(counts.used <= rules.ballots && counts.replaced <= rules.replaced);
	rules_release(&rules);
	return 0;
}
