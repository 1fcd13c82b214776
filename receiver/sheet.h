/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_SHEET_H
#define VOTEPOST_RECEIVER_SHEET_H

#include "core/values.h"

/*
 * sheet - an answer's plain text as the blocks of its HTML form, by their shape, so that whoever
 * translates writes plain text alone:
 *
 *   *** a line between asterisks ***       banner
 *   the first line, where it is `heading`  heading
 *   some words: and the next line an URL   button, the colon gone; more_button after the first
 *      (A)  three spaces and brackets      option: letter and text
 *      three spaces                        code, left to right in every language
 *   {"…                                    receipt
 *   anything else                          paragraph, of lines; an empty line ends it. Right
 *                                          above an option or code: label
 */

/* The rows of a section, for config/answers/answer.html: each names all of these shapes, of which
 * one holds; text, url, letter; and lines with one `line` each. Everything is kept in `v`; NULL and 0 after a failure. */
const struct template_row *sheet_rows(struct values *v, const char *text, const char *heading,
                                      size_t *rows);

#endif
