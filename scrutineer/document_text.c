/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "scrutineer/document.h"

#define WIDTH       78
#define COLUMNS_MAX 16
#define GAP         2

/* What takes part of a line: characters, not bytes. */
static size_t width(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

/* How many bytes of `text` go on a line of `room` characters; what comes next is at `*next`. */
static size_t fit(const char *text, size_t room, const char **next)
{
	size_t used = 0, at = 0, space = 0;

	while (text[at] && used < room) {
		uint32_t c;
		size_t n = utf8_next(&c, text + at, strlen(text + at));

		if (text[at] == ' ')
			space = at;
		at += n ? n : 1;
		used++;
	}
	if (text[at] && text[at] != ' ' && space)
		at = space;
	*next = text + at;
	while (**next == ' ')
		(*next)++;
	return at;
}

static void pad(struct buf *out, size_t n, const char *with)
{
	while (n--)
		buf_adds(out, with);
}

static void wrap(struct buf *out, const char *text, size_t first, size_t indent)
{
	size_t left = first;

	do {
		const char *next;
		size_t n = fit(text, WIDTH - indent, &next);

		pad(out, left, " ");
		buf_add(out, text, n);
		buf_addc(out, '\n');
		text = next;
		left = indent;
	} while (*text);
}

static void title(struct buf *out, const struct block *b)
{
	for (size_t i = 0; i < b->cells; i++) {
		wrap(out, b->cell[i], 0, 0);
		if (i == 0) {
			pad(out, width(b->cell[0], strlen(b->cell[0])), "=");
			buf_adds(out, "\n\n");
		}
	}
}

static size_t longest_word(const char *text)
{
	size_t most = 0;

	while (*text) {
		size_t n = strcspn(text, " "), w = width(text, n);

		most = w > most ? w : most;
		text += n + (text[n] == ' ');
	}
	return most;
}

/* Natural widths; the widest give way until a line holds them all, but no word is cut unless it
 * is longer than half a line. */
static void measure(const struct block *b, size_t *column)
{
	size_t total = GAP * (b->columns - 1), floor[COLUMNS_MAX];

	for (unsigned c = 0; c < b->columns; c++) {
		column[c] = 1;
		floor[c] = 1;
		for (size_t r = 0; r < block_rows(b); r++) {
			const char *text = block_cell(b, r, c);
			size_t w = width(text, strlen(text));

			column[c] = w > column[c] ? w : column[c];
			w = longest_word(text);
			floor[c] = w > floor[c] && w <= WIDTH / 2 ? w : floor[c];
		}
		total += column[c];
	}
	for (; total > WIDTH - 2; total--) {
		unsigned widest = b->columns;

		for (unsigned c = 0; c < b->columns; c++) {
			if (column[c] > floor[c] &&
			    (widest == b->columns || column[c] > column[widest]))
				widest = c;
		}
		if (widest == b->columns)
			break;
		column[widest]--;
	}
}

static void row(struct buf *out, const struct block *b, size_t r, const size_t *column)
{
	const char *rest[COLUMNS_MAX];
	bool more = true;

	for (unsigned c = 0; c < b->columns; c++)
		rest[c] = block_cell(b, r, c);
	while (more) {
		size_t end = 0;

		more = false;
		pad(out, 2, " ");
		for (unsigned c = 0; c < b->columns; c++) {
			const char *next;
			size_t n = fit(rest[c], column[c], &next), w = width(rest[c], n);

			if (c)
				end += GAP;
			if (b->right & 1u << c)
				end += column[c] - w;
			if (w) {
				pad(out, end, " ");
				buf_add(out, rest[c], n);
				end = 0;
			}
			end += b->right & 1u << c ? (w ? 0 : w) : column[c] - w;
			rest[c] = next;
			more = more || *next;
		}
		buf_addc(out, '\n');
	}
}

static void table(struct buf *out, const struct block *b, bool head)
{
	size_t column[COLUMNS_MAX], total = GAP * (b->columns - 1);

	measure(b, column);
	for (unsigned c = 0; c < b->columns; c++)
		total += column[c];
	for (size_t r = 0; r < block_rows(b); r++) {
		row(out, b, r, column);
		if (r == 0 && head) {
			pad(out, 2, " ");
			pad(out, total, "-");
			buf_addc(out, '\n');
		}
	}
}

static void bars(struct buf *out, const struct block *b)
{
	size_t column[COLUMNS_MAX], total = 2 + GAP * b->columns;

	measure(b, column);
	for (unsigned c = 0; c < b->columns; c++)
		total += column[c];
	for (size_t r = 0; r < block_rows(b); r++) {
		size_t before, n;

		row(out, b, r, column);
		n = total + 12 > WIDTH ? 0
		                       : (size_t)(b->number[r] * (WIDTH - total) / block_most(b));
		if (!n || buf_err(out))
			continue;
		/* Behind the row's line: a bar for the eye. */
		out->len--;
		before = out->len;
		while (before && out->data[before - 1] != '\n')
			before--;
		pad(out, total - width(out->data + before, out->len - before), " ");
		pad(out, n, "#");
		buf_addc(out, '\n');
	}
}

static void columns(struct buf *out, const struct block *b)
{
	/* The table below has the figures; without it they stand here. */
	if (b->numbers <= 60)
		return;
	for (size_t r = 0; r < b->numbers; r++)
		buf_addf(out, "  %s  %llu\n", b->cell[r], (unsigned long long)b->number[r]);
}

static void sign(struct buf *out, const struct block *b)
{
	for (size_t r = 0; r < block_rows(b); r++) {
		wrap(out, block_cell(b, r, 0), 2, 2);
		wrap(out, block_cell(b, r, 1), 2, 2);
		buf_adds(out, "\n  ________________________________________\n\n");
	}
}

static void block(struct buf *out, const struct block *b)
{
	switch (b->kind) {
	case BLOCK_TITLE:
		title(out, b);
		break;
	case BLOCK_HEADING:
		buf_addc(out, '\n');
		wrap(out, b->cell[0], 0, 0);
		pad(out, width(b->cell[0], strlen(b->cell[0])), "-");
		buf_addc(out, '\n');
		break;
	case BLOCK_ALERT:
		pad(out, WIDTH, "*");
		buf_addc(out, '\n');
		wrap(out, b->cell[0], 0, 0);
		pad(out, WIDTH, "*");
		buf_addc(out, '\n');
		break;
	case BLOCK_ITEM:
		buf_adds(out, "- ");
		wrap(out, b->cell[0], 0, 2);
		break;
	case BLOCK_CODE:
		buf_addf(out, "    %s\n", b->cell[0]);
		break;
	case BLOCK_FIGURES:
	case BLOCK_FACTS:
		table(out, b, false);
		break;
	case BLOCK_TABLE:
	case BLOCK_STACKS:
		table(out, b, true);
		break;
	case BLOCK_BARS:
		bars(out, b);
		break;
	case BLOCK_COLUMNS:
		columns(out, b);
		break;
	case BLOCK_SIGN:
		sign(out, b);
		break;
	case BLOCK_TEXT:
	case BLOCK_NOTE:
	case BLOCK_CAPTION:
	case BLOCK_KINDS:
		wrap(out, b->cell[0], 0, 0);
		break;
	}
}

void document_text(struct buf *out, const struct document *d)
{
	for (size_t i = 0; i < d->n; i++) {
		const enum block_kind kind = d->block[i]->kind;

		if (i && !(kind == BLOCK_COLUMNS && d->block[i]->numbers <= 60) &&
		    !(kind == d->block[i - 1]->kind && kind == BLOCK_CODE))
			buf_addc(out, '\n');
		block(out, d->block[i]);
	}
}
