/* SPDX-License-Identifier: MIT */
#include "scrutineer/pdf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hpdf.h>

#include "core/file.h"
#include "core/text.h"
#include "scrutineer/typeface.h"

#define PAGES_MAX 2000
#define TEXT_MAX  1024 /* bytes of a piece of text */
#define LACKING   "\xe2\x96\xa1"

struct pdf {
	HPDF_Doc doc;
	HPDF_Font font[PDF_FACES];
	struct typeface *face[PDF_FACES];
	HPDF_Page page[PAGES_MAX];
	HPDF_Page now;
	size_t pages;
	bool lacked;
	enum err e;
};

static const char *const files[PDF_FACES] = { "DejaVuSans.ttf", "DejaVuSans-Bold.ttf",
	                                      "DejaVuSansMono.ttf" };

static enum err load(struct pdf *p, const char *fonts, struct why *why)
{
	struct buf path = BUF_INIT(FILENAME_MAX);
	enum err e = OK;

	for (unsigned i = 0; i < PDF_FACES && !e; i++) {
		const char *name, *file = file_path(&path, fonts, files[i]);

		e = typeface_read(&p->face[i], file, why);
		if (e)
			break;
		name = HPDF_LoadTTFontFromFile(p->doc, file, HPDF_TRUE);
		p->font[i] = name ? HPDF_GetFont(p->doc, name, "UTF-8") : NULL;
		if (!p->font[i])
			e = why_set(why, ERR_FORMAT, "%s: no typeface that can be embedded", file);
	}
	buf_free(&path);
	return e;
}

enum err pdf_new(struct pdf **out, const char *fonts, const char *title, struct why *why)
{
	struct pdf *p = calloc(1, sizeof(*p));
	enum err e;

	*out = p;
	/* Without a handler errors stay in the document, to be asked for at the end. */
	if (p)
		p->doc = HPDF_New(NULL, NULL);
	if (!p || !p->doc)
		return why_set(why, ERR_MEMORY, "no memory for a PDF");
	HPDF_UseUTFEncodings(p->doc);
	HPDF_SetCompressionMode(p->doc, HPDF_COMP_ALL);
	e = load(p, fonts, why);
	/* libharu writes what it is given: the title in the PDF's own ASCII. */
	HPDF_SetInfoAttr(p->doc, HPDF_INFO_TITLE, title);
	return e;
}

void pdf_free(struct pdf *p)
{
	if (!p)
		return;
	for (unsigned i = 0; i < PDF_FACES; i++)
		typeface_free(p->face[i]);
	if (p->doc)
		HPDF_Free(p->doc);
	free(p);
}

void pdf_page(struct pdf *p)
{
	HPDF_Page page;

	if (p->e)
		return;
	if (p->pages == PAGES_MAX) {
		p->e = ERR_TOO_LARGE;
		return;
	}
	page = HPDF_AddPage(p->doc);
	if (!page) {
		p->e = ERR_MEMORY;
		return;
	}
	HPDF_Page_SetWidth(page, PDF_WIDTH);
	HPDF_Page_SetHeight(page, PDF_HEIGHT);
	p->page[p->pages++] = page;
	p->now = page;
}

size_t pdf_pages(const struct pdf *p)
{
	return p->pages;
}

void pdf_turn(struct pdf *p, size_t page)
{
	if (page < p->pages)
		p->now = p->page[page];
}

/* What the typeface can show of a text. */
static const char *shown(struct pdf *p, enum pdf_face face, char out[TEXT_MAX], const char *text,
                         size_t len)
{
	size_t at = 0, used = 0;

	while (at < len && used + 5 < TEXT_MAX) {
		uint32_t c;
		size_t n = utf8_next(&c, text + at, len - at);
		const bool has = n && typeface_has(p->face[face], c);

		n = n ? n : 1;
		p->lacked = p->lacked || !has;
		memcpy(out + used, has ? text + at : LACKING, has ? n : strlen(LACKING));
		used += has ? n : strlen(LACKING);
		at += n;
	}
	out[used] = '\0';
	return out;
}

float pdf_text_width(struct pdf *p, enum pdf_face face, float size, const char *text, size_t len)
{
	char piece[TEXT_MAX];
	HPDF_TextWidth width;

	if (p->e)
		return 0;
	shown(p, face, piece, text, len);
	width = HPDF_Font_TextWidth(p->font[face], (const HPDF_BYTE *)piece,
	                            (HPDF_UINT)strlen(piece));
	return (float)width.width * size / 1000.0f;
}

void pdf_text(struct pdf *p, float x, float y, enum pdf_face face, float size,
              struct pdf_colour colour, const char *text, size_t len)
{
	char piece[TEXT_MAX];

	if (p->e || !p->now || !len)
		return;
	HPDF_Page_SetRGBFill(p->now, colour.r, colour.g, colour.b);
	HPDF_Page_BeginText(p->now);
	HPDF_Page_SetFontAndSize(p->now, p->font[face], size);
	HPDF_Page_TextOut(p->now, x, PDF_HEIGHT - y, shown(p, face, piece, text, len));
	HPDF_Page_EndText(p->now);
}

void pdf_line(struct pdf *p, float x1, float y1, float x2, float y2, float thick,
              struct pdf_colour colour)
{
	if (p->e || !p->now)
		return;
	HPDF_Page_SetRGBStroke(p->now, colour.r, colour.g, colour.b);
	HPDF_Page_SetLineWidth(p->now, thick);
	HPDF_Page_MoveTo(p->now, x1, PDF_HEIGHT - y1);
	HPDF_Page_LineTo(p->now, x2, PDF_HEIGHT - y2);
	HPDF_Page_Stroke(p->now);
}

void pdf_box(struct pdf *p, float x, float y, float width, float height, struct pdf_colour colour)
{
	if (p->e || !p->now || width <= 0 || height <= 0)
		return;
	HPDF_Page_SetRGBFill(p->now, colour.r, colour.g, colour.b);
	HPDF_Page_Rectangle(p->now, x, PDF_HEIGHT - y - height, width, height);
	HPDF_Page_Fill(p->now);
}

bool pdf_lacked(const struct pdf *p)
{
	return p->lacked;
}

enum err pdf_end(struct pdf *p, struct buf *out, struct why *why)
{
	HPDF_BYTE piece[4096];
	HPDF_UINT32 n;
	HPDF_STATUS status = HPDF_GetError(p->doc);

	if (p->e)
		return why_set(why, p->e, "the PDF: %s", err_text(p->e));
	if (status == HPDF_OK)
		status = HPDF_SaveToStream(p->doc);
	if (status == HPDF_OK)
		status = HPDF_ResetStream(p->doc);
	if (status != HPDF_OK)
		return why_set(why, status == HPDF_FAILD_TO_ALLOC_MEM ? ERR_MEMORY : ERR_IO,
		               "the PDF could not be made (libharu says 0x%04lX)",
		               (unsigned long)status);
	do {
		n = sizeof(piece);
		status = HPDF_ReadFromStream(p->doc, piece, &n);
		buf_add(out, piece, n);
	} while (status == HPDF_OK && n);
	return buf_err(out) ? why_set(why, buf_err(out), "the PDF: %s", err_text(buf_err(out)))
	                    : OK;
}
