/* SPDX-License-Identifier: MIT */
#include "core/head.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

static void same(const struct buf *b, const uint8_t *data, size_t size)
{
	fuzz_must(!buf_err(b));
	fuzz_must(b->len == size && !memcmp(b->data, data, size));
}

/* Heads and receipts: what is read is written as the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct manifest *m = fuzz_manifest();
	struct buf again = BUF_INIT(1u << 20);
	struct why why = { 0 };
	struct receipt receipt;
	struct head head;

	if (!head_read(&head, (const char *)data, size, &why)) {
		head_write(&again, &head);
		same(&again, data, size);
		if (head_check(&head, m, &why))
			fuzz_must(why.check[0]);
	}
	buf_clear(&again);
	if (!receipt_read(&receipt, (const char *)data, size, &why)) {
		receipt_write(&again, &receipt);
		same(&again, data, size);
		if (receipt_check(&receipt, m, "{}", 2, &why))
			fuzz_must(why.check[0]);
	}
	buf_free(&again);
	return 0;
}
