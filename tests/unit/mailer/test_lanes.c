/* SPDX-License-Identifier: MIT */
#include "mailer/lanes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/kit.h"

#define LETTERS 600

struct road {
	struct conf conf;
	struct lanes *lanes;
	unsigned domain[LETTERS]; /* of each place */
};

static const char *name_of(unsigned domain)
{
	static char name[32];

	snprintf(name, sizeof(name), "d%u.test", domain);
	return name;
}

/* Settings with this in them, then so many letters, domain by domain in turn. */
static void open_road(struct road *r, void **state, const char *more, unsigned domains)
{
	struct why why = { 0 };

	memset(r, 0, sizeof(*r));
	assert_ok(conf_read(&r->conf, "", kit_settings(state, "mailer.conf", 25, more, ""), &why),
	          &why);
	assert_ok(lanes_new(&r->lanes, LETTERS, &r->conf, &why), &why);
	for (uint32_t i = 0; i < LETTERS; i++) {
		r->domain[i] = i % domains;
		assert_int_equal(lanes_put(r->lanes, i, name_of(r->domain[i])), OK);
	}
}

static void close_road(struct road *r)
{
	lanes_free(r->lanes);
	conf_release(&r->conf);
}

static unsigned take(struct road *r, uint64_t now, uint32_t *place, unsigned n)
{
	assert_int_equal(lanes_take(r->lanes, now, place, &n), OK);
	return n;
}

static void done(struct road *r, uint64_t now, uint32_t place, enum send_state state,
                 uint64_t again, const char *words)
{
	struct outcome o = { .claim = { .place = place },
		             .state = state,
		             .tried = true,
		             .at = 100,
		             .next = again ? 100 + again : 0,
		             .answer = { .considered = true } };

	if (words) {
		o.answer.outcome = SMTP_DEFERRED;
		strcpy(o.answer.text, words);
	}
	assert_int_equal(lanes_done(r->lanes, &o, now), OK);
}

static uint64_t wait(struct road *r, uint64_t now)
{
	uint64_t ms;

	assert_int_equal(lanes_wait(r->lanes, now, &ms), OK);
	return ms;
}

static void without_limits_they_leave_in_the_order_of_their_places(void **state)
{
	uint32_t place[LETTERS];
	struct road r;

	open_road(&r, state, KIT_FULL_SPEED, 7);
	lanes_drop(r.lanes, 5);
	assert_int_equal(lanes_ready(r.lanes), OK);
	assert_int_equal(lanes_letters(r.lanes), LETTERS - 1);
	for (uint32_t i = 0; i < LETTERS; i += i == 4 ? 2 : 1) {
		assert_int_equal(take(&r, 0, place, 1), 1);
		assert_int_equal(place[0], i);
	}
	assert_int_equal(take(&r, 0, place, 1), 0);
	assert_int_equal(lanes_letters(r.lanes), 0);
	assert_true(wait(&r, 0) == LANES_NEVER);
	close_road(&r);
}

static void a_domain_has_so_many_under_way_at_once(void **state)
{
	uint32_t place[LETTERS];
	unsigned under_way[3] = { 0 }, left = LETTERS;
	struct road r;

	open_road(&r, state,
	          "[pace]\nstart = 0\ndomain_start = 0\ndomain_per_minute = 0\ndomain_at_once = 2\n"
	          "[domain d1.test]\nat_once = 5\n",
	          3);
	assert_int_equal(lanes_ready(r.lanes), OK);
	while (left) {
		unsigned n = take(&r, 0, place, LETTERS);

		assert_true(n > 0);
		for (unsigned i = 0; i < n; i++)
			under_way[r.domain[place[i]]]++;
		assert_int_equal(take(&r, 0, place + n, 1), 0);
		for (unsigned d = 0; d < 3; d++)
			assert_true(under_way[d] <= (d == 1 ? 5 : 2));
		for (unsigned i = 0; i < n; i++) {
			under_way[r.domain[place[i]]]--;
			done(&r, 0, place[i], SEND_ACCEPTED, 0, NULL);
		}
		left -= n;
	}
	close_road(&r);
}

/* One domain may have 60 a minute, the others have no limit: they are through at once, and the
 * slow one takes its time from the first moment on. */
static void a_slow_domain_holds_up_no_other(void **state)
{
	uint32_t place[LETTERS];
	unsigned n, slow = 0;
	struct road r;

	open_road(&r, state,
	          "[pace]\nstart = 0\ndomain_start = 0\ndomain_per_minute = 0\ndomain_at_once = 0\n"
	          "[domain d0.test]\nper_minute = 60\n",
	          6);
	assert_int_equal(lanes_ready(r.lanes), OK);
	assert_in_range(lanes_forecast(r.lanes, 0), 99000, 101000);
	n = take(&r, 1000, place, LETTERS);
	assert_in_range(n, LETTERS * 5 / 6, LETTERS * 5 / 6 + 2);
	assert_in_range(wait(&r, 1000), 800, 1000);
	for (uint64_t now = 1000; now < 200000 && lanes_letters(r.lanes); now += 100) {
		unsigned more = take(&r, now, place, LETTERS);

		assert_true(more <= 1);
		slow += more;
		if (more)
			assert_int_equal(r.domain[place[0]], 0);
		if (more && slow == 50)
			assert_in_range(now, 49000, 51500);
	}
	assert_int_equal(n + slow, LETTERS);
	close_road(&r);
}

static void a_domain_that_says_too_much_is_left_alone_and_no_other(void **state)
{
	uint32_t place[LETTERS];
	uint64_t now = 0;
	struct road r;
	unsigned n;

	open_road(&r, state, KIT_FULL_SPEED, 3);
	assert_int_equal(lanes_ready(r.lanes), OK);
	assert_int_equal(take(&r, now, place, 6), 6);
	for (unsigned i = 0; i < 6; i++)
		done(&r, now, place[i], r.domain[place[i]] == 1 ? SEND_DEFERRED : SEND_ACCEPTED,
		     r.domain[place[i]] == 1 ? 300 : 0,
		     r.domain[place[i]] == 1 ? "4.7.0 slow down" : NULL);
	n = take(&r, now, place, LETTERS);
	assert_int_equal(n, LETTERS * 2 / 3 - 4);
	for (unsigned i = 0; i < n; i++)
		assert_int_not_equal(r.domain[place[i]], 1);
	assert_int_equal(wait(&r, now), 60000);
	/* After the pause it is tried with one a second, and those two in their own time. */
	now = 60000;
	assert_int_equal(take(&r, now, place, LETTERS), 1);
	assert_int_equal(lanes_letters(r.lanes), LETTERS / 3 - 1);
	assert_in_range(wait(&r, now), 800, 1000);
	for (now = 60100; now < 300000; now += 100)
		assert_true(take(&r, now, place, 1) <= 1);
	assert_int_equal(lanes_letters(r.lanes), 2);
	close_road(&r);
}

/* One provider's domains: what one of them says counts for the other. */
static void domains_of_one_group_share_a_lane(void **state)
{
	uint32_t place[LETTERS];
	struct road r;

	open_road(&r, state,
	          "[pace]\nstart = 0\ndomain_start = 0\ndomain_per_minute = 0\ndomain_at_once = 0\n"
	          "[domain d1.test D2.test]\nat_once = 3\n",
	          3);
	assert_int_equal(lanes_ready(r.lanes), OK);
	assert_int_equal(lanes_count(r.lanes), 2);
	assert_int_equal(take(&r, 0, place, LETTERS), LETTERS / 3 + 3);
	close_road(&r);
}

/* Of whatever domain they are. */
static void what_is_put_behind_leaves_where_nothing_else_may(void **state)
{
	uint32_t place[LETTERS];
	struct road r;

	open_road(&r, state, KIT_FULL_SPEED, 3);
	for (uint32_t i = 0; i < 7; i++)
		lanes_behind(r.lanes, i);
	assert_int_equal(lanes_ready(r.lanes), OK);
	assert_int_equal(take(&r, 0, place, LETTERS - 7), LETTERS - 7);
	for (uint32_t i = 0; i < LETTERS - 7; i++)
		assert_int_equal(place[i], i + 7);
	assert_int_equal(take(&r, 0, place, LETTERS), 7);
	for (uint32_t i = 0; i < 7; i++)
		assert_int_equal(place[i], i);
	close_road(&r);
}

static void what_was_put_off_comes_back_in_its_time(void **state)
{
	uint32_t place[LETTERS];
	struct road r;

	open_road(&r, state, KIT_FULL_SPEED, 4);
	assert_int_equal(lanes_delay(r.lanes, 7, 5000), OK);
	assert_int_equal(lanes_ready(r.lanes), OK);
	assert_int_equal(take(&r, 0, place, LETTERS), LETTERS - 1);
	assert_int_equal(wait(&r, 0), 5000);
	assert_int_equal(lanes_forecast(r.lanes, 0), 5000); /* not before the first of them */
	done(&r, 0, place[0], SEND_DEFERRED, 3, NULL);
	assert_int_equal(lanes_forecast(r.lanes, 1000), 2000);
	done(&r, 0, place[1], SEND_DEFERRED, 0, NULL); /* given up */
	assert_int_equal(lanes_letters(r.lanes), 2);
	assert_int_equal(wait(&r, 1000), 2000);
	assert_int_equal(take(&r, 3000, place + 2, 2), 1);
	assert_int_equal(place[2], place[0]);
	assert_int_equal(take(&r, 5000, place, 2), 1);
	assert_int_equal(place[0], 7);
	close_road(&r);
}

static void what_was_not_tried_goes_back_to_the_front(void **state)
{
	struct outcome o = { .state = SEND_PLANNED };
	uint32_t place[4];
	struct road r;

	open_road(&r, state, KIT_FULL_SPEED, 4);
	assert_int_equal(lanes_ready(r.lanes), OK);
	assert_int_equal(take(&r, 0, place, 4), 4);
	o.claim.place = place[2];
	assert_int_equal(lanes_done(r.lanes, &o, 0), OK);
	assert_int_equal(take(&r, 0, place, 4), 4);
	/* Of its own lane it is the first. */
	assert_int_equal(place[2], 2);
	close_road(&r);
}

static void all_together_keep_the_whole_pace(void **state)
{
	uint32_t place[LETTERS];
	unsigned n = 0;
	struct road r;

	open_road(&r, state, "per_minute = 600\n" KIT_FULL_SPEED, 9);
	assert_int_equal(lanes_ready(r.lanes), OK);
	for (uint64_t now = 0; now < 30000; now += 50)
		n += take(&r, now, place, LETTERS);
	assert_in_range(n, 299, 302);
	close_road(&r);
}

static void not_tried(struct road *r, uint64_t now, uint32_t place, unsigned code,
                      const char *words, uint64_t again)
{
	struct outcome o = { .claim = { .place = place },
		             .state = SEND_PLANNED,
		             .at = 100,
		             .next = again ? 100 + again : 0,
		             .answer = { .outcome = SMTP_DEFERRED, .code = code } };

	strcpy(o.answer.text, words);
	assert_int_equal(lanes_done(r->lanes, &o, now), OK);
}

/* At MAIL, before it has heard of any recipient. */
static void a_relay_that_says_too_much_is_left_alone_by_all(void **state)
{
	static const struct {
		unsigned code;
		const char *words;
		bool all;
	} cases[] = {
		{ 451, "4.7.1 too many messages", true },
		{ 450, "4.3.0 not now", true },
		{ 421, "4.4.2 Message submission rate for this client has exceeded", true },
		{ 421, "4.3.2 too many connections", false }, /* the others go on */
		{ 0, "the relay has hung up", false },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t place[4];
		struct road r;

		open_road(&r, state, KIT_FULL_SPEED, 4);
		assert_int_equal(lanes_ready(r.lanes), OK);
		assert_int_equal(take(&r, 0, place, 4), 4);
		for (unsigned n = 0; n < 4; n++)
			not_tried(&r, 0, place[n], cases[i].code, cases[i].words, 0);
		assert_int_equal(wait(&r, 0), cases[i].all ? 60000 : 0);
		close_road(&r);
	}
}

static void what_it_put_off_of_itself_makes_room_for_others(void **state)
{
	uint32_t place[LETTERS];
	struct road r;

	open_road(&r, state, KIT_FULL_SPEED, 4);
	assert_int_equal(lanes_ready(r.lanes), OK);
	assert_int_equal(take(&r, 0, place, 1), 1);
	not_tried(&r, 0, place[0], 451, "not this", 300);
	assert_int_equal(lanes_letters(r.lanes), LETTERS);
	assert_int_equal(take(&r, 60000, place + 1, 1), 1);
	assert_int_equal(place[1], place[0] + 1);
	close_road(&r);
}

/* Three domains in a row that say the same: that is the relay's own word, or all the world's. */
static void what_many_domains_say_is_the_relays(void **state)
{
	uint32_t place[LETTERS];
	struct road r;

	open_road(&r, state, KIT_FULL_SPEED, 100);
	assert_int_equal(lanes_ready(r.lanes), OK);
	assert_int_equal(take(&r, 0, place, 5), 5);
	done(&r, 0, place[0], SEND_DEFERRED, 300, "4.7.1 too many messages");
	done(&r, 0, place[1], SEND_DEFERRED, 300, "4.7.1 too many messages");
	done(&r, 0, place[2], SEND_ACCEPTED, 0, NULL);
	assert_int_equal(wait(&r, 0), 0);
	done(&r, 0, place[3], SEND_DEFERRED, 300, "4.7.1 too many messages");
	assert_int_equal(wait(&r, 0), 60000);
	close_road(&r);
}

/* Among many that were taken, or from one and the same, it is theirs. */
static void what_a_few_domains_say_is_theirs(void **state)
{
	uint32_t place[LETTERS];
	struct road r;

	for (unsigned how = 0; how < 3; how++) {
		uint64_t now = 0;

		open_road(&r, state, KIT_FULL_SPEED, 100);
		assert_int_equal(lanes_ready(r.lanes), OK);
		assert_int_equal(take(&r, 0, place, LETTERS), LETTERS);
		for (unsigned i = 0; i < 3; i++) {
			now = how == 1 ? i * 40000 : 0;

			/* One domain's; in a long time; among others. */
			done(&r, now, place[how == 0 ? 100 * i : i], SEND_DEFERRED, 300,
			     "4.7.1 too many messages");
			for (unsigned n = 0; how == 2 && n < 20; n++)
				done(&r, now, place[10 + 20 * i + n], SEND_ACCEPTED, 0, NULL);
		}
		not_tried(&r, now, place[99], 0, "", 0);
		assert_int_equal(wait(&r, now), 0);
		close_road(&r);
	}
}

/* Any limits, any answers: every letter leaves once for each time that it waited, and the counts
 * add up at every moment. */
static void no_letter_is_lost_or_doubled(void **state)
{
	uint64_t seed = support_seed();
	unsigned finished = 0;
	unsigned char out[LETTERS] = { 0 }, over[LETTERS] = { 0 };
	struct road r;

	open_road(&r, state,
	          "[pace]\nstart = 6000\ndomain_start = 300\ndouble_after = 5\npause = 1\n"
	          "domain_per_minute = 3000\ndomain_at_once = 3\n"
	          "[domain d3.test d4.test]\nper_minute = 100\n",
	          11);
	assert_int_equal(lanes_ready(r.lanes), OK);
	for (uint64_t now = 0; finished < LETTERS; now += 20) {
		uint32_t place[40];
		unsigned n = take(&r, now, place, 1 + (unsigned)support_random(&seed) % 40);

		assert_true(now < 3600000);
		for (unsigned i = 0; i < n; i++) {
			unsigned fate = (unsigned)support_random(&seed) % 10;

			assert_int_equal(over[place[i]], 0);
			out[place[i]]++;
			if (fate < 2)
				done(&r, now, place[i], SEND_DEFERRED, 1 + fate, "451 wait");
			else if (fate < 3)
				done(&r, now, place[i], SEND_DEFERRED, 1, "421 4.7.0 too much");
			else
				over[place[i]] = 1;
			if (fate >= 3)
				done(&r, now, place[i], SEND_ACCEPTED, 0, NULL);
			finished += fate >= 3;
		}
		assert_int_equal(lanes_letters(r.lanes) + finished, LETTERS);
	}
	for (unsigned i = 0; i < LETTERS; i++)
		assert_true(out[i] && over[i]);
	close_road(&r);
}

static void a_wrong_group_is_told_with_its_line(void **state)
{
	static const struct {
		const char *group, *words;
	} cases[] = {
		{ "[domain a..b]\n", "is no domain" },
		{ "[domain ]\n", "names no domain" },
		{ "[domain a.test]\n[domain b.test A.test]\n", "another group" },
		{ "[domain a.test]\nper_minute = fast\n", "from 0 to 1000000" },
		{ "[domain a.test]\nper_hour = 3\n", "unknown key" },
		{ "[domains a.test]\nper_minute = 3\n", "unknown" },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct why why = { 0 };
		struct conf conf;
		const char *path = kit_settings(state, "mailer.conf", 25, "", cases[i].group);

		assert_int_equal(conf_read(&conf, "", path, &why), ERR_SETTINGS);
		if (!strstr(why.text, cases[i].words) || !strstr(why.text, "mailer.conf:"))
			fail_msg("%s", why.text);
	}
}

/* More domains than there are lanes: they share some, and every letter still leaves. */
static void domains_beyond_all_bounds_share_lanes(void **state)
{
	const uint32_t many = LANES_MAX + 1000;
	struct lanes *lanes = NULL;
	uint32_t place[1000];
	uint64_t n = 0;
	struct road r;

	open_road(&r, state, KIT_FULL_SPEED, 1);
	assert_int_equal(lanes_new(&lanes, many, &r.conf, NULL), OK);
	for (uint32_t i = 0; i < many; i++)
		assert_int_equal(lanes_put(lanes, i, name_of(i)), OK);
	assert_int_equal(lanes_ready(lanes), OK);
	assert_int_equal(lanes_count(lanes), LANES_MAX + LANES_SHARED);
	for (unsigned got = 1000; got; n += got) {
		got = 1000;
		assert_int_equal(lanes_take(lanes, 0, place, &got), OK);
	}
	assert_int_equal(n, many);
	lanes_free(lanes);
	close_road(&r);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, temp_setup, temp_teardown)
	const struct CMUnitTest tests[] = {
		TEST(without_limits_they_leave_in_the_order_of_their_places),
		TEST(a_domain_has_so_many_under_way_at_once),
		TEST(a_slow_domain_holds_up_no_other),
		TEST(a_domain_that_says_too_much_is_left_alone_and_no_other),
		TEST(domains_of_one_group_share_a_lane),
		TEST(what_is_put_behind_leaves_where_nothing_else_may),
		TEST(what_was_put_off_comes_back_in_its_time),
		TEST(what_was_not_tried_goes_back_to_the_front),
		TEST(all_together_keep_the_whole_pace),
		TEST(a_relay_that_says_too_much_is_left_alone_by_all),
		TEST(what_it_put_off_of_itself_makes_room_for_others),
		TEST(what_many_domains_say_is_the_relays),
		TEST(what_a_few_domains_say_is_theirs),
		TEST(no_letter_is_lost_or_doubled),
		TEST(a_wrong_group_is_told_with_its_line),
		TEST(domains_beyond_all_bounds_share_lanes),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
