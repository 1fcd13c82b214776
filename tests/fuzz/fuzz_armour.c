/* SPDX-License-Identifier: MIT */
#include "core/ballot.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

static bool alphabet(const uint8_t *data, size_t size)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789+/=> \t\r\n";

	while (size--)
		if (!memchr(letters, *data++, sizeof(letters) - 1))
			return false;
	return true;
}

/* A block that is read is written as one that reads as the same line. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf line = BUF_INIT(1u << 20), block = BUF_INIT(2u << 20),
		   again = BUF_INIT(1u << 20);
	const char *start, *end;

	if (!armour_read(&line, (const char *)data, size) && line.len) {
		fuzz_must(alphabet(data, size));
		armour_write(&block, line.data, line.len);
		fuzz_must(!buf_err(&block));
		start = strstr(block.data, ARMOUR_BEGIN);
		end = strstr(block.data, ARMOUR_END);
		fuzz_must(start && end);
		start += strlen(ARMOUR_BEGIN);
		fuzz_must(!armour_read(&again, start, (size_t)(end - start)));
		fuzz_must(again.len == line.len && !memcmp(again.data, line.data, line.len));
	}
	buf_free(&line);
	buf_free(&block);
	buf_free(&again);
	return 0;
}
