/* SPDX-License-Identifier: MIT */
#include "mailer/arrival.h"

#include "tests/fuzz/fuzz.h"

/* Whatever mail it is, what is read of it is printable and within its caps. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct why why = { 0 };
	struct arrival a;

	if (arrival_read(&a, (const char *)data, size, &why)) {
		fuzz_must(why.text[0]);
		return 0;
	}
	fuzz_must(a.hops <= ARRIVAL_HOPS && a.signatures <= ARRIVAL_SIGNATURES);
	fuzz_must(a.judged || !a.results.n);
	for (unsigned i = 0; i < a.hops; i++)
		(void)arrival_covered(&a, i);
	for (const char *at = a.subject; *at; at++)
		fuzz_must(*at >= 0x20 && *at <= 0x7e);
	return 0;
}
