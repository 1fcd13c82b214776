/* SPDX-License-Identifier: MIT */
#include "mailer/survey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "core/file.h"
#include "mailer/csv.h"
#include "mailer/unreached.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/surveyed.h"

#define MEMBERS 120
#define CROWD   5000
#define SEEDS   12
#define WENT    1796108400
#define CSV_CAP ((size_t)1 << 20)

static uint64_t seed; /* of what is drawn for the members */

static unsigned draw(uint32_t serial, unsigned salt, unsigned below)
{
	uint64_t x = (seed * 1000 + serial + 1) * 0x9e3779b97f4a7c15ull + salt * 0xbf58476d1ce4e5b9;

	x ^= x >> 31;
	x *= 0x94d049bb133111ebull;
	return (unsigned)((x >> 33) % below);
}

/* Any state, anything that comes back, at any time. */
static struct wanted anything(uint32_t serial)
{
	static const struct {
		unsigned code;
		const char *status, *text;
	} said[] = { { 550, "5.1.1", "user unknown" },
		     { 552, "5.2.2", "mailbox full" },
		     { 550, "5.7.1", "blocked" },
		     { 0, "", "" } };
	const unsigned i = draw(serial, 1, 4);
	const uint64_t at = draw(serial, 2, 5) ? WENT + draw(serial, 3, 9000) : 0;

	return (struct wanted){
		.state = (enum send_state)draw(serial, 4, SEND_STATES),
		.at = at,
		.next = draw(serial, 5, 2) ? at + 900 : 0,
		.code = said[i].code,
		.status = said[i].status,
		.text = said[i].text,
		.back = (enum failure)draw(serial, 6, 2 * FAILURES + 1) % (FAILURES + 1),
		.back_at = WENT + draw(serial, 7, 9000),
		.back_times = 1 + draw(serial, 8, 3),
	};
}

static void open_roll(struct surveyed *s, void **state, uint32_t members)
{
	struct buf csv = BUF_INIT(CSV_CAP);

	buf_adds(&csv, "id,email,name,language,group\n");
	for (uint32_t i = 0; i < members; i++)
		buf_addf(&csv, "M%u,m%u@d%u.example,N%u,%s,g%u\n", i, i, draw(i, 10, 30), i,
		         draw(i, 11, 2) ? "fr" : "en", draw(i, 12, 4));
	surveyed_open(s, state, &csv);
	buf_free(&csv);
}

static void open_any(struct surveyed *s, void **state)
{
	open_roll(s, state, MEMBERS);
	surveyed_letters(s, state, anything);
	surveyed_returns(s, anything);
}

/* What of each member there must be, worked out one by one. */
struct expected {
	struct surveyed *s;
	struct reached all;
	uint64_t state[SEND_STATES], warned, given_up, lost;
};

static enum err expect_member(void *context, const struct member *m, struct why *why)
{
	struct expected *x = context;
	struct fate f = { .warned = false };
	struct standing standing;

	assert_int_equal(outbox_find(x->s->outbox, m->serial, &standing, why), OK);
	assert_int_equal(returns_find(x->s->returns, m->serial, &f.last, &f.returned, why), OK);
	fate_letter(&f, &standing, SURVEYED_CLOSES);
	fate_judge(&f);
	x->all.n[f.reach]++;
	x->state[f.state]++;
	x->warned += f.warned;
	x->given_up += f.reach == REACH_DEFERRED && !standing.next;
	x->lost += reach_kind(f.reach) == REACH_LOST;
	return OK;
}

static void adds_up(const struct breakdown *b, const struct survey *s, uint64_t least)
{
	struct reached sum = b->other;

	for (uint32_t i = 0; i < b->rows; i++) {
		const uint64_t n = reached_members(&b->row[i].reached);

		assert_true(n >= least);
		assert_true(!i || n <= reached_members(&b->row[i - 1].reached));
		reached_add(&sum, &b->row[i].reached);
	}
	assert_memory_equal(&sum, &s->all, sizeof(sum));
}

static void every_sum_adds_up_to_the_roll(void **state)
{
	for (seed = 1; seed <= SEEDS; seed++) {
		struct expected x = { .lost = 0 };
		struct surveyed s;
		uint64_t kinds = 0;

		temp_setup(state);
		open_any(&s, state);
		surveyed_make(&s);
		x.s = &s;
		assert_int_equal(roll_each(s.roll, expect_member, &x, NULL), OK);
		assert_memory_equal(&x.all, &s.s.all, sizeof(x.all));
		assert_memory_equal(x.state, s.s.state, sizeof(x.state));
		assert_int_equal(x.warned, s.s.warned);
		assert_int_equal(x.given_up, s.s.given_up);
		assert_int_equal(reached_members(&s.s.all), MEMBERS);
		for (unsigned i = 0; i < REACH_KINDS; i++)
			kinds += reached_of(&s.s.all, (enum reach_kind)i);
		assert_int_equal(kinds, MEMBERS);
		adds_up(&s.s.domain, &s.s, SURVEY_LEAST);
		adds_up(&s.s.group, &s.s, SURVEY_LEAST);
		adds_up(&s.s.language_of, &s.s, SURVEY_LEAST);
		surveyed_close(&s);
		temp_teardown(state);
	}
}

/* Another process mails meanwhile. */
static pid_t begin_send(struct surveyed *s, void **state)
{
	pid_t child;

	surveyed_close(s); /* no database is held over a fork */
	child = fork();
	if (child)
		return child;
	memset(s, 0, sizeof(*s));
	assert_int_equal(roll_open(&s->roll, ((struct temp *)*state)->dir, NULL), OK);
	surveyed_letters(s, state, anything);
	_exit(0);
}

static void look_meanwhile(void **state, uint64_t *tried)
{
	static const char *const language[] = { "fr", "en" };
	const char *dir = ((struct temp *)*state)->dir;
	struct survey s = { .language = language, .closes = SURVEYED_CLOSES };
	uint64_t sum = 0;

	assert_int_equal(roll_open(&s.roll, dir, NULL), OK);
	assert_int_equal(amend_open(&s.amend, dir, false, NULL), OK);
	assert_int_equal(returns_open(&s.returns, dir, false, NULL), OK);
	if (outbox_open(&s.outbox, dir, "outbox", 0, NULL))
		s.outbox = NULL; /* not made yet */
	assert_int_equal(survey_make(&s, NULL), OK);
	assert_int_equal(reached_members(&s.all), CROWD);
	for (unsigned i = 0; i < SEND_STATES; i++)
		sum += s.state[i];
	assert_int_equal(sum, CROWD);
	adds_up(&s.domain, &s, SURVEY_LEAST);
	adds_up(&s.language_of, &s, SURVEY_LEAST);
	*tried = reached_tried(&s.all);
	survey_release(&s);
	returns_close(s.returns);
	outbox_close(s.outbox);
	amend_close(s.amend);
	roll_close(s.roll);
}

static void the_sums_hold_at_every_moment_of_a_send(void **state)
{
	struct surveyed s;
	uint64_t tried = 0;
	unsigned looks = 0;
	int status = -1;
	pid_t child;

	seed = 5;
	open_roll(&s, state, CROWD);
	child = begin_send(&s, state);
	for (bool over = false; !over; looks++) {
		over = waitpid(child, &status, WNOHANG) == child;
		look_meanwhile(state, &tried);
	}
	assert_int_equal(status, 0);
	assert_true(looks > 1 && tried > CROWD / 2);
}

/* The list for another channel, as a program reads it. */
static void read_list(const char *path, const struct expected *x)
{
	struct why why = { 0 };
	uint64_t lost = 0, warned = 0;
	struct csv csv;
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_ok(csv_open(&csv, path, &why), &why);
	assert_ok(csv_next(&csv, &why), &why);
	assert_string_equal(csv_field(&csv, 4), "address");
	while (csv_next(&csv, &why) == OK) {
		assert_int_equal(csv.fields, 12);
		assert_string_equal(csv_field(&csv, 0) + 1, csv_field(&csv, 1) + 1);
		assert_non_null(strstr(csv_field(&csv, 4), ".example"));
		assert_true(*csv_field(&csv, 6));
		lost += !strcmp(csv_field(&csv, 5), "unreached");
		warned += !strcmp(csv_field(&csv, 5), "warn");
	}
	csv_close(&csv);
	assert_int_equal(lost, x->lost);
	assert_int_equal(warned, x->warned);
}

static void the_list_of_the_unreached_holds_each_of_them_once(void **state)
{
	struct expected x = { .lost = 0 };
	const char *path = temp_path(state, "unreached.csv");
	struct why why = { 0 };
	struct unreached list;
	struct surveyed s;

	seed = 77;
	open_any(&s, state);
	x.s = &s;
	assert_int_equal(roll_each(s.roll, expect_member, &x, NULL), OK);
	assert_true(x.lost > 10 && x.warned > 2);
	assert_ok(unreached_begin(&list, path, s.definition->language, &why), &why);
	s.s.visit = unreached_visit;
	s.s.visitor = &list;
	list.outbox = s.outbox;
	surveyed_make(&s);
	assert_ok(unreached_end(&list, OK, &why), &why);
	assert_int_equal(list.lost, x.lost);
	assert_int_equal(list.warned, x.warned);
	read_list(path, &x);
	/* What somebody may have written into it is not written over. */
	assert_int_equal(unreached_begin(&list, path, s.definition->language, &why), ERR_EXISTS);
	assert_int_equal(unreached_end(&list, ERR_EXISTS, &why), ERR_EXISTS);
	read_list(path, &x);
	surveyed_close(&s);
}

static void a_list_that_failed_leaves_no_file(void **state)
{
	const char *path = temp_path(state, "unreached.csv");
	const char *const language[] = { "fr" };
	struct unreached list;

	assert_int_equal(unreached_begin(&list, path, language, NULL), OK);
	assert_int_equal(unreached_end(&list, ERR_IO, NULL), ERR_IO);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_not_equal(access(temp_path(state, "unreached.csv.new"), F_OK), 0);
}

static void no_field_is_a_formula(void **state)
{
	static const struct {
		const char *text, *field;
	} fields[] = {
		{ "", "," },
		{ "plain", "plain," },
		{ "=1+1", "'=1+1," },
		{ "+33 1 23", "'+33 1 23," },
		{ "-2", "'-2," },
		{ "@SUM(A1)", "'@SUM(A1)," },
		{ "\t=1", "\"'\t'=1\"," },
		{ "a;=cmd", "\"a;'=cmd\"," },
		{ "a; \"=cmd", "\"a;' \"\"=cmd\"," },
		{ "a;b", "\"a;b\"," },
		{ "=HYPERLINK(\"http://x\",\"y\")",
		  "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"," },
		{ "say \"no\"", "\"say \"\"no\"\"\"," },
		{ "two\r\nlines", "\"two\r\nlines\"," },
	};
	struct buf row = BUF_INIT(1000);

	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		buf_clear(&row);
		csv_add_field(&row, fields[i].text);
		assert_string_equal(buf_text(&row), fields[i].field);
	}
	buf_free(&row);
}

static void an_address_that_was_mended_counts_in_its_new_domain(void **state)
{
	struct buf csv = BUF_INIT(CSV_CAP);
	struct why why = { 0 };
	struct surveyed s;

	buf_adds(&csv, "id,email,name,language\n");
	for (uint32_t i = 0; i < 2 * SURVEY_LEAST; i++)
		buf_addf(&csv, "M%u,m%u@%s.example,N,fr\n", i, i, i % 2 ? "OLD" : "new");
	surveyed_open(&s, state, &csv);
	buf_free(&csv);
	amend_close(s.amend);
	assert_ok(amend_open(&s.amend, ((struct temp *)*state)->dir, true, &why), &why);
	amend_begin(s.amend);
	amend_address(s.amend, 1, "m1@New.Example", "m1@OLD.example");
	assert_ok(amend_commit(s.amend, &why), &why);
	surveyed_make(&s);
	assert_int_equal(s.s.domain.rows, 1);
	assert_string_equal(s.s.domain.row[0].text, "new.example");
	assert_int_equal(s.s.domain.row[0].reached.n[REACH_PLANNED], SURVEY_LEAST + 1);
	assert_int_equal(s.s.domain.others, 1);
	assert_int_equal(reached_members(&s.s.domain.other), SURVEY_LEAST - 1);
	surveyed_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_sum_adds_up_to_the_roll),
		TEMP_TEST(the_sums_hold_at_every_moment_of_a_send),
		TEMP_TEST(the_list_of_the_unreached_holds_each_of_them_once),
		TEMP_TEST(a_list_that_failed_leaves_no_file),
		cmocka_unit_test(no_field_is_a_formula),
		TEMP_TEST(an_address_that_was_mended_counts_in_its_new_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
