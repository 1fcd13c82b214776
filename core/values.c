/* SPDX-License-Identifier: MIT */
#include "core/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A block of memory that lives as long as the values. */
struct kept {
	struct kept *next;
	_Alignas(16) char bytes[];
};

void *values_keep(struct values *v, size_t len)
{
	struct kept *kept;

	if (v->e)
		return NULL;
	kept = calloc(1, sizeof(*kept) + len);
	if (!kept) {
		v->e = ERR_MEMORY;
		return NULL;
	}
	kept->next = v->kept;
	v->kept = kept;
	return kept->bytes;
}

const char *values_text(struct values *v, const char *text)
{
	size_t len = strlen(text);
	char *copy = values_keep(v, len + 1);

	if (copy)
		memcpy(copy, text, len);
	return copy ? copy : "";
}

const char *values_number(struct values *v, uint64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
	return values_text(v, text);
}

void values_thousands_write(char out[VALUES_THOUSANDS], uint64_t n)
{
	static const char narrow[] = "\xe2\x80\xaf"; /* U+202F */
	char digits[24];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
	size_t at = 0;

	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0) {
			memcpy(out + at, narrow, sizeof(narrow) - 1);
			at += sizeof(narrow) - 1;
		}
		out[at++] = digits[i];
	}
	out[at] = 0;
}

const char *values_thousands(struct values *v, uint64_t n)
{
	char text[VALUES_THOUSANDS];

	values_thousands_write(text, n);
	return values_text(v, text);
}

struct value_list values_list(struct values *v, size_t room)
{
	struct value_list l = { .v = v, .room = room };

	l.value = values_keep(v, (room + 1) * sizeof(struct template_value));
	return l;
}

static void add(struct value_list *l, struct template_value value)
{
	if (!l->value)
		return;
	if (l->n == l->room)
		bug("too many values for a template");
	l->value[l->n++] = value;
}

void values_add_text(struct value_list *l, const char *name, const char *text)
{
	add(l, (struct template_value){ .name = name, .text = text });
}

void values_add_when(struct value_list *l, const char *name, bool condition)
{
	static const struct template_row once = { NULL };

	add(l, (struct template_value){ .name = name, .row = &once, .rows = condition });
}

void values_add_rows(struct value_list *l, const char *name, const struct template_row *row,
                     size_t rows)
{
	add(l, (struct template_value){ .name = name, .row = row, .rows = row ? rows : 0 });
}

enum err values_err(const struct values *v)
{
	return v->e;
}

void values_release(struct values *v)
{
	while (v->kept) {
		struct kept *next = v->kept->next;

		free(v->kept);
		v->kept = next;
	}
	*v = VALUES_INIT;
}
