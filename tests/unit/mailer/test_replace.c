/* SPDX-License-Identifier: MIT */
#include "mailer/changes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/text.h"
#include "mailer/journal.h"
#include "tests/unit/receiver/faults.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/house.h"

/* reissue and rotate, as an administrator runs them. */
#define MEMBERS 40
#define HOME    "--home home --passphrase-file pass "
#define BOARD   "--board board.ndjson --head head.json "

/* Members with their letters, and a board without a ballot. */
static void begin(struct house *h, struct posted *p, void **state)
{
	house_open(h, state, MEMBERS);
	house_board(p, h, state);
	posted_write(p, state);
}

static void end(struct house *h, struct posted *p)
{
	posted_end(p);
	house_close(h);
}

static unsigned lines_of(void **state, const char *name)
{
	struct lines l;
	unsigned n = 0;

	if (access(temp_path(state, name), F_OK))
		return 0;
	assert_int_equal(lines_open(&l, temp_path(state, name), (size_t)1 << 20, NULL), OK);
	while (lines_next(&l, NULL) == OK)
		n++;
	lines_close(&l);
	return n;
}

static uint64_t events(void **state, const char *event)
{
	uint64_t lines;

	assert_int_equal(journal_sum(temp_path(state, "home"), event, NULL, 0, &lines, NULL), OK);
	return lines;
}

static void expect_words(const struct house *h, const char *words)
{
	if (!strstr(h->last.err, words))
		fail_msg("\"%s\" does not say \"%s\"", h->last.err, words);
}

/* Some have voted, whoever they are. */
static void vote(struct posted *p, const struct house *h, void **state, unsigned from, unsigned n)
{
	for (unsigned i = from; i < from + n; i++) {
		struct point c = house_credential(h, state, i);

		posted_ballot(p, &c);
	}
	posted_write(p, state);
}

static void one_member_gets_one_line_and_asking_again_none_more(void **state)
{
	struct house h;

	house_open(&h, state, MEMBERS);
	house_must(&h, cmd_reissue, "reissue " HOME "--reason lost M7");
	expect_words(&h, "holds 1 line");
	house_must(&h, cmd_reissue, "reissue " HOME "--reason stolen M7");
	expect_words(&h, "planned for this member already");
	assert_int_equal(lines_of(state, "home/changes.ndjson"), 1);
	assert_int_equal(events(state, "reissue"), 1);
	house_must(&h, cmd_reissue, "reissue " HOME "--reason lost M8");
	assert_int_equal(lines_of(state, "home/changes.ndjson"), 2);
	house_close(&h);
}

static void a_reason_is_a_word_of_the_list(void **state)
{
	struct house h;

	house_open(&h, state, MEMBERS);
	assert_int_equal(house_run(&h, cmd_reissue, "reissue " HOME "--reason Zoé M7"), 64);
	expect_words(&h, "lost, undelivered, address, stolen, mistake");
	assert_int_equal(house_run(&h, cmd_reissue, "reissue " HOME "M7"), 64);
	assert_int_equal(house_run(&h, cmd_reissue, "reissue " HOME "--reason rotation M7"), 64);
	assert_int_equal(house_run(&h, cmd_reissue, "reissue " HOME "--reason lost M700"), 65);
	expect_words(&h, "no member");
	assert_int_equal(events(state, "reissue"), 0);
	house_close(&h);
}

static void who_has_voted_gets_no_new_token(void **state)
{
	struct posted p;
	struct house h;

	house_open(&h, state, MEMBERS);
	house_board(&p, &h, state);
	vote(&p, &h, state, 0, MEMBERS);
	assert_int_equal(house_run(&h, cmd_reissue, "reissue " HOME BOARD "--reason lost M7"), 65);
	expect_words(&h, "has voted");
	assert_int_equal(events(state, "reissue"), 0);
	end(&h, &p);
}

static void an_address_of_another_member_is_refused(void **state)
{
	struct house h;

	house_open(&h, state, MEMBERS);
	assert_int_equal(house_run(&h, cmd_reissue, "reissue " HOME "--email M9@Voters.test M7"),
	                 65);
	expect_words(&h, "another member has this address");
	assert_int_equal(house_run(&h, cmd_reissue, "reissue " HOME "--email <m7@x.test> M7"), 64);
	expect_words(&h, "the address holds <");
	house_must(&h, cmd_reissue, "reissue " HOME "--email new@voters.test M7");
	/* An address that was given away today counts, too. */
	assert_int_equal(house_run(&h, cmd_reissue, "reissue " HOME "--email new@voters.test M8"),
	                 65);
	house_must(&h, cmd_reissue, "reissue " HOME "--email new@voters.test --allow-shared M8");
	assert_int_equal(events(state, "address"), 2);
	house_close(&h);
}

/* What the journal tells of it: never who, or where. */
static void the_journal_names_nobody(void **state)
{
	struct buf text = BUF_INIT((size_t)1 << 20);
	struct house h;

	house_open(&h, state, MEMBERS);
	house_must(&h, cmd_reissue, "reissue " HOME "--email new@voters.test M7");
	assert_int_equal(file_read(&text, temp_path(state, "home/journal.ndjson"), NULL), OK);
	assert_non_null(strstr(buf_text(&text), "\"event\":\"address\""));
	assert_null(strstr(buf_text(&text), "voters"));
	assert_null(strstr(buf_text(&text), "Zoé")); /* no base64 holds that by chance */
	assert_null(strchr(buf_text(&text), '@'));
	buf_free(&text);
	house_close(&h);
}

static void a_rotation_replaces_all_who_have_not_voted(void **state)
{
	struct posted p;
	struct house h;

	house_open(&h, state, MEMBERS);
	house_board(&p, &h, state);
	vote(&p, &h, state, 0, 15);
	house_must(&h, cmd_rotate, "rotate " HOME BOARD "--yes");
	expect_words(&h, "15 members have voted and keep their ballots; 25 get a new token");
	assert_int_equal(lines_of(state, "home/heads.ndjson"), 1);
	assert_int_equal(lines_of(state, "home/changes.ndjson"), 25);
	/* Again, before anything was applied: another key, and a line more for each, from what may
	 * stand to what is to stand. */
	house_must(&h, cmd_rotate, "rotate " HOME BOARD "--yes");
	assert_int_equal(lines_of(state, "home/changes.ndjson"), 50);
	assert_int_equal(events(state, "rotate"), 2);
	end(&h, &p);
}

static void after_it_stands_another_rotation_draws_another_key(void **state)
{
	struct posted p;
	struct house h;

	begin(&h, &p, state);
	house_must(&h, cmd_rotate, "rotate " HOME BOARD "--yes");
	posted_file(&p, temp_path(state, "home/changes.ndjson"));
	posted_write(&p, state);
	house_must(&h, cmd_rotate, "rotate " HOME BOARD "--yes");
	expect_words(&h, "40 replacements stand on the board");
	assert_int_equal(events(state, "rotate"), 2);
	assert_int_equal(events(state, "stand"), 1);
	posted_file(&p, temp_path(state, "home/changes.ndjson"));
	posted_write(&p, state);
	house_must(&h, cmd_rotate, "rotate " HOME BOARD "--yes");
	assert_int_equal(events(state, "rotate"), 3);
	end(&h, &p);
}

static void copy_home(const struct house *h, const char *from, const char *to)
{
	char command[300];

	snprintf(command, sizeof(command), "cd %s && rm -rf %s && cp -a %s %s", h->dir, to, from,
	         to);
	assert_int_equal(system(command), 0);
}

/* The lines of a file that stand on a board, by the receiver's rules, in the file's order. */
static void apply(struct posted *p, const struct house *h, void **state, unsigned leave_out)
{
	struct point gone[8 * MEMBERS], known[8 * MEMBERS];
	unsigned n = 0, at = 0;
	struct lines l;
	struct line line = { 0 };

	assert_int_equal(lines_open(&l, temp_path(state, "home/changes.ndjson"), 4096, NULL), OK);
	while (lines_next(&l, NULL) == OK) {
		bool good = at++ != leave_out, valid = false;

		assert_int_equal(line_read(&line, h->kit.m, buf_text(&l.line), l.line.len, NULL),
		                 OK);
		for (unsigned i = 0; i < n; i++) {
			good = good && !point_equal(&gone[i], &line.u.replaced.old) &&
			       !point_equal(&known[i], &line.u.replaced.by);
			valid = valid || point_equal(&known[i], &line.u.replaced.old);
		}
		for (unsigned i = 0; !valid && i < MEMBERS; i++) {
			struct point c = house_credential(h, state, i);

			valid = point_equal(&c, &line.u.replaced.old);
		}
		good = good && valid;
		if (good) {
			gone[n] = line.u.replaced.old;
			known[n++] = line.u.replaced.by;
			posted_line(p, buf_text(&l.line), l.line.len);
		}
		line_release(&line);
	}
	lines_close(&l);
}

/* A reissue under the leaked key that nobody has applied yet may be applied after the rotation:
 * whichever comes first, the member ends with the fresh one. */
static void a_rotation_supersedes_what_is_on_its_way(void **state)
{
	struct posted p;
	struct house h;

	begin(&h, &p, state);
	house_must(&h, cmd_reissue, "reissue " HOME "--reason lost M7");
	posted_file(&p, temp_path(state, "home/changes.ndjson")); /* the mailer does not see it */
	house_must(&h, cmd_rotate, "rotate " HOME BOARD "--yes");
	assert_int_equal(lines_of(state, "home/changes.ndjson"), MEMBERS + 1);
	posted_write(&p, state);
	house_must(&h, cmd_reissue, "reissue " HOME BOARD "--reason lost M7");
	expect_words(&h, "40 replacements are not on this board yet");
	house_must(&h, cmd_ledger, "ledger " HOME);
	assert_non_null(strstr(h.last.out, "\"issued\":41,\"replaced\":1"));
	end(&h, &p);
}

/* The operator holds one line back, and the second key leaks as well. */
static void a_line_that_is_held_back_does_not_hold_the_next_key_back(void **state)
{
	struct posted p;
	struct house h;

	begin(&h, &p, state);
	house_must(&h, cmd_rotate, "rotate " HOME BOARD "--yes");
	apply(&p, &h, state, 5);
	posted_write(&p, state);
	house_must(&h, cmd_rotate, "rotate " HOME BOARD "--yes");
	expect_words(&h, "39 replacements stand on the board");
	assert_int_equal(events(state, "rotate"), 2);
	/* 39 from the first key, and two ways for the one that was held back. */
	assert_int_equal(lines_of(state, "home/changes.ndjson"), MEMBERS + 1);
	end(&h, &p);
}

static void restore(const struct house *h, const char *from)
{
	char command[300];

	snprintf(command, sizeof(command), "cd %s && rm -rf home && cp -a %s home", h->dir, from);
	assert_int_equal(system(command), 0);
}

/* From a copy of before the rotation, every member would seem not to have voted. */
static void a_home_older_than_the_board_is_told(void **state)
{
	struct posted p;
	struct house h;

	begin(&h, &p, state);
	copy_home(&h, "home", "before");
	house_must(&h, cmd_rotate, "rotate " HOME BOARD "--yes");
	posted_file(&p, temp_path(state, "home/changes.ndjson"));
	posted_write(&p, state);
	copy_home(&h, "home", "after");
	restore(&h, "before");
	assert_int_equal(house_run(&h, cmd_rotate, "rotate " HOME BOARD "--yes"), 65);
	expect_words(&h, "the folder is older than the board");
	assert_int_equal(house_run(&h, cmd_reissue, "reissue " HOME BOARD "--reason lost M7"), 65);
	expect_words(&h, "the folder is older than the board");
	assert_int_equal(house_run(&h, cmd_attendance, "attendance " HOME BOARD "--before-close"),
	                 65);
	expect_words(&h, "the folder is older than the board");
	/* The keys alone. */
	restore(&h, "after");
	copy_home(&h, "before/keys.sealed", "home/keys.sealed");
	assert_int_equal(house_run(&h, cmd_rotate, "rotate " HOME BOARD "--yes"), 65);
	expect_words(&h, "keys.sealed is older than this folder");
	assert_int_equal(house_run(&h, cmd_reissue, "reissue " HOME "--reason lost M7"), 65);
	expect_words(&h, "keys.sealed is older than this folder");
	assert_int_equal(house_run(&h, cmd_attendance, "attendance " HOME BOARD "--before-close"),
	                 65);
	restore(&h, "after");
	house_must(&h, cmd_reissue, "reissue " HOME BOARD "--reason lost M7");
	expect_words(&h, "40 replacements stand on the board");
	end(&h, &p);
}

static void it_is_asked_first_and_only_while_the_vote_lasts(void **state)
{
	struct posted p;
	struct house h;

	begin(&h, &p, state);
	assert_int_equal(house_run(&h, cmd_rotate, "rotate " HOME "--yes"), 64);
	expect_words(&h, "--board FILE and --head FILE");
	assert_int_equal(house_run(&h, cmd_rotate, "rotate " HOME "--yes --board board.ndjson"),
	                 64);
	posted_time(&p, h.kit.m->closes);
	posted_closed(&p, 0);
	posted_write(&p, state);
	assert_int_equal(house_run(&h, cmd_rotate, "rotate " HOME BOARD "--yes"), 65);
	expect_words(&h, "the vote is over");
	assert_int_equal(events(state, "rotate"), 0);
	end(&h, &p);
}

static void arm(void *at)
{
	fault_arm(FAULT_KILL, *(long *)at);
}

/* Wherever the first run dies: one key more, one line for each, and all of them stand. */
static void a_rotation_that_is_killed_at_any_step_comes_to_the_same_end(void **state)
{
	struct posted p;
	struct house h;
	unsigned ended = 0;
	long at = 0;
	int status;

	house_open(&h, state, MEMBERS);
	house_board(&p, &h, state);
	vote(&p, &h, state, 0, 15);
	copy_home(&h, "home", "before");
	do {
		copy_home(&h, "before", "home");
		at++;
		status = house_run_after(&h, cmd_rotate, "rotate " HOME BOARD "--yes", arm, &at);
		house_must(&h, cmd_rotate, "rotate " HOME BOARD "--yes");
		/* What had come to its end was not cut short: the next draws another key. */
		ended += events(state, "rotate") == 2;
		assert_int_equal(lines_of(state, "home/changes.ndjson"),
		                 25 * events(state, "rotate"));
	} while (status);
	assert_true(at > 12 && ended <= 3);
	apply(&p, &h, state, UINT32_MAX);
	posted_write(&p, state);
	/* Whether this member has voted or not. */
	(void)house_run(&h, cmd_reissue, "reissue " HOME BOARD "--reason lost M7");
	expect_words(&h, "25 replacements stand on the board");
	end(&h, &p);
}

static void the_ledger_counts_what_stands(void **state)
{
	struct posted p;
	struct house h;

	begin(&h, &p, state);
	house_must(&h, cmd_rotate, "rotate " HOME BOARD "--yes");
	house_must(&h, cmd_ledger, "ledger " HOME);
	assert_non_null(strstr(h.last.out, "\"issued\":40,\"replaced\":0"));
	posted_file(&p, temp_path(state, "home/changes.ndjson"));
	posted_write(&p, state);
	house_must(&h, cmd_reissue, "reissue " HOME BOARD "--reason lost M7");
	house_must(&h, cmd_ledger, "ledger " HOME);
	assert_non_null(strstr(h.last.out, "\"issued\":80,\"replaced\":40"));
	end(&h, &p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(one_member_gets_one_line_and_asking_again_none_more),
		TEMP_TEST(a_reason_is_a_word_of_the_list),
		TEMP_TEST(who_has_voted_gets_no_new_token),
		TEMP_TEST(an_address_of_another_member_is_refused),
		TEMP_TEST(the_journal_names_nobody),
		TEMP_TEST(a_rotation_replaces_all_who_have_not_voted),
		TEMP_TEST(after_it_stands_another_rotation_draws_another_key),
		TEMP_TEST(a_rotation_supersedes_what_is_on_its_way),
		TEMP_TEST(a_line_that_is_held_back_does_not_hold_the_next_key_back),
		TEMP_TEST(a_home_older_than_the_board_is_told),
		TEMP_TEST(it_is_asked_first_and_only_while_the_vote_lasts),
		TEMP_TEST(a_rotation_that_is_killed_at_any_step_comes_to_the_same_end),
		TEMP_TEST(the_ledger_counts_what_stands),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
