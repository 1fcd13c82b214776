/* SPDX-License-Identifier: MIT */
#include "core/votelike.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TOKEN "JWFZ-PTC5-MN1C-SK7C-KTG2-W3D3-PEKJ"

static bool vote(const char *line)
{
	return votelike(line, strlen(line));
}

/* tests/mail holds the same rule against the receiver's own grammar. */
static void every_form_of_a_vote_is_known(void **state)
{
	static const char *const votes[] = {
		"A",
		"a",
		"I", /* no letter of ours, but of somebody's */
		"  B , D / 0 ",
		"A2,B1",
		"0",
		"-",
		"blank",
		"BLANC",
		"A/-/blanc",
		"> A",
		">> | A",
		"Ａ",
		"Ａ、Ｂ",
		"A／０",
		"–",
		"\343\200\200A\302\240",     /* between foreign spaces */
		"\342\200\217A\342\200\217", /* between direction marks */
		"VOTE JWFZ-PTC5-MN1C-SK7C-KTG2-W3D3-PEKJ A",
		"vote jwfzptc5mn1csk7cktg2w3d3pekj B,D/0",
		"VOTE JWFZ-PTC5-MN1C-SK7C-KTG2-W3D3-PEKJ",
		"-----BEGIN VOTEPOST BALLOT-----",
		"so: -----END VOTEPOST BALLOT-----",
		"> \342\200\223\342\200\223 begin votepost\302\240ballot",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(votes) / sizeof(votes[0]); i++)
		if (!vote(votes[i]) || !votelike_nearly(votes[i], strlen(votes[i])))
			fail_msg("\"%s\" is a vote", votes[i]);
}

static void what_people_write_is_none(void **state)
{
	static const char *const lines[] = {
		"",
		"   ",
		"(A)",
		"A.",
		"A is the one",
		"AB",
		"10",
		"Yes",
		"Ja",
		"您好",
		"VOTE A",
		"Vote until Wednesday 2 December 2026, 23:00",
		"vote jwfzptc5mn1csk7cktg2w3d3pekk A", /* its check fails */
		TOKEN,
		"----- reply above this line -----",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (vote(lines[i]))
			fail_msg("\"%s\" is no vote", lines[i]);
}

static void what_is_nearly_one_is_not_left_alone_in_a_line(void **state)
{
	(void)state;
	assert_true(votelike_nearly("Ja", 2));
	assert_true(votelike_nearly("is,A", 4));
	assert_false(votelike_nearly("word", 4));
}

static void a_line_of_any_length_is_looked_at(void **state)
{
	char line[3000];

	(void)state;
	memset(line, ',', sizeof(line));
	for (size_t i = 0; i < sizeof(line); i += 2)
		line[i] = 'A';
	assert_true(votelike(line, 1001));
	assert_false(votelike(line, 2001)); /* longer than any that is read */
	memcpy(line, "VOTE " TOKEN " ", 40);
	assert_true(votelike(line, 2001));
}

/* The receiver takes every one of these for a line's end (receiver/parser). */
static void a_line_ends_where_the_receiver_ends_it(void **state)
{
	static const char *const ends[] = { "\n", "\r",           "\r\n",        "\v",
		                            "\f", "\xE2\x80\xA8", "\xE2\x80\xA9" };
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		const char *found;
		size_t len;

		snprintf(text, sizeof(text), "some words%sB,C%sand more", ends[i], ends[i]);
		found = votelike_find(text, &len);
		if (!found || strncmp(found, "B,C", 3) || len != 3)
			fail_msg("end %zu is none", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_of_a_vote_is_known),
		cmocka_unit_test(what_people_write_is_none),
		cmocka_unit_test(what_is_nearly_one_is_not_left_alone_in_a_line),
		cmocka_unit_test(a_line_of_any_length_is_looked_at),
		cmocka_unit_test(a_line_ends_where_the_receiver_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
