/* SPDX-License-Identifier: MIT */
#include "mailer/weigh.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct relay relay = { .host = "relay.test", .port = 587 };

static struct outcome outcome(enum smtp_outcome what, unsigned code, const char *words)
{
	struct outcome o = { .at = 100, .answer = { .outcome = what, .code = code } };

	o.answer.considered = o.tried = what != SMTP_BROKEN;
	o.state = what == SMTP_ACCEPTED ? SEND_ACCEPTED : o.tried ? SEND_REFUSED : SEND_PLANNED;
	snprintf(o.answer.text, sizeof(o.answer.text), "%s", words);
	return o;
}

/* A connection that breaks while TLS begins looks like settings that are wrong. */
static void settings_that_have_worked_are_not_at_fault(void **state)
{
	const struct outcome broken = outcome(SMTP_BROKEN, 0, "Connection reset by peer");
	const struct outcome denied = outcome(SMTP_BROKEN, 535, "5.7.8 not you");
	const struct outcome good = outcome(SMTP_ACCEPTED, 250, "");
	struct weigh w = { .lanes = 9 };
	struct why why = { 0 };

	(void)state;
	assert_int_equal(weigh_outcome(&w, &broken, 0, &relay, &why), ERR_SETTINGS);
	assert_non_null(strstr(why.text, "cannot be used: Connection reset by peer"));
	assert_int_equal(weigh_outcome(&w, &good, 0, &relay, &why), OK);
	assert_int_equal(weigh_outcome(&w, &broken, 0, &relay, &why), OK);
	/* What the relay says itself is another thing. */
	assert_int_equal(weigh_outcome(&w, &denied, 0, &relay, &why), ERR_SETTINGS);
	weigh_release(&w);
}

static enum err refuse(struct weigh *w, unsigned n, unsigned domains, struct why *why)
{
	const struct outcome refused = outcome(SMTP_REFUSED, 550, "no");
	enum err e = OK;

	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(e, OK);
		e = weigh_outcome(w, &refused, i % domains, &relay, why);
	}
	return e;
}

/* With several letters under way, one that was taken may be heard of after refusals that came after
 * it. */
static void those_that_crossed_with_the_last_taken_are_taken_back_too(void **state)
{
	const struct outcome good = outcome(SMTP_ACCEPTED, 250, "");
	struct weigh w = { .lanes = 9 };
	struct why why = { 0 };

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(refuse(&w, 19, 3, &why), OK);
		assert_int_equal(weigh_outcome(&w, &good, 0, &relay, &why), OK);
	}
	assert_int_equal(refuse(&w, 19, 3, &why), OK);
	assert_int_equal(refuse(&w, 1, 1, &why), ERR_SETTINGS);
	assert_non_null(strstr(why.text, "the last 20 letters"));
	assert_int_equal(w.row_n, 100 + 20);
	weigh_release(&w);
}

static void only_many_refusals_in_a_row_and_of_several_domains_are_the_relays(void **state)
{
	const struct outcome good = outcome(SMTP_ACCEPTED, 250, "");
	struct weigh w = { .lanes = 9 };
	struct why why = { 0 };

	(void)state;
	assert_int_equal(weigh_outcome(&w, &good, 0, &relay, &why), OK);
	assert_int_equal(refuse(&w, 19, 5, &why), OK);
	assert_int_equal(weigh_outcome(&w, &good, 0, &relay, &why), OK);
	assert_int_equal(refuse(&w, 500, 2, &why), OK);
	assert_int_equal(weigh_outcome(&w, &good, 0, &relay, &why), OK);
	assert_int_equal(w.row_n, w.crossed);
	assert_int_equal(refuse(&w, 20, 3, &why), ERR_SETTINGS);
	assert_non_null(strstr(why.text, "has refused the last 20 letters: 550 no"));
	assert_int_equal(w.row_n, w.crossed + 20);
	/* What was under way meanwhile does not bring it back. */
	assert_int_equal(weigh_outcome(&w, &good, 0, &relay, &why), OK);
	assert_int_equal(w.row_n, w.crossed + 20);
	weigh_release(&w);
}

/* A mailing to one domain has no others to tell by. */
static void where_there_is_one_domain_it_is_enough(void **state)
{
	const struct outcome good = outcome(SMTP_ACCEPTED, 250, "");
	struct weigh w = { .lanes = 1 };
	struct why why = { 0 };

	(void)state;
	assert_int_equal(weigh_outcome(&w, &good, 0, &relay, &why), OK);
	assert_int_equal(refuse(&w, 20, 1, &why), ERR_SETTINGS);
	weigh_release(&w);
}

/* What one provider says of us is not the relay's word, even if it comes first. */
static void denials_from_one_domain_are_not_the_relays(void **state)
{
	struct outcome denied = outcome(SMTP_REFUSED, 550, "blocked");
	struct weigh w = { .lanes = 4 };
	struct why why = { 0 };

	(void)state;
	strcpy(denied.answer.status, "5.7.1");
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(weigh_outcome(&w, &denied, 1, &relay, &why), OK);
	assert_int_equal(weigh_outcome(&w, &denied, 2, &relay, &why), OK);
	assert_int_equal(weigh_outcome(&w, &denied, 3, &relay, &why), ERR_SETTINGS);
	assert_non_null(strstr(why.text, "a user and a password"));
	weigh_release(&w);
	/* A relay that has taken letters in an earlier run wants us. */
	w = (struct weigh){ .lanes = 4, .accepted = true };
	for (unsigned i = 0; i < 19; i++)
		assert_int_equal(weigh_outcome(&w, &denied, i % 3, &relay, &why), OK);
	assert_int_equal(weigh_outcome(&w, &denied, 0, &relay, &why), ERR_SETTINGS);
	assert_non_null(strstr(why.text, "the last 20 letters"));
	/* But its settings may have been changed since. */
	assert_non_null(strstr(why.text, "a user and a password"));
	weigh_release(&w);
}

/* Taken back with a row, and refused again as dead: that is no word of the relay, if it ever took a
 * letter. */
static void who_was_taken_back_may_be_dead_after_all(void **state)
{
	struct outcome dead = outcome(SMTP_REFUSED, 550, "no such user");
	struct why why = { 0 };

	(void)state;
	for (unsigned accepted = 0; accepted < 2; accepted++) {
		struct weigh w = { .lanes = 9, .accepted = accepted };
		enum err e = OK;

		dead.claim.before = SEND_PLANNED;
		dead.claim.attempts = 2;
		for (unsigned i = 0; i < 30 && !e; i++)
			e = weigh_outcome(&w, &dead, i % 4, &relay, &why);
		assert_int_equal(e, accepted ? OK : ERR_SETTINGS);
		assert_int_equal(w.row_n, accepted ? 0 : 20);
		weigh_release(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_that_have_worked_are_not_at_fault),
		cmocka_unit_test(those_that_crossed_with_the_last_taken_are_taken_back_too),
		cmocka_unit_test(only_many_refusals_in_a_row_and_of_several_domains_are_the_relays),
		cmocka_unit_test(where_there_is_one_domain_it_is_enough),
		cmocka_unit_test(denials_from_one_domain_are_not_the_relays),
		cmocka_unit_test(who_was_taken_back_may_be_dead_after_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
