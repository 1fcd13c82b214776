/* SPDX-License-Identifier: MIT */
#include "tests/unit/taken_over.h"

#include "receiver/parser/nursery.h"

/* What a parser that was taken over might try. */
void nursery_test_hook(const char *raw, size_t len)
{
	(void)len;
	if (strstr(raw, "TRY stop"))
		raise(SIGSTOP);
	taken_over(raw);
}
