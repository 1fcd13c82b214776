/* SPDX-License-Identifier: MIT */
#include "core/question.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"

#define REPLY_OPTIONS_MAX 23 /* as many as there are letters */
#define QUESTION_ID_MAX   32

static void languages_read(struct texts *out, struct fields *f, json_t *object, const char *key,
                           const struct manifest *m)
{
	struct fields inner;
	unsigned i;
	size_t len;

	if (f->e)
		return;
	fields_begin(&inner, object, "manifest", f->why);
	for (i = 0; i < m->languages; i++) {
		out->in[i] = fields_string(&inner, m->language[i], &len);
		if (!inner.e && text_blank(out->in[i], len))
			inner.e = why_check(f->why, "manifest text", "%s: \"%s\" in %s is empty",
			                    f->what, key, m->language[i]);
	}
	f->e = fields_end(&inner);
	if (f->e)
		why_prefix(f->why, "%s %s", f->what, key);
}

void texts_read(struct texts *out, struct fields *f, const char *key, const struct manifest *m)
{
	languages_read(out, f, fields_any(f, key), key, m);
}

/* A list of texts, `least` to `most` of them. */
static void text_list(struct texts **out, unsigned *n, struct fields *f, const char *key,
                      const struct manifest *m, size_t least, size_t most)
{
	json_t *list = fields_array(f, key);
	size_t i;

	if (f->e)
		return;
	if (json_array_size(list) < least || json_array_size(list) > most) {
		f->e = why_check(f->why, "question options", "%s: %zu to %zu are allowed, not %zu",
		                 key, least, most, json_array_size(list));
		return;
	}
	*out = calloc(json_array_size(list), sizeof(**out));
	if (!*out) {
		f->e = ERR_MEMORY;
		return;
	}
	*n = (unsigned)json_array_size(list);
	for (i = 0; i < *n; i++)
		languages_read(&(*out)[i], f, json_array_get(list, i), key, m);
}

static void id_read(struct question *q, struct fields *f, const struct manifest *m)
{
	const struct question *before;
	size_t len, i;

	q->id = fields_string(f, "id", &len);
	if (f->e)
		return;
	for (i = 0; i < len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-", q->id[i]))
			break;
	if (len == 0 || len > QUESTION_ID_MAX || i < len)
		f->e = why_check(f->why, "question id",
		                 "a question's id must match [a-z0-9-]{1,32}");
	for (before = m->question; !f->e && before < q; before++)
		if (strcmp(before->id, q->id) == 0)
			f->e = why_check(f->why, "question id", "two questions have the id %s",
			                 q->id);
}

static void choice_read(struct question *q, struct fields *f)
{
	q->min = (unsigned)fields_number(f, "min", 0, q->options);
	q->max = (unsigned)fields_number(f, "max", 1, q->options);
	q->blank = fields_bool(f, "blank");
	if (f->e)
		return;
	if (q->min > q->max)
		f->e = why_check(f->why, "question min", "question %s: min is above max", q->id);
	else if (q->blank && q->min == 0)
		f->e = why_check(f->why, "question blank",
		                 "question %s: with a blank, min must be 1 or more", q->id);
}

static enum err question_read(struct question *q, json_t *object, const struct manifest *m,
                              struct why *why)
{
	size_t most = m->channel[CHANNEL_REPLY] ? REPLY_OPTIONS_MAX : OPTIONS_MAX;
	struct fields f;
	const char *kind;

	fields_begin(&f, object, "question", why);
	id_read(q, &f, m);
	kind = fields_string(&f, "kind", NULL);
	if (!f.e && strcmp(kind, "choice") != 0 && strcmp(kind, "grades") != 0)
		f.e = why_check(why, "question kind",
		                "question %s: the kind must be choice or grades", q->id);
	q->kind = strcmp(kind, "grades") == 0 ? QUESTION_GRADES : QUESTION_CHOICE;
	texts_read(&q->title, &f, "title", m);
	text_list(&q->option, &q->options, &f, "options", m, q->kind == QUESTION_GRADES ? 1 : 2,
	          most);
	if (q->kind == QUESTION_GRADES)
		text_list(&q->grade, &q->grades, &f, "grades", m, 2, GRADES_MAX);
	else
		choice_read(q, &f);
	return fields_end(&f);
}

/* The rows of one question, numbered on from those before. */
static void rows_add(struct manifest *m, struct question *q)
{
	unsigned rows = q->kind == QUESTION_GRADES ? q->options : 1;
	unsigned i;

	q->first_row = m->rows;
	for (i = 0; i < rows; i++) {
		struct row *row = &m->row[m->rows++];

		row->first_cell = m->cells;
		row->blank = q->blank;
		if (q->kind == QUESTION_GRADES) {
			row->cells = q->grades;
			row->lo = row->hi = 1;
		} else {
			row->cells = q->options + (q->blank ? 1 : 0);
			row->lo = q->min;
			row->hi = q->max;
		}
		m->cells += row->cells;
	}
}

enum err questions_read(struct manifest *m, json_t *list, struct why *why)
{
	size_t i, n = json_array_size(list), cells = 0;
	enum err e = OK;

	if (n < 1 || n > QUESTIONS_MAX)
		return why_check(why, "manifest questions", "1 to %d questions, not %zu",
		                 QUESTIONS_MAX, n);
	m->question = calloc(n, sizeof(*m->question));
	m->row = calloc(CELLS_MAX, sizeof(*m->row));
	if (!m->question || !m->row)
		return why_set(why, ERR_MEMORY, "out of memory");
	m->questions = (unsigned)n;
	for (i = 0; !e && i < n; i++) {
		struct question *q = &m->question[i];

		e = question_read(q, json_array_get(list, i), m, why);
		if (e)
			break;
		cells += q->kind == QUESTION_GRADES ? (size_t)q->options * q->grades
		                                    : q->options + (q->blank ? 1u : 0u);
		if (cells > CELLS_MAX)
			e = why_check(why, "manifest cells", "more than %d cells in a ballot",
			              CELLS_MAX);
		else
			rows_add(m, q);
	}
	return e;
}

void questions_release(struct manifest *m)
{
	unsigned i;

	for (i = 0; m->question && i < m->questions; i++) {
		free(m->question[i].option);
		free(m->question[i].grade);
	}
	free(m->question);
	free(m->row);
}
