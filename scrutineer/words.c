/* SPDX-License-Identifier: MIT */
#include "scrutineer/words.h"

#include <string.h>

#include "core/json.h"
#include "core/text.h"

void words_json_text(struct buf *out, const char *text)
{
	size_t len = strlen(text), at = 0, n;
	uint32_t c;

	buf_addc(out, '"');
	for (; at < len; at += n) {
		n = utf8_next(&c, text + at, len - at);
		if (n == 0 || !text_clean(text + at, n)) {
			buf_addc(out, '?');
			n = n ? n : 1;
			continue;
		}
		if (c == '"' || c == '\\')
			buf_addc(out, '\\');
		buf_add(out, text + at, n);
	}
	buf_addc(out, '"');
}

void words_finding(struct buf *out, const struct finding *f)
{
	buf_adds(out, f->file);
	if (f->has_line)
		buf_addf(out, " line %llu", (unsigned long long)f->line);
	buf_addf(out, ": %s: %s\n", f->why.check, f->why.text);
}

void words_finding_json(struct buf *out, const struct finding *f)
{
	buf_adds(out, "{\"file\":");
	words_json_text(out, f->file);
	if (f->has_line)
		buf_addf(out, ",\"line\":%llu", (unsigned long long)f->line);
	buf_adds(out, ",\"check\":");
	words_json_text(out, f->why.check);
	buf_adds(out, ",\"text\":");
	words_json_text(out, f->why.text);
	buf_addc(out, '}');
}

static void add_count(struct buf *out, uint64_t n, const char *name)
{
	buf_addf(out, "  %10llu  %s\n", (unsigned long long)n, name);
}

static void add_choice(struct buf *out, const struct question *q, const struct row *row,
                       const uint64_t *counts, unsigned language)
{
	for (unsigned i = 0; i < q->options; i++)
		add_count(out, counts[row->first_cell + i], q->option[i].in[language]);
	if (q->blank)
		add_count(out, counts[row->first_cell + q->options], "(blank)");
}

static void add_grades(struct buf *out, const struct question *q, const struct row *row,
                       const uint64_t *counts, unsigned language)
{
	for (unsigned i = 0; i < q->options; i++, row++) {
		buf_addf(out, "  %s\n", q->option[i].in[language]);
		for (unsigned g = 0; g < q->grades; g++)
			add_count(out, counts[row->first_cell + g], q->grade[g].in[language]);
	}
}

void words_counts(struct buf *out, const struct manifest *m, const uint64_t *counts,
                  unsigned language)
{
	for (unsigned i = 0; i < m->questions; i++) {
		const struct question *q = &m->question[i];
		const struct row *row = &m->row[q->first_row];

		buf_addf(out, "%s\n", q->title.in[language]);
		if (q->kind == QUESTION_GRADES)
			add_grades(out, q, row, counts, language);
		else
			add_choice(out, q, row, counts, language);
	}
}

void words_counts_json(struct buf *out, const struct manifest *m, const uint64_t *counts)
{
	for (unsigned r = 0; r < m->rows; r++) {
		buf_adds(out, r ? ",[" : "[[");
		for (unsigned c = 0; c < m->row[r].cells; c++)
			buf_addf(out, "%s%llu", c ? "," : "",
			         (unsigned long long)counts[m->row[r].first_cell + c]);
		buf_addc(out, ']');
	}
	buf_addc(out, ']');
}
