/* SPDX-License-Identifier: MIT */
#include "core/asked.h"

#include "core/buf.h"

#define EXAMPLE_MAX 4096
#define LETTERS     23 /* options beyond them are not for plain replies */

static const char *letter_text(struct values *v, unsigned option)
{
	char *copy = values_keep(v, 2);

	if (copy && option < LETTERS)
		copy[0] = option_letter(option);
	return copy ? copy : "";
}

static const struct template_row *option_rows(struct values *v, const struct question *q,
                                              unsigned language)
{
	struct template_row *row = values_keep(v, q->options * sizeof(*row));

	for (unsigned i = 0; row && i < q->options; i++) {
		struct value_list l = values_list(v, 2);

		values_add_text(&l, "letter", letter_text(v, i));
		values_add_text(&l, "option", q->option[i].in[language]);
		row[i].value = l.value;
	}
	return row;
}

static const struct template_row *grade_rows(struct values *v, const struct question *q,
                                             unsigned language)
{
	struct template_row *row = values_keep(v, (q->grades + 1) * sizeof(*row));

	for (unsigned i = 0; row && i < q->grades; i++) {
		struct value_list l = values_list(v, 2);

		values_add_text(&l, "grade_number", values_number(v, i + 1));
		values_add_text(&l, "grade", q->grade[i].in[language]);
		row[i].value = l.value;
	}
	return row;
}

static const struct template_row *question_rows(struct values *v, const struct manifest *m,
                                                unsigned language)
{
	struct template_row *row = values_keep(v, m->questions * sizeof(*row));

	for (unsigned i = 0; row && i < m->questions; i++) {
		const struct question *q = &m->question[i];
		bool graded = q->kind == QUESTION_GRADES;
		struct value_list l = values_list(v, 16);

		values_add_text(&l, "number", values_number(v, i + 1));
		values_add_text(&l, "question", q->title.in[language]);
		values_add_rows(&l, "options", option_rows(v, q, language), q->options);
		values_add_rows(&l, "grades", grade_rows(v, q, language), q->grades);
		values_add_when(&l, "graded", graded);
		values_add_when(&l, "blank", !graded && q->blank);
		values_add_when(&l, "none", !graded && !q->blank && !q->min);
		values_add_when(&l, "choose_one", !graded && q->min <= 1 && q->max == 1);
		values_add_when(&l, "choose_exactly", !graded && q->max > 1 && q->min == q->max);
		values_add_when(&l, "choose_range", !graded && q->max > 1 && q->min < q->max);
		values_add_text(&l, "least", values_number(v, q->min));
		values_add_text(&l, "most", values_number(v, q->max));
		values_add_text(&l, "last_grade", values_number(v, q->grades));
		row[i].value = l.value;
	}
	return row;
}

/* One way to fill in a ballot, as CHOICES: "A", "A,B/0", "B/A1,B2". */
static const char *example(struct values *v, const struct manifest *m)
{
	struct buf b = BUF_INIT(EXAMPLE_MAX);
	const char *text;

	for (unsigned i = 0; i < m->questions; i++) {
		const struct question *q = &m->question[i];
		unsigned n = q->kind == QUESTION_GRADES ? q->options : q->min;

		if (i)
			buf_addc(&b, '/');
		if (!n && q->kind == QUESTION_CHOICE)
			n = 1;
		for (unsigned o = 0; o < n && o < LETTERS; o++) {
			buf_addf(&b, "%s%c", o ? "," : "", option_letter(o));
			if (q->kind == QUESTION_GRADES)
				buf_addf(&b, "%u", o % q->grades + 1);
		}
	}
	if (buf_err(&b))
		v->e = buf_err(&b);
	text = values_text(v, buf_text(&b));
	buf_free(&b);
	return text;
}

void asked_add(struct value_list *l, const struct manifest *m, unsigned language)
{
	const struct question *first = &m->question[0];
	bool letter = m->questions == 1 && first->kind == QUESTION_CHOICE && first->max == 1;
	bool commas = false, grades = false;

	for (unsigned i = 0; i < m->questions; i++) {
		const struct question *q = &m->question[i];

		grades = grades || q->kind == QUESTION_GRADES;
		commas = commas || (q->kind == QUESTION_GRADES ? q->options > 1 : q->max > 1);
	}
	values_add_rows(l, "questions", question_rows(l->v, m, language), m->questions);
	values_add_when(l, "one_question", m->questions == 1);
	values_add_when(l, "several_questions", m->questions > 1);
	values_add_when(l, "just_a_letter", letter);
	values_add_when(l, "more_than_a_letter", !letter);
	values_add_when(l, "commas", commas);
	values_add_when(l, "any_grades", grades);
	values_add_text(l, "example", example(l->v, m));
}
