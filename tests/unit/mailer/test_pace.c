/* SPDX-License-Identifier: MIT */
#include "mailer/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/mail/refusal.h"
#include "mailer/retry.h"
#include "mailer/throttle.h"
#include "tests/support.h"

#define MINUTE 60000
#define HOUR   3600
#define DAY    86400

static const struct pace_rules rules = { .start = 60, .double_after = 600, .pause = 60 };

/* Letters that leave from `from` to `to` where each is taken at once. */
static unsigned run(struct pace *p, uint64_t from, uint64_t to)
{
	unsigned n = 0;

	for (uint64_t now = from; now < to; now += 10) {
		while (n < 1000000 && pace_next(p) <= now) {
			pace_take(p, now);
			pace_good(p, &rules, now);
			n++;
			if (!p->rate)
				return n;
		}
	}
	return n;
}

static void it_begins_slowly_and_doubles_up_to_its_limit(void **state)
{
	static const unsigned want[] = { 600, 1200, 2400, 3000, 3000 };
	struct pace p;

	(void)state;
	pace_begin(&p, &rules, 300);
	for (uint64_t i = 0; i < 5; i++)
		assert_in_range(run(&p, i * 10 * MINUTE, (i + 1) * 10 * MINUTE), want[i] - 5,
		                want[i] + 8);
	assert_int_equal(p.rate, 300);
}

static void without_a_limit_it_doubles_until_it_is_none(void **state)
{
	struct pace p;
	uint64_t now = 0;

	(void)state;
	pace_begin(&p, &rules, 0);
	assert_int_equal(p.rate, 60);
	for (unsigned i = 0; i < 20; i++)
		pace_good(&p, &rules, now += 10 * MINUTE);
	assert_int_equal(p.rate, 0);
	pace_begin(&p, &(struct pace_rules){ 0, 600, 60 }, 0);
	assert_int_equal(p.rate, 0);
	for (unsigned i = 0; i < 1000; i++) {
		assert_int_equal(pace_next(&p), 0);
		pace_take(&p, 0);
	}
}

static void what_was_not_used_does_not_come_in_a_burst(void **state)
{
	struct pace p;

	(void)state;
	pace_begin(&p, &rules, 60);
	assert_in_range(run(&p, HOUR * 1000, HOUR * 1000 + MINUTE), 59, 62);
}

static void too_much_pauses_and_halves(void **state)
{
	struct pace p;
	uint64_t now = 1000;

	(void)state;
	pace_begin(&p, &(struct pace_rules){ 0, 600, 60 }, 400);
	pace_bad(&p, &rules, now);
	assert_int_equal(p.rate, 200);
	assert_int_equal(pace_next(&p), now + MINUTE);
	/* What else was under way then comes back with the same words. */
	pace_bad(&p, &rules, now + 50);
	pace_good(&p, &rules, now + 60);
	assert_int_equal(p.rate, 200);
	assert_int_equal(pace_next(&p), now + MINUTE);
	/* The next one lasts twice as long; half an hour is the most. */
	for (uint64_t minutes = 2; minutes < 200; minutes *= 2) {
		now = pace_next(&p) + 1;
		pace_bad(&p, &rules, now);
		assert_int_equal(pace_next(&p), now + (minutes < 32 ? minutes : 32) * MINUTE);
		assert_true(p.rate >= 1);
	}
	/* Once letters are taken, a pause is short again, and the rate grows back. */
	now = pace_next(&p) + 1;
	for (unsigned i = 0; i < 20; i++)
		pace_good(&p, &rules, now += 10 * MINUTE);
	assert_int_equal(p.rate, 400);
	pace_bad(&p, &rules, now);
	assert_int_equal(pace_next(&p), now + MINUTE);
}

/* Eight connections meet one restart of the relay. */
static void one_hiccup_counts_once(void **state)
{
	struct pace p;

	(void)state;
	pace_begin(&p, &(struct pace_rules){ 0, 600, 60 }, 400);
	for (unsigned i = 0; i < 16; i++)
		pace_hiccup(&p, 1000 + i * 200);
	assert_int_equal(p.rate, 200);
	assert_true(pace_next(&p) <= 1000);
	pace_hiccup(&p, 1000 + MINUTE);
	assert_int_equal(p.rate, 100);
}

static void a_forecast_is_what_happens(void **state)
{
	static const uint64_t most[] = { 0, 20, 60, 300, 5000 };

	(void)state;
	for (unsigned i = 0; i < sizeof(most) / sizeof(most[0]); i++) {
		struct pace p, q;
		uint64_t said;

		pace_begin(&p, &rules, most[i]);
		q = p;
		said = pace_forecast(&p, &rules, 5000, 0);
		assert_in_range(run(&q, 0, said), 4700, 5300);
	}
}

/* 5, 15, 30, 60 minutes, then hourly, each a tenth sooner or later at most, and not all alike. */
static void tries_again_follow_the_schedule_with_jitter(void **state)
{
	static const uint64_t want[] = { 5, 15, 30, 60, 60, 60 };
	const struct retry r = { 300, RETRY_FOREVER, RETRY_FOREVER };

	(void)state;
	for (unsigned attempt = 1; attempt <= 6; attempt++) {
		uint64_t wait = want[attempt - 1] * 60, least = UINT64_MAX, most = 0;

		for (unsigned i = 0; i < 1000; i++) {
			uint64_t due = retry_due(&r, attempt, DAY) - DAY;

			assert_in_range(due, wait - wait / 10, wait + wait / 10);
			least = due < least ? due : least;
			most = due > most ? due : most;
		}
		assert_true(most - least > wait / 10);
	}
}

static void no_try_is_later_than_the_vote_allows(void **state)
{
	const struct retry r = retry_until(300, 0, 10 * DAY, 24);

	(void)state;
	assert_int_equal(r.last, 9 * DAY);
	assert_int_equal(r.closes, 10 * DAY);
	/* A short vote gives three quarters of its time. */
	assert_int_equal(retry_until(300, 0, 8 * HOUR, 24).last, 6 * HOUR);
	assert_int_equal(retry_until(300, 0, 10 * DAY, 0).last, 10 * DAY);
	for (uint64_t at = 8 * DAY; at < 11 * DAY; at += 97) {
		for (unsigned attempt = 1; attempt < 8; attempt++) {
			uint64_t due = retry_due(&r, attempt, at);
			uint64_t end = attempt > RETRY_FIRST ? r.last : r.closes;

			assert_true(!due || (due > at && due <= end));
			/* And none is left out that there is time for. */
			assert_true(due || at + HOUR + HOUR / 10 > end);
		}
	}
}

static void a_domain_that_has_too_much_is_told_from_one_that_greylists(void **state)
{
	static const struct {
		unsigned code;
		const char *status, *text;
		bool said;
	} cases[] = {
		{ 421, "", "service not available", true },
		{ 421, "4.7.0", "[TSS04] Messages temporarily deferred", true },
		{ 450, "4.7.1", "blocked by policy", true },
		{ 451, "4.7.650", "temporarily rate limited", true },
		{ 452, "", "too many messages, slow down", true },
		{ 450, "4.7.1", "Greylisted, see http://postgrey.example", false },
		{ 451, "4.7.1", "Greylisting in action, please come back later", false },
		{ 450, "4.2.0", "greylisted", false },
		{ 452, "4.2.2", "mailbox full", false },
		{ 452, "4.2.2", "Quota exceeded (mailbox for user is full)", false },
		{ 452, "", "Quota exceeded (mailbox for user is full)", false },
		{ 451, "4.3.0", "try later", false },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct smtp_answer a = { .outcome = SMTP_DEFERRED,
			                 .code = cases[i].code,
			                 .considered = true };

		strcpy(a.status, cases[i].status);
		strcpy(a.text, cases[i].text);
		if (throttle_said(&a) != cases[i].said)
			fail_msg("%u %s %s", a.code, a.status, a.text);
		/* The relay's own trouble says nothing of a domain. */
		a.considered = false;
		assert_false(throttle_said(&a));
	}
}

/* Who is taken for the relay's limit is never told as dead or full, and the run is held up. */
static void a_limit_of_ours_is_told_from_words_about_a_member(void **state)
{
	static const struct {
		const char *status, *text;
		bool limit;
	} cases[] = {
		{ "5.4.5", "Daily user sending limit exceeded", true },
		{ "5.7.0", "you have reached your daily sending limit", true },
		{ "", "Daily message quota exceeded", true },
		{ "", "You may send 500 messages per day", true },
		{ "5.7.1", "hourly limit exceeded", true },
		{ "5.7.1", "too many messages, slow down", true },
		{ "", "You have exceeded what you may send per hour", true },
		{ "5.7.1", "Daily maximum reached", true },
		{ "", "Too many recipients per day", true },
		{ "", "No such user at mx.dailymail.test", false },
		{ "5.0.0", "host mx.dailymotion.test said: User unknown", false },
		{ "5.7.1", "too many messages in mailbox", false },
		{ "", "<a@dailymail.test>: over quota", false },
		{ "", "mx.dailymail.test: message refused", false },
		{ "5.2.2", "daily quota of this mailbox", false },
		{ "", "The hourly check says: blocked", false },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct smtp_answer a = { .outcome = SMTP_REFUSED, .code = 550, .considered = true };

		strcpy(a.status, cases[i].status);
		strcpy(a.text, cases[i].text);
		if (refusal_of_us(&a) != cases[i].limit)
			fail_msg("%s %s", a.status, a.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_begins_slowly_and_doubles_up_to_its_limit),
		cmocka_unit_test(without_a_limit_it_doubles_until_it_is_none),
		cmocka_unit_test(what_was_not_used_does_not_come_in_a_burst),
		cmocka_unit_test(too_much_pauses_and_halves),
		cmocka_unit_test(one_hiccup_counts_once),
		cmocka_unit_test(a_forecast_is_what_happens),
		cmocka_unit_test(tries_again_follow_the_schedule_with_jitter),
		cmocka_unit_test(no_try_is_later_than_the_vote_allows),
		cmocka_unit_test(a_limit_of_ours_is_told_from_words_about_a_member),
		cmocka_unit_test(a_domain_that_has_too_much_is_told_from_one_that_greylists),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
