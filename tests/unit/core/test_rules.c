/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/rules.h"
#include "tests/election.h"
#include "tests/support.h"

/* Rules look at no signature: a line is its type and what it says. */
static const struct election_shape shape = { 2, 2, { 4, 2 }, 1, false };

struct pass {
	struct election e;
	struct rules r;
	struct point given[ELECTION_VOTERS];
};

static int setup(void **state)
{
	static struct pass p;

	memset(&p, 0, sizeof(p));
	election_init(&p.e, &shape);
	assert_int_equal(rules_init(&p.r, p.e.m), OK);
	for (unsigned i = 0; i < p.e.voters; i++)
		p.given[i] = p.e.voter[i].credential;
	*state = &p;
	return 0;
}

static int teardown(void **state)
{
	struct pass *p = *state;

	rules_release(&p->r);
	election_release(&p->e);
	return 0;
}

/* Take it and hold what was said against `check`; "" is OK. */
static unsigned take(struct pass *p, const struct line *line, const char *check)
{
	struct why why = { 0 };
	unsigned weight;
	enum err e = rules_take(&p->r, line, &weight, &why);

	assert_string_equal(why.check, check);
	assert_int_equal(e, check[0] ? ERR_INVALID : OK);
	return weight;
}

static void issue(struct pass *p, unsigned weight, unsigned from, unsigned n, const char *check)
{
	struct line line = { .type = LINE_ISSUED };

	line.u.issued.weight = weight;
	line.u.issued.n = n;
	line.u.issued.credential = p->given + from;
	take(p, &line, check);
}

static void accept(struct pass *p, unsigned trustee, const char *check)
{
	struct line line = { .type = LINE_ACCEPTED };

	line.u.accepted.trustee = trustee;
	take(p, &line, check);
}

static void tick(struct pass *p, uint64_t at, const char *check)
{
	struct line line = { .type = LINE_TIME };

	line.u.time = at;
	take(p, &line, check);
}

static unsigned vote(struct pass *p, const struct point *credential, const char *check)
{
	struct line line = { .type = LINE_BALLOT };

	line.u.ballot.credential = *credential;
	return take(p, &line, check);
}

static void replace(struct pass *p, const struct point *old, const struct point *by,
                    const char *check)
{
	struct line line = { .type = LINE_REPLACED };

	line.u.replaced.old = *old;
	line.u.replaced.revoked = !by;
	if (by)
		line.u.replaced.by = *by;
	take(p, &line, check);
}

static void extend(struct pass *p, uint64_t closes, const char *check)
{
	struct line line = { .type = LINE_EXTENDED };

	line.u.closes = closes;
	take(p, &line, check);
}

static void closing(struct pass *p, uint64_t ballots, uint64_t issued, uint64_t replaced,
                    const char *check)
{
	struct line line = { .type = LINE_CLOSED };

	line.u.closed.ballots = ballots;
	line.u.closed.issued = issued;
	line.u.closed.replaced = replaced;
	take(p, &line, check);
}

static void end(struct pass *p, bool must_close, const char *check)
{
	struct why why = { 0 };
	enum err e = rules_end(&p->r, must_close, &why);

	assert_string_equal(why.check, check);
	assert_int_equal(e, check[0] ? ERR_INVALID : OK);
}

static void prepare(struct pass *p)
{
	issue(p, 1, 0, 4, "");
	issue(p, 3, 4, 2, "");
	accept(p, 1, "");
	accept(p, 2, "");
}

static void begin(struct pass *p)
{
	prepare(p);
	tick(p, ELECTION_OPENS, "");
}

static struct point fresh(void)
{
	struct scalar s;
	struct point p;

	scalar_random(&s);
	point_base(&p, &s);
	return p;
}

static void a_whole_board_passes(void **state)
{
	struct pass *p = *state;
	struct point new = fresh();

	issue(p, 1, 0, 1, "");
	issue(p, 1, 1, 3, "");
	issue(p, 3, 4, 2, "");
	accept(p, 1, "");
	accept(p, 2, "");
	end(p, false, "");
	replace(p, &p->given[4], &new, "");
	tick(p, ELECTION_OPENS + 5, "");
	assert_int_equal(vote(p, &p->given[0], ""), 1);
	assert_int_equal(vote(p, &new, ""), 3);
	replace(p, &p->given[1], NULL, "");
	extend(p, ELECTION_CLOSES + 60, "");
	tick(p, ELECTION_CLOSES, "");
	assert_int_equal(vote(p, &p->given[2], ""), 1);
	tick(p, ELECTION_CLOSES + 60, "");
	closing(p, 3, 7, 2, "");
	end(p, true, "");
	assert_true(p->r.closed);
	assert_int_equal(p->r.weight, 5);
	assert_int_equal(p->r.lines, 16);
}

static void what_is_issued_is_exactly_the_roll(void **state)
{
	struct pass *p = *state;

	issue(p, 1, 0, 3, "");
	issue(p, 3, 4, 2, "issued roll");
	accept(p, 1, "");
}

static void a_short_roll_is_told_at_its_end(void **state)
{
	struct pass *p = *state;

	issue(p, 1, 0, 4, "");
	issue(p, 3, 4, 1, "");
	accept(p, 1, "issued roll");
	accept(p, 2, "");
	tick(p, ELECTION_OPENS, "");
	end(p, false, "");
}

static void a_roll_that_is_too_long_or_unknown_is_told(void **state)
{
	struct pass *p = *state;

	p->given[4] = fresh();
	issue(p, 2, 4, 1, "issued roll");
	p->given[4] = p->e.voter[4].credential;
	issue(p, 1, 0, 4, "");
	memset(p->given[3].bytes, 0xff, GROUP_BYTES);
	issue(p, 1, 3, 1, "issued roll");
	issue(p, 3, 4, 2, "");
}

static void credentials_ascend_through_lines_and_weights(void **state)
{
	struct pass *p = *state;
	struct point last = p->given[1];

	p->given[1] = p->given[0];
	p->given[0] = last;
	issue(p, 1, 0, 2, "issued order");
	issue(p, 1, 1, 1, "issued order"); /* the same again does not ascend either */
	issue(p, 1, 2, 1, "");
	issue(p, 3, 4, 2, "");
	issue(p, 1, 3, 1, "issued order");
}

static void one_credential_is_issued_once(void **state)
{
	struct pass *p = *state;

	issue(p, 1, 0, 4, "");
	p->given[4] = p->given[0];
	p->given[5] = p->given[1];
	issue(p, 3, 4, 2, "issued credential");
}

static void nobody_is_added_after_the_opening(void **state)
{
	struct pass *p = *state;

	begin(p);
	p->given[0] = fresh();
	issue(p, 1, 0, 1, "issued after opening");
}

static void an_issued_line_has_its_place(void **state)
{
	struct pass *p = *state;

	prepare(p);
	p->given[0] = fresh();
	issue(p, 1, 0, 1, "issued order");
}

static void every_trustee_accepts_in_order(void **state)
{
	struct pass *p = *state;

	issue(p, 1, 0, 4, "");
	issue(p, 3, 4, 2, "");
	accept(p, 2, "accepted missing");
	accept(p, 1, "accepted order");
	tick(p, ELECTION_OPENS, "");
	accept(p, 2, "accepted order");
}

static void a_missing_acceptance_is_told_at_the_first_line_after(void **state)
{
	struct pass *p = *state;

	issue(p, 1, 0, 4, "");
	issue(p, 3, 4, 2, "");
	accept(p, 1, "");
	tick(p, ELECTION_OPENS, "accepted missing");
	end(p, false, "");
}

static void the_end_tells_what_only_it_can(void **state)
{
	struct pass *p = *state;

	issue(p, 1, 0, 4, "");
	end(p, true, "issued roll");
	end(p, true, "accepted missing");
	end(p, true, "not closed");
	end(p, true, "");
}

static void the_clock_goes_forward_from_the_opening(void **state)
{
	struct pass *p = *state;

	prepare(p);
	tick(p, ELECTION_OPENS - 1, "time before opening");
	tick(p, ELECTION_OPENS - 1, "time order");
	tick(p, ELECTION_OPENS, "");
	tick(p, ELECTION_OPENS - 5, "time order");
	tick(p, ELECTION_OPENS, "time order");
	tick(p, ELECTION_OPENS + 1, "");
}

static void a_token_votes_once_and_only_in_time(void **state)
{
	struct pass *p = *state;
	struct point ghost = fresh();

	prepare(p);
	assert_int_equal(vote(p, &p->given[0], "line before opening"), 1);
	tick(p, ELECTION_OPENS, "");
	vote(p, &p->given[1], "");
	assert_int_equal(vote(p, &p->given[1], "ballot credential"), 0);
	assert_int_equal(vote(p, &ghost, "ballot credential"), 0);
	replace(p, &p->given[2], NULL, "");
	assert_int_equal(vote(p, &p->given[2], "ballot credential"), 0);
	tick(p, ELECTION_CLOSES - 1, "");
	vote(p, &p->given[3], "");
	tick(p, ELECTION_CLOSES, "");
	vote(p, &p->given[4], "ballot late");
}

static void only_an_unused_credential_is_replaced_and_by_a_new_one(void **state)
{
	struct pass *p = *state;
	struct point a = fresh(), b = fresh();

	begin(p);
	vote(p, &p->given[0], "");
	replace(p, &p->given[0], &a, "replaced credential");
	replace(p, &b, NULL, "replaced credential");
	replace(p, &p->given[1], &p->given[2], "replaced by");
	replace(p, &p->given[3], &a, "replaced by"); /* seen, though in vain */
	replace(p, &p->given[4], &b, "");
	replace(p, &p->given[4], NULL, "replaced credential");
	assert_int_equal(vote(p, &b, ""), 3);
}

static void an_extension_is_later_and_in_time(void **state)
{
	struct pass *p = *state;

	prepare(p);
	extend(p, ELECTION_CLOSES, "extended earlier");
	extend(p, ELECTION_CLOSES + 10, "");
	extend(p, ELECTION_CLOSES + 5, "extended earlier");
	tick(p, ELECTION_OPENS, "");
	tick(p, ELECTION_CLOSES + 9, "");
	extend(p, ELECTION_CLOSES + 20, "");
	tick(p, ELECTION_CLOSES + 20, "");
	extend(p, ELECTION_CLOSES + 30, "extended late");
	vote(p, &p->given[0], "ballot late");
}

static void the_board_closes_after_its_time_and_counts_right(void **state)
{
	struct pass *p = *state;

	begin(p);
	vote(p, &p->given[0], "");
	tick(p, ELECTION_CLOSES, "");
	closing(p, 2, 6, 0, "closed counts");
	tick(p, ELECTION_CLOSES + 1, "line after closed");
	closing(p, 1, 6, 0, "line after closed");
}

static void a_board_does_not_close_early(void **state)
{
	struct pass *p = *state;

	begin(p);
	tick(p, ELECTION_CLOSES - 1, "");
	closing(p, 0, 6, 0, "closed early");
}

static void the_last_time_stands_directly_before_closed(void **state)
{
	struct pass *p = *state;

	begin(p);
	tick(p, ELECTION_CLOSES, "");
	replace(p, &p->given[0], NULL, "");
	closing(p, 0, 6, 1, "closed time");
}

/* One unreadable line is one failure, not a hundred. */
static void an_unreadable_line_takes_the_blame_alone(void **state)
{
	struct pass *p = *state;
	struct point a = fresh();

	issue(p, 1, 0, 4, "");
	rules_skip(&p->r);
	accept(p, 2, "");
	tick(p, ELECTION_OPENS, "");
	assert_int_equal(vote(p, &p->given[4], ""), 0);
	replace(p, &p->given[5], &a, "");
	assert_int_equal(vote(p, &p->given[0], ""), 1);
	assert_int_equal(vote(p, &p->given[0], "ballot credential"), 0);
	tick(p, ELECTION_CLOSES, "");
	closing(p, 3, 6, 1, "");
	end(p, true, "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_whole_board_passes),
		TEST(what_is_issued_is_exactly_the_roll),
		TEST(a_short_roll_is_told_at_its_end),
		TEST(a_roll_that_is_too_long_or_unknown_is_told),
		TEST(credentials_ascend_through_lines_and_weights),
		TEST(one_credential_is_issued_once),
		TEST(nobody_is_added_after_the_opening),
		TEST(an_issued_line_has_its_place),
		TEST(every_trustee_accepts_in_order),
		TEST(a_missing_acceptance_is_told_at_the_first_line_after),
		TEST(the_end_tells_what_only_it_can),
		TEST(the_clock_goes_forward_from_the_opening),
		TEST(a_token_votes_once_and_only_in_time),
		TEST(only_an_unused_credential_is_replaced_and_by_a_new_one),
		TEST(an_extension_is_later_and_in_time),
		TEST(the_board_closes_after_its_time_and_counts_right),
		TEST(a_board_does_not_close_early),
		TEST(the_last_time_stands_directly_before_closed),
		TEST(an_unreadable_line_takes_the_blame_alone),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
