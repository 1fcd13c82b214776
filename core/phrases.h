/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_PHRASES_H
#define VOTEPOST_CORE_PHRASES_H

#include <stdbool.h>

/*
 * phrases - what servers and programs say in words of their own: does a text hold one of these?
 */

/* In whatever case. `phrases` ends with NULL. */
bool phrases_in(const char *text, const char *const *phrases);

#endif
