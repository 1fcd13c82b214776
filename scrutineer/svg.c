/* SPDX-License-Identifier: MIT */
#include "scrutineer/svg.h"

#include <stdio.h>
#include <string.h>

#include "core/template.h"
#include "core/text.h"

#define WIDE        720u /* of every chart */
#define LABEL       250u
#define FIGURE      72u
#define BAR_ROW     28u
#define COLUMN_TOP  130u
#define COLUMN_WIDE 7200u /* hundredths */
#define LABELS      290u  /* for the first and the last label side by side */
#define LETTER      7u    /* about the width of one, for what must be cut or laid side by side */

/* part of whole, in hundredths of a unit of `full`. */
static unsigned long long scaled(uint64_t part, uint64_t whole, unsigned full)
{
	return (unsigned long long)((double)part / (double)whole * full * 100.0 + 0.5);
}

static void length(struct buf *out, const char *name, unsigned long long hundredths)
{
	buf_addf(out, " %s=\"%llu.%02llu\"", name, hundredths / 100, hundredths % 100);
}

/* A label in so many letters, cut with a sign where it is longer; the whole as a tooltip. */
static void label(struct buf *out, const char *text, unsigned x, unsigned y, size_t letters)
{
	size_t at = 0, n = 0, len = strlen(text);
	char cut[512];
	uint32_t c;

	while (at < len && n < letters && at + 8 < sizeof(cut)) {
		size_t step = utf8_next(&c, text + at, len - at);

		at += step ? step : 1;
		n++;
	}
	memcpy(cut, text, at);
	cut[at] = '\0';
	buf_addf(out, "<text x=\"%u\" y=\"%u\">", x, y);
	if (at < len) {
		buf_adds(out, "<title>");
		template_html(out, text);
		buf_adds(out, "</title>");
	}
	template_html(out, cut);
	buf_addf(out, "%s</text>", at < len ? "…" : "");
}

static void begin(struct buf *out, unsigned height)
{
	buf_addf(out, "<svg viewBox=\"0 0 %u %u\" role=\"img\">\n", WIDE, height);
}

void svg_bars(struct buf *out, const struct block *b)
{
	const unsigned figures = b->columns - 1, full = WIDE - LABEL - figures * FIGURE,
		       rows = (unsigned)block_rows(b);
	const uint64_t most = block_most(b);

	begin(out, rows * BAR_ROW);
	for (unsigned r = 0; r < rows; r++) {
		unsigned y = r * BAR_ROW;

		label(out, block_cell(b, r, 0), 0, y + 18, (LABEL - 14) / LETTER);
		buf_addf(out,
		         "<rect class=\"track\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"12\"/>"
		         "<rect class=\"bar\" x=\"%u\" y=\"%u\" height=\"12\"",
		         LABEL, y + 8, full, LABEL, y + 8);
		length(out, "width", scaled(b->number[r], most, full));
		buf_adds(out, "/>");
		for (unsigned c = 1; c <= figures; c++) {
			buf_addf(out, "<text x=\"%u\" y=\"%u\" text-anchor=\"end\">",
			         LABEL + full + c * FIGURE, y + 18);
			template_html(out, block_cell(b, r, c));
			buf_adds(out, "</text>");
		}
		buf_addc(out, '\n');
	}
	buf_adds(out, "</svg>\n");
}

void svg_columns(struct buf *out, const struct block *b)
{
	const uint64_t most = block_most(b);
	const unsigned long long n = b->numbers, room = WIDE * 100ull / n,
				 step = room > COLUMN_WIDE ? COLUMN_WIDE : room,
				 gap = step > 400 ? step / 5 : 0;
	const unsigned used = (unsigned)(step * n / 100), end = used > LABELS ? used : LABELS;

	begin(out, COLUMN_TOP + 44);
	buf_addf(out, "<text class=\"q\" x=\"0\" y=\"12\">%llu</text>", (unsigned long long)most);
	buf_addf(out, "<line class=\"track\" x1=\"0\" y1=\"18\" x2=\"%u\" y2=\"18\"/>\n", WIDE);
	for (size_t i = 0; i < n; i++) {
		unsigned long long h = scaled(b->number[i], most, COLUMN_TOP);

		buf_adds(out, "<rect class=\"bar\"");
		length(out, "x", i * step + gap / 2);
		length(out, "y", (18 + COLUMN_TOP) * 100ull - h);
		length(out, "width", step - gap);
		length(out, "height", h);
		buf_adds(out, "><title>");
		template_html(out, b->cell[i]);
		buf_addf(out, "\xc2\xa0: %llu</title></rect>\n", (unsigned long long)b->number[i]);
	}
	buf_addf(out, "<line class=\"axis\" x1=\"0\" y1=\"%u\" x2=\"%u\" y2=\"%u\"/>",
	         18 + COLUMN_TOP, end, 18 + COLUMN_TOP);
	buf_addf(out, "<text class=\"q\" x=\"0\" y=\"%u\">", COLUMN_TOP + 36);
	template_html(out, b->cell[0]);
	buf_addf(out, "</text><text class=\"q\" x=\"%u\" y=\"%u\" text-anchor=\"end\">", end,
	         COLUMN_TOP + 36);
	template_html(out, b->cell[n - 1]);
	buf_adds(out, "</text>\n</svg>\n");
}

/* From blue-green over sand to red, the best grade first: alike in light and dark. */
static void part_colour(struct buf *out, size_t i, size_t n)
{
	static const int stop[3][3] = { { 26, 102, 112 }, { 232, 212, 168 }, { 184, 74, 61 } };
	const size_t at = n > 1 ? 200 * i / (n - 1) : 0, k = at >= 100 ? 1 : 0;
	const int t = (int)(at - 100 * k);

	buf_addf(out, " fill=\"rgb(%d,%d,%d)\"",
	         stop[k][0] + (stop[k + 1][0] - stop[k][0]) * t / 100,
	         stop[k][1] + (stop[k + 1][1] - stop[k][1]) * t / 100,
	         stop[k][2] + (stop[k + 1][2] - stop[k][2]) * t / 100);
}

static unsigned legend(struct buf *out, const struct block *b, size_t parts, bool draw)
{
	unsigned x = 0, y = 0;

	for (size_t i = 0; i < parts; i++) {
		const char *name = block_cell(b, 0, (unsigned)i + 1);
		const unsigned w = 30 + LETTER * (unsigned)strlen(name);

		if (x + w > WIDE && x) {
			x = 0;
			y += 22;
		}
		if (draw) {
			buf_addf(out, "<rect x=\"%u\" y=\"%u\" width=\"12\" height=\"12\"", x,
			         y + 2);
			part_colour(out, i, parts);
			buf_addf(out, "/><text class=\"q\" x=\"%u\" y=\"%u\">", x + 18, y + 13);
			template_html(out, name);
			buf_adds(out, "</text>");
		}
		x += w;
	}
	return y + 30;
}

void svg_stacks(struct buf *out, const struct block *b)
{
	const size_t parts = b->columns - 2;
	const unsigned rows = (unsigned)block_rows(b) - 1, full = WIDE - LABEL,
		       top = legend(out, b, parts, false);

	begin(out, top + rows * BAR_ROW + 6);
	legend(out, b, parts, true);
	for (unsigned r = 0; r < rows; r++) {
		const uint64_t *n = b->number + r * parts;
		unsigned long long x = LABEL * 100ull;
		unsigned y = top + r * BAR_ROW;
		uint64_t total = 0;

		label(out, block_cell(b, r + 1, 0), 0, y + 15, (LABEL - 14) / LETTER);
		for (size_t i = 0; i < parts; i++)
			total += n[i];
		for (size_t i = 0; total && i < parts; i++) {
			unsigned long long w = scaled(n[i], total, full);

			buf_addf(out, "<rect y=\"%u\" height=\"16\"", y + 2);
			length(out, "x", x);
			length(out, "width", w);
			part_colour(out, i, parts);
			buf_adds(out, "/>");
			x += w;
		}
		buf_addf(out, "<line class=\"half\" x1=\"%u\" y1=\"%u\" x2=\"%u\" y2=\"%u\"/>\n",
		         LABEL + full / 2, y - 1, LABEL + full / 2, y + 21);
	}
	buf_adds(out, "</svg>\n");
}
