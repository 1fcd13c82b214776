/* SPDX-License-Identifier: MIT */
#include "scrutineer/paper.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"

#define COLUMNS_MAX 16
#define GAP         16.0f /* between columns */
#define ROW_PAD     5.0f
#define LABEL       124.0f /* of a fact */

const struct pdf_colour paper_ink = { 0.10f, 0.12f, 0.15f }, paper_quiet = { 0.40f, 0.43f, 0.48f },
			paper_rule = { 0.84f, 0.85f, 0.87f },
			paper_accent = { 0.11f, 0.33f, 0.43f },
			paper_track = { 0.945f, 0.95f, 0.955f };

static const struct pdf_colour alert_red = { 0.66f, 0.13f, 0.11f };
static const struct paper_style
	body = { PDF_PLAIN, PAPER_BODY, PAPER_LEAD, { 0.10f, 0.12f, 0.15f } },
	small = { PDF_PLAIN, PAPER_SMALL, 11.4f, { 0.40f, 0.43f, 0.48f } },
	strong = { PDF_BOLD, PAPER_BODY, PAPER_LEAD, { 0.10f, 0.12f, 0.15f } },
	mono = { PDF_MONO, 7.6f, PAPER_LEAD, { 0.10f, 0.12f, 0.15f } },
	code = { PDF_MONO, 8.2f, 13.0f, { 0.11f, 0.33f, 0.43f } };

void paper_need(struct paper *p, float height)
{
	if (p->y + height <= PAPER_BOTTOM && pdf_pages(p->pdf))
		return;
	pdf_page(p->pdf);
	p->y = PAPER_TOP;
}

/* How many bytes go on a line: whole words where one fits, else whole characters. */
static size_t fit(struct paper *p, const struct paper_style *s, const char *text, float width,
                  const char **next)
{
	size_t at = 0, space = 0;
	float used = 0;

	while (text[at]) {
		uint32_t c;
		size_t n = utf8_next(&c, text + at, strlen(text + at));

		n = n ? n : 1;
		used += pdf_text_width(p->pdf, s->face, s->size, text + at, n);
		if (used > width && at && text[at] != ' ')
			break;
		if (text[at] == ' ')
			space = at;
		at += n;
	}
	if (text[at] && space)
		at = space;
	*next = text + at;
	while (**next == ' ')
		(*next)++;
	return at;
}

float paper_column(struct paper *p, float x, float y, float width, const struct paper_style *style,
                   const char *text, bool draw)
{
	float height = 0;

	do {
		const char *next;
		size_t n = fit(p, style, text, width, &next);

		if (draw)
			pdf_text(p->pdf, x, y + height + style->size, style->face, style->size,
			         style->colour, text, n);
		height += style->lead;
		text = next;
	} while (*text);
	return height;
}

void paper_right(struct paper *p, float x, float y, const struct paper_style *style,
                 const char *text)
{
	const size_t len = strlen(text);

	pdf_text(p->pdf, x - pdf_text_width(p->pdf, style->face, style->size, text, len),
	         y + style->size, style->face, style->size, style->colour, text, len);
}

/* A paragraph may go over pages, line by line, but never leaves one line alone. */
static void paragraph(struct paper *p, const struct paper_style *s, float indent, const char *text)
{
	const char *next;
	float height = paper_column(p, 0, 0, PAPER_WIDTH - indent, s, text, false);

	paper_need(p, height > 3 * s->lead ? 3 * s->lead : height);
	do {
		size_t n = fit(p, s, text, PAPER_WIDTH - indent, &next);

		paper_need(p, s->lead);
		pdf_text(p->pdf, PAPER_LEFT + indent, p->y + s->size, s->face, s->size, s->colour,
		         text, n);
		p->y += s->lead;
		text = next;
	} while (*text);
	p->y += 5;
}

static void title(struct paper *p, const struct block *b)
{
	const struct paper_style over = { PDF_BOLD, 9, 13, paper_accent },
				 main = { PDF_BOLD, 23, 29, paper_ink },
				 under = { PDF_PLAIN, 11, 16, paper_quiet };

	paper_need(p, 120);
	p->y += 6;
	for (size_t i = 0; i < b->cells; i++) {
		p->y += paper_column(p, PAPER_LEFT, p->y, PAPER_WIDTH,
		                     i == 0   ? &over
		                     : i == 1 ? &main
		                              : &under,
		                     b->cell[i], true);
		p->y += i == 0 ? 6 : 4;
	}
	p->y += 12;
}

static void alert(struct paper *p, const char *text)
{
	const struct paper_style s = { PDF_BOLD, 9.4f, 14, alert_red };
	const struct pdf_colour ground = { 0.985f, 0.94f, 0.935f };
	float height = paper_column(p, 0, 0, PAPER_WIDTH - 28, &s, text, false);

	paper_need(p, height + 22);
	pdf_box(p->pdf, PAPER_LEFT, p->y, PAPER_WIDTH, height + 16, ground);
	pdf_box(p->pdf, PAPER_LEFT, p->y, 3, height + 16, alert_red);
	paper_column(p, PAPER_LEFT + 16, p->y + 8, PAPER_WIDTH - 28, &s, text, true);
	p->y += height + 26;
}

static void facts(struct paper *p, const struct block *b)
{
	const float width = PAPER_WIDTH - LABEL - GAP;
	const struct paper_style label = { PDF_PLAIN, PAPER_BODY, PAPER_LEAD, paper_quiet };

	for (size_t r = 0; r < block_rows(b); r++) {
		const char *value = block_cell(b, r, 1);
		const struct paper_style *s = document_digest(value) ? &mono : &body;
		float left = paper_column(p, 0, 0, LABEL, &label, block_cell(b, r, 0), false),
		      right = paper_column(p, 0, 0, width, s, value, false);
		float height = left > right ? left : right;

		paper_need(p, height > 600 ? 600 : height + 3);
		paper_column(p, PAPER_LEFT, p->y, LABEL, &label, block_cell(b, r, 0), true);
		paper_column(p, PAPER_LEFT + LABEL + GAP, p->y, width, s, value, true);
		p->y += height + 3;
	}
	p->y += 6;
}

static const struct paper_style *cell_style(const struct block *b, size_t r, unsigned c)
{
	return r == 0 ? &small : document_digest(block_cell(b, r, c)) ? &mono : &body;
}

/* Natural widths; the widest give way until the page holds them all. */
static void measure(struct paper *p, const struct block *b, float *column)
{
	float total = GAP * (float)(b->columns - 1);

	for (unsigned c = 0; c < b->columns; c++) {
		column[c] = 8;
		for (size_t r = 0; r < block_rows(b); r++) {
			const char *text = block_cell(b, r, c);
			const struct paper_style *s = cell_style(b, r, c);
			float w = pdf_text_width(p->pdf, s->face, s->size, text, strlen(text)) + 1;

			column[c] = w > column[c] ? w : column[c];
		}
		total += column[c];
	}
	while (total > PAPER_WIDTH) {
		unsigned widest = 0;

		for (unsigned c = 1; c < b->columns; c++)
			widest = column[c] > column[widest] ? c : widest;
		if (column[widest] < 24)
			break;
		column[widest] -= 1;
		total -= 1;
	}
}

static float row(struct paper *p, const struct block *b, size_t r, const float *column, bool draw)
{
	float x = PAPER_LEFT, height = 0;

	for (unsigned c = 0; c < b->columns; c++) {
		const char *text = block_cell(b, r, c);
		const struct paper_style *s = cell_style(b, r, c);
		float h = paper_column(p, x, p->y + ROW_PAD / 2, column[c], s, text,
		                       draw && !(b->right & 1u << c));

		if (draw && b->right & 1u << c)
			paper_right(p, x + column[c], p->y + ROW_PAD / 2, s, text);
		height = h > height ? h : height;
		x += column[c] + GAP;
	}
	return height + ROW_PAD;
}

static void table(struct paper *p, const struct block *b)
{
	float column[COLUMNS_MAX], right = PAPER_LEFT - GAP, head, height;
	size_t page;

	measure(p, b, column);
	for (unsigned c = 0; c < b->columns; c++)
		right += column[c] + GAP;
	head = row(p, b, 0, column, false);
	/* The head and two rows stay together. */
	paper_need(p, head + 40);
	page = 0;
	for (size_t r = 1; r < block_rows(b); r++) {
		height = row(p, b, r, column, false);
		paper_need(p, height > 600 ? 600 : height + (page == pdf_pages(p->pdf) ? 0 : head));
		if (page != pdf_pages(p->pdf)) {
			page = pdf_pages(p->pdf);
			p->y += row(p, b, 0, column, true);
			pdf_line(p->pdf, PAPER_LEFT, p->y, right, p->y, 0.8f, paper_quiet);
		}
		row(p, b, r, column, true);
		p->y += height;
		pdf_line(p->pdf, PAPER_LEFT, p->y, right, p->y, 0.4f, paper_rule);
	}
	p->y += 12;
}

static void heading(struct paper *p, const char *text)
{
	const struct paper_style s = { PDF_BOLD, 12.5f, 17, paper_ink };

	p->y += p->y > PAPER_TOP ? 14 : 0;
	paper_need(p, 96);
	pdf_line(p->pdf, PAPER_LEFT, p->y, PAPER_LEFT + PAPER_WIDTH, p->y, 0.6f, paper_rule);
	p->y += 9;
	p->y += paper_column(p, PAPER_LEFT, p->y, PAPER_WIDTH, &s, text, true) + 6;
}

/* What a caption keeps with it: a chart whole, a short table, and the bars behind one. */
static float kept(const struct block *const *block, size_t n)
{
	float height = 30;

	for (size_t i = 0; i < n && i < 2; i++) {
		const size_t rows = block_rows(block[i]);

		if (block[i]->kind == BLOCK_COLUMNS)
			return height + 150;
		if (block[i]->kind != BLOCK_BARS && (block[i]->kind != BLOCK_TABLE || rows > 4))
			return height + 46;
		height += 20 * (float)(rows > 12 ? 2 : rows) + 12;
		if (block[i]->kind == BLOCK_BARS)
			break;
	}
	return height;
}

static void caption(struct paper *p, const struct block *b, const struct block *const *next,
                    size_t n)
{
	p->y += 3;
	paper_need(p, kept(next, n));
	p->y += paper_column(p, PAPER_LEFT, p->y, PAPER_WIDTH, &strong, b->cell[0], true) + 4;
}

static void item(struct paper *p, const char *text)
{
	paper_need(p, 2 * PAPER_LEAD);
	pdf_text(p->pdf, PAPER_LEFT, p->y + body.size, PDF_PLAIN, body.size, paper_quiet, "–",
	         strlen("–"));
	paragraph(p, &body, 14, text);
	p->y -= 1;
}

/* `next`: the `n` blocks behind it. */
static void block(struct paper *p, const struct block *b, const struct block *const *next, size_t n)
{
	switch (b->kind) {
	case BLOCK_TITLE:
		title(p, b);
		break;
	case BLOCK_HEADING:
		heading(p, b->cell[0]);
		break;
	case BLOCK_ALERT:
		alert(p, b->cell[0]);
		break;
	case BLOCK_CAPTION:
		caption(p, b, next, n);
		break;
	case BLOCK_ITEM:
		item(p, b->cell[0]);
		break;
	case BLOCK_CODE:
		paragraph(p, &code, 14, b->cell[0]);
		break;
	case BLOCK_FIGURES:
		paper_figures(p, b);
		break;
	case BLOCK_FACTS:
		facts(p, b);
		break;
	case BLOCK_TABLE:
		table(p, b);
		break;
	case BLOCK_BARS:
		paper_bars(p, b);
		break;
	case BLOCK_COLUMNS:
		paper_columns(p, b);
		break;
	case BLOCK_STACKS:
		table(p, b);
		paper_stacks(p, b);
		break;
	case BLOCK_SIGN:
		paper_sign(p, b);
		break;
	case BLOCK_NOTE:
		paragraph(p, &small, 0, b->cell[0]);
		break;
	case BLOCK_TEXT:
	case BLOCK_KINDS:
		paragraph(p, &body, 0, b->cell[0]);
		break;
	}
}

/* Behind all pages: only then is it known how many there are. */
static void feet(struct paper *p)
{
	const size_t pages = pdf_pages(p->pdf);
	const struct paper_style s = { PDF_PLAIN, 7.4f, 10, paper_quiet },
				 mark = { PDF_BOLD, 7.4f, 10, alert_red };
	struct buf text = BUF_INIT(4096);
	char number[48];

	for (size_t i = 0; i < pages; i++) {
		pdf_turn(p->pdf, i);
		pdf_line(p->pdf, PAPER_LEFT, 790, PAPER_LEFT + PAPER_WIDTH, 790, 0.4f, paper_rule);
		buf_clear(&text);
		buf_addf(&text, "%s  ·  %s", p->d->head, p->d->foot);
		pdf_text(p->pdf, PAPER_LEFT, 802, s.face, s.size, s.colour, buf_text(&text),
		         text.len);
		snprintf(number, sizeof(number), "%zu/%zu", i + 1, pages);
		paper_right(p, PAPER_LEFT + PAPER_WIDTH, 802 - s.size, &s, number);
		if (p->d->test)
			pdf_text(p->pdf, PAPER_LEFT, 44, mark.face, mark.size, mark.colour,
			         p->d->test_mark, strlen(p->d->test_mark));
	}
	buf_free(&text);
}

enum err paper_write(struct buf *out, const struct document *d, const char *fonts,
                     const char *lacking, struct why *why)
{
	struct paper p = { .d = d };
	char name[64];
	enum err e;

	snprintf(name, sizeof(name), "Votepost minutes %.40s", d->foot);
	e = pdf_new(&p.pdf, fonts, name, why);
	if (e)
		goto done;
	for (size_t i = 0; i < d->n; i++)
		block(&p, d->block[i], (const struct block *const *)d->block + i + 1, d->n - i - 1);
	if (pdf_lacked(p.pdf))
		paragraph(&p, &small, 0, lacking);
	feet(&p);
	e = pdf_end(p.pdf, out, why);
done:
	pdf_free(p.pdf);
	return e;
}
