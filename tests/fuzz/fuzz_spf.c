/* SPDX-License-Identifier: MIT */
#include "mailer/spf.h"

#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

/* A record that is taken has its terms within the caps, and names that end; a refusal says why. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct why why = { 0 };
	struct spf s;

	if (spf_read(&s, text, &why)) {
		fuzz_must(why.text[0]);
	} else {
		fuzz_must(spf_claimed(text) && s.n <= SPF_TERMS_MAX);
		for (unsigned i = 0; i < s.n; i++) {
			fuzz_must(memchr(s.term[i].domain, 0, sizeof(s.term[i].domain)));
			fuzz_must(s.term[i].prefix <= 32 && s.term[i].prefix6 <= 128);
			fuzz_must(strchr("+-~?", s.term[i].qualifier));
		}
		fuzz_must(memchr(s.redirect, 0, sizeof(s.redirect)));
	}
	free(text);
	return 0;
}
