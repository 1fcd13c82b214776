/* SPDX-License-Identifier: MIT */
#include "mailer/reach.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mailer/alarm.h"
#include "mailer/breakdown.h"
#include "mailer/timeline.h"
#include "tests/support.h"

#define DAY    86400
#define CLOSES 1000000
#define WENT   1000

/* What becomes of a letter of this state when this has come back, at this time. */
static struct fate fate(enum send_state state, enum failure back, uint64_t at)
{
	struct fate f = { .state = state,
		          .at = WENT,
		          .returned = back != FAILURES,
		          .last = { .failure = back, .first = at, .at = at, .times = 1 } };

	fate_judge(&f);
	return f;
}

static void expect(enum send_state state, enum failure back, uint64_t at, enum reach reach)
{
	const struct fate f = fate(state, back, at);

	if (f.reach != reach)
		fail_msg("%s and %s at %llu are %s, not %s", send_state_name(state),
		         back == FAILURES ? "nothing" : failure_name(back), (unsigned long long)at,
		         reach_name(f.reach), reach_name(reach));
}

static void what_came_back_decides_over_what_the_relay_took(void **state)
{
	(void)state;
	expect(SEND_ACCEPTED, FAILURES, 0, REACH_DELIVERED);
	expect(SEND_ACCEPTED, FAILURE_HARD, WENT + 1, REACH_BOUNCED_HARD);
	expect(SEND_ACCEPTED, FAILURE_FULL, WENT + 1, REACH_BOUNCED_FULL);
	expect(SEND_ACCEPTED, FAILURE_POLICY, WENT, REACH_BOUNCED_POLICY);
	expect(SEND_ACCEPTED, FAILURE_SOFT, WENT, REACH_BOUNCED_SOFT);
	expect(SEND_ACCEPTED, FAILURE_DELAYED, WENT, REACH_DELAYED);
	expect(SEND_UNCERTAIN, FAILURES, 0, REACH_UNCERTAIN);
	expect(SEND_UNCERTAIN, FAILURE_FULL, WENT, REACH_BOUNCED_FULL);
}

static void what_came_back_before_the_letter_went_says_nothing_of_it(void **state)
{
	(void)state;
	expect(SEND_ACCEPTED, FAILURE_SOFT, WENT - 1, REACH_DELIVERED);
	expect(SEND_ACCEPTED, FAILURE_POLICY, WENT - 1, REACH_DELIVERED);
	expect(SEND_ACCEPTED, FAILURE_DELAYED, WENT - 1, REACH_DELIVERED);
	expect(SEND_PLANNED, FAILURE_FULL, WENT + 1, REACH_PLANNED);
	expect(SEND_DEFERRED, FAILURE_SOFT, WENT + 1, REACH_DEFERRED);
	expect(SEND_IN_FLIGHT, FAILURE_HARD, WENT + 1, REACH_IN_FLIGHT);
}

static void a_dead_address_is_lost_whenever_that_was_told(void **state)
{
	(void)state;
	expect(SEND_ACCEPTED, FAILURE_HARD, WENT - 1, REACH_BOUNCED_HARD);
	expect(SEND_PLANNED, FAILURE_HARD, 1, REACH_BOUNCED_HARD);
	expect(SEND_DEFERRED, FAILURE_HARD, 1, REACH_BOUNCED_HARD);
}

static void a_refusal_has_the_reason_of_the_relay_s_words(void **state)
{
	static const struct {
		unsigned code;
		const char *status, *text;
		enum reach reach;
	} said[] = {
		{ 550, "5.1.1", "user unknown", REACH_REFUSED_HARD },
		{ 552, "5.2.2", "mailbox full", REACH_REFUSED_FULL },
		{ 550, "5.7.1", "blocked", REACH_REFUSED_POLICY },
		{ 0, "", "", REACH_REFUSED_SOFT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		struct standing standing = { .state = SEND_REFUSED, .code = said[i].code };
		struct fate f = { .warned = true };

		strcpy(standing.status, said[i].status);
		strcpy(standing.text, said[i].text);
		fate_letter(&f, &standing, CLOSES);
		fate_judge(&f);
		assert_string_equal(reach_name(f.reach), reach_name(said[i].reach));
		assert_false(f.warned);
	}
}

static bool deferred_until(uint64_t next)
{
	const struct standing standing = { .state = SEND_DEFERRED, .at = WENT, .next = next };
	struct fate f = { .warned = true };

	fate_letter(&f, &standing, CLOSES);
	fate_judge(&f);
	assert_int_equal(f.reach, REACH_DEFERRED);
	return f.warned;
}

static void who_is_in_doubt_is_warned_of(void **state)
{
	struct fate f;

	(void)state;
	assert_false(deferred_until(CLOSES - 1));
	assert_true(deferred_until(CLOSES)); /* too late */
	assert_true(deferred_until(0));      /* never again */

	f = fate(SEND_ACCEPTED, FAILURE_DELAYED, WENT);
	assert_false(f.warned);
	f.last.times = 2;
	f.last.at = f.last.first + DAY - 1;
	fate_judge(&f);
	assert_false(f.warned);
	f.last.at++;
	fate_judge(&f);
	assert_true(f.warned);
	f.last.failure = FAILURE_SOFT; /* that is lost, and no longer in doubt */
	fate_judge(&f);
	assert_false(f.warned);
}

static void every_state_has_its_words_and_its_kind(void **state)
{
	uint64_t kinds[REACH_KINDS] = { 0 };
	char key[32], other[32];

	(void)state;
	for (unsigned i = 0; i < REACHES; i++) {
		reach_key(key, (enum reach)i);
		assert_true(*key && *reach_name((enum reach)i) && *reach_meaning((enum reach)i));
		kinds[reach_kind((enum reach)i)]++;
		for (unsigned k = 0; k < i; k++) {
			reach_key(other, (enum reach)k);
			assert_string_not_equal(key, other);
		}
	}
	assert_int_equal(kinds[REACH_ARRIVED], 1);
	assert_int_equal(kinds[REACH_LOST], 8);
}

static struct reached of(uint32_t delivered, uint32_t refused)
{
	struct reached r = { { 0 } };

	r.n[REACH_DELIVERED] = delivered;
	r.n[REACH_REFUSED_HARD] = refused;
	r.n[REACH_PLANNED] = 7; /* never in a rate */
	return r;
}

static void a_rate_is_rounded_down(void **state)
{
	const struct reached nearly = of(8999, 1001), all = of(3, 0), none = of(0, 3),
			     third = of(1, 2), untried = of(0, 0);
	char rate[RATE_TEXT];

	(void)state;
	reached_rate(rate, &nearly);
	assert_string_equal(rate, "89.9");
	reached_rate(rate, &all);
	assert_string_equal(rate, "100.0");
	reached_rate(rate, &none);
	assert_string_equal(rate, "0.0");
	reached_rate(rate, &third);
	assert_string_equal(rate, "33.3");
	reached_rate(rate, &untried);
	assert_string_equal(rate, "");
}

static void exactly_the_threshold_is_no_alarm(void **state)
{
	const struct reached at = of(90, 10), below = of(899, 101), above = of(901, 99),
			     all = of(5, 0), none = of(0, 5), untried = of(0, 0);

	(void)state;
	assert_false(reached_under(&at, 90));
	assert_true(reached_under(&below, 90));
	assert_false(reached_under(&above, 90));
	assert_false(reached_under(&all, 100));
	assert_true(reached_under(&at, 100));
	assert_false(reached_under(&none, 0));
	assert_true(reached_under(&none, 1));
	assert_false(reached_under(&untried, 100));
}

/* A survey of two domains and, in one of them, a group. */
static void add(struct survey *s, const char *domain, const char *group, uint32_t delivered,
                uint32_t refused)
{
	for (uint32_t i = 0; i < delivered + refused; i++) {
		const enum reach r = i < delivered ? REACH_DELIVERED : REACH_REFUSED_HARD;

		s->all.n[r]++;
		s->state[SEND_ACCEPTED]++;
		assert_int_equal(breakdown_add(&s->domain, domain, r), OK);
		assert_int_equal(breakdown_add(&s->group, group, r), OK);
	}
}

static bool line(struct buf *out, struct survey *s, unsigned percent, uint64_t from)
{
	const struct alarm alarm = { percent, from };

	buf_clear(out);
	return alarm_line(out, &alarm, s);
}

static void an_alarm_names_what_is_under_the_threshold_the_worst_first(void **state)
{
	struct buf out = BUF_INIT(ALARM_LINE_MAX);
	struct survey s = { .all = { { 0 } } };

	(void)state;
	assert_int_equal(breakdown_begin(&s.domain), OK);
	assert_int_equal(breakdown_begin(&s.group), OK);
	assert_false(line(&out, &s, 100, 1));
	assert_string_equal(buf_text(&out), "VOTEPOST OK - no letter was sent yet");
	add(&s, "gmail.com", "", 900, 0);
	add(&s, "example.org", "Argen|tine", 11, 89);
	breakdown_end(&s.domain, 5);
	breakdown_end(&s.group, 5);
	assert_true(line(&out, &s, 90, 20));
	assert_string_equal(buf_text(&out),
	                    "VOTEPOST CRITICAL - 91.1 % of 1000 letters delivered, threshold 90 %: "
	                    "example.org 11 of 100; group Argen/tine 11 of 100");
	assert_false(line(&out, &s, 90, 101)); /* too few of it to look at it by itself */
	assert_string_equal(buf_text(&out),
	                    "VOTEPOST OK - 91.1 % of 1000 letters delivered, threshold 90 %");
	assert_true(line(&out, &s, 92, 101)); /* and all of it together */
	assert_string_equal(buf_text(&out),
	                    "VOTEPOST CRITICAL - 91.1 % of 1000 letters delivered, threshold 92 %");
	assert_false(line(&out, &s, 0, 1));
	assert_false(line(&out, &s, 11, 1));
	assert_true(line(&out, &s, 12, 1));
	breakdown_release(&s.domain);
	breakdown_release(&s.group);
	buf_free(&out);
}

static void a_long_list_of_alarms_is_one_short_line(void **state)
{
	struct buf out = BUF_INIT(ALARM_LINE_MAX);
	struct survey s = { .all = { { 0 } } };
	char name[500];

	(void)state;
	assert_int_equal(breakdown_begin(&s.domain), OK);
	assert_int_equal(breakdown_begin(&s.group), OK);
	for (unsigned i = 0; i < 50; i++) {
		memset(name, 'a', sizeof(name));
		snprintf(name + 400, 50, "%u", i);
		memcpy(name, "é", 2);
		name[0] = (char)('b' + i % 20); /* and a text that is no UTF-8 does not stop it */
		add(&s, name, name, i, 60);
	}
	breakdown_end(&s.domain, 5);
	breakdown_end(&s.group, 5);
	assert_true(line(&out, &s, 90, 20));
	assert_non_null(strstr(buf_text(&out), "… 0 of 60; group "));
	assert_non_null(strstr(buf_text(&out), "; 95 more"));
	assert_true(out.len < 700);
	breakdown_release(&s.domain);
	breakdown_release(&s.group);
	buf_free(&out);
}

static void a_breakdown_adds_up_beyond_its_cap(void **state)
{
	struct breakdown b;
	struct reached sum;
	char text[32];

	(void)state;
	assert_int_equal(breakdown_begin(&b), OK);
	for (uint32_t i = 0; i < BREAKDOWN_MAX + 1000; i++) {
		snprintf(text, sizeof(text), "%u", i);
		assert_int_equal(breakdown_add(&b, text, REACH_DELIVERED), OK);
	}
	for (unsigned i = 0; i < 7; i++)
		assert_int_equal(breakdown_add(&b, "17", REACH_DELAYED), OK);
	breakdown_end(&b, 5);
	assert_int_equal(b.rows, 1);
	assert_string_equal(b.row[0].text, "17");
	assert_int_equal(b.row[0].reached.n[REACH_DELAYED], 7);
	sum = b.row[0].reached;
	reached_add(&sum, &b.other);
	assert_int_equal(reached_members(&sum), BREAKDOWN_MAX + 1007);
	breakdown_release(&b);
}

/* Whatever the order, nothing is lost and steps lie where they must. */
static void a_timeline_holds_every_letter_in_steps_that_grow(void **state)
{
	static const uint64_t spans[] = { 1, 59, 3600, DAY, 30 * DAY, 3000ull * DAY, 1ull << 40 };

	(void)state;
	for (size_t k = 0; k < sizeof(spans) / sizeof(spans[0]); k++) {
		struct timeline t = { .step = 0 };
		uint64_t x = k + 1, least = UINT64_MAX, most = 0, sum = 0;

		for (unsigned i = 0; i < 2000; i++) {
			uint64_t at;

			x = x * 6364136223846793005ull + 1442695040888963407ull;
			at = 1796108400 + (x >> 20) % spans[k];
			least = at < least ? at : least;
			most = at > most ? at : most;
			timeline_add(&t, at);
		}
		for (unsigned i = 0; i < t.used; i++)
			sum += t.n[i];
		assert_int_equal(sum, 2000);
		assert_true(t.used && t.used <= TIMELINE_MAX);
		assert_true(timeline_at(&t, 0) <= least && least < timeline_at(&t, 1));
		assert_true(timeline_at(&t, t.used - 1) <= most && most < timeline_at(&t, t.used));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_back_decides_over_what_the_relay_took),
		cmocka_unit_test(what_came_back_before_the_letter_went_says_nothing_of_it),
		cmocka_unit_test(a_dead_address_is_lost_whenever_that_was_told),
		cmocka_unit_test(a_refusal_has_the_reason_of_the_relay_s_words),
		cmocka_unit_test(who_is_in_doubt_is_warned_of),
		cmocka_unit_test(every_state_has_its_words_and_its_kind),
		cmocka_unit_test(a_rate_is_rounded_down),
		cmocka_unit_test(exactly_the_threshold_is_no_alarm),
		cmocka_unit_test(an_alarm_names_what_is_under_the_threshold_the_worst_first),
		cmocka_unit_test(a_long_list_of_alarms_is_one_short_line),
		cmocka_unit_test(a_breakdown_adds_up_beyond_its_cap),
		cmocka_unit_test(a_timeline_holds_every_letter_in_steps_that_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
