/* SPDX-License-Identifier: MIT */
#include "mailer/dkim.h"

#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

/* A key that is taken has a length that it can have; a refusal says why. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct why why = { 0 };
	struct dkim_key key;

	if (dkim_read(&key, text, &why)) {
		fuzz_must(why.text[0]);
	} else {
		fuzz_must(dkim_claimed(text));
		fuzz_must(!key.bits || (key.kind == DKIM_RSA && !key.revoked));
		fuzz_must(key.bits <= 8 * strlen(text));
	}
	free(text);
	return 0;
}
