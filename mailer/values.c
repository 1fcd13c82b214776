/* SPDX-License-Identifier: MIT */
#include "mailer/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NARROW "\xe2\x80\xaf" /* U+202F */

struct values_block {
	struct values_block *next;
	_Alignas(16) char bytes[];
};

static const struct template_row once = { NULL };

void values_release(struct values *v)
{
	while (v->block) {
		struct values_block *next = v->block->next;

		free(v->block);
		v->block = next;
	}
}

static void *keep(struct values *v, size_t len)
{
	struct values_block *block = calloc(1, sizeof(*block) + len);

	if (!block) {
		v->e = ERR_MEMORY;
		return NULL;
	}
	block->next = v->block;
	v->block = block;
	return block->bytes;
}

struct value_list values_list(struct values *v, size_t room)
{
	struct value_list l = { keep(v, (room + 1) * sizeof(struct template_value)), 0, room };

	if (!l.value)
		l.room = 0;
	return l;
}

static void add(struct value_list *l, struct template_value value)
{
	if (l->n < l->room)
		l->value[l->n++] = value;
	else if (l->value)
		bug("too many values for a template");
}

void values_text(struct values *v, struct value_list *l, const char *name, const char *text)
{
	const size_t len = strlen(text);
	char *copy = keep(v, len + 1);

	if (copy)
		memcpy(copy, text, len);
	add(l, (struct template_value){ name, copy ? copy : "", NULL, 0 });
}

void values_number_text(char out[NUMBER_TEXT], uint64_t n)
{
	char digits[24];
	const size_t len = (size_t)snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
	size_t at = 0;

	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0) {
			memcpy(out + at, NARROW, strlen(NARROW));
			at += strlen(NARROW);
		}
		out[at++] = digits[i];
	}
	out[at] = 0;
}

void values_number(struct values *v, struct value_list *l, const char *name, uint64_t n)
{
	char text[NUMBER_TEXT];

	values_number_text(text, n);
	values_text(v, l, name, text);
}

void values_when(struct value_list *l, const char *name, bool condition)
{
	add(l, (struct template_value){ name, NULL, &once, condition });
}

struct template_row *values_rows(struct values *v, size_t n)
{
	return n ? keep(v, n * sizeof(struct template_row)) : NULL;
}

void values_section(struct value_list *l, const char *name, const struct template_row *row,
                    size_t n)
{
	add(l, (struct template_value){ name, NULL, row, row ? n : 0 });
}
