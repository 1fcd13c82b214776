/* SPDX-License-Identifier: MIT */
#include "tests/refuse.h"

#include <stdatomic.h>
#include <string.h>

#include "tests/support.h"

/* The linker's names for what our code calls, and for what stood there before. */
void *__real_malloc(size_t len);
void *__real_calloc(size_t n, size_t len);
void *__real_realloc(void *p, size_t len);
void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t n, size_t len);
void *__wrap_realloc(void *p, size_t len);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t most);

/* Threads of the code under test allocate too. */
static atomic_ulong asked;
static atomic_size_t given;
static atomic_int refused;
static unsigned long at;
static int on, for_ever;

static int may_have(size_t len)
{
	unsigned long n = atomic_fetch_add(&asked, 1);

	if (on && (n == at || (for_ever && n > at))) {
		atomic_store(&refused, 1);
		return 0;
	}
	atomic_fetch_add(&given, len);
	return 1;
}

void *__wrap_malloc(size_t len)
{
	return may_have(len) ? __real_malloc(len) : NULL;
}

void *__wrap_calloc(size_t n, size_t len)
{
	return may_have(n * len) ? __real_calloc(n, len) : NULL;
}

void *__wrap_realloc(void *p, size_t len)
{
	return may_have(len) ? __real_realloc(p, len) : NULL;
}

char *__wrap_strndup(const char *text, size_t most)
{
	size_t len = strnlen(text, most);
	char *copy = __wrap_malloc(len + 1);

	if (!copy)
		return NULL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *__wrap_strdup(const char *text)
{
	return __wrap_strndup(text, strlen(text));
}

void refuse_count(void)
{
	atomic_store(&asked, 0);
	atomic_store(&given, 0);
	atomic_store(&refused, 0);
}

size_t refuse_bytes(void)
{
	return atomic_load(&given);
}

void refuse_at(unsigned long n, int ever)
{
	refuse_count();
	at = n;
	for_ever = ever;
	on = 1;
}

int refuse_end(void)
{
	on = 0;
	return atomic_load(&refused);
}

/* Was anything left to refuse? */
static int run_once(const char *name, refuse_run *run, void *ctx, unsigned long n, int ever)
{
	struct why why = { 0 };
	enum err e;
	int did;

	refuse_at(n, ever);
	e = run(ctx, &why);
	did = refuse_end();
	if (!did && e)
		fail_msg("%s: with memory enough: %s (%s)", name, why.text, err_text(e));
	if (e && (e != ERR_MEMORY || why.check[0]))
		fail_msg("%s: allocation %lu%s: %s: %s (%s)", name, n, ever ? " and all after" : "",
		         why.check, why.text, err_text(e));
	return did;
}

void refuse_each(const char *name, refuse_run *run, void *ctx, unsigned long least)
{
	unsigned long n;

	for (n = 0; run_once(name, run, ctx, n, 0); n++)
		run_once(name, run, ctx, n, 1);
	if (n < least)
		fail_msg("%s: %lu allocations, at least %lu were to be refused", name, n, least);
}
