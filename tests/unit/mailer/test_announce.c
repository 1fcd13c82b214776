/* SPDX-License-Identifier: MIT */
#include "mailer/refusals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "mailer/journal.h"
#include "mailer/returns.h"
#include "tests/relay.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/house.h"

/* announce, and the send after it, as an administrator runs them. */
#define MEMBERS 20
#define DEAD    3
#define HOME    "--home home --passphrase-file pass "
#define BOARD   "--board board.ndjson --head head.json "

struct post {
	struct house h;
	struct relay_play relay;
};

static void open_post_of(struct post *p, void **state, unsigned members, enum relay_mood mood,
                         int times)
{
	memset(p, 0, sizeof(*p));
	relay_start(&p->relay, mood, times);
	house_open(&p->h, state, members);
	kit_settings(state, "home/mailer.conf", p->relay.port,
	             "connections = 1\nretry_after = 1\nwait_at_most = 5\n", KIT_FULL_SPEED);
}

static void open_post(struct post *p, void **state, enum relay_mood mood, int times)
{
	open_post_of(p, state, MEMBERS, mood, times);
}

static void close_post(struct post *p)
{
	house_close(&p->h);
	relay_stop(&p->relay);
}

static void expect_words(const struct post *p, const char *words)
{
	if (!strstr(p->h.last.err, words))
		fail_msg("\"%s\" does not say \"%s\"", p->h.last.err, words);
}

static unsigned mails(struct post *p, const char *id)
{
	char begin[64];

	snprintf(begin, sizeof(begin), "<%s.", id);
	return relay_count(&p->relay, &p->relay.ids, begin);
}

static unsigned tried(struct post *p, const char *address)
{
	char line[128];

	snprintf(line, sizeof(line), "RCPT TO:<%s>", address);
	return relay_count(&p->relay, &p->relay.commands, line);
}

/* The first that the relay was asked about. */
static void first_recipient(struct post *p, char address[64])
{
	const char *at = strstr(buf_text(&p->relay.commands), "RCPT TO:<");

	assert_non_null(at);
	at += strlen("RCPT TO:<");
	snprintf(address, 64, "%.*s", (int)strcspn(at, ">"), at);
}

static void everyone_hears_once_that_a_vote_is_coming(void **state)
{
	struct journal_count accepted = { .name = "accepted" };
	uint64_t lines;
	struct post p;

	open_post(&p, state, RELAY_FINE, 0);
	house_must(&p.h, cmd_announce, "announce " HOME "--limit 5");
	house_must(&p.h, cmd_announce, "announce " HOME);
	assert_int_equal(mails(&p, "announcement"), MEMBERS);
	house_must(&p.h, cmd_announce, "announce " HOME);
	expect_words(&p, "everyone has had the announcement, or a letter already");
	assert_int_equal(mails(&p, "announcement"), MEMBERS);
	/* Nothing that votes, and nowhere to send a vote to. */
	assert_null(strstr(buf_text(&p.relay.message), "Reply-To:"));
	assert_null(strstr(buf_text(&p.relay.message), "mailto:"));
	assert_non_null(strstr(buf_text(&p.relay.message), "election@example.org"));
	assert_int_equal(
		journal_sum(temp_path(state, "home"), "announce", &accepted, 1, &lines, NULL), OK);
	assert_int_equal(accepted.n, MEMBERS);
	assert_int_equal(lines, 2);
	/* The letters know nothing of it. */
	house_must(&p.h, cmd_send, "send " HOME);
	assert_int_equal(mails(&p, "vote"), MEMBERS);
	close_post(&p);
}

/* However often it was tried. */
static void each_letter_is_counted_once_in_its_last_state(void **state)
{
	struct journal_count count[] = { { .name = "planned" },
		                         { .name = "accepted" },
		                         { .name = "deferred" } };
	uint64_t lines;
	struct post p;

	open_post(&p, state, RELAY_DEFERS, 5);
	house_must(&p.h, cmd_announce, "announce " HOME "--limit 8");
	assert_int_equal(journal_sum(temp_path(state, "home"), "announce", count, 3, &lines, NULL),
	                 OK);
	assert_int_equal(count[0].n + count[1].n + count[2].n, MEMBERS);
	house_must(&p.h, cmd_announce, "announce " HOME);
	expect_words(&p, "\ndone: 17 accepted\n");
	close_post(&p);
}

static void who_has_a_letter_needs_no_announcement(void **state)
{
	struct post p;

	open_post(&p, state, RELAY_FINE, 0);
	house_must(&p.h, cmd_send, "send " HOME "--limit 7");
	house_must(&p.h, cmd_announce, "announce " HOME);
	assert_int_equal(mails(&p, "announcement"), MEMBERS - 7);
	close_post(&p);
}

static void no_code_goes_to_an_address_that_is_dead(void **state)
{
	char dead[64], words[200];
	struct posted board;
	struct post p;

	open_post(&p, state, RELAY_REFUSES, DEAD);
	house_must(&p.h, cmd_announce, "announce " HOME);
	expect_words(&p, "3 addresses were refused for good");
	first_recipient(&p, dead);
	assert_int_equal(mails(&p, "announcement"), MEMBERS - DEAD);
	for (int i = 0; i < 2; i++) {
		house_must(&p.h, cmd_send, "send " HOME);
		expect_words(&p, "3 members get nothing");
		expect_words(&p, "done: of all members 17 accepted, 3 at dead addresses\n");
		assert_null(strstr(p.h.last.err, "run it again"));
	}
	house_must(&p.h, cmd_send, "send --refused " HOME);
	assert_int_equal(mails(&p, "vote"), MEMBERS - DEAD);
	assert_int_equal(tried(&p, dead), 1);
	/* With an address that lives they get their letter, and what was said of the old one is
	 * not said of it. */
	snprintf(words, sizeof(words), "reissue " HOME "--email new@elsewhere.test %c%.*s", 'M',
	         (int)strcspn(dead + 1, "@"), dead + 1);
	house_must(&p.h, cmd_reissue, words);
	expect_words(&p, "; the old address is dead and is told nothing");
	house_board(&board, &p.h, state);
	posted_file(&board, temp_path(state, "home/changes.ndjson"));
	posted_write(&board, state);
	house_must(&p.h, cmd_send, "send " HOME BOARD);
	expect_words(&p, "2 members get nothing");
	assert_int_equal(tried(&p, "new@elsewhere.test"), 1);
	assert_int_equal(tried(&p, dead), 1); /* nor a farewell */
	assert_int_equal(mails(&p, "moved"), 0);
	assert_int_equal(mails(&p, "vote"), MEMBERS - DEAD + 1);
	posted_end(&board);
	close_post(&p);
}

static void who_is_refused_for_what_we_are_is_not_dead(void **state)
{
	struct post p;

	open_post(&p, state, RELAY_DENIES, DEAD);
	assert_true(house_run(&p.h, cmd_announce, "announce " HOME) != 64);
	assert_null(strstr(p.h.last.err, "refused for good"));
	house_must(&p.h, cmd_send, "send " HOME);
	assert_int_equal(mails(&p, "vote"), MEMBERS);
	close_post(&p);
}

/* One provider that blocks us, found out before it matters. */
static void what_is_refused_for_another_reason_is_told(void **state)
{
	struct post p;

	open_post(&p, state, RELAY_DENIES, 1);
	house_must(&p.h, cmd_announce, "announce " HOME);
	expect_words(&p, "1 was refused for what the mail is or whence it comes");
	assert_null(strstr(p.h.last.err, "refused for good"));
	close_post(&p);
}

/* Whatever it says of their addresses. */
static void who_is_refused_since_the_relay_is_used_up_is_not_dead(void **state)
{
	struct post p;

	open_post_of(&p, state, 3 * MEMBERS, RELAY_REFUSES, -1);
	p.relay.after = MEMBERS;
	assert_int_equal(house_run(&p.h, cmd_announce, "announce " HOME), 78);
	assert_null(strstr(p.h.last.err, "refused for good"));
	expect_words(&p, "20 accepted, 40 planned");
	expect_words(&p, "has refused the last");
	p.relay.mood = RELAY_FINE;
	house_must(&p.h, cmd_announce, "announce " HOME);
	assert_int_equal(mails(&p, "announcement"), 3 * MEMBERS);
	house_must(&p.h, cmd_send, "send " HOME);
	assert_int_equal(mails(&p, "vote"), 3 * MEMBERS);
	close_post(&p);
}

static void what_was_refused_is_taken_over_once(void **state)
{
	struct returns_counts counts;
	struct returns *returns;
	struct post p;

	open_post(&p, state, RELAY_REFUSES, DEAD);
	house_must(&p.h, cmd_announce, "announce " HOME);
	for (int i = 0; i < 3; i++)
		house_must(&p.h, cmd_send, "send " HOME "--limit 1");
	assert_int_equal(returns_open(&returns, temp_path(state, "home"), false, NULL), OK);
	assert_int_equal(returns_counts(returns, &counts, NULL), OK);
	assert_int_equal(counts.read[FAILURE_HARD], DEAD);
	returns_close(returns);
	close_post(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(everyone_hears_once_that_a_vote_is_coming),
		TEMP_TEST(each_letter_is_counted_once_in_its_last_state),
		TEMP_TEST(who_has_a_letter_needs_no_announcement),
		TEMP_TEST(no_code_goes_to_an_address_that_is_dead),
		TEMP_TEST(who_is_refused_for_what_we_are_is_not_dead),
		TEMP_TEST(what_is_refused_for_another_reason_is_told),
		TEMP_TEST(who_is_refused_since_the_relay_is_used_up_is_not_dead),
		TEMP_TEST(what_was_refused_is_taken_over_once),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
