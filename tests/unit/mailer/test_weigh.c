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
}

/* In the order that they are heard of: each left when all before it were known. */
static enum err hear(struct weigh *w, struct outcome o, uint32_t lane, struct why *why)
{
	static uint64_t heard;

	o.left = heard;
	o.heard = ++heard;
	return weigh_outcome(w, &o, lane, &relay, why);
}

static enum err refuse_as(struct weigh *w, bool named, unsigned n, unsigned domains,
                          struct why *why)
{
	struct outcome refused = outcome(SMTP_REFUSED, 550, "no");
	enum err e = OK;

	refused.answer.named = named;
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(e, OK);
		e = hear(w, refused, i % domains, why);
	}
	return e;
}

static enum err refuse(struct weigh *w, unsigned n, unsigned domains, struct why *why)
{
	return refuse_as(w, false, n, domains, why);
}

static unsigned doubtful(const struct weigh *w, bool cut)
{
	uint32_t serial[WEIGH_ROW];

	return weigh_doubtful(w, cut, serial);
}

/* With several letters under way, one that was taken may be heard of after refusals that came after
 * it: it says nothing of those. */
static void a_letter_that_left_before_the_row_does_not_end_it(void **state)
{
	struct outcome good = outcome(SMTP_ACCEPTED, 250, "");
	const struct outcome no = outcome(SMTP_REFUSED, 550, "no");
	struct weigh w = { .lanes = 9, .accepted = true };
	struct why why = { 0 };

	(void)state;
	for (unsigned i = 0; i < 19; i++) {
		struct outcome o = no;

		o.left = i;
		o.heard = i + 1;
		assert_int_equal(weigh_outcome(&w, &o, i % 3, &relay, &why), OK);
		good.left = 0;
		good.heard = i + 1;
		assert_int_equal(weigh_outcome(&w, &good, 0, &relay, &why), OK);
		assert_int_equal(w.n, i + 1);
	}
	/* It left when seven were known: these alone are refused for what they are. */
	good.left = 7;
	assert_int_equal(weigh_outcome(&w, &good, 0, &relay, &why), OK);
	assert_int_equal(w.n, 12);
	assert_int_equal(doubtful(&w, true), 12);
	assert_int_equal(doubtful(&w, false), 0);
	for (unsigned i = 19; i < 27; i++) {
		struct outcome o = no;
		enum err e;

		o.heard = i + 1;
		e = weigh_outcome(&w, &o, i % 3, &relay, &why);
		assert_int_equal(e, i < 26 ? OK : ERR_SETTINGS);
	}
	assert_non_null(strstr(why.text, "the last 20 letters"));
	assert_int_equal(doubtful(&w, false), 20);
}

static void only_many_refusals_in_a_row_and_of_several_domains_are_the_relays(void **state)
{
	const struct outcome good = outcome(SMTP_ACCEPTED, 250, "");
	struct weigh w = { .lanes = 9 };
	struct why why = { 0 };

	(void)state;
	assert_int_equal(hear(&w, good, 0, &why), OK);
	assert_int_equal(refuse(&w, 19, 5, &why), OK);
	assert_int_equal(hear(&w, good, 0, &why), OK);
	assert_int_equal(refuse(&w, 500, 2, &why), OK);
	assert_int_equal(hear(&w, good, 0, &why), OK);
	assert_int_equal(w.n, 0);
	assert_int_equal(refuse(&w, 20, 3, &why), ERR_SETTINGS);
	assert_non_null(strstr(why.text, "has refused the last 20 letters: 550 no"));
	/* What was under way meanwhile does not bring it back. */
	assert_int_equal(hear(&w, good, 0, &why), OK);
	assert_int_equal(doubtful(&w, false), 20);
}

/* A million members of one provider that blocks us take no memory, and no time. */
static void a_row_without_end_is_known_by_its_last(void **state)
{
	struct weigh w = { .lanes = 9, .accepted = true };
	struct why why = { 0 };

	(void)state;
	assert_int_equal(refuse(&w, 1000000, 2, &why), OK);
	assert_in_range(w.n, WEIGH_ROW / 2, WEIGH_ROW);
	assert_int_equal(doubtful(&w, true), 0);
}

/* A mailing to one domain has no others to tell by. */
static void where_there_is_one_domain_it_is_enough(void **state)
{
	struct weigh w = { .lanes = 1, .accepted = true };
	struct why why = { 0 };

	(void)state;
	assert_int_equal(refuse(&w, 20, 1, &why), ERR_SETTINGS);
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
		assert_int_equal(hear(&w, denied, 1, &why), OK);
	assert_int_equal(weigh_end(&w, &relay, &why), OK);
	assert_int_equal(hear(&w, denied, 2, &why), OK);
	assert_int_equal(hear(&w, denied, 3, &why), ERR_SETTINGS);
	assert_non_null(strstr(why.text, "a user and a password"));
	/* A relay that has taken letters in an earlier run wants us. */
	w = (struct weigh){ .lanes = 4, .accepted = true };
	for (unsigned i = 0; i < 19; i++)
		assert_int_equal(hear(&w, denied, i % 3, &why), OK);
	assert_int_equal(hear(&w, denied, 0, &why), ERR_SETTINGS);
	assert_non_null(strstr(why.text, "the last 20 letters"));
	/* But its settings may have been changed since. */
	assert_non_null(strstr(why.text, "a user and a password"));
}

/* Few letters were left, and the relay has forgotten us: that is told, and marks nobody. */
static void a_run_that_is_denied_to_its_end_marks_nobody(void **state)
{
	const struct outcome good = outcome(SMTP_ACCEPTED, 250, "");
	struct outcome denied = outcome(SMTP_REFUSED, 554, "Relay access denied");

	(void)state;
	strcpy(denied.answer.status, "5.7.1");
	for (unsigned served = 0; served < 2; served++) {
		struct weigh w = { .lanes = 4, .accepted = true };
		struct why why = { 0 };

		if (served)
			assert_int_equal(hear(&w, good, 0, &why), OK);
		for (unsigned i = 0; i < 3; i++)
			assert_int_equal(hear(&w, denied, i % 2, &why), OK);
		assert_int_equal(weigh_end(&w, &relay, &why), served ? OK : ERR_SETTINGS);
		assert_int_equal(doubtful(&w, false), served ? 0 : 3);
		if (!served)
			assert_non_null(strstr(why.text, "a user and a password"));
	}
}

/* Refused as soon as they are named: the relay is asked, and believed if it still takes letters to
 * others. */
static void the_dead_are_dead_if_the_living_are_served(void **state)
{
	const struct smtp_answer busy = { .code = 421, .text = "too many connections" };
	struct weigh w = { .lanes = 9, .accepted = true };
	struct why why = { 0 };

	(void)state;
	assert_int_equal(refuse_as(&w, true, 20, 4, &why), OK);
	assert_true(w.doubt);
	/* More were under way; and until there is an answer none of them is marked. */
	assert_int_equal(refuse_as(&w, true, 1, 1, &why), OK);
	assert_int_equal(doubtful(&w, false), 21);
	assert_int_equal(weigh_control(&w, CONTROL_SILENT, &busy, 0, &relay, &why), ERR_AGAIN);
	assert_non_null(strstr(why.text, "did not say: 421 too many connections"));
	assert_int_equal(doubtful(&w, false), 21);
	assert_int_equal(weigh_control(&w, CONTROL_TAKES, &busy, w.row[19].heard, &relay, &why),
	                 OK);
	assert_int_equal(w.n, 1);
	assert_int_equal(doubtful(&w, false), 0);
	assert_int_equal(refuse_as(&w, true, 19, 4, &why), OK);
	assert_true(w.doubt);
	assert_int_equal(weigh_control(&w, CONTROL_REFUSES, &busy, w.row[19].heard, &relay, &why),
	                 ERR_SETTINGS);
	assert_int_equal(doubtful(&w, false), 20);
	/* A letter that is taken meanwhile is the answer. */
	w = (struct weigh){ .lanes = 9, .accepted = true };
	assert_int_equal(refuse_as(&w, true, 20, 4, &why), OK);
	assert_true(w.doubt);
	assert_int_equal(hear(&w, outcome(SMTP_ACCEPTED, 250, ""), 1, &why), OK);
	assert_false(w.doubt);
	assert_int_equal(doubtful(&w, false), 0);
	/* Nobody can be asked about where nobody was served, and not about what came later. */
	w = (struct weigh){ .lanes = 9 };
	assert_int_equal(refuse_as(&w, true, 20, 4, &why), ERR_SETTINGS);
	w = (struct weigh){ .lanes = 9, .accepted = true };
	assert_int_equal(refuse_as(&w, false, 20, 4, &why), ERR_SETTINGS);
}

/* At the end a few are enough, even where others were served before. */
static void the_last_few_are_asked_about_too(void **state)
{
	struct why why = { 0 };

	(void)state;
	for (unsigned served = 0; served < 2; served++) {
		struct weigh w = { .lanes = 9, .accepted = true };

		if (served)
			assert_int_equal(hear(&w, outcome(SMTP_ACCEPTED, 250, ""), 1, &why), OK);
		assert_int_equal(refuse_as(&w, true, 3, 2, &why), OK);
		assert_int_equal(weigh_end(&w, &relay, &why), OK);
		assert_true(w.doubt);
	}
	/* With many under way a row is longer before it is one; at the end it is not. */
	struct weigh w = { .lanes = 9, .accepted = true, .threads = 8 };

	assert_int_equal(refuse_as(&w, false, 26, 4, &why), OK);
	assert_int_equal(weigh_end(&w, &relay, &why), ERR_SETTINGS);
	w = (struct weigh){ .lanes = 9, .accepted = true, .threads = 8 };
	assert_int_equal(refuse_as(&w, false, 27, 4, &why), ERR_SETTINGS);
}

/* Those whom a question can be asked about: of several domains, the last of each. */
static void those_who_were_served_are_kept_one_of_a_domain(void **state)
{
	struct outcome good = outcome(SMTP_ACCEPTED, 250, "");
	struct weigh w = { .lanes = 9 };
	struct why why = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 10; i++) {
		good.claim.serial = i;
		assert_int_equal(hear(&w, good, i < 8 ? 5 : i, &why), OK);
	}
	assert_int_equal(w.serveds, 3);
	assert_int_equal(w.served[0].serial, 7);
	assert_int_equal(w.served[1].serial, 8);
	assert_int_equal(w.served[2].serial, 9);
	good.claim.serial = 10;
	assert_int_equal(hear(&w, good, 4, &why), OK);
	assert_int_equal(w.served[0].serial, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_that_have_worked_are_not_at_fault),
		cmocka_unit_test(a_letter_that_left_before_the_row_does_not_end_it),
		cmocka_unit_test(only_many_refusals_in_a_row_and_of_several_domains_are_the_relays),
		cmocka_unit_test(a_row_without_end_is_known_by_its_last),
		cmocka_unit_test(where_there_is_one_domain_it_is_enough),
		cmocka_unit_test(denials_from_one_domain_are_not_the_relays),
		cmocka_unit_test(a_run_that_is_denied_to_its_end_marks_nobody),
		cmocka_unit_test(the_dead_are_dead_if_the_living_are_served),
		cmocka_unit_test(the_last_few_are_asked_about_too),
		cmocka_unit_test(those_who_were_served_are_kept_one_of_a_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
