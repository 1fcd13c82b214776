/* SPDX-License-Identifier: MIT */
#include "scrutineer/document.h"

#include <stdlib.h>
#include <string.h>

#include "core/list.h"

#define DIGEST_TEXT 43 /* 32 bytes in base64 */

static void *more(struct document *d, void *list, size_t n, size_t size)
{
	void *bigger = d->e ? NULL : list_more(list, n, size);

	if (!d->e && !bigger)
		d->e = ERR_MEMORY;
	return bigger;
}

void document_begin(struct document *d, enum block_kind kind, unsigned columns, unsigned right)
{
	struct block **list = more(d, d->block, d->n, sizeof(*list)), *b;

	if (!list)
		return;
	d->block = list;
	b = calloc(1, sizeof(*b));
	if (!b) {
		d->e = ERR_MEMORY;
		return;
	}
	b->kind = kind;
	b->columns = columns;
	b->right = right;
	d->block[d->n++] = b;
}

void document_cell(struct document *d, const char *text)
{
	struct block *b = d->n ? d->block[d->n - 1] : NULL;
	char **list, *copy;

	if (d->e || !b)
		return;
	list = more(d, b->cell, b->cells, sizeof(*list));
	if (!list)
		return;
	b->cell = list;
	copy = strdup(text);
	if (copy)
		b->cell[b->cells++] = copy;
	else
		d->e = ERR_MEMORY;
}

void document_number(struct document *d, uint64_t n)
{
	struct block *b = d->n ? d->block[d->n - 1] : NULL;
	uint64_t *list;

	if (d->e || !b)
		return;
	list = more(d, b->number, b->numbers, sizeof(*list));
	if (!list)
		return;
	b->number = list;
	b->number[b->numbers++] = n;
}

void document_whole(struct document *d, uint64_t n)
{
	if (!d->e && d->n)
		d->block[d->n - 1]->whole = n;
}

void document_add(struct document *d, enum block_kind kind, const char *text)
{
	document_begin(d, kind, 1, 0);
	document_cell(d, text);
}

size_t block_rows(const struct block *b)
{
	return b->cells / b->columns;
}

const char *block_cell(const struct block *b, size_t row, unsigned column)
{
	return b->cell[row * b->columns + column];
}

bool document_digest(const char *text)
{
	size_t len = strlen(text);

	return len == DIGEST_TEXT &&
	       strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
	               len;
}

uint64_t block_most(const struct block *b)
{
	uint64_t most = b->whole ? b->whole : 1;

	for (size_t i = 0; i < b->numbers; i++)
		most = b->number[i] > most ? b->number[i] : most;
	return most;
}

enum err document_err(const struct document *d)
{
	return d->e;
}

void document_release(struct document *d)
{
	for (size_t i = 0; i < d->n; i++) {
		for (size_t c = 0; c < d->block[i]->cells; c++)
			free(d->block[i]->cell[c]);
		free(d->block[i]->cell);
		free(d->block[i]->number);
		free(d->block[i]);
	}
	free(d->block);
	memset(d, 0, sizeof(*d));
}
