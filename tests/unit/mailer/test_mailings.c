/* SPDX-License-Identifier: MIT */
#include "mailer/mailing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <dlfcn.h>

#include "core/text.h"
#include "mailer/journal.h"
#include "tests/relay.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/house.h"

/* send, remind, notify, extend and attendance, as an administrator runs them. */
#define MEMBERS 20
#define VOTERS  5
#define HOUR    3600
#define HOME    "--home home --passphrase-file pass "
#define BOARD   "--board board.ndjson --head head.json "

static time_t ahead; /* how far the commands' clock is */

/* Stands before the system's own. */
time_t time(time_t *out)
{
	time_t (*real)(time_t *);
	time_t now;

	*(void **)&real = dlsym(RTLD_NEXT, "time");
	now = real(NULL) + ahead;
	if (out)
		*out = now;
	return now;
}

static void set_clock(void *context)
{
	ahead = *(const time_t *)context;
}

struct post {
	struct house h;
	struct relay_play relay;
	struct posted board;
	time_t clock;
};

static int run(struct post *p, int (*cmd)(int, char **), const char *words)
{
	return house_run_after(&p->h, cmd, words, set_clock, &p->clock);
}

static void must(struct post *p, int (*cmd)(int, char **), const char *words)
{
	int status = run(p, cmd, words);

	if (status)
		fail_msg("%s ended with %d: %s", words, status, p->h.last.err);
}

static void expect_words(const struct post *p, const char *words)
{
	if (!strstr(p->h.last.err, words))
		fail_msg("\"%s\" does not say \"%s\"", p->h.last.err, words);
}

static void open_post(struct post *p, void **state)
{
	memset(p, 0, sizeof(*p));
	relay_start(&p->relay, RELAY_FINE, 0);
	house_open(&p->h, state, MEMBERS);
	kit_settings(state, "home/mailer.conf", p->relay.port,
	             "connections = 2\nretry_after = 1\nwait_at_most = 5\n",
	             "[remind]\nmost = 2\nhours = 1\n" KIT_FULL_SPEED);
	house_board(&p->board, &p->h, state);
	posted_write(&p->board, state);
}

static void close_post(struct post *p)
{
	posted_end(&p->board);
	house_close(&p->h);
	relay_stop(&p->relay);
}

static void vote(struct post *p, void **state, unsigned from, unsigned n)
{
	for (unsigned i = from; i < from + n; i++) {
		const struct point c = house_credential(&p->h, state, i);

		posted_ballot(&p->board, &c);
	}
	posted_write(&p->board, state);
}

static uint64_t events(void **state, const char *event)
{
	uint64_t lines;

	assert_int_equal(journal_sum(temp_path(state, "home"), event, NULL, 0, &lines, NULL), OK);
	return lines;
}

static uint64_t accepted(void **state, const char *event)
{
	struct journal_count count = { .name = "accepted" };
	uint64_t lines;

	assert_int_equal(journal_sum(temp_path(state, "home"), event, &count, 1, &lines, NULL), OK);
	return count.n;
}

static unsigned mails(struct post *p, const char *id)
{
	char begin[64];

	snprintf(begin, sizeof(begin), "<%s.", id);
	return relay_count(&p->relay, &p->relay.ids, begin);
}

static void a_reminder_is_for_who_has_not_voted_and_never_after_the_close(void **state)
{
	struct post p;

	open_post(&p, state);
	must(&p, cmd_send, "send " HOME);
	vote(&p, state, 0, VOTERS);
	assert_int_equal(run(&p, cmd_remind, "remind " HOME), 64);
	expect_words(&p, "--board FILE and --head FILE are needed");
	assert_int_equal(run(&p, cmd_remind, "remind " HOME BOARD "--fetch"), 64);
	assert_int_equal(run(&p, cmd_remind, "remind " HOME "--board board.ndjson"), 64);
	must(&p, cmd_remind, "remind " HOME BOARD);
	expect_words(&p, "for 20 members it is too soon");
	assert_int_equal(mails(&p, "reminder-1"), 0);
	p.clock = HOUR + 10;
	must(&p, cmd_remind, "remind " HOME BOARD);
	assert_int_equal(mails(&p, "reminder-1"), MEMBERS - VOTERS);
	must(&p, cmd_remind, "remind " HOME BOARD);
	assert_int_equal(accepted(state, "remind"), MEMBERS - VOTERS);
	vote(&p, state, VOTERS, 1);
	p.clock = 3 * HOUR;
	must(&p, cmd_remind, "remind " HOME BOARD);
	expect_words(&p, "6 members have voted");
	assert_int_equal(mails(&p, "reminder-2"), MEMBERS - VOTERS - 1);
	p.clock = 9 * HOUR;
	must(&p, cmd_remind, "remind " HOME BOARD);
	expect_words(&p, "nobody is due");
	assert_int_equal(events(state, "remind"), 2);
	p.clock = 25 * HOUR;
	assert_int_equal(run(&p, cmd_remind, "remind " HOME BOARD), 65);
	expect_words(&p, "the vote is over");
	p.clock = -2 * HOUR;
	assert_int_equal(run(&p, cmd_remind, "remind " HOME BOARD), 65);
	expect_words(&p, "not open yet");
	close_post(&p);
}

static void a_notice_goes_out_once_for_each_ballot(void **state)
{
	struct post p;

	open_post(&p, state);
	must(&p, cmd_send, "send " HOME);
	must(&p, cmd_notify, "notify " HOME BOARD);
	vote(&p, state, 0, VOTERS);
	must(&p, cmd_notify, "notify " HOME BOARD);
	must(&p, cmd_notify, "notify " HOME BOARD);
	assert_int_equal(mails(&p, "notice"), VOTERS);
	vote(&p, state, VOTERS, 1);
	must(&p, cmd_notify, "notify " HOME BOARD);
	assert_int_equal(mails(&p, "notice"), VOTERS + 1);
	assert_int_equal(accepted(state, "notify"), VOTERS + 1);
	close_post(&p);
}

static void extend_to(struct post *p, time_t closes, int status)
{
	char words[200], at[TIME_TEXT];

	time_write(at, (uint64_t)closes);
	snprintf(words, sizeof(words), "extend " HOME "%s", at);
	assert_int_equal(run(p, cmd_extend, words), status);
}

static void a_later_closing_time_is_signed_and_told_once_it_stands(void **state)
{
	struct lines l;
	struct post p;
	time_t closes;

	open_post(&p, state);
	closes = (time_t)p.h.kit.m->closes;
	must(&p, cmd_send, "send " HOME);
	extend_to(&p, closes, 64);
	expect_words(&p, "that is not later");
	assert_int_equal(run(&p, cmd_extend, "extend " HOME "tomorrow"), 64);
	assert_int_equal(run(&p, cmd_extend, "extend " HOME), 64);
	assert_int_equal(run(&p, cmd_extend, "extend " HOME BOARD "--announce"), 65);
	expect_words(&p, "no later closing time stands on this board");
	extend_to(&p, closes + HOUR, 0);
	expect_words(&p, "home/changes.ndjson to the receiver");
	assert_int_equal(events(state, "extend"), 1);
	assert_int_equal(
		lines_open(&l, temp_path(state, "home/changes.ndjson"), (size_t)1 << 20, NULL), OK);
	assert_int_equal(lines_next(&l, NULL), OK);
	assert_non_null(strstr(buf_text(&l.line), "\"type\":\"extended\""));
	lines_close(&l);
	posted_file(&p.board, temp_path(state, "home/changes.ndjson"));
	vote(&p, state, 0, VOTERS);
	must(&p, cmd_extend, "extend " HOME BOARD "--announce");
	must(&p, cmd_extend, "extend " HOME BOARD "--announce");
	assert_int_equal(accepted(state, "announce"), MEMBERS - VOTERS);
	assert_int_equal(access(temp_path(state, "home/changes.ndjson"), F_OK), -1);
	/* The old closing time is past, the new one not. */
	p.clock = 24 * HOUR + 600;
	must(&p, cmd_remind, "remind " HOME BOARD);
	assert_int_equal(mails(&p, "reminder-1"), MEMBERS - VOTERS);
	p.clock = 26 * HOUR;
	extend_to(&p, closes + 9 * HOUR, 65);
	expect_words(&p, "what is closed stays closed");
	close_post(&p);
}

static void shell(const struct post *p, const char *words)
{
	char command[600];

	snprintf(command, sizeof(command), "cd %s && %s", p->h.dir, words);
	assert_int_equal(system(command), 0);
}

static void a_closing_time_that_is_planned_is_never_lowered(void **state)
{
	char told[40];
	struct post p;
	time_t closes;

	open_post(&p, state);
	closes = (time_t)p.h.kit.m->closes;
	must(&p, cmd_send, "send " HOME);
	shell(&p, "cp -a home backup");
	extend_to(&p, closes + 3 * HOUR, 0);
	posted_file(&p.board, temp_path(state, "home/changes.ndjson"));
	posted_write(&p.board, state);
	extend_to(&p, closes + HOUR, 64);
	expect_words(&p, "is planned already: that is not later");
	/* Once more the same: the file again, and nothing in the journal. */
	shell(&p, "rm home/changes.ndjson");
	extend_to(&p, closes + 3 * HOUR, 0);
	assert_int_equal(access(temp_path(state, "home/changes.ndjson"), F_OK), 0);
	assert_int_equal(events(state, "extend"), 1);
	snprintf(told, sizeof(told), "extended-%llu", (unsigned long long)closes + 3 * HOUR);
	must(&p, cmd_extend, "extend " HOME BOARD "--announce");
	assert_int_equal(mails(&p, told), MEMBERS);
	/* A home that knows nothing of it takes the time from the board. */
	shell(&p, "rm -r home && mv backup home");
	must(&p, cmd_extend, "extend " HOME BOARD "--announce");
	assert_int_equal(mails(&p, told), 2 * MEMBERS);
	close_post(&p);
}

static void a_closing_time_far_away_needs_a_yes(void **state)
{
	char words[200], at[TIME_TEXT];
	struct post p;
	time_t closes;

	open_post(&p, state);
	closes = (time_t)p.h.kit.m->closes;
	extend_to(&p, closes + 30 * 24 * HOUR + 1, 64);
	expect_words(&p, "cannot be undone");
	assert_int_equal(events(state, "extend"), 0);
	assert_int_equal(access(temp_path(state, "home/changes.ndjson"), F_OK), -1);
	extend_to(&p, closes + 30 * 24 * HOUR, 0);
	/* From the closing time in force, not from one that waits. */
	extend_to(&p, closes + 30 * 24 * HOUR + 1, 64);
	time_write(at, (uint64_t)closes + 40 * 24 * HOUR);
	snprintf(words, sizeof(words), "extend " HOME "%s --yes", at);
	must(&p, cmd_extend, words);
	assert_int_equal(events(state, "extend"), 2);
	close_post(&p);
}

static void who_waits_for_a_new_token_gets_no_letter_with_the_old_one(void **state)
{
	struct post p;

	open_post(&p, state);
	must(&p, cmd_reissue, "reissue " HOME "--reason lost M7");
	must(&p, cmd_send, "send " HOME);
	expect_words(&p, "1 member is left out");
	assert_int_equal(mails(&p, "vote"), MEMBERS - 1);
	posted_file(&p.board, temp_path(state, "home/changes.ndjson"));
	posted_write(&p.board, state);
	must(&p, cmd_send, "send " HOME BOARD);
	assert_int_equal(mails(&p, "vote"), MEMBERS);
	assert_non_null(strstr(p.relay.message.data, ".2@example.org>"));
	close_post(&p);
}

static void a_board_says_how_old_it_is_before_anything_is_done(void **state)
{
	const char *const words[] = { "remind " HOME BOARD, "send " HOME BOARD,
		                      "reissue " HOME BOARD "--reason lost M7",
		                      "rotate " HOME BOARD "--yes" };
	int (*const cmd[])(int, char **) = { cmd_remind, cmd_send, cmd_reissue, cmd_rotate };
	struct post p;

	open_post(&p, state);
	p.clock = 601 - HOUR; /* the board's head is of an hour ago */
	for (unsigned i = 0; i < 4; i++) {
		(void)run(&p, cmd[i], words[i]);
		expect_words(&p, "has 0 ballots");
		expect_words(&p, "that is 10 minutes ago, and whoever has voted since then is not "
		                 "known here");
	}
	p.clock = 540 - HOUR;
	must(&p, cmd_send, "send " HOME BOARD);
	expect_words(&p, "has 0 ballots");
	assert_null(strstr(p.h.last.err, "ago"));
	p.clock = HOUR;
	must(&p, cmd_send, "send " HOME BOARD);
	expect_words(&p, "that is 2 hours ago");
	close_post(&p);
}

/* A board that closed in time, with the two replacements that were planned before. */
static void post_closed(struct post *p, void **state)
{
	struct buf line = BUF_INIT(4096);

	posted_file(&p->board, temp_path(state, "home/changes.ndjson"));
	posted_time(&p->board, p->h.kit.m->closes);
	closed_write(&line, 0, MEMBERS + 2, 2);
	posted_buf(&p->board, &line);
	posted_write(&p->board, state);
	p->clock = 25 * HOUR;
}

static void no_letter_goes_out_once_the_vote_is_over(void **state)
{
	struct post p;

	open_post(&p, state);
	must(&p, cmd_reissue, "reissue " HOME "--email elsewhere@new.test M7");
	must(&p, cmd_reissue, "reissue " HOME "--reason lost M8");
	post_closed(&p, state);
	must(&p, cmd_send, "send " HOME);
	expect_words(&p, "the vote is over: no letter is mailed any more");
	expect_words(&p, "give the board that says so");
	assert_int_equal(mails(&p, "vote"), 0);
	assert_int_equal(mails(&p, "moved"), 1);
	/* What stands is taken in all the same. */
	must(&p, cmd_send, "send " HOME BOARD);
	expect_words(&p, "2 replacements stand on the board");
	expect_words(&p, "the vote is over: no letter is mailed any more");
	assert_int_equal(run(&p, cmd_announce, "announce " HOME), 65);
	expect_words(&p, "there is nothing to announce");
	/* Closed is closed, whatever this machine's clock says. */
	p.clock = 0;
	must(&p, cmd_send, "send " HOME BOARD);
	assert_int_equal(mails(&p, "vote"), 0);
	close_post(&p);
}

static void the_ledger_takes_in_what_stands_on_a_closed_board(void **state)
{
	struct post p;

	open_post(&p, state);
	must(&p, cmd_reissue, "reissue " HOME "--reason lost M7");
	must(&p, cmd_reissue, "reissue " HOME "--reason lost M8");
	post_closed(&p, state);
	must(&p, cmd_ledger, "ledger " HOME);
	assert_non_null(strstr(p.h.last.out, "\"replaced\":0"));
	must(&p, cmd_ledger, "ledger " HOME BOARD);
	expect_words(&p, "2 replacements stand on the board");
	assert_non_null(strstr(p.h.last.out, "\"replaced\":2"));
	assert_int_equal(events(state, "stand"), 1);
	/* Nothing waits any more: the keys of tokens are not asked for. */
	must(&p, cmd_forget, "forget " HOME "--yes");
	must(&p, cmd_ledger, "ledger " HOME BOARD);
	must(&p, cmd_ledger, "ledger " HOME);
	assert_non_null(strstr(p.h.last.out, "\"replaced\":2"));
	close_post(&p);
}

static void an_old_address_is_told_with_the_next_send(void **state)
{
	struct post p;

	open_post(&p, state);
	must(&p, cmd_send, "send " HOME);
	must(&p, cmd_reissue, "reissue " HOME "--email elsewhere@new.test M7");
	posted_file(&p.board, temp_path(state, "home/changes.ndjson"));
	posted_write(&p.board, state);
	must(&p, cmd_send, "send " HOME BOARD);
	must(&p, cmd_send, "send " HOME BOARD);
	assert_int_equal(mails(&p, "moved"), 1);
	assert_int_equal(mails(&p, "vote"), MEMBERS + 1);
	assert_int_equal(relay_count(&p.relay, &p.relay.commands, "RCPT TO:<m7@voters.test>"), 2);
	assert_int_equal(relay_count(&p.relay, &p.relay.commands, "RCPT TO:<elsewhere@new.test>"),
	                 1);
	/* And back again: the address that is given up now is told, too. */
	must(&p, cmd_reissue, "reissue " HOME "--email m7@voters.test M7");
	must(&p, cmd_send, "send " HOME);
	assert_int_equal(relay_count(&p.relay, &p.relay.commands, "RCPT TO:<elsewhere@new.test>"),
	                 2);
	close_post(&p);
}

static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static void the_list_of_attendance_is_for_after_the_close(void **state)
{
	struct stat st;
	struct buf page = BUF_INIT((size_t)1 << 20);
	struct post p;

	open_post(&p, state);
	must(&p, cmd_reissue, "reissue " HOME "--reason lost M7");
	posted_file(&p.board, temp_path(state, "home/changes.ndjson"));
	posted_write(&p.board, state);
	must(&p, cmd_send, "send " HOME BOARD);
	/* M7's old credential is among the first, or not: voters are those that may. */
	for (unsigned i = 0, n = 0; n < VOTERS; i++) {
		const struct point c = house_credential(&p.h, state, i);
		struct pollbook *book = NULL;
		bool may;

		posted_write(&p.board, state);
		assert_int_equal(pollbook_read(&book, p.h.kit.m, temp_path(state, "board.ndjson"),
		                               temp_path(state, "head.json"), NULL),
		                 OK);
		may = pollbook_find(book, &c, NULL) == POLLBOOK_UNMARKED;
		pollbook_free(book);
		if (may)
			posted_ballot(&p.board, &c);
		n += may;
	}
	posted_write(&p.board, state);
	assert_int_equal(run(&p, cmd_attendance, "attendance " HOME BOARD), 65);
	expect_words(&p, "--before-close");
	assert_int_equal(events(state, "attendance"), 0);
	must(&p, cmd_attendance, "attendance " HOME BOARD "--before-close");
	assert_int_equal(count(p.h.last.out, "\n"), MEMBERS + 1);
	assert_int_equal(count(p.h.last.out, ",yes,2"), VOTERS);
	assert_int_equal(count(p.h.last.out, ",no,\n"), MEMBERS - VOTERS);
	posted_time(&p.board, p.h.kit.m->closes);
	{
		struct buf line = BUF_INIT(4096);

		closed_write(&line, VOTERS, MEMBERS + 1, 1);
		posted_buf(&p.board, &line);
	}
	posted_write(&p.board, state);
	must(&p, cmd_attendance, "attendance " HOME BOARD "--html list.html --language fr");
	assert_int_equal(stat(temp_path(state, "list.html"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(file_read(&page, temp_path(state, "list.html"), NULL), OK);
	assert_int_equal(count(buf_text(&page), "class=\"v yes\""), VOTERS);
	assert_int_equal(count(buf_text(&page), "Zoé d’Arc"), MEMBERS);
	assert_null(strstr(buf_text(&page), "class=\"provisional\">"));
	assert_int_equal(strlen(p.h.last.out), 0);
	assert_int_equal(events(state, "attendance"), 2);
	buf_free(&page);
	close_post(&p);
}

/* Whoever votes with the new token has voted, as far as the list is concerned. */
static void who_votes_with_a_new_token_is_on_the_list(void **state)
{
	struct post p;
	struct lines l;
	struct line line;

	open_post(&p, state);
	must(&p, cmd_reissue, "reissue " HOME "--reason lost M7");
	assert_int_equal(
		lines_open(&l, temp_path(state, "home/changes.ndjson"), (size_t)1 << 20, NULL), OK);
	assert_int_equal(lines_next(&l, NULL), OK);
	assert_int_equal(line_read(&line, p.h.kit.m, buf_text(&l.line), l.line.len, NULL), OK);
	lines_close(&l);
	posted_file(&p.board, temp_path(state, "home/changes.ndjson"));
	posted_ballot(&p.board, &line.u.replaced.by);
	posted_write(&p.board, state);
	must(&p, cmd_attendance, "attendance " HOME BOARD "--before-close");
	assert_non_null(strstr(p.h.last.out, "M7,Zoé d’Arc,,1,yes,2"));
	must(&p, cmd_send, "send " HOME BOARD);
	must(&p, cmd_attendance, "attendance " HOME BOARD "--before-close");
	assert_non_null(strstr(p.h.last.out, "M7,Zoé d’Arc,,1,yes,2"));
	assert_int_equal(count(p.h.last.out, ",yes,"), 1);
	close_post(&p);
}

static void every_kind_has_a_name_and_an_outbox_of_its_own(void **state)
{
	char folder[MAILING_TEXT], id[MAILING_TEXT];
	enum mailing_kind kind;

	(void)state;
	for (unsigned i = 0; i < MAILING_KINDS; i++) {
		assert_int_equal(mailing_read(&kind, mailing_name((enum mailing_kind)i)), OK);
		assert_int_equal(kind, i);
	}
	assert_int_equal(mailing_read(&kind, "letter"), ERR_NOT_FOUND);
	mailing_folder(folder, (struct mailing){ MAILING_INVITATION, 0 });
	assert_string_equal(folder, "outbox");
	mailing_folder(folder, (struct mailing){ MAILING_REMINDER, 2 });
	assert_string_equal(folder, "outbox-reminder-2");
	mailing_folder(folder, (struct mailing){ MAILING_MOVED, 0 });
	assert_string_equal(folder, "outbox-moved");
	mailing_id(id, (struct mailing){ MAILING_EXTENSION, UINT64_C(253402300799) });
	assert_string_equal(id, "extended-253402300799");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(a_reminder_is_for_who_has_not_voted_and_never_after_the_close),
		TEMP_TEST(a_notice_goes_out_once_for_each_ballot),
		TEMP_TEST(a_later_closing_time_is_signed_and_told_once_it_stands),
		TEMP_TEST(a_closing_time_that_is_planned_is_never_lowered),
		TEMP_TEST(a_closing_time_far_away_needs_a_yes),
		TEMP_TEST(who_waits_for_a_new_token_gets_no_letter_with_the_old_one),
		TEMP_TEST(a_board_says_how_old_it_is_before_anything_is_done),
		TEMP_TEST(no_letter_goes_out_once_the_vote_is_over),
		TEMP_TEST(the_ledger_takes_in_what_stands_on_a_closed_board),
		TEMP_TEST(an_old_address_is_told_with_the_next_send),
		TEMP_TEST(the_list_of_attendance_is_for_after_the_close),
		TEMP_TEST(who_votes_with_a_new_token_is_on_the_list),
		TEMP_TEST(every_kind_has_a_name_and_an_outbox_of_its_own),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
