/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_SYNTAX_H
#define VOTEPOST_CORE_SYNTAX_H

#include <stdbool.h>

/*
 * syntax - the small written forms that a manifest holds (protocol section 2): yes or no.
 */

/* [a-z]{2,3}(-[A-Za-z0-9]{2,8})* */
bool syntax_language(const char *tag);

/* A plain ASCII addr-spec, dot-atoms on both sides of one @; at most 254 bytes. */
bool syntax_address(const char *text);

/* An https:// URL without a fragment; http://127.0.0.1 too where `test`. */
bool syntax_link(const char *text, bool test);

#endif
