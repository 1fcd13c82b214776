/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_TOKENLIKE_H
#define VOTEPOST_CORE_TOKENLIKE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * tokenlike - does somebody's token stand in this text, or nearly all of one? For what goes to
 * many: no text of an organiser may hold a code, not even a used one.
 *
 * A whole token, in any case, with or without its hyphens or with spaces in their place; six groups
 * of four joined by hyphens, a digit among them, whatever a check says; and the fragment of a link.
 * Words are none.
 */
bool tokenlike(const char *text, size_t len);

#endif
