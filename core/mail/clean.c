/* SPDX-License-Identifier: MIT */
#include "core/mail/clean.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void clean_free(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

void *clean_realloc(void *p, size_t len)
{
	size_t old = p ? malloc_usable_size(p) : 0;
	void *moved;

	if (p && len && len <= old)
		return p;
	moved = malloc(len);
	if (!moved)
		return NULL;
	if (p)
		memcpy(moved, p, old < len ? old : len);
	clean_free(p);
	return moved;
}
