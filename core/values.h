/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_VALUES_H
#define VOTEPOST_CORE_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/template.h"

/*
 * values - a template's values while they are gathered, and the memory that they need, which
 * goes all at once. After a failure nothing more is gathered: ask values_err at the end.
 */
struct values {
	struct kept *kept;
	enum err e;
};
#define VALUES_INIT ((struct values){ .kept = NULL })
void values_release(struct values *v);
MUST_CHECK enum err values_err(const struct values *v);

/* Zeroed memory that lives as long as `v`; NULL after a failure. A text or a number copied into
 * it; "" after a failure. */
void *values_keep(struct values *v, size_t len);
const char *values_text(struct values *v, const char *text);
const char *values_number(struct values *v, uint64_t n);
/* For people, with narrow spaces between thousands: "1 600 000". */
#define VALUES_THOUSANDS 40
void values_thousands_write(char out[VALUES_THOUSANDS], uint64_t n);
const char *values_thousands(struct values *v, uint64_t n);

/* What one template, or one row of a section, may name. `value` ends with a NULL name, whenever
 * one looks, and is NULL after a failure. Names and texts are borrowed. More than `room` is a
 * bug. */
struct value_list {
	struct values *v;
	struct template_value *value;
	size_t n, room;
};
struct value_list values_list(struct values *v, size_t room);
void values_add_text(struct value_list *l, const char *name, const char *text);
void values_add_when(struct value_list *l, const char *name, bool condition);
void values_add_rows(struct value_list *l, const char *name, const struct template_row *row,
                     size_t rows);

#endif
