/* SPDX-License-Identifier: MIT */
#include "receiver/choices.h"

#include <stdio.h>
#include <string.h>

#include "receiver/parser/grammar.h"
#include "tests/support.h"

#define ROWS_MAX 200

/* An election of questions alone: what choices_read looks at. */
struct election {
	struct manifest m;
	struct question question[QUESTIONS_MAX];
	struct row row[ROWS_MAX];
};

static void begin(struct election *e)
{
	memset(e, 0, sizeof(*e));
	e->m.question = e->question;
	e->m.row = e->row;
}

static void add_row(struct election *e, unsigned cells, unsigned lo, unsigned hi, bool blank)
{
	assert_true(e->m.rows < ROWS_MAX);
	e->row[e->m.rows++] = (struct row){
		.cells = cells, .first_cell = e->m.cells, .lo = lo, .hi = hi, .blank = blank
	};
	e->m.cells += cells;
	assert_true(e->m.cells <= CELLS_MAX);
}

static void add_choice(struct election *e, unsigned options, unsigned min, unsigned max, bool blank)
{
	e->question[e->m.questions++] = (struct question){ .kind = QUESTION_CHOICE,
		                                           .options = options,
		                                           .min = min,
		                                           .max = max,
		                                           .blank = blank,
		                                           .first_row = e->m.rows };
	add_row(e, options + (blank ? 1 : 0), min, max, blank);
}

static void add_grades(struct election *e, unsigned options, unsigned grades)
{
	unsigned i;

	e->question[e->m.questions++] = (struct question){ .kind = QUESTION_GRADES,
		                                           .options = options,
		                                           .grades = grades,
		                                           .first_row = e->m.rows };
	for (i = 0; i < options; i++)
		add_row(e, grades, 1, 1, false);
}

static enum choices_fault fault_of(const struct election *e, const char *text, unsigned *question)
{
	unsigned char cells[CELLS_MAX];

	return choices_read(cells, question, &e->m, text);
}

static void assert_fault(const struct election *e, const char *text, enum choices_fault want)
{
	unsigned question;
	enum choices_fault got = fault_of(e, text, &question);

	if (got != want)
		fail_msg("\"%s\" is %s, not %s", text, choices_fault_name(got),
		         choices_fault_name(want));
}

static void assert_cells(const struct election *e, const char *text, const char *want)
{
	unsigned char cells[CELLS_MAX];
	unsigned question, i;

	assert_int_equal(choices_read(cells, &question, &e->m, text), CHOICES_FIT);
	assert_int_equal(strlen(want), e->m.cells);
	for (i = 0; i < e->m.cells; i++)
		if (cells[i] != (unsigned char)(want[i] - '0'))
			fail_msg("cell %u of \"%s\" is %u", i, text, cells[i]);
}

static void one_of_three_or_blank(void **state)
{
	struct election e;

	(void)state;
	begin(&e);
	add_choice(&e, 3, 1, 1, true);
	assert_cells(&e, "A", "1000");
	assert_cells(&e, "C", "0010");
	assert_cells(&e, "0", "0001");
	assert_cells(&e, "BLANK", "0001");
	assert_cells(&e, "BLANC", "0001");
	assert_fault(&e, "A,B", CHOICES_TOO_MANY);
	assert_fault(&e, "A,A", CHOICES_TWICE);
	assert_fault(&e, "D", CHOICES_OPTION);
	assert_fault(&e, "O", CHOICES_OPTION);
	assert_fault(&e, "-", CHOICES_NO_NOTHING);
	assert_fault(&e, "A1", CHOICES_GRADE);
	assert_fault(&e, "A/B", CHOICES_QUESTIONS);
	assert_fault(&e, "", CHOICES_FORM);
	assert_fault(&e, "A,", CHOICES_FORM);
	assert_fault(&e, "A,0", CHOICES_FORM);
	assert_fault(&e, "AB", CHOICES_FORM);
	assert_fault(&e, "a", CHOICES_FORM);
}

static void two_to_three_of_five_without_blank(void **state)
{
	struct election e;

	(void)state;
	begin(&e);
	add_choice(&e, 5, 2, 3, false);
	assert_cells(&e, "B,D", "01010");
	assert_cells(&e, "E,A,B", "11001");
	assert_fault(&e, "B", CHOICES_TOO_FEW);
	assert_fault(&e, "A,B,C,D", CHOICES_TOO_MANY);
	assert_fault(&e, "0", CHOICES_NO_BLANK);
	assert_fault(&e, "-", CHOICES_NO_NOTHING);
}

static void nothing_is_said_with_a_hyphen_where_it_may_be_said(void **state)
{
	struct election e;

	(void)state;
	begin(&e);
	add_choice(&e, 3, 0, 2, false);
	assert_cells(&e, "-", "000");
	assert_cells(&e, "A,C", "101");
	assert_fault(&e, "0", CHOICES_NO_BLANK);
}

static void every_option_gets_one_grade(void **state)
{
	struct election e;

	(void)state;
	begin(&e);
	add_grades(&e, 2, 3);
	assert_cells(&e, "A2,B1", "010100");
	assert_cells(&e, "B3,A1", "100001");
	assert_fault(&e, "A2", CHOICES_NO_GRADE);
	assert_fault(&e, "A,B", CHOICES_NO_GRADE);
	assert_fault(&e, "A2,B", CHOICES_NO_GRADE);
	assert_fault(&e, "A2,B4", CHOICES_GRADE);
	assert_fault(&e, "A0,B1", CHOICES_GRADE);
	assert_fault(&e, "A99,B1", CHOICES_GRADE);
	assert_fault(&e, "A2,A1", CHOICES_TWICE);
	assert_fault(&e, "A2,C1", CHOICES_OPTION);
	assert_fault(&e, "0", CHOICES_NO_BLANK);
	assert_fault(&e, "-", CHOICES_NO_NOTHING);
	assert_fault(&e, "A2B1", CHOICES_FORM);
}

static void twelve_grades_have_two_digits(void **state)
{
	struct election e;

	(void)state;
	begin(&e);
	add_grades(&e, 1, 12);
	assert_cells(&e, "A12", "000000000001");
	assert_fault(&e, "A13", CHOICES_GRADE);
	assert_fault(&e, "A123", CHOICES_FORM);
}

static void questions_are_answered_in_their_order(void **state)
{
	struct election e;
	unsigned question;

	(void)state;
	begin(&e);
	add_choice(&e, 3, 1, 1, true);
	add_grades(&e, 2, 2);
	add_choice(&e, 2, 0, 2, false);
	assert_cells(&e, "B/A2,B1/-",
	             "0100"
	             "0110"
	             "00");
	assert_cells(&e, "0/A1,B1/A,B",
	             "0001"
	             "1010"
	             "11");
	assert_fault(&e, "B", CHOICES_QUESTIONS);
	assert_fault(&e, "B/A2,B1", CHOICES_QUESTIONS);
	assert_fault(&e, "B/A2,B1/-/-", CHOICES_QUESTIONS);
	assert_int_equal(fault_of(&e, "B/A2,B9/-", &question), CHOICES_GRADE);
	assert_int_equal(question, 1);
	assert_int_equal(fault_of(&e, "B/A2,B1/C", &question), CHOICES_OPTION);
	assert_int_equal(question, 2);
}

/* A question of any kind and size; room is left for the others. */
static void add_any(struct election *e, uint64_t *random)
{
	unsigned options = 2 + (unsigned)(support_random(random) % 22), max;

	if (support_random(random) % 3 == 0 && e->m.rows + options < ROWS_MAX) {
		add_grades(e, options, 2 + (unsigned)(support_random(random) % 4));
		return;
	}
	max = 1 + (unsigned)(support_random(random) % options);
	if (support_random(random) % 2)
		add_choice(e, options, 1 + (unsigned)(support_random(random) % max), max, true);
	else
		add_choice(e, options, (unsigned)(support_random(random) % (max + 1)), max, false);
}

/* What a member might write for these cells. */
static void write_question(struct buf *out, const struct election *e, const struct question *q,
                           const unsigned char *cells)
{
	const struct row *row = &e->m.row[q->first_row];
	const char *comma = "";
	unsigned i, g;

	if (q->kind == QUESTION_CHOICE && q->blank && cells[row->first_cell + row->cells - 1]) {
		buf_adds(out, "0");
		return;
	}
	for (i = 0; i < q->options; i++) {
		if (q->kind == QUESTION_CHOICE) {
			if (!cells[row->first_cell + i])
				continue;
			buf_addf(out, "%s%c", comma, option_letter(i));
		} else {
			for (g = 0; !cells[row[i].first_cell + g]; g++)
				;
			buf_addf(out, "%s%c%u", comma, option_letter(i), g + 1);
		}
		comma = ",";
	}
	if (!*comma)
		buf_adds(out, "-");
}

/* Cells that fit: as many options as may be, or blank; any grade. */
static void fill(unsigned char cells[CELLS_MAX], const struct election *e, uint64_t *random)
{
	const struct question *q;
	const struct row *row;
	unsigned i, k, want;

	memset(cells, 0, CELLS_MAX);
	for (i = 0; i < e->m.questions; i++) {
		q = &e->m.question[i];
		row = &e->m.row[q->first_row];
		if (q->kind == QUESTION_GRADES) {
			for (k = 0; k < q->options; k++)
				cells[row[k].first_cell + support_random(random) % q->grades] = 1;
			continue;
		}
		if (q->blank && support_random(random) % 4 == 0) {
			cells[row->first_cell + row->cells - 1] = 1;
			continue;
		}
		want = q->min + (unsigned)(support_random(random) % (q->max - q->min + 1));
		while (want) {
			k = row->first_cell + (unsigned)(support_random(random) % q->options);
			want -= cells[k] ? 0 : 1;
			cells[k] = 1;
		}
	}
}

static void what_a_member_writes_is_what_is_cast(void **state)
{
	static struct election e;
	unsigned char cells[CELLS_MAX], got[CELLS_MAX];
	uint64_t random = support_seed();
	struct buf text = BUF_INIT(10000);
	char folded[CHOICES_MAX];
	unsigned round, i, question;

	(void)state;
	for (round = 0; round < 2000; round++) {
		begin(&e);
		while (e.m.cells < 400 && e.m.questions < 6)
			add_any(&e, &random);
		fill(cells, &e, &random);
		assert_true(manifest_cells_fit(&e.m, cells));
		buf_clear(&text);
		for (i = 0; i < e.m.questions; i++) {
			buf_adds(&text, i ? "/" : "");
			write_question(&text, &e, &e.question[i], cells);
		}
		assert_true(grammar_choices(folded, (struct span){ text.data, text.len }));
		assert_int_equal(choices_read(got, &question, &e.m, folded), CHOICES_FIT);
		assert_memory_equal(got, cells, e.m.cells);
	}
	buf_free(&text);
}

/* Whatever the text, what is called fit does fit. */
static void what_fits_fits(void **state)
{
	static const char signs[] = "AABBCCDEFGHXYZ0123456789,,,,////-BLANKCO";
	static struct election e;
	unsigned char cells[CELLS_MAX];
	uint64_t random = support_seed();
	unsigned round, i, n, question, fitted = 0;
	char text[24];

	(void)state;
	for (round = 0; round < 200000; round++) {
		if (round % 1000 == 0) {
			begin(&e);
			add_any(&e, &random);
			if (round % 2000)
				add_any(&e, &random);
		}
		n = (unsigned)(support_random(&random) % (sizeof(text) - 1));
		for (i = 0; i < n; i++)
			text[i] = signs[support_random(&random) % (sizeof(signs) - 1)];
		text[n] = '\0';
		if (choices_read(cells, &question, &e.m, text) == CHOICES_FIT) {
			assert_true(manifest_cells_fit(&e.m, cells));
			fitted++;
		}
	}
	assert_true(fitted > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_of_three_or_blank),
		cmocka_unit_test(two_to_three_of_five_without_blank),
		cmocka_unit_test(nothing_is_said_with_a_hyphen_where_it_may_be_said),
		cmocka_unit_test(every_option_gets_one_grade),
		cmocka_unit_test(twelve_grades_have_two_digits),
		cmocka_unit_test(questions_are_answered_in_their_order),
		cmocka_unit_test(what_a_member_writes_is_what_is_cast),
		cmocka_unit_test(what_fits_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
