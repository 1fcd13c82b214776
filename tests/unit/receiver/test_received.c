/* SPDX-License-Identifier: MIT */
#include "receiver/received.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support.h"

#define HOST "mx.example.org"
#define LINE                                                                                       \
	"Received: from out.members.example (out.members.example [192.0.2.1])\r\n"                 \
	"\tby mx.example.org (Postfix) with ESMTP id 4D2F1\r\n"                                    \
	"\tfor <vote@example.org>; Tue, 1 Dec 2026 13:30:15 +0130 (XST)\r\n"

static uint64_t at(const char *raw)
{
	uint64_t seconds = 0;

	return received_time(&seconds, raw, strlen(raw), HOST) ? seconds : 0;
}

static void our_own_line_tells_the_arrival(void **state)
{
	(void)state;
	assert_int_equal(at(LINE "\r\n"), 1796126400 + 15);
	assert_int_equal(at("Return-Path: <m@x.example>\r\nX-Original-To: v@x\r\n"
	                    "Delivered-To: v@x\r\n" LINE "From: m\r\n\r\n"),
	                 1796126400 + 15);
	assert_int_equal(at("Received: by mx.example.org (Postfix, from userid 0)\n"
	                    "\tid 1; Tue,  1 Dec 2026 12:00:15 -0000\n\n"),
	                 1796126400 + 15);
	assert_int_equal(at("Received: by mx.example.org; 1 Dec 2026 07:00:15 -0500\n\n"),
	                 1796126400 + 15);
}

static void nobody_elses_line_is_believed(void **state)
{
	(void)state;
	/* Below another line, or below any field that the sender wrote. */
	assert_int_equal(
		at("Received: from a by b; Tue, 1 Dec 2026 12:00:15 +0000\r\n" LINE "\r\n"), 0);
	assert_int_equal(at("From: m\r\n" LINE "\r\n"), 0);
	assert_int_equal(at("\r\n" LINE "\r\n"), 0);
	/* Another host, one that begins or ends alike, one in a comment. */
	assert_int_equal(at("Received: by mx.example.org.evil.example; Tue, 1 Dec 2026 12:00:15 "
	                    "+0000\r\n\r\n"),
	                 0);
	assert_int_equal(
		at("Received: by evil-mx.example.org; Tue, 1 Dec 2026 12:00:15 +0000\r\n\r\n"), 0);
	assert_int_equal(at("Received: from a ( by mx.example.org ) by b; Tue, 1 Dec 2026 12:00:15 "
	                    "+0000\r\n\r\n"),
	                 0);
	assert_int_equal(at("Date: Tue, 1 Dec 2026 12:00:15 +0000\r\n\r\n"), 0);
}

static void a_date_that_is_unusual_is_not_guessed_at(void **state)
{
	static const char *const dates[] = {
		"",
		"yesterday",
		"Tue, 1 Dec 2026 12:00 +0000",
		"Tue, 0 Dec 2026 12:00:15 +0000",
		"Tue, 1 Dez 2026 12:00:15 +0000",
		"Tue, 1 Dec 1926 12:00:15 +0000",
		"Tue, 1 Dec 2026 24:00:15 +0000",
		"Tue, 1 Dec 2026 12:00:15 GMT",
		"Tue, 1 Dec 2026 -1:00:15 +0000",
	};
	struct buf raw = BUF_INIT(8192);

	(void)state;
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		buf_clear(&raw);
		buf_addf(&raw, "Received: by mx.example.org; %s\r\n\r\n", dates[i]);
		assert_int_equal(at(buf_text(&raw)), 0);
	}
	buf_clear(&raw);
	buf_adds(&raw, "Received: by mx.example.org ");
	while (raw.len < 5000)
		buf_adds(&raw, "(and so on) ");
	buf_adds(&raw, "; Tue, 1 Dec 2026 12:00:15 +0000\r\n\r\n");
	assert_int_equal(at(buf_text(&raw)), 0);
	buf_free(&raw);
}

static void a_mail_that_is_cut_anywhere_is_harmless(void **state)
{
	uint64_t seconds;
	char *copy;

	(void)state;
	for (size_t len = 0; len < sizeof(LINE); len++) {
		copy = malloc(len + 1);
		memcpy(copy, LINE, len);
		(void)received_time(&seconds, copy, len, HOST);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_own_line_tells_the_arrival),
		cmocka_unit_test(nobody_elses_line_is_believed),
		cmocka_unit_test(a_date_that_is_unusual_is_not_guessed_at),
		cmocka_unit_test(a_mail_that_is_cut_anywhere_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
