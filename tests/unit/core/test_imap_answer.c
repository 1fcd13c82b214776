/* SPDX-License-Identifier: MIT */
#include "core/mail/imap_answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static enum imap_line say(struct imap_answer *a, const char *line)
{
	return imap_answer_read(a, line, strlen(line));
}

static void a_folder_tells_its_number_and_what_is_in_it(void **state)
{
	struct imap_answer a = { 0 };

	(void)state;
	assert_int_equal(say(&a, "* 23 EXISTS\r\n"), IMAP_OTHER);
	assert_int_equal(say(&a, "* OK [UIDVALIDITY 4294967295] UIDs valid\r\n"), IMAP_OTHER);
	assert_int_equal(a.exists, 23);
	assert_int_equal(a.uidvalidity, 4294967295u);
	assert_false(a.read_only);
	assert_int_equal(say(&a, "A003 OK [READ-ONLY] Select completed.\r\n"), IMAP_STATUS);
	assert_true(a.read_only);
	/* Nothing of this counts. */
	say(&a, "* OK [UIDVALIDITY 4294967296] too great\r\n");
	say(&a, "* OK [UIDVALIDITY x] none\r\n");
	say(&a, "* 4294967296 EXISTS\r\n");
	say(&a, "* 7 EXISTSX\r\n");
	say(&a, "* 7 RECENT\r\n");
	say(&a, "7 EXISTS\r\n");
	assert_int_equal(a.exists, 23);
	assert_int_equal(a.uidvalidity, 4294967295u);
}

static void what_a_server_can_is_what_it_said_last(void **state)
{
	struct imap_answer a = { 0 };

	(void)state;
	say(&a, "* CAPABILITY IMAP4rev1 MOVEX XUIDPLUS\r\n");
	assert_false(a.move || a.uidplus);
	say(&a, "* CAPABILITY IMAP4rev1 uidplus IDLE Move\r\n");
	assert_true(a.move && a.uidplus);
	say(&a, "* CAPABILITY IMAP4rev1\r\n");
	assert_false(a.move || a.uidplus);
}

static void the_newest_that_was_found_is_known(void **state)
{
	struct imap_answer a = { 0 };

	(void)state;
	assert_int_equal(say(&a, "* SEARCH\r\n"), IMAP_OTHER);
	assert_int_equal(a.found, 0);
	say(&a, "* SEARCHED 9\r\n");
	say(&a, "* SEARCH x 9\r\n");
	say(&a, "* SEARCH 4294967296\r\n");
	assert_int_equal(a.found, 0);
	assert_int_equal(say(&a, "* search 3 17 5\r\n"), IMAP_OTHER);
	say(&a, "* SEARCH 4\r\n");
	assert_int_equal(a.found, 17);
}

static void a_fetch_line_is_read_in_any_order(void **state)
{
	static const char *const lines[] = {
		"* 1 FETCH (UID 7 INTERNALDATE \" 1-Dec-2026 13:00:00 +0100\" RFC822.SIZE 512)\r\n",
		"* 1 FETCH (rfc822.size 512 FLAGS (\\Seen $A) uid 7 internaldate "
		"\"01-Dec-2026 12:00:00 +0000\")",
		"* 1 FETCH (X \"a \\\" ) UID 8\" Y (b (c \")\" d) UID 9) Z NIL MODSEQ (5) UID 7 "
		"RFC822.SIZE 512 INTERNALDATE \"01-Dec-2026 07:00:00 -0500\")",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct imap_answer a = { 0 };

		assert_int_equal(say(&a, lines[i]), IMAP_FETCH);
		assert_int_equal(a.item.uid, 7);
		assert_true(a.item.sized && a.item.dated);
		assert_int_equal(a.item.size, 512);
		assert_int_equal(a.item.received, 1796126400);
		assert_false(a.item.literal);
	}
}

static void nothing_stays_of_the_line_before(void **state)
{
	struct imap_answer a = { 0 };

	(void)state;
	say(&a, "* 1 FETCH (UID 7 RFC822.SIZE 512)");
	assert_int_equal(say(&a, "* 2 FETCH (FLAGS (\\Seen))"), IMAP_FETCH);
	assert_int_equal(a.item.uid, 0);
	assert_false(a.item.sized);
	say(&a, "* 2 FETCH (UID 4294967296 RFC822.SIZE 1x INTERNALDATE \"yesterday\")");
	assert_int_equal(a.item.uid, 0);
	assert_false(a.item.sized || a.item.dated);
}

static void a_literal_is_the_last_of_its_line(void **state)
{
	struct imap_answer a = { 0 };

	(void)state;
	say(&a, "* 1 FETCH (UID 7 BODY[] {1234}\r\n");
	assert_true(a.item.literal);
	assert_int_equal(a.item.length, 1234);
	say(&a, "* 1 FETCH (BODY[]<0> {0}\r\n");
	assert_true(a.item.literal);
	assert_int_equal(a.item.length, 0);
	assert_int_equal(a.item.uid, 0);
	imap_answer_rest(&a.item, " FLAGS () UID 9)\r\n", 18);
	assert_int_equal(a.item.uid, 9);
	assert_true(a.item.literal);
	say(&a, "* 1 FETCH (BODY[] {12} UID 9)\r\n");
	assert_false(a.item.literal);
	say(&a, "* 1 FETCH (BODY[] {99999999999999999999999}\r\n");
	assert_false(a.item.literal);
	say(&a, "* 1 FETCH (BODY[] \"{12}\")\r\n");
	assert_false(a.item.literal);
}

static void the_end_of_an_answer_is_told_without_addresses(void **state)
{
	struct imap_answer a = { 0 };

	(void)state;
	assert_int_equal(say(&a, "A004 NO [AUTHENTICATIONFAILED] <me@box.test> is\1 wrong\r\n"),
	                 IMAP_STATUS);
	assert_false(a.ok);
	assert_string_equal(a.words, "[AUTHENTICATIONFAILED] * is? wrong");
	assert_int_equal(say(&a, "A005 OK fine\r\n"), IMAP_STATUS);
	assert_true(a.ok);
	assert_int_equal(say(&a, "* BYE going down\r\n"), IMAP_STATUS);
	assert_false(a.ok);
	assert_string_equal(a.words, "going down");
	assert_int_equal(say(&a, "A OK no tag\r\n"), IMAP_OTHER);
	assert_int_equal(say(&a, "OK no tag\r\n"), IMAP_OTHER);
	assert_int_equal(say(&a, "+ go on\r\n"), IMAP_OTHER);
	assert_int_equal(say(&a, ""), IMAP_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_tells_its_number_and_what_is_in_it),
		cmocka_unit_test(what_a_server_can_is_what_it_said_last),
		cmocka_unit_test(the_newest_that_was_found_is_known),
		cmocka_unit_test(a_fetch_line_is_read_in_any_order),
		cmocka_unit_test(nothing_stays_of_the_line_before),
		cmocka_unit_test(a_literal_is_the_last_of_its_line),
		cmocka_unit_test(the_end_of_an_answer_is_told_without_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
