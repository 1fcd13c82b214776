/* SPDX-License-Identifier: MIT */
#include "scrutineer/signing.h"

#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

/* minutes.json and a signature under it: refused with the check's name, or within bounds. Nobody
 * signs here, so no signature holds. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct signer chair = { .id = "chair", .has_key = true, .key = { 9 } };
	struct signed_minutes s = { .signers = 0 };
	struct why why = { 0 };
	char *line = fuzz_text(data, size);

	if (!signing_bureau(&s, line, size, &why)) {
		fuzz_must(s.signers <= BUREAU_MEMBERS_MAX);
		for (unsigned i = 0; i < s.signers; i++)
			fuzz_must(bureau_id(s.signer[i].id));
	} else {
		fuzz_must(why.check[0]);
	}
	memset(&s, 0, sizeof(s));
	fuzz_must(signing_check_line(&s, &chair, line, size, &why) == ERR_INVALID);
	fuzz_must(why.check[0]);
	free(line);
	return 0;
}
