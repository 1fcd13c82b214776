/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_PAPER_H
#define VOTEPOST_SCRUTINEER_PAPER_H

#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"
#include "scrutineer/document.h"
#include "scrutineer/pdf.h"

/*
 * paper - a document laid out on A4 pages: paragraphs, tables that break between rows and repeat
 * their heads, charts; on each page's foot the document's name, its fingerprint and "3/7".
 */

/* The whole PDF. `lacking` is said at the end where the typeface lacked a character. */
MUST_CHECK enum err paper_write(struct buf *out, const struct document *d, const char *fonts,
                                const char *lacking, struct why *why);

/* Shared with paper_charts.c: where the next thing goes, and in what colours. */
#define PAPER_LEFT   64.0f
#define PAPER_WIDTH  (PDF_WIDTH - 2 * PAPER_LEFT)
#define PAPER_TOP    62.0f
#define PAPER_BOTTOM 772.0f
#define PAPER_BODY   9.0f
#define PAPER_SMALL  7.8f
#define PAPER_LEAD   13.2f
struct paper {
	struct pdf *pdf;
	const struct document *d;
	float y; /* of the upper edge of what comes next */
};
extern const struct pdf_colour paper_ink, paper_quiet, paper_rule, paper_accent, paper_track;

/* A new page unless this much is left. */
void paper_need(struct paper *p, float height);
/* A paragraph in a column; its height. Nothing is drawn where `draw` is false. */
struct paper_style {
	enum pdf_face face;
	float size, lead;
	struct pdf_colour colour;
};
float paper_column(struct paper *p, float x, float y, float width, const struct paper_style *style,
                   const char *text, bool draw);
void paper_right(struct paper *p, float x, float y, const struct paper_style *style,
                 const char *text);

void paper_figures(struct paper *p, const struct block *b);
void paper_bars(struct paper *p, const struct block *b);
void paper_columns(struct paper *p, const struct block *b);
void paper_stacks(struct paper *p, const struct block *b);
void paper_sign(struct paper *p, const struct block *b);

#endif
