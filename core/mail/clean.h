/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAIL_CLEAN_H
#define VOTEPOST_CORE_MAIL_CLEAN_H

#include <stddef.h>

/*
 * clean - free and realloc that leave nothing behind: for libraries that copy what we hand
 * them, a letter with its token, into memory of their own.
 */
void clean_free(void *p);
void *clean_realloc(void *p, size_t len);

#endif
