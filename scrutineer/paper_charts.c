/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "scrutineer/paper.h"

#define BAR_ROW     17.0f
#define BAR         8.0f
#define COLUMN_MAX  100.0f /* height of the tallest column */
#define COLUMN_WIDE 48.0f
#define LABELS_WIDE 190.0f /* for the first and the last label side by side */
#define SIGN_ROW    94.0f

void paper_figures(struct paper *p, const struct block *b)
{
	const struct paper_style figure = { PDF_BOLD, 19, 24, paper_ink },
				 label = { PDF_PLAIN, PAPER_SMALL, 11, paper_quiet };
	const size_t n = block_rows(b);
	const float width = PAPER_WIDTH / (float)n;

	paper_need(p, 60);
	for (size_t i = 0; i < n; i++) {
		float x = PAPER_LEFT + width * (float)i;

		pdf_line(p->pdf, x, p->y, x + width - 14, p->y, 1.4f, paper_accent);
		paper_column(p, x, p->y + 9, width - 14, &figure, block_cell(b, i, 0), true);
		paper_column(p, x, p->y + 33, width - 14, &label, block_cell(b, i, 1), true);
	}
	p->y += 62;
}

void paper_bars(struct paper *p, const struct block *b)
{
	const struct paper_style label = { PDF_PLAIN, PAPER_BODY, 12.2f, paper_ink },
				 figure = { PDF_PLAIN, PAPER_BODY, 12.2f, paper_ink };
	const float label_width = 168, figure_width = 52;
	const uint64_t most = block_most(b);
	const float right = PAPER_LEFT + PAPER_WIDTH - figure_width * (float)(b->columns - 1),
		    left = PAPER_LEFT + label_width + 12;

	for (size_t r = 0; r < block_rows(b); r++) {
		float h = paper_column(p, 0, 0, label_width, &label, block_cell(b, r, 0), false);
		float height = h + 5 > BAR_ROW ? h + 5 : BAR_ROW;
		float full = right - left;

		paper_need(p, height);
		paper_column(p, PAPER_LEFT, p->y + 1, label_width, &label, block_cell(b, r, 0),
		             true);
		pdf_box(p->pdf, left, p->y + 2, full, BAR, paper_track);
		pdf_box(p->pdf, left, p->y + 2, full * (float)b->number[r] / (float)most, BAR,
		        paper_accent);
		for (unsigned c = 1; c < b->columns; c++)
			paper_right(p, right + figure_width * (float)c, p->y + 1, &figure,
			            block_cell(b, r, c));
		p->y += height;
	}
	p->y += 8;
}

void paper_columns(struct paper *p, const struct block *b)
{
	const struct paper_style label = { PDF_PLAIN, PAPER_SMALL, 11, paper_quiet };
	const uint64_t most = block_most(b);
	const size_t n = b->numbers;
	const float room = PAPER_WIDTH / (float)n, step = room > COLUMN_WIDE ? COLUMN_WIDE : room,
		    end = step * (float)n > LABELS_WIDE ? step * (float)n : LABELS_WIDE;
	const float gap = step > 4 ? step * 0.22f : 0.0f;
	char top[32];
	float base;

	paper_need(p, COLUMN_MAX + 44);
	base = p->y + 14 + COLUMN_MAX;
	snprintf(top, sizeof(top), "%llu", (unsigned long long)most);
	pdf_text(p->pdf, PAPER_LEFT, p->y + 10, label.face, label.size, label.colour, top,
	         strlen(top));
	pdf_line(p->pdf, PAPER_LEFT, p->y + 14, PAPER_LEFT + PAPER_WIDTH, p->y + 14, 0.4f,
	         paper_rule);
	for (size_t i = 0; i < n; i++) {
		float h = COLUMN_MAX * (float)b->number[i] / (float)most;

		pdf_box(p->pdf, PAPER_LEFT + step * (float)i + gap / 2, base - h, step - gap, h,
		        paper_accent);
	}
	pdf_line(p->pdf, PAPER_LEFT, base, PAPER_LEFT + end, base, 0.6f, paper_quiet);
	pdf_text(p->pdf, PAPER_LEFT, base + 11, label.face, label.size, label.colour, b->cell[0],
	         strlen(b->cell[0]));
	if (n > 1)
		paper_right(p, PAPER_LEFT + end, base + 11 - label.size, &label, b->cell[n - 1]);
	p->y = base + 24;
}

/* From the accent over sand to red, the best grade first. */
static struct pdf_colour part_colour(size_t i, size_t n)
{
	static const struct pdf_colour stop[3] = { { 0.10f, 0.40f, 0.44f },
		                                   { 0.91f, 0.83f, 0.66f },
		                                   { 0.72f, 0.29f, 0.24f } };
	float at = n > 1 ? 2.0f * (float)i / (float)(n - 1) : 0;
	const struct pdf_colour *a = &stop[at >= 1 ? 1 : 0], *b = a + 1;
	float t = at >= 1 ? at - 1 : at;

	return (struct pdf_colour){ a->r + (b->r - a->r) * t, a->g + (b->g - a->g) * t,
		                    a->b + (b->b - a->b) * t };
}

static void legend(struct paper *p, const struct block *b, size_t parts)
{
	float x = PAPER_LEFT;

	paper_need(p, 50);
	for (size_t i = 0; i < parts; i++) {
		const char *name = block_cell(b, 0, (unsigned)i + 1);
		float w = pdf_text_width(p->pdf, PDF_PLAIN, PAPER_SMALL, name, strlen(name));

		if (x + w + 24 > PAPER_LEFT + PAPER_WIDTH && i) {
			x = PAPER_LEFT;
			p->y += 13;
		}
		pdf_box(p->pdf, x, p->y + 1, 8, 8, part_colour(i, parts));
		pdf_text(p->pdf, x + 12, p->y + PAPER_SMALL, PDF_PLAIN, PAPER_SMALL, paper_quiet,
		         name, strlen(name));
		x += w + 28;
	}
	p->y += 18;
}

void paper_stacks(struct paper *p, const struct block *b)
{
	const struct paper_style label = { PDF_PLAIN, PAPER_BODY, 12.2f, paper_ink };
	const size_t rows = block_rows(b) - 1, parts = b->columns - 2;
	const float label_width = 140, left = PAPER_LEFT + label_width + 12,
		    full = PAPER_WIDTH - label_width - 12;

	legend(p, b, parts);
	for (size_t r = 0; r < rows; r++) {
		const uint64_t *n = b->number + r * parts;
		uint64_t total = 0;
		float h =
			paper_column(p, 0, 0, label_width, &label, block_cell(b, r + 1, 0), false);
		float x = left;

		for (size_t i = 0; i < parts; i++)
			total += n[i];
		paper_need(p, h + 8);
		paper_column(p, PAPER_LEFT, p->y + 1, label_width, &label, block_cell(b, r + 1, 0),
		             true);
		for (size_t i = 0; total && i < parts; i++) {
			float w = full * (float)n[i] / (float)total;

			pdf_box(p->pdf, x, p->y, w, 12, part_colour(i, parts));
			x += w;
		}
		/* Half of the ballots: where the majority grade is read off. */
		pdf_line(p->pdf, left + full / 2, p->y - 2, left + full / 2, p->y + 14, 0.7f,
		         paper_ink);
		p->y += h + 8;
	}
	p->y += 6;
}

void paper_sign(struct paper *p, const struct block *b)
{
	const struct paper_style name = { PDF_BOLD, PAPER_BODY, PAPER_LEAD, paper_ink },
				 role = { PDF_PLAIN, PAPER_SMALL, 11.4f, paper_quiet };
	const float width = (PAPER_WIDTH - 36) / 2;
	const size_t rows = block_rows(b);

	for (size_t r = 0; r < rows; r++) {
		float x = PAPER_LEFT + (r % 2 ? width + 36 : 0), h;

		if (r % 2 == 0)
			paper_need(p, SIGN_ROW);
		h = paper_column(p, x, p->y + 2, width, &name, block_cell(b, r, 0), true);
		paper_column(p, x, p->y + 2 + h, width, &role, block_cell(b, r, 1), true);
		pdf_line(p->pdf, x, p->y + SIGN_ROW - 18, x + width, p->y + SIGN_ROW - 18, 0.6f,
		         paper_ink);
		if (r % 2 || r + 1 == rows)
			p->y += SIGN_ROW;
	}
}
