/* SPDX-License-Identifier: MIT */
#include "core/tally.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

/* Shares and results. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct manifest *m = fuzz_manifest();
	struct buf again = BUF_INIT(1u << 20);
	unsigned char head[HASH_BYTES];
	uint64_t counts[CELLS_MAX];
	struct why why = { 0 };
	struct share share;

	if (!share_read(&share, m, (const char *)data, size, &why))
		fuzz_must(share.trustee >= 1 && share.trustee <= m->trustees.count);
	share_release(&share);
	if (!result_read(head, counts, m, (const char *)data, size, &why)) {
		result_write(&again, m, head, counts);
		fuzz_must(!buf_err(&again));
		fuzz_must(again.len == size && !memcmp(again.data, data, size));
	}
	buf_free(&again);
	return 0;
}
