/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_DOCUMENT_H
#define VOTEPOST_SCRUTINEER_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

/*
 * document - a text made of blocks, filled once and then written as plain text, HTML or PDF.
 *
 * A block is a kind, some cells of text and some numbers; what they mean depends on the kind.
 * Adding is sticky: after a failure nothing is added, document_err says why.
 */
enum block_kind {
	BLOCK_TITLE,   /* cells: the title, what stands below it … */
	BLOCK_HEADING, /* one cell */
	BLOCK_TEXT,    /* one cell: a paragraph */
	BLOCK_NOTE,    /* the same, smaller */
	BLOCK_CAPTION, /* one cell: what the block after it shows */
	BLOCK_ALERT,   /* the same, loud */
	BLOCK_ITEM,    /* the same, in a list */
	BLOCK_CODE,    /* a line as it is typed; broken anywhere */
	BLOCK_FIGURES, /* 2 columns: a figure, what it is; side by side */
	BLOCK_FACTS,   /* 2 columns: a name, a value */
	BLOCK_TABLE,   /* columns; the first row is the head */
	BLOCK_BARS,    /* 2 columns: a label, a figure; a number a row */
	BLOCK_COLUMNS, /* 1 column: what a column is; a number a row */
	BLOCK_STACKS,  /* columns + 1 cells a row: a label, figures; the first row names the parts
	                  and has no numbers; a number a part in each other */
	BLOCK_SIGN,    /* 2 columns: who, as what; a line to sign on */
	BLOCK_KINDS
};
struct block {
	enum block_kind kind;
	unsigned columns;
	unsigned right; /* bit i: column i holds figures */
	size_t cells, numbers;
	char **cell;
	uint64_t *number;
	uint64_t whole; /* what the numbers are parts of; 0: of nothing */
};
struct document {
	const char *title, *language; /* borrowed */
	const char *head, *foot;      /* on every page: what it is, its fingerprint; borrowed */
	bool test;
	const char *test_mark; /* what a test says on each page; borrowed */
	struct block **block;
	size_t n;
	enum err e;
};

void document_release(struct document *d);
enum err document_err(const struct document *d);

/* A block; cells and numbers go to the last that was begun. */
void document_begin(struct document *d, enum block_kind kind, unsigned columns, unsigned right);
void document_cell(struct document *d, const char *text);
void document_number(struct document *d, uint64_t n);
void document_whole(struct document *d, uint64_t n);
/* A block of one cell. */
void document_add(struct document *d, enum block_kind kind, const char *text);

size_t block_rows(const struct block *b);
const char *block_cell(const struct block *b, size_t row, unsigned column);
/* Is this a hash or a key in base64, to be set in a type of fixed width? */
bool document_digest(const char *text);
/* What a full bar stands for: the whole, or else the greatest of the numbers; at least 1. */
uint64_t block_most(const struct block *b);

/* As text of 80 columns, as HTML that loads nothing. */
void document_text(struct buf *out, const struct document *d);
void document_html(struct buf *out, const struct document *d);

#endif
