/* SPDX-License-Identifier: MIT */
#include "mailer/authres.h"

#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

/* Whatever is taken is printable, within its caps, and by somebody. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct authres a;

	if (!authres_read(&a, text)) {
		fuzz_must(a.server[0] && a.n <= AUTHRES_MAX);
		for (unsigned i = 0; i < a.n; i++) {
			const char *domain = a.result[i].domain;

			fuzz_must(a.result[i].method[0]);
			fuzz_must(memchr(domain, 0, sizeof(a.result[i].domain)));
			for (; *domain; domain++)
				fuzz_must(*domain > 0x20 && *domain < 0x7f);
		}
	}
	free(text);
	return 0;
}
