/* SPDX-License-Identifier: MIT */
#include "receiver/choices.h"

#include <string.h>

/* The text, read from left to right. */
struct reader {
	const char *at;
	unsigned char *cells;
	const struct manifest *m;
	const struct question *q;
};

static bool at_end(const struct reader *r)
{
	return *r->at == '\0' || *r->at == '/';
}

/* One word that is the whole answer on a question. */
static bool take_word(struct reader *r, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(r->at, word, n) != 0 || (r->at[n] != '\0' && r->at[n] != '/'))
		return false;
	r->at += n;
	return true;
}

/* The option's letter; -1 with nothing read where it is none of this question. */
static int take_option(struct reader *r)
{
	int option = *r->at ? option_from_letter(*r->at) : -1;

	if (option < 0 || (unsigned)option >= r->q->options)
		return -1;
	r->at++;
	return option;
}

/* A number from 1 to 99 without a leading zero; 0 where there is none. */
static unsigned take_number(struct reader *r)
{
	unsigned n = 0;

	if (*r->at < '1' || *r->at > '9')
		return 0;
	while (*r->at >= '0' && *r->at <= '9' && n < 10)
		n = n * 10 + (unsigned)(*r->at++ - '0');
	return n;
}

/* Is the next character a letter at all? Else the text has no form. */
static enum choices_fault no_option(const struct reader *r)
{
	return *r->at >= 'A' && *r->at <= 'Z' ? CHOICES_OPTION : CHOICES_FORM;
}

/* After one item: another follows (*more), or the question's end, or neither. */
static enum choices_fault take_comma(struct reader *r, bool *more)
{
	*more = *r->at == ',';
	if (*more)
		r->at++;
	return *more || at_end(r) ? CHOICES_FIT : CHOICES_FORM;
}

static enum choices_fault read_options(struct reader *r)
{
	const struct row *row = &r->m->row[r->q->first_row];
	unsigned chosen = 0;
	bool more = true;
	enum choices_fault fault;
	int option;

	while (more) {
		option = take_option(r);
		if (option < 0)
			return no_option(r);
		if (*r->at >= '0' && *r->at <= '9')
			return CHOICES_GRADE;
		fault = take_comma(r, &more);
		if (fault)
			return fault;
		if (r->cells[row->first_cell + (unsigned)option])
			return CHOICES_TWICE;
		r->cells[row->first_cell + (unsigned)option] = 1;
		chosen++;
	}
	if (chosen < r->q->min)
		return CHOICES_TOO_FEW;
	return chosen > r->q->max ? CHOICES_TOO_MANY : CHOICES_FIT;
}

static enum choices_fault read_choice(struct reader *r)
{
	const struct row *row = &r->m->row[r->q->first_row];

	if (take_word(r, "0") || take_word(r, "BLANK") || take_word(r, "BLANC")) {
		if (!r->q->blank)
			return CHOICES_NO_BLANK;
		r->cells[row->first_cell + row->cells - 1] = 1;
		return CHOICES_FIT;
	}
	if (take_word(r, "-"))
		return r->q->min == 0 && !r->q->blank ? CHOICES_FIT : CHOICES_NO_NOTHING;
	return read_options(r);
}

/* One option and its grade, each option's own row. */
static enum choices_fault read_grade(struct reader *r, bool graded[OPTIONS_MAX])
{
	const struct row *row;
	unsigned grade;
	int option = take_option(r);

	if (option < 0)
		return no_option(r);
	if (*r->at < '0' || *r->at > '9')
		return *r->at == ',' || at_end(r) ? CHOICES_NO_GRADE : CHOICES_FORM;
	grade = take_number(r);
	if (grade == 0 || grade > r->q->grades)
		return CHOICES_GRADE;
	if (graded[option])
		return CHOICES_TWICE;
	graded[option] = true;
	row = &r->m->row[r->q->first_row + (unsigned)option];
	r->cells[row->first_cell + grade - 1] = 1;
	return CHOICES_FIT;
}

static enum choices_fault read_grades(struct reader *r)
{
	bool graded[OPTIONS_MAX] = { false }, more = true;
	enum choices_fault fault;
	unsigned i;

	if (take_word(r, "0") || take_word(r, "BLANK") || take_word(r, "BLANC"))
		return CHOICES_NO_BLANK;
	if (take_word(r, "-"))
		return CHOICES_NO_NOTHING;
	while (more) {
		fault = read_grade(r, graded);
		if (!fault)
			fault = take_comma(r, &more);
		if (fault)
			return fault;
	}
	for (i = 0; i < r->q->options; i++)
		if (!graded[i])
			return CHOICES_NO_GRADE;
	return CHOICES_FIT;
}

enum choices_fault choices_read(unsigned char cells[CELLS_MAX], unsigned *question,
                                const struct manifest *m, const char *text)
{
	struct reader r = { .at = text, .cells = cells, .m = m };
	enum choices_fault fault;
	unsigned i;

	memset(cells, 0, CELLS_MAX);
	for (i = 0; i < m->questions; i++) {
		*question = i;
		if (i && *r.at != '/')
			return CHOICES_QUESTIONS;
		r.at += i ? 1 : 0;
		r.q = &m->question[i];
		fault = r.q->kind == QUESTION_GRADES ? read_grades(&r) : read_choice(&r);
		if (fault)
			return fault;
	}
	if (*r.at != '\0')
		return CHOICES_QUESTIONS;
	if (!manifest_cells_fit(m, cells))
		bug("choices that fit made a ballot that does not");
	return CHOICES_FIT;
}

const char *choices_fault_name(enum choices_fault fault)
{
	static const char *const name[] = {
		[CHOICES_FIT] = "fit",
		[CHOICES_FORM] = "form",
		[CHOICES_QUESTIONS] = "questions",
		[CHOICES_OPTION] = "option",
		[CHOICES_TWICE] = "twice",
		[CHOICES_TOO_FEW] = "too-few",
		[CHOICES_TOO_MANY] = "too-many",
		[CHOICES_NO_BLANK] = "no-blank",
		[CHOICES_NO_NOTHING] = "no-nothing",
		[CHOICES_NO_GRADE] = "no-grade",
		[CHOICES_GRADE] = "grade",
	};

	return name[fault];
}
