/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_PARSER_ATTRIBUTION_H
#define VOTEPOST_RECEIVER_PARSER_ATTRIBUTION_H

#include <stdbool.h>
#include <stddef.h>

#include "receiver/parser/fold.h"

/*
 * attribution - the line that a mail program puts over what it quotes: "On ... wrote:", "Le
 * ... a écrit :", "-----Original Message-----", a block of "From:" and "Sent:", a rule of
 * underscores, our own "----- reply above this line -----".
 *
 * It decides whether a vote line ends where it seems to end. A line that a person may have
 * written on is none: a verb alone does not do, nor does a rule. It takes the date and the
 * sender as programs write them, and behind it a quote, an empty line or the end; a rule
 * takes a quote or headers right behind it.
 */
#define ATTRIBUTION_LINES 6 /* it looks at so many lines, from the one in question on */

/* `line` holds `n` lines of folded text, fewer at its end. */
bool attribution_begins(const struct fold_line *line, size_t n);

#endif
