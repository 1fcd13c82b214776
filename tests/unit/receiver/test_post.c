/* SPDX-License-Identifier: MIT */
#include "receiver/post.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/relay.h"

static const char text[] = "Subject: receipt\r\n\r\nx\r\n";

/* What becomes of an answer to `to`, at a relay that is like that. */
static enum err answer_at(struct relay_play *r, const char *to, struct why *why)
{
	const struct relay relay = { .host = (char *)"127.0.0.1", .port = r->port, .timeout = 2 };
	struct post *p = NULL;
	enum err e;

	memset(why, 0, sizeof(*why));
	assert_int_equal(post_open(&p, &relay, 1, why), OK);
	e = post_send(p, to, text, sizeof(text) - 1, why);
	post_close(p);
	return e;
}

static enum err answer_in(enum relay_mood mood, struct why *why)
{
	struct relay_play r;
	enum err e;

	relay_start(&r, mood, -1);
	e = answer_at(&r, "member@voters.test", why);
	relay_stop(&r);
	return e;
}

static void what_is_said_of_an_address_ends_the_matter(void **state)
{
	static const char *const never[] = { "a\r\nRCPT TO:<b@voters.test>", "no address",
		                             "zo\xc3\xa9@voters.test" };
	struct relay_play r;
	struct why why;

	(void)state;
	assert_int_equal(answer_in(RELAY_FINE, &why), OK);
	assert_int_equal(answer_in(RELAY_REFUSES, &why), ERR_INVALID);
	assert_int_equal(answer_in(RELAY_FULL, &why), ERR_INVALID);
	/* Nor can what no envelope holds, or this relay takes in no form. */
	relay_start(&r, RELAY_FINE, 0);
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		assert_int_equal(answer_at(&r, never[i], &why), ERR_INVALID);
	relay_stop(&r);
}

/* The same for everybody: a receipt that was dropped for it would be owed for ever. */
static void what_is_said_of_us_keeps_the_answer(void **state)
{
	static const enum relay_mood moods[] = { RELAY_NO_NULL, RELAY_CLOSED, RELAY_LOG_IN,
		                                 RELAY_BUSY,    RELAY_DEFERS, RELAY_LATER };
	/* A relay that judges the sender when it hears the recipient, as Postfix does */
	static const char *const late[] = { "554 5.7.1 <>: Sender address rejected: no\r\n",
		                            "550 5.1.8 sender's domain\r\n",
		                            "553 5.1.7 not from there\r\n",
		                            "550 5.4.5 Daily sending quota exceeded\r\n" };
	struct relay_play r;
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(moods) / sizeof(moods[0]); i++)
		assert_int_equal(answer_in(moods[i], &why), ERR_AGAIN);
	for (size_t i = 0; i < sizeof(late) / sizeof(late[0]); i++) {
		relay_start(&r, RELAY_FINE, 0);
		r.picky_domain = "voters.test";
		r.picky_reply = late[i];
		r.picky_times = -1;
		assert_int_equal(answer_at(&r, "member@voters.test", &why), ERR_AGAIN);
		relay_stop(&r);
	}
	assert_int_equal(answer_in(RELAY_NO_NULL, &why), ERR_AGAIN);
	assert_non_null(strstr(why.text, "MAIL FROM:<>"));
	assert_non_null(strstr(why.text, "[relay]"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_said_of_an_address_ends_the_matter),
		cmocka_unit_test(what_is_said_of_us_keeps_the_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
