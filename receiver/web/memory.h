/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_WEB_MEMORY_H
#define VOTEPOST_RECEIVER_WEB_MEMORY_H

#include <stddef.h>

#include "core/err.h"

/*
 * memory - the small files of one record, in memory instead of a folder.
 *
 * The scrutineer's audit reads head.json, heads.ndjson, share-j.json and result.json by core/file.h;
 * memory.c gives it those functions, over what the page put here by name.
 */
MUST_CHECK enum err memory_put(const char *name, size_t name_len, const char *text, size_t len);
void memory_clear(void);

#endif
