/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_PARSER_GRAMMAR_H
#define VOTEPOST_RECEIVER_PARSER_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>

#include "receiver/parser/fold.h"
#include "receiver/parser/reply.h"

/*
 * grammar - the written forms inside one folded line: VOTE TOKEN CHOICES, CHOICES, and tokens
 * wherever they stand. It knows no election and never guesses.
 */

/* A line that is exactly one of the two forms, nothing before or behind; `vote` counts only
 * then. */
MUST_CHECK bool grammar_vote(struct reply_vote *vote, struct span line);

/* CHOICES alone: letters (no I, L, O) with or without a grade, by commas; 0, BLANK, BLANC or
 * -; questions by slashes. Spaces round commas and slashes are ignored. `out` gets the folded
 * text, with 0 for blank. */
MUST_CHECK bool grammar_choices(char out[CHOICES_MAX], struct span text);

/* The next whole token of folded text from `*at` on, which moves behind it; false when there
 * is none. Seven groups joined by hyphens (also where a line was broken behind one), or apart
 * by single spaces, or nothing between; never a piece of something longer. */
MUST_CHECK bool grammar_token(struct token *token, struct span text, size_t *at);

#endif
