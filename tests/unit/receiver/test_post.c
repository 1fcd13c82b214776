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
static enum err answer_after(struct relay_play *r, const char *to, uint64_t waited, struct why *why)
{
	const struct relay relay = { .host = (char *)"127.0.0.1", .port = r->port, .timeout = 2 };
	struct post *p = NULL;
	enum err e;

	memset(why, 0, sizeof(*why));
	assert_int_equal(post_open(&p, &relay, 1, why), OK);
	e = post_send(p, to, text, sizeof(text) - 1, waited, why);
	post_close(p);
	return e;
}

static enum err answer_at(struct relay_play *r, const char *to, struct why *why)
{
	return answer_after(r, to, 0, why);
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
	static const char *const gone[] = { "550 5.1.0 Address rejected\r\n",
		                            "550 5.1.2 no such domain\r\n",
		                            "550 5.1.6 has moved\r\n",
		                            "556 5.1.10 null MX\r\n",
		                            "550 5.2.1 disabled\r\n",
		                            "552 5.2.2 over quota\r\n",
		                            "550 No such user here\r\n",
		                            "550 5.0.0 User unknown\r\n",
		                            "550 5.1.1 User unknown in relay recipient table\r\n",
		                            "550 Unrouteable address\r\n",
		                            "550 unroutable\r\n",
		                            "550 Domain has a null MX\r\n",
		                            "556 Domain does not accept mail (nullMX)\r\n",
		                            "550 an MX or SRV record indicated no SMTP service\r\n",
		                            "550 no such domain\r\n",
		                            "550 Domain not found\r\n",
		                            "550 Recipient address rejected: User unknown\r\n" };
	struct relay_play r;
	struct why why;

	(void)state;
	assert_int_equal(answer_in(RELAY_FINE, &why), OK);
	assert_int_equal(answer_in(RELAY_REFUSES, &why), ERR_INVALID);
	assert_int_equal(answer_in(RELAY_FULL, &why), ERR_INVALID);
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
		relay_start(&r, RELAY_FINE, 0);
		r.picky_domain = "voters.test";
		r.picky_reply = gone[i];
		r.picky_times = -1;
		assert_int_equal(answer_at(&r, "member@voters.test", &why), ERR_INVALID);
		relay_stop(&r);
	}
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
	/* A relay that judges whoever sends when it hears the recipient, as Postfix does */
	static const char *const late[] = {
		"554 5.7.1 <>: Sender address rejected: no\r\n",
		"550 5.1.8 sender's domain\r\n",
		"553 5.1.7 not from there\r\n",
		"550 5.4.5 Daily sending quota exceeded\r\n",
		"554 5.7.1 <member@voters.test>: Relay access denied\r\n",
		"554 5.7.1 <mx[192.0.2.1]>: Client host rejected: Access denied\r\n",
		"554 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org\r\n",
		"550 5.7.1 <box>: Helo command rejected: Host not found\r\n",
		"550 5.7.1 Unable to relay\r\n",
		"550 5.7.60 SMTP; Client does not have permissions to send as this sender\r\n",
		"550 5.7.0 Daily sending limit exceeded\r\n",
		"554 5.2.0 SendAsDenied; not allowed to send as box\r\n",
		"550 5.1.0 Sender denied\r\n",
		"550 relay not permitted\r\n",
		"550 5.0.0 Authentication required\r\n",
		"554 your host is not wanted\r\n",
		/* The code alone, and what goes with it of itself */
		"550\r\n",
		"550 Requested action not taken: mailbox unavailable\r\n",
		"552 We cannot take this\r\n",
		"550 5.4.1 Recipient address rejected: Access denied\r\n",
		/* Words of us beside a status that is about it */
		"550 5.1.1 Relaying denied\r\n",
		"550 5.1.2 blocked\r\n",
		"550 5.1.1 This sender is unknown\r\n",
		"550 5.1.1 unauthenticated\r\n",
		"550 5.2.1 no permission to send as box\r\n",
		"550 5.1.1 No sending from there\r\n",
		"550 We do not accept mail from you\r\n",
		/* Of our account, our quota, our command */
		"554 5.7.1 Recipient rejected: Policy Rejection- Quota Exceeded\r\n",
		"550 Message count quota exceeded\r\n",
		"550 Your account has been disabled\r\n",
		"550 5.7.1 Account disabled\r\n",
		"550 192.0.2.1 is not listed in our access list\r\n",
		"500 Command not recognized\r\n",
	};
	struct relay_play r;
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(moods) / sizeof(moods[0]); i++)
		assert_int_equal(answer_in(moods[i], &why), ERR_AGAIN);
	for (size_t i = 0; i < sizeof(late) / sizeof(late[0]); i++) {
		relay_start(&r, RELAY_FINE, 0);
		r.picky_domain = "";
		r.picky_reply = late[i];
		r.picky_times = -1;
		assert_int_equal(answer_at(&r, "member@voters.test", &why), ERR_AGAIN);
		assert_non_null(strstr(why.text, "refuses every answer"));
		relay_stop(&r);
	}
	assert_int_equal(answer_in(RELAY_NO_NULL, &why), ERR_AGAIN);
	assert_non_null(strstr(why.text, "MAIL FROM:<>"));
	assert_non_null(strstr(why.text, "[relay]"));
}

/* Only one member's answers: no alarm, and not for ever, since a relay that asks the member's own
 * server passes on what that says. */
static void what_is_refused_to_one_alone_is_tried_for_days(void **state)
{
	struct relay_play r;
	struct why why;

	(void)state;
	relay_start(&r, RELAY_FINE, 0);
	r.picky_reply = "554 5.7.1 Relay access denied\r\n";
	r.picky_times = -1;
	r.picky_domain = "voters.test";
	assert_int_equal(answer_after(&r, "member@voters.test", POST_PATIENCE, &why), ERR_AGAIN);
	assert_null(strstr(why.text, "every"));
	assert_int_equal(answer_after(&r, "member@voters.test", POST_PATIENCE + 1, &why),
	                 ERR_INVALID);
	r.picky_domain = "";
	assert_int_equal(answer_after(&r, "member@voters.test", POST_PATIENCE + 1, &why),
	                 ERR_AGAIN);
	assert_non_null(strstr(why.text, "every"));
	/* Nobody is ever sent what is only asked. */
	assert_int_equal(r.accepted, 0);
	relay_stop(&r);
	/* Of the message, everybody's may be refused. */
	relay_start(&r, RELAY_QUOTES, -1);
	assert_int_equal(answer_after(&r, "member@voters.test", POST_PATIENCE + 1, &why),
	                 ERR_AGAIN);
	relay_stop(&r);
}

/* The relay's own users need not be all that it takes answers to. */
static void a_relay_is_tried_with_a_stranger_too(void **state)
{
	struct relay_play r;
	struct relay relay = { .host = (char *)"127.0.0.1", .timeout = 2 };
	struct why why = { 0 };
	struct post *p = NULL;

	(void)state;
	relay_start(&r, RELAY_FINE, 0);
	relay.port = r.port;
	assert_int_equal(post_open(&p, &relay, 1, &why), OK);
	assert_int_equal(post_try(p, "box@voters.test", &why), OK);
	r.picky_domain = "example.org";
	r.picky_reply = "554 5.7.1 Relay access denied\r\n";
	r.picky_times = -1;
	assert_int_equal(post_try(p, "box@voters.test", &why), ERR_AGAIN);
	assert_non_null(strstr(why.text, "[relay]"));
	/* That there is no such mailbox is so. */
	r.picky_reply = "556 5.1.10 does not accept mail (nullMX)\r\n";
	assert_int_equal(post_try(p, "box@voters.test", &why), OK);
	/* A login that is asked for so late is a refusal, too. */
	r.picky_reply = "530 5.7.0 Authentication required\r\n";
	assert_int_equal(post_try(p, "box@voters.test", &why), ERR_AGAIN);
	assert_non_null(strstr(why.text, "530"));
	r.picky_reply = "550 Unrouteable address\r\n";
	assert_int_equal(post_try(p, "box@voters.test", &why), OK);
	assert_int_equal(r.accepted, 0);
	post_close(p);
	relay_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_said_of_an_address_ends_the_matter),
		cmocka_unit_test(what_is_said_of_us_keeps_the_answer),
		cmocka_unit_test(what_is_refused_to_one_alone_is_tried_for_days),
		cmocka_unit_test(a_relay_is_tried_with_a_stranger_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
