/* SPDX-License-Identifier: MIT */
#include "mailer/dmarc.h"

#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

/* A policy that is taken is one of the three; a refusal says why. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct why why = { 0 };
	struct dmarc d;

	if (dmarc_read(&d, text, &why))
		fuzz_must(why.text[0]);
	else
		fuzz_must(dmarc_claimed(text) && d.percent <= 100 && *dmarc_policy_name(d.policy) &&
		          *dmarc_policy_name(d.subdomains));
	free(text);
	return 0;
}
