/* SPDX-License-Identifier: MIT */
#include "core/mail/failure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* What relays and reports really say. */
static const struct {
	unsigned code;
	const char *status, *text;
	enum failure failure;
} said[] = {
	{ 550, "5.1.1", "<a@b.test>: Recipient address rejected: User unknown", FAILURE_HARD },
	{ 550, "5.1.10", "Recipient address has null MX", FAILURE_HARD },
	{ 550, "", "no such user here", FAILURE_HARD },
	{ 550, "", "", FAILURE_HARD },
	{ 0, "5.4.4", "Host or domain name not found", FAILURE_HARD },
	{ 550, "5.4.1", "Recipient address rejected: Access denied", FAILURE_HARD },
	{ 0, "5.4.1", "", FAILURE_HARD },
	{ 0, "5.0.0", "smtp; 550 unknown\r\n user", FAILURE_HARD },
	{ 554, "5.7.1", "No such user", FAILURE_HARD },
	{ 554, "5.7.1", "<a@b.test>: Recipient address rejected: Access denied", FAILURE_POLICY },
	/* A server that rejects an address under 5.7.x rejects us, whatever its reason. */
	{ 554, "5.7.1", "<a@b.test>: Recipient address rejected: see b.test/why", FAILURE_POLICY },
	{ 550, "5.7.1", "Client host rejected: name does not exist, access denied",
	  FAILURE_POLICY },
	{ 550, "5.7.606", "Access denied, banned sending IP", FAILURE_POLICY },
	{ 550, "5.7.1", "Requested action not taken: mailbox unavailable", FAILURE_POLICY },
	{ 550, "5.1.0", "<a@b.test>: Recipient address rejected: see b.test/why", FAILURE_HARD },
	{ 550, "", "Requested action not taken: mailbox unavailable", FAILURE_HARD },
	{ 552, "5.2.2", "Quota exceeded", FAILURE_FULL },
	{ 452, "4.2.2", "the mailbox is", FAILURE_FULL },
	{ 550, "", "Requested action not taken: MAILBOX FULL", FAILURE_FULL },
	{ 552, "", "", FAILURE_FULL },
	{ 0, "4.0.0", "User is over quota", FAILURE_FULL },
	{ 550, "5.7.1", "Service unavailable; client blocked using a list", FAILURE_POLICY },
	{ 554, "", "", FAILURE_POLICY },
	/* Of us, and of everyone whom we write to there. */
	{ 550, "", "Sender verify failed", FAILURE_POLICY },
	{ 550, "", "Verification failed for <bounce@vote.test>", FAILURE_POLICY },
	{ 550, "", "Ip frequency limited", FAILURE_POLICY },
	{ 550, "", "Mail content denied", FAILURE_POLICY },
	{ 550, "", "Suspected bounce attacks", FAILURE_POLICY },
	{ 550, "", "You are sending too fast", FAILURE_POLICY },
	{ 550, "5.4.5", "Daily user sending limit exceeded", FAILURE_POLICY },
	{ 550, "5.4.5", "Daily user sending quota exceeded", FAILURE_POLICY },
	{ 550, "", "You have exceeded your sending quota", FAILURE_POLICY },
	{ 553, "", "NULL sender is not allowed", FAILURE_POLICY },
	{ 550, "5.7.1", "<x>: Helo command rejected: Host not found", FAILURE_POLICY },
	{ 550, "5.7.1", "192.0.2.1 does not exist in allow list", FAILURE_POLICY },
	{ 550, "5.7.1", "Unable to verify sender: no such user (callback)", FAILURE_POLICY },
	{ 550, "5.7.1", "The domain of the envelope sender does not exist", FAILURE_POLICY },
	{ 550, "", "Sender domain does not exist", FAILURE_POLICY },
	{ 550, "", "Invalid sender: domain not found", FAILURE_POLICY },
	{ 550, "", "Cannot resolve your domain: NXDOMAIN", FAILURE_POLICY },
	{ 550, "5.7.1", "Your host is not listed in our allowed senders", FAILURE_POLICY },
	{ 550, "", "User unknown; ask your hosting provider", FAILURE_HARD },
	{ 550, "", "No such user in your domains", FAILURE_HARD },
	{ 550, "", "nobody wants your host", FAILURE_POLICY },
	{ 550, "", "Domain not found: your host.", FAILURE_POLICY },
	{ 550, "", "We do not accept mail from you", FAILURE_POLICY },
	{ 550, "", "This domain does not accept mail (nullMX)", FAILURE_HARD },
	{ 550, "", "this server does not accept mail without a Date", FAILURE_POLICY },
	{ 550, "", "Your hostname does not exist", FAILURE_POLICY },
	{ 554, "5.7.1", "<a@b.test>: Recipient address rejected: Policy Rejection- Quota Exceeded",
	  FAILURE_POLICY },
	{ 550, "5.7.1", "Domain not found", FAILURE_POLICY },
	{ 550, "5.7.1", "192.0.2.1 is unknown here", FAILURE_POLICY },
	{ 550, "5.7.1", "no mailbox here by that name", FAILURE_HARD },
	{ 550, "", "We do not like the weather today", FAILURE_POLICY },
	{ 554, "5.4.1", "delivery expired: connection timed out", FAILURE_SOFT },
	{ 550, "5.7.26", "unauthenticated mail", FAILURE_POLICY },
	{ 550, "", "looks like spam; mailbox unavailable", FAILURE_POLICY },
	{ 552, "5.3.4", "Message size exceeds fixed limit", FAILURE_POLICY },
	{ 553, "5.1.8", "Domain of sender address does not exist", FAILURE_POLICY },
	{ 451, "4.7.1", "Greylisted", FAILURE_SOFT },
	{ 450, "4.1.1", "User unknown for now", FAILURE_SOFT },
	{ 0, "4.4.1", "Connection timed out", FAILURE_SOFT },
	{ 0, "5.4.7", "delivery time expired", FAILURE_SOFT },
	{ 0, "5.4.6", "mail loops back to myself", FAILURE_SOFT },
	{ 421, "", "", FAILURE_SOFT },
	{ 0, "", "", FAILURE_SOFT },
	{ 0, "nonsense", "", FAILURE_SOFT },
};

static void what_was_said_has_its_class(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		enum failure is = failure_class(said[i].code, said[i].status, said[i].text);

		if (is != said[i].failure)
			fail_msg("%u %s %s: %s, not %s", said[i].code, said[i].status, said[i].text,
			         failure_name(is), failure_name(said[i].failure));
	}
}

/* A server that is in trouble must silence nobody, whatever it says besides. */
static void what_is_given_up_for_now_is_never_hard(void **state)
{
	static const char *const words[] = { "", "user unknown", "no such mailbox", "550 unknown" };
	char status[12];

	(void)state;
	for (unsigned subject = 0; subject < 8; subject++)
		for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			snprintf(status, sizeof(status), "4.%u.1", subject);
			assert_int_not_equal(failure_class(0, status, words[i]), FAILURE_HARD);
			assert_int_not_equal(failure_class(450, "", words[i]), FAILURE_HARD);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_said_has_its_class),
		cmocka_unit_test(what_is_given_up_for_now_is_never_hard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
