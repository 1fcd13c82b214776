/* SPDX-License-Identifier: MIT */
#include "mailer/breakdown.h"

#include <stdlib.h>
#include <string.h>

#include "core/list.h"

enum err breakdown_begin(struct breakdown *b)
{
	memset(b, 0, sizeof(*b));
	return seen_new(&b->seen);
}

static bool same_text(void *context, uint32_t number)
{
	const struct breakdown *b = context;

	return !strcmp(b->row[number].text, b->sought);
}

static enum err add_row(struct breakdown *b, const char *text, size_t len)
{
	struct breakdown_row *row = list_more(b->row, b->rows, sizeof(*row));
	char *copy = strdup(text);
	uint32_t first;
	enum err e;

	if (row)
		b->row = row;
	e = row && copy ? seen_add(b->seen, text, len, b->rows, same_text, b, &first) : ERR_MEMORY;
	if (e)
		free(copy);
	else
		b->row[b->rows++] = (struct breakdown_row){ .text = copy };
	return e;
}

enum err breakdown_add(struct breakdown *b, const char *text, enum reach reach)
{
	const size_t len = strlen(text);
	uint32_t at = b->rows;
	enum err e = OK;

	b->sought = text;
	if (seen_find(b->seen, text, len, same_text, b, &at) == ERR_NOT_FOUND) {
		if (b->rows == BREAKDOWN_MAX) {
			b->other.n[reach]++;
			b->others = 1;
			return OK;
		}
		e = add_row(b, text, len);
	}
	if (!e)
		b->row[at].reached.n[reach]++;
	return e;
}

static int larger_first(const void *a, const void *b)
{
	const struct breakdown_row *x = a, *y = b;
	const uint64_t m = reached_members(&x->reached), n = reached_members(&y->reached);

	return m > n ? -1 : m < n ? 1 : strcmp(x->text, y->text);
}

void breakdown_end(struct breakdown *b, uint64_t least)
{
	seen_free(b->seen);
	b->seen = NULL;
	if (b->rows)
		qsort(b->row, b->rows, sizeof(*b->row), larger_first);
	while (b->rows && reached_members(&b->row[b->rows - 1].reached) < least) {
		struct breakdown_row *last = &b->row[--b->rows];

		reached_add(&b->other, &last->reached);
		b->others++;
		free(last->text);
	}
}

void breakdown_release(struct breakdown *b)
{
	seen_free(b->seen);
	for (uint32_t i = 0; i < b->rows; i++)
		free(b->row[i].text);
	free(b->row);
	memset(b, 0, sizeof(*b));
}
