/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_VALUES_H
#define VOTEPOST_MAILER_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/template.h"

/*
 * values - what is put into a template: a tree of names, texts and rows, with all its memory.
 *
 * Sticky: after want of memory nothing is added, and `e` says so in the end.
 */
struct values {
	struct values_block *block;
	enum err e;
};
void values_release(struct values *v);

/* Names and what they stand for; ended by a NULL name at any time. */
struct value_list {
	struct template_value *value;
	size_t n, room;
};
struct value_list values_list(struct values *v, size_t room);

/* The text is copied; the name is a literal. */
void values_text(struct values *v, struct value_list *l, const char *name, const char *text);
#define NUMBER_TEXT 40
/* With narrow spaces between thousands: "1 600 000". */
void values_number_text(char out[NUMBER_TEXT], uint64_t n);
void values_number(struct values *v, struct value_list *l, const char *name, uint64_t n);
void values_when(struct value_list *l, const char *name, bool condition);

/* Room for so many rows; their values are the caller's to set. NULL where there is no memory, and
 * for none. */
struct template_row *values_rows(struct values *v, size_t n);
void values_section(struct value_list *l, const char *name, const struct template_row *row,
                    size_t n);

#endif
