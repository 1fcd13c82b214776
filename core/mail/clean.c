/* SPDX-License-Identifier: MIT */
#include "core/mail/clean.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

static void clean_free(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

static void *clean_realloc(void *p, size_t len)
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

static void init_curl(void)
{
	curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, clean_free, clean_realloc, strdup,
	                     calloc);
}

void clean_curl(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, init_curl);
}
