/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_PDF_H
#define VOTEPOST_SCRUTINEER_PDF_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"

/*
 * pdf - A4 pages with text, lines and boxes, over libharu. Points from the upper left corner.
 *
 * The typefaces are embedded. The same calls give the same bytes: no date, no id but what is in
 * it. Sticky: after a failure nothing is drawn, pdf_end says why. A character that a typeface
 * lacks is drawn as U+25A1, and pdf_lacked tells that there was one.
 */
#define PDF_WIDTH  595.0f
#define PDF_HEIGHT 842.0f

struct pdf;
enum pdf_face { PDF_PLAIN, PDF_BOLD, PDF_MONO, PDF_FACES };
struct pdf_colour {
	float r, g, b;
};

/* pdf_free after. ERR_NOT_FOUND names a typeface that `fonts` does not hold. */
MUST_CHECK enum err pdf_new(struct pdf **out, const char *fonts, const char *title,
                            struct why *why);
void pdf_free(struct pdf *p);

/* A new page behind the last, which is drawn on from now on; how many there are; back to one of
 * them (from 0). */
void pdf_page(struct pdf *p);
size_t pdf_pages(const struct pdf *p);
void pdf_turn(struct pdf *p, size_t page);

/* The first `len` bytes of a UTF-8 text, its base line at y. */
void pdf_text(struct pdf *p, float x, float y, enum pdf_face face, float size,
              struct pdf_colour colour, const char *text, size_t len);
float pdf_text_width(struct pdf *p, enum pdf_face face, float size, const char *text, size_t len);
void pdf_line(struct pdf *p, float x1, float y1, float x2, float y2, float thick,
              struct pdf_colour colour);
void pdf_box(struct pdf *p, float x, float y, float width, float height, struct pdf_colour colour);
bool pdf_lacked(const struct pdf *p);

/* Append the whole file. */
MUST_CHECK enum err pdf_end(struct pdf *p, struct buf *out, struct why *why);

#endif
