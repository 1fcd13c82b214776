/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <sodium.h>

#include "core/err.h"
#include "core/group.h"

/*
 * stubs - what core and its libraries expect of a system, where there is none: chance comes
 * from the page, the module's one import, and whatever cannot go on traps.
 */

__attribute__((import_module("env"), import_name("random"))) void stubs_random(void *at,
                                                                               size_t len);

void randombytes_buf(void *const buf, const size_t size)
{
	stubs_random(buf, size);
}

/* There is one thread, and nothing to choose among: every processor is the same. */
int sodium_init(void)
{
	return 0;
}

_Noreturn void sodium_misuse(void)
{
	__builtin_trap();
}

_Noreturn void bug_at(const char *file, int line, const char *what)
{
	(void)file;
	(void)line;
	(void)what;
	__builtin_trap();
}

/* Jansson's own asks the clock. */
volatile uint32_t hashtable_seed;

void json_object_seed(size_t seed)
{
	uint32_t fresh = (uint32_t)seed;

	while (fresh == 0)
		randombytes_buf(&fresh, sizeof(fresh));
	hashtable_seed = fresh;
}

/* Jansson reads a fraction before core refuses it, whatever its value is. */
double strtod(const char *restrict text, char **restrict end)
{
	*end = (char *)(uintptr_t)text + strlen(text);
	return 0;
}

#ifdef VOTEPOST_NO_TABLE
/* G's table of multiples is two fifths of the voting page's module. Without it a ballot takes
 * some milliseconds more, and the page opens sooner. */
int crypto_scalarmult_ristretto255_base(unsigned char *q, const unsigned char *n)
{
	return crypto_scalarmult_ristretto255(q, n, group_base.bytes);
}
#endif
