/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "core/err.h"

/* A file of its own: the pages, which have no stream to write to, bring another bug_at
 * (receiver/web/stubs.c). */

/* The one place in core that may write to a stream outside log.c and cli.c: the
 * program is about to abort and no caller is left to hand a sentence to. */
_Noreturn void bug_at(const char *file, int line, const char *what)
{
	char text[WHY_MAX];

	snprintf(text, sizeof(text), "bug: %s:%d: %s\n", file, line, what);
	fputs(text, stderr);
	abort();
}
