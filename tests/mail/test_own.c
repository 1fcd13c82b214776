/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "receiver/parser/parse.h"
#include "tests/mail/mails.h"
#include "tests/support.h"

#define TABLE "mail/table.txt"
#define EML   "mail/eml"

static const char *what(const struct reply *r)
{
	if (r->too_large)
		return "large";
	if (r->bounce)
		return "bounce";
	if (r->automatic)
		return "automatic";
	return r->unreadable ? "unreadable" : "letter";
}

/* One "key=value" of the table against the answer. */
static bool holds(const struct reply *r, const char *key, const char *value)
{
	char number[12];

	if (!strcmp(key, "is"))
		return !strcmp(value, what(r));
	if (!strcmp(key, "vote"))
		return !strcmp(value, r->has_vote ? r->vote.choices : "none");
	if (!strcmp(key, "token"))
		return !strcmp(value, r->vote.with_token ? "yes" : "no");
	if (!strcmp(key, "sealed"))
		return !strcmp(value, r->sealed_len ? "yes" : "no");
	if (!strcmp(key, "twins"))
		return !strcmp(value, r->twins_differ ? "differ" : "agree");
	if (!strcmp(key, "handle"))
		return !strcmp(value, r->handle);
	if (!strcmp(key, "from"))
		return !strcmp(value, r->from);
	if (!strcmp(key, "id"))
		return !strcmp(value, r->message_id);
	if (!strcmp(key, "reason"))
		return !strncmp(value, r->reason, strlen(value));
	snprintf(number, sizeof(number), "%u", strcmp(key, "tokens") ? r->others : r->tokens);
	assert_true(!strcmp(key, "tokens") || !strcmp(key, "others"));
	return !strcmp(value, number);
}

static void check(const char *name, const struct reply *r, const char *key, const char *value)
{
	if (!holds(r, key, value))
		fail_msg("%s: not %s=%s; %s, vote %s, %u tokens, %u others, \"%s\"", name, key,
		         value, what(r), r->has_vote ? r->vote.choices : "none", r->tokens,
		         r->others, r->reason);
}

/* "name  key=value key=value reason=some words" */
static void check_row(char *row)
{
	char *reason = strstr(row, " reason="), *name, *key, *value, path[512];
	const struct reply *r;
	struct buf mail;
	bool letter = true;

	if (reason)
		*reason = '\0';
	name = strtok(row, " ");
	snprintf(path, sizeof(path), EML "/%s.eml", name);
	mails_load(&mail, path);
	r = mails_read(mail.data, mail.len);
	while ((key = strtok(NULL, " ")) != NULL) {
		value = strchr(key, '=');
		assert_non_null(value);
		*value++ = '\0';
		check(name, r, key, value);
		letter = letter && strcmp(key, "is") != 0;
	}
	if (reason)
		check(name, r, "reason", reason + strlen(" reason="));
	if (letter)
		check(name, r, "is", "letter");
	buf_free(&mail);
}

static unsigned rows;

static void every_mail_of_the_table_becomes_what_it_says(void **state)
{
	FILE *f = fopen(TABLE, "r");
	char row[1000];

	(void)state;
	assert_non_null(f);
	while (f && fgets(row, sizeof(row), f))
		if (row[0] != '#') {
			row[strcspn(row, "\n")] = '\0';
			check_row(row);
			rows++;
		}
	if (f)
		fclose(f);
	assert_true(rows > 150);
}

static void ignore(const char *path, const char *name)
{
	(void)path;
	(void)name;
}

static void every_mail_stands_in_the_table(void **state)
{
	(void)state;
	assert_int_equal(mails_each(EML, ".eml", ignore), rows);
}

/* A mail that was cut never votes for something else than the whole one. */
static void cut(const char *path, const char *name)
{
	struct reply whole;
	const struct reply *r;
	struct buf mail;
	size_t n;

	mails_load(&mail, path);
	whole = *mails_read(mail.data, mail.len);
	for (n = 0; n < mail.len; n += 1 + mail.len / 150) {
		r = mails_read(mail.data, n);
		if (!r->has_vote || r->automatic || r->unreadable)
			continue;
		if (!whole.has_vote || strcmp(whole.vote.choices, r->vote.choices) != 0)
			if (!whole.automatic && !whole.unreadable)
				fail_msg("%s, cut at %zu, votes for %s", name, n, r->vote.choices);
	}
	buf_free(&mail);
}

static void a_mail_that_ends_in_the_middle_votes_for_nothing_else(void **state)
{
	(void)state;
	assert_true(mails_each(EML, ".eml", cut) > 0);
}

/* The same mail, its text pushed along so that a CR LF falls on each place round the 4 KiB that
 * a MIME library reads at once. */
static void a_line_end_across_a_block_changes_nothing(void **state)
{
	struct buf mail = BUF_INIT(100000);
	const struct reply *r;
	unsigned pad, i;

	(void)state;
	for (pad = 3900; pad < 4200; pad++) {
		buf_clear(&mail);
		buf_adds(&mail, "Content-Type: multipart/mixed; boundary=b1\r\nX-Pad: ");
		for (i = 0; i < pad; i++)
			buf_addc(&mail, i % 70 == 69 ? ' ' : '.');
		buf_adds(&mail, "\r\n\r\n--b1\r\nContent-Type: text/plain\r\n\r\nA\r\n\r\n> "
		                "" MAILS_TOKEN "\r\n--b1--\r\n");
		r = mails_read(mail.data, mail.len);
		if (!r->has_vote || !r->vote.with_token || r->tokens != 1 || r->others)
			fail_msg("with %u bytes before it the vote is lost: %s", pad, r->reason);
		buf_clear(&mail);
		buf_adds(&mail, "Content-Type: multipart/mixed; boundary=b1\r\n\r\n--b1\r\n"
		                "Content-Type: text/plain\r\n\r\nA\r\n\r\n> ");
		for (i = 0; i < pad; i++)
			buf_adds(&mail, i % 70 == 69 ? "\r\n" : ".");
		buf_adds(&mail, "\r\n> " MAILS_TOKEN "\r\n--b1--\r\n");
		r = mails_read(mail.data, mail.len);
		if (!r->has_vote || r->tokens != 1 || r->others)
			fail_msg("with %u bytes in it the vote is lost: %s", pad, r->reason);
	}
	buf_free(&mail);
}

static void nested(struct buf *mail, unsigned levels, bool closed)
{
	unsigned i;

	buf_clear(mail);
	for (i = 0; i < levels; i++)
		buf_addf(mail, "Content-Type: multipart/mixed; boundary=b%u\n\n--b%u\n", i, i);
	buf_adds(mail, "Content-Type: text/plain\n\nA\n");
	while (closed && i-- > 0)
		buf_addf(mail, "--b%u--\n", i);
	assert_int_equal(buf_err(mail), OK);
}

static void parts_in_parts_have_a_limit(void **state)
{
	struct buf mail = BUF_INIT(8u << 20);
	const struct reply *r;

	(void)state;
	nested(&mail, MAIL_DEPTH_MAX, true);
	assert_true(mails_read(mail.data, mail.len)->has_vote);
	nested(&mail, MAIL_DEPTH_MAX + 1, true);
	r = mails_read(mail.data, mail.len);
	assert_true(r->too_large && !r->has_vote);
	assert_string_equal(r->reason, "parts within parts, too deep");
	nested(&mail, 5000, false);
	r = mails_read(mail.data, mail.len);
	assert_true(r->unreadable || r->too_large);
	assert_false(r->has_vote);
	nested(&mail, 60000, false);
	r = mails_read(mail.data, mail.len);
	assert_true(r->too_large && !r->has_vote);
	buf_free(&mail);
}

/* 60,000 parts in little more than a megabyte: one within the other, and side by side. */
static void sixty_thousand_parts_are_too_many(void **state)
{
	struct buf mail = BUF_INIT(8u << 20);
	const struct reply *r;
	unsigned i;

	(void)state;
	for (i = 0; i < 60000; i++)
		buf_adds(&mail, "Content-Type:multipart/a;boundary=b\n\n--b\n");
	r = mails_read(mail.data, MAIL_MAX);
	assert_true(r->unreadable || r->too_large);
	assert_false(r->has_vote);
	buf_clear(&mail);
	buf_adds(&mail, "Content-Type: multipart/mixed; boundary=b\n\n");
	for (i = 0; i < 60000; i++)
		buf_adds(&mail, "--b\n\nA\n");
	buf_adds(&mail, "--b--\n");
	r = mails_read(mail.data, mail.len);
	assert_true(r->too_large);
	assert_string_equal(r->reason, "too many parts");
	buf_free(&mail);
}

static void two_hundred_parts_are_read_and_one_more_is_not(void **state)
{
	struct buf mail = BUF_INIT(1u << 20);
	unsigned n, i;

	(void)state;
	for (n = MAIL_PARTS_MAX - 1; n <= MAIL_PARTS_MAX; n++) {
		buf_clear(&mail);
		buf_adds(&mail, "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nA\n");
		for (i = 1; i < n; i++)
			buf_adds(&mail, "--b\nContent-Type: image/png\n\nx\n");
		buf_adds(&mail, "--b--\n");
		assert_int_equal(mails_read(mail.data, mail.len)->too_large, n == MAIL_PARTS_MAX);
	}
	buf_free(&mail);
}

static void sizes_have_their_limits(void **state)
{
	static const char top[] = "Return-Path: <anna@example.org>\nX-Long: ";
	size_t len = 10u << 20;
	char *mail = malloc(len);
	const struct reply *r;

	(void)state;
	assert_non_null(mail);
	memset(mail, 'x', len);
	memcpy(mail, top, sizeof(top) - 1);
	memcpy(mail + MAIL_HEADER_MAX - 1, "\n\nA\n", 4);
	assert_true(mails_read(mail, MAIL_HEADER_MAX + 3)->has_vote);
	memcpy(mail + MAIL_HEADER_MAX - 1, "xx\n\nA\n", 6);
	r = mails_read(mail, MAIL_HEADER_MAX + 5);
	assert_true(r->too_large && !r->has_vote);
	assert_string_equal(r->reason, "a header over 64 KiB");
	assert_string_equal(r->from, "anna@example.org");
	memset(mail + MAIL_HEADER_MAX - 1, 'x', 6);
	r = mails_read(mail, len); /* a header of 10 MB */
	assert_true(r->too_large);
	assert_string_equal(r->reason, "over 1 MiB");
	assert_string_equal(r->from, "anna@example.org");
	memcpy(mail + sizeof(top) - 1, "\n\nA\n\n", 5);
	mail[MAIL_MAX - 1] = '\n';
	assert_true(mails_read(mail, MAIL_MAX)->has_vote);
	assert_true(mails_read(mail, MAIL_MAX + 1)->too_large);
	free(mail);
}

static void nothing_at_all_is_no_vote(void **state)
{
	const struct reply *r;

	(void)state;
	r = mails_read("", 0);
	assert_false(r->has_vote || r->unreadable || r->automatic);
	r = mails_read("\n", 1);
	assert_false(r->has_vote || r->unreadable || r->automatic);
	r = mails_read_from("", "\nA\n", 3);
	assert_true(r->automatic);
	r = mails_read_from("<>", "\nA\n", 3);
	assert_true(r->automatic);
	r = mails_read_from("x@example.org", "Return-Path: <>\n\nA\n", 19);
	assert_false(r->automatic); /* the envelope rules, a header may be the sender's own */
	assert_string_equal(r->from, "x@example.org");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mail_of_the_table_becomes_what_it_says),
		cmocka_unit_test(every_mail_stands_in_the_table),
		cmocka_unit_test(a_mail_that_ends_in_the_middle_votes_for_nothing_else),
		cmocka_unit_test(a_line_end_across_a_block_changes_nothing),
		cmocka_unit_test(parts_in_parts_have_a_limit),
		cmocka_unit_test(sixty_thousand_parts_are_too_many),
		cmocka_unit_test(two_hundred_parts_are_read_and_one_more_is_not),
		cmocka_unit_test(sizes_have_their_limits),
		cmocka_unit_test(nothing_at_all_is_no_vote),
	};

	mails_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
