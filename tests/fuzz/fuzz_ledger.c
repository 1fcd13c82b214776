/* SPDX-License-Identifier: MIT */
#include "core/ledger.h"

#include <string.h>

#include "scrutineer/chronicle.h"
#include "tests/fuzz/fuzz.h"

/* A journal line: what is read is written as the same bytes, and can be summed up any number of
 * times. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf again = BUF_INIT(JOURNAL_LINE_MAX * 2);
	struct chronicle c = { 0 };
	struct journal_line line;
	struct why why = { 0 };

	if (!journal_line_read(&line, (const char *)data, size, &why)) {
		journal_line_write(&again, &line);
		fuzz_must(!buf_err(&again));
		fuzz_must(again.len == size && !memcmp(again.data, data, size));
		for (unsigned i = 0; i < 3; i++) {
			if (chronicle_take(&c, &line, &why))
				fuzz_must(why.check[0]);
		}
		fuzz_must(c.n <= 3);
	}
	chronicle_release(&c);
	buf_free(&again);
	return 0;
}
