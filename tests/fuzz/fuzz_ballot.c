/* SPDX-License-Identifier: MIT */
#include "core/ballot.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct manifest *m = fuzz_manifest();
	struct why why = { 0 };
	struct ballot b;

	if (!ballot_read(&b, m, (const char *)data, size, &why)) {
		fuzz_must(ballot_line_bytes(m, b.channel) == size);
		if (!ballot_check_signature(&b, m, &why))
			fuzz_must(!ballot_check_proofs(&b, m, &why));
	} else {
		fuzz_must(why.text[0]);
	}
	ballot_release(&b);
	return 0;
}
