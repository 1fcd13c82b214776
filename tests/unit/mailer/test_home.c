/* SPDX-License-Identifier: MIT */
#include "mailer/home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "core/secret.h"
#include "mailer/journal.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/kit.h"

static const char *dir(void **state)
{
	return ((struct temp *)*state)->dir;
}

static struct passphrase words(const char *text)
{
	struct passphrase p = { .len = strlen(text) };

	memcpy(p.text, text, p.len);
	return p;
}

static void a_wrong_passphrase_opens_nothing(void **state)
{
	struct passphrase right = words("right"), wrong = words("wrong");
	struct keys *keys = NULL;
	struct why why = { 0 };

	assert_ok(keys_create(dir(state), &right, &why), &why);
	assert_int_equal(keys_create(dir(state), &right, &why), ERR_EXISTS);
	assert_int_equal(keys_open(&keys, dir(state), &wrong, KEYS_TOKEN, "send", &why),
	                 ERR_INVALID);
	assert_null(keys);
	assert_non_null(strstr(why.text, "keys.sealed"));
}

static void every_unlocking_is_in_the_journal(void **state)
{
	struct buf journal = BUF_INIT((size_t)1 << 20);
	struct passphrase right = words("right");
	unsigned char last[HASH_BYTES];
	struct keys *one = NULL, *two = NULL;
	struct ledger_hash hash;
	struct why why = { 0 };

	assert_ok(keys_create(dir(state), &right, &why), &why);
	assert_ok(keys_open(&one, dir(state), &right, KEYS_TOKEN, "issue", &why), &why);
	assert_ok(keys_open(&two, dir(state), &right, KEYS_TOKEN, "send", &why), &why);
	assert_memory_equal(one, two, sizeof(*one));
	assert_ok(journal_read(dir(state), &journal, &hash, last, &why), &why);
	assert_non_null(strstr(journal.data, "\"event\":\"unlock\",\"purpose\":\"issue\""));
	assert_non_null(strstr(journal.data, "\"event\":\"unlock\",\"purpose\":\"send\""));
	keys_close(one);
	keys_close(two);
	buf_free(&journal);
}

/* Where the journal cannot be written, the keys stay locked. */
static void what_is_not_told_is_not_unlocked(void **state)
{
	struct passphrase right = words("right");
	struct keys *keys = NULL;
	struct why why = { 0 };

	assert_ok(keys_create(dir(state), &right, &why), &why);
	temp_text(state, "journal.ndjson", "no journal line\n");
	assert_int_not_equal(keys_open(&keys, dir(state), &right, KEYS_TOKEN, "send", &why), OK);
	assert_null(keys);
	assert_non_null(strstr(why.text, "journal.ndjson:1"));
}

static void a_second_sender_is_refused(void **state)
{
	struct home one, two;
	struct why why = { 0 };

	temp_text(state, HOME_ELECTION, "x");
	temp_text(state, JOURNAL_FILE, "");
	assert_ok(home_open(&one, dir(state), true, &why), &why);
	assert_int_equal(home_open(&two, dir(state), true, &why), ERR_BUSY);
	assert_non_null(strstr(why.text, "in use by another process"));
	assert_non_null(strstr(why.text, "Ctrl-C"));
	home_close(&two);
	assert_ok(home_open(&two, dir(state), false, &why), &why); /* looking is allowed */
	home_close(&two);
	home_close(&one);
	assert_ok(home_open(&two, dir(state), true, &why), &why);
	home_close(&two);
}

static void a_folder_without_an_election_is_no_home(void **state)
{
	struct home home;
	struct why why = { 0 };

	assert_int_equal(home_open(&home, dir(state), true, &why), ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, "no election here"));
	assert_non_null(strstr(why.text, "--home"));
	home_close(&home);
	/* Nor is one that has a definition alone, as the folder where it was written. */
	temp_text(state, HOME_ELECTION, "x");
	assert_int_equal(home_open(&home, dir(state), true, &why), ERR_NOT_FOUND);
	assert_false(home_has(&home, "lock"));
	home_close(&home);
}

static void the_example_settings_are_read(void **state)
{
	struct conf conf;
	struct why why = { 0 };

	(void)state;
	assert_ok(conf_read(&conf, "", "../config/mailer.conf", &why), &why);
	assert_int_equal(conf.port, 587);
	assert_int_equal(conf.relay.tls, SMTP_TLS_STARTTLS);
	assert_int_equal(conf.connections, 8);
	assert_null(conf.relay.user);
	conf_release(&conf);
	assert_int_equal(conf_read(&conf, dir(state), NULL, &why), ERR_SETTINGS);
	assert_non_null(strstr(why.text, "mailer.conf is missing"));
}

static void settings_that_cannot_be_are_named(void **state)
{
	static const char *const bad[][3] = {
		{ "timezone = Europe/Paris", "timezone = Europe/Lutetia", "timezone: unknown" },
		{ "bounce = bounce@example.org", "bounce = <>", "bounce: not a plain address" },
		{ "address = election@example.org", "address = a b@c",
		  "address: not a plain address" },
		{ "# port = 587", "port = 0", "[relay] port" },
		{ "# tls = starttls", "tls = maybe", "[relay] tls" },
		{ "# timeout = 60", "tiemout = 60", "[relay] tiemout: unknown key" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *text = kit_replace("../config/mailer.conf", bad[i][0], bad[i][1]);
		struct conf conf;
		struct why why = { 0 };

		assert_int_equal(conf_read(&conf, "", temp_text(state, "m.conf", text), &why),
		                 ERR_SETTINGS);
		if (!strstr(why.text, bad[i][2]))
			fail_msg("%s", why.text);
		free(text);
	}
}

static void reveals_must_be_of_one_ceremony_and_all_there(void **state)
{
	struct reveal reveal[3];
	struct why why = { 0 };

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		kit_reveal(&reveal[i], i + 1);
	assert_int_equal(compose_reveals(reveal, 2, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "2 reveals, and the ceremony has 3 trustees"));
	assert_int_equal(compose_reveals(reveal + 1, 2, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "the reveal of trustee 1 is missing"));
	reveal_release(&reveal[2]);
	kit_reveal(&reveal[2], 2);
	assert_int_equal(compose_reveals(reveal, 3, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "the reveal of trustee 2 stands twice"));
	for (unsigned i = 0; i < 3; i++)
		reveal_release(&reveal[i]);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, temp_setup, temp_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_wrong_passphrase_opens_nothing),
		TEST(every_unlocking_is_in_the_journal),
		TEST(what_is_not_told_is_not_unlocked),
		TEST(a_second_sender_is_refused),
		TEST(a_folder_without_an_election_is_no_home),
		TEST(the_example_settings_are_read),
		TEST(settings_that_cannot_be_are_named),
		TEST(reveals_must_be_of_one_ceremony_and_all_there),
	};

	group_init();
	sealed_cost = (struct sealed_cost){ .opslimit = 1, .memlimit = 8192 };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
