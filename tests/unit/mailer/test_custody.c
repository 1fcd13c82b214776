/* SPDX-License-Identifier: MIT */
#include "mailer/custody.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "mailer/journal.h"
#include "tests/unit/receiver/faults.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/house.h"

/* The keys in the hands of three officers, any two of them: as the commands tell it. */
#define MEMBERS 12
#define NEW                                                                                        \
	"--officers 3 --threshold 2 --shares shares --passphrase-file p1 "                         \
	"--passphrase-file p2 --passphrase-file p3"
#define ONE   "--share shares/officer-1.share --passphrase-file p1 "
#define TWO   "--share shares/officer-2.share --passphrase-file p2 "
#define THREE "--share shares/officer-3.share --passphrase-file p3 "

static void passphrases(void **state)
{
	temp_text(state, "p1", "the first officer's words\n");
	temp_text(state, "p2", "the second officer's words\n");
	temp_text(state, "p3", "the third officer's words\n");
}

static void open_shared(struct house *h, void **state)
{
	passphrases(state);
	house_open_with(h, state, MEMBERS, NEW, ONE TWO);
}

static void expect_words(const struct house *h, const char *words)
{
	if (!strstr(h->last.err, words))
		fail_msg("\"%s\" does not say \"%s\"", h->last.err, words);
}

static void must_fail(struct house *h, const char *words, int status, const char *said)
{
	assert_int_equal(house_run(h, cmd_ledger, words), status);
	expect_words(h, said);
	assert_string_equal(h->last.out, "");
}

static void any_two_of_three_unlock_and_the_journal_says_who(void **state)
{
	struct house h;

	open_shared(&h, state);
	house_must(&h, cmd_ledger, "ledger --home home " ONE THREE);
	house_must(&h, cmd_ledger, "ledger --home home " THREE TWO);
	assert_non_null(strstr(h.last.out, "\"ledger, by officers 1 and 3\""));
	assert_non_null(strstr(h.last.out, "\"ledger, by officers 2 and 3\""));
	assert_non_null(strstr(h.last.out, "\"seal, by officers 1 and 2\""));
	assert_non_null(strstr(h.last.out, "\"officers\":3,\"threshold\":2"));
	house_must(&h, cmd_ledger, "ledger --home home " ONE TWO THREE);
	house_must(&h, cmd_ledger, "ledger --home home " ONE TWO);
	assert_non_null(strstr(h.last.out, "\"ledger, by officers 1, 2 and 3\""));
	house_must(&h, cmd_status, "status --home home");
	house_close(&h);
}

static void fewer_than_the_threshold_unlock_nothing(void **state)
{
	struct house h;

	open_shared(&h, state);
	must_fail(&h, "ledger --home home", 64, "held by 3 officers, any 2 of them together");
	must_fail(&h, "ledger --home home " ONE, 65, "1 share, and 2 of the 3 officers are needed");
	must_fail(&h, "ledger --home home --passphrase-file p1", 64, "held by 3 officers");
	house_close(&h);
}

static void one_officer_is_not_two(void **state)
{
	char command[300];
	struct house h;

	open_shared(&h, state);
	must_fail(&h, "ledger --home home " ONE ONE, 65, "both are the share of officer 1");
	snprintf(command, sizeof(command), "cd %s && cp shares/officer-1.share other.share", h.dir);
	assert_int_equal(system(command), 0);
	must_fail(&h, "ledger --home home " ONE "--share other.share --passphrase-file p1", 65,
	          "shares/officer-1.share and other.share: both are the share of officer 1");
	house_close(&h);
}

static void a_wrong_passphrase_names_its_share(void **state)
{
	struct house h;

	open_shared(&h, state);
	must_fail(&h,
	          "ledger --home home " ONE "--share shares/officer-2.share --passphrase-file p3",
	          1, "shares/officer-2.share: wrong passphrase, or the file was changed");
	must_fail(&h, "ledger --home home " ONE "--share shares/officer-2.share", 64,
	          "1 for 2 passphrases");
	house_close(&h);
}

/* Every byte of the file, one after the other. */
static void a_share_with_one_byte_changed_is_named(void **state)
{
	struct buf text = BUF_INIT(8192);
	struct passphrase own = { 0 };
	struct custody_share *share = NULL;
	struct custody custody;
	struct house h;

	open_shared(&h, state);
	assert_int_equal(custody_read(&custody, temp_path(state, "home/custody.json"), NULL), OK);
	assert_int_equal(file_read(&text, temp_path(state, "shares/officer-1.share"), NULL), OK);
	strcpy(own.text, "the first officer's words");
	own.len = strlen(own.text);
	for (size_t i = 0; i < text.len; i++) {
		struct why why = { 0 };
		const char *path;
		enum err e;

		text.data[i] ^= 1;
		path = temp_file(state, "changed", text.data, text.len);
		e = custody_share_open(&share, &custody, path, &own, &why);
		assert_true(e == ERR_INVALID || e == ERR_FORMAT);
		assert_non_null(strstr(why.text, "changed"));
		text.data[i] ^= 1;
	}
	assert_int_equal(custody_share_open(&share, &custody,
	                                    temp_file(state, "same", text.data, text.len), &own,
	                                    NULL),
	                 OK);
	assert_int_equal(share->number, 1);
	secret_free(share);
	buf_free(&text);
	house_close(&h);
}

static void a_share_of_another_election_is_told_as_that(void **state)
{
	struct house h;

	open_shared(&h, state);
	house_must(&h, cmd_new,
	           "new --home other --officers 3 --threshold 2 --shares others "
	           "--passphrase-file p1 --passphrase-file p2 --passphrase-file p3 election.conf");
	must_fail(&h,
	          "ledger --home home " ONE "--share others/officer-2.share --passphrase-file p2",
	          1, "others/officer-2.share: a share of another election's keys");
	house_close(&h);
}

/* custody.json is no secret, but it is what shares are held against. */
static void a_changed_custody_file_opens_nothing(void **state)
{
	struct buf text = BUF_INIT(8192);
	struct custody c;
	struct house h;

	open_shared(&h, state);
	assert_int_equal(file_read(&text, temp_path(state, "home/custody.json"), NULL), OK);
	for (size_t i = 0; i < text.len; i += 3) {
		text.data[i] ^= 1;
		temp_file(state, "home/custody.json", text.data, text.len);
		if (!custody_read(&c, temp_path(state, "home/custody.json"), NULL))
			must_fail(&h, "ledger --home home " ONE TWO, 1,
			          "a share of another election's keys, or of a home that was "
			          "changed");
		text.data[i] ^= 1;
	}
	buf_free(&text);
	house_close(&h);
}

static void a_share_is_no_use_where_one_person_holds_the_keys(void **state)
{
	struct house h;

	passphrases(state);
	house_open(&h, state, MEMBERS);
	house_must(&h, cmd_new, "new --home other " NEW " election.conf");
	must_fail(&h, "ledger --home home " ONE TWO, 64, "nobody has a share of them");
	must_fail(&h, "ledger --home home --passphrase-file p1 --passphrase-file p2", 64,
	          "2 for 1 passphrase");
	house_close(&h);
}

static void officers_are_asked_for_whole(void **state)
{
	static const char *const words[][2] = {
		{ "new --home x --officers 3 election.conf", "go together" },
		{ "new --home x --officers 2 --threshold 3 --shares s election.conf",
		  "more officers needed" },
		{ "new --home x --officers 2 --threshold 2 election.conf", "--shares DIR" },
		{ "new --home x --shares s election.conf", "--shares DIR" },
		{ "new --home x --officers 2 --threshold 1 --shares s election.conf", "from 2 to" },
		{ "new --home x --officers 3 --threshold 2 --shares s --passphrase-file p1 "
		  "election.conf",
		  "1 for 3 passphrases" },
		{ "new --home x --officers 2 --threshold 2 --shares s --passphrase-file p1 "
		  "--passphrase-file p1 election.conf",
		  "officers 1 and 2 chose the same passphrase" },
	};
	struct house h;

	passphrases(state);
	house_open(&h, state, MEMBERS);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		assert_int_equal(house_run(&h, cmd_new, words[i][0]), 64);
		expect_words(&h, words[i][1]);
		assert_int_not_equal(access(temp_path(state, "x"), F_OK), 0);
	}
	house_close(&h);
}

/* The disk without shares: neither the passphrase nor a key is in it. */
static void the_home_alone_says_nothing_of_the_keys(void **state)
{
	struct house h;

	open_shared(&h, state);
	assert_int_not_equal(access(temp_path(state, "home/officer-1.share"), F_OK), 0);
	for (unsigned i = 1; i <= 3; i++) {
		struct passphrase own = { 0 };
		struct keys *keys = NULL;

		snprintf(own.text, sizeof(own.text), "the %s officer's words",
		         i == 1   ? "first"
		         : i == 2 ? "second"
		                  : "third");
		own.len = strlen(own.text);
		assert_int_equal(
			keys_open(&keys, temp_path(state, "home"), &own, KEYS_SIGN, "x", NULL),
			ERR_INVALID);
	}
	house_close(&h);
}

static void what_is_forgotten_is_gone_and_the_ledger_tells_it(void **state)
{
	struct house h;

	open_shared(&h, state);
	assert_int_equal(house_run(&h, cmd_forget, "forget --home home " ONE TWO), 64);
	expect_words(&h, "not done");
	assert_int_equal(house_run(&h, cmd_forget, "forget --home home --yes " ONE), 65);
	house_must(&h, cmd_forget, "forget --home home --yes " ONE TWO);
	expect_words(&h, "copies and backups");
	assert_int_equal(house_run(&h, cmd_issue, "issue --home home " ONE TWO), 65);
	expect_words(&h, "the token keys were destroyed on 2");
	assert_int_equal(
		house_run(&h, cmd_reissue, "reissue --home home --reason lost M1 " ONE TWO), 65);
	expect_words(&h, "the token keys were destroyed on 2");
	house_must(&h, cmd_forget, "forget --home home --yes " ONE TWO);
	expect_words(&h, "the token keys were destroyed already, on 2");
	house_must(&h, cmd_ledger, "ledger --home home " ONE TWO);
	assert_non_null(strstr(h.last.out, "\"event\":\"forget\""));
	house_close(&h);
}

#define LEFT_OVER "home/keys.sealed.new-Xyz123"

/* What a rotation that was killed has left holds the keys as well. */
static void leave_over(const struct house *h)
{
	char command[300];

	snprintf(command, sizeof(command), "cd %s && cp home/keys.sealed " LEFT_OVER, h->dir);
	assert_int_equal(system(command), 0);
}

static void a_key_file_that_was_left_over_goes_too(void **state)
{
	char command[300];
	struct house h;

	open_shared(&h, state);
	leave_over(&h);
	snprintf(command, sizeof(command), "cd %s/home && cp keys.sealed other", h.dir);
	assert_int_equal(system(command), 0);
	house_must(&h, cmd_forget, "forget --home home --yes " ONE TWO);
	assert_int_not_equal(access(temp_path(state, LEFT_OVER), F_OK), 0);
	assert_int_equal(access(temp_path(state, "home/keys.sealed"), F_OK), 0);
	assert_int_equal(access(temp_path(state, "home/other"), F_OK), 0);
	house_close(&h);
}

static void arm(void *at)
{
	fault_arm(FAULT_KILL, *(long *)at);
}

/* Whenever it dies, the keys open, with all that was in them or with nothing but the signature. */
static void forget_that_is_killed_leaves_keys_that_open(void **state)
{
	char command[300];
	struct house h;
	long at = 0;
	int status;

	open_shared(&h, state);
	snprintf(command, sizeof(command), "cd %s && cp -a home before", h.dir);
	assert_int_equal(system(command), 0);
	snprintf(command, sizeof(command), "cd %s && rm -rf home && cp -a before home", h.dir);
	do {
		assert_int_equal(system(command), 0);
		at++;
		leave_over(&h);
		status = house_run_after(&h, cmd_forget, "forget --home home --yes " ONE TWO, arm,
		                         &at);
		house_must(&h, cmd_ledger, "ledger --home home " ONE TWO);
		/* Again, and nothing of the keys is left. */
		house_must(&h, cmd_forget, "forget --home home --yes " ONE TWO);
		assert_int_not_equal(access(temp_path(state, LEFT_OVER), F_OK), 0);
	} while (status);
	assert_true(at > 6);
	house_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(any_two_of_three_unlock_and_the_journal_says_who),
		TEMP_TEST(fewer_than_the_threshold_unlock_nothing),
		TEMP_TEST(one_officer_is_not_two),
		TEMP_TEST(a_wrong_passphrase_names_its_share),
		TEMP_TEST(a_share_with_one_byte_changed_is_named),
		TEMP_TEST(a_share_of_another_election_is_told_as_that),
		TEMP_TEST(a_changed_custody_file_opens_nothing),
		TEMP_TEST(a_share_is_no_use_where_one_person_holds_the_keys),
		TEMP_TEST(officers_are_asked_for_whole),
		TEMP_TEST(the_home_alone_says_nothing_of_the_keys),
		TEMP_TEST(what_is_forgotten_is_gone_and_the_ledger_tells_it),
		TEMP_TEST(a_key_file_that_was_left_over_goes_too),
		TEMP_TEST(forget_that_is_killed_leaves_keys_that_open),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
