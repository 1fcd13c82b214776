/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/monotime.h"
#include "mailer/mint.h"
#include "mailer/returns.h"
#include "mailer/whom.h"
#include "tests/postbox.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/house.h"

/* bounce, and what the other commands make of what it has noted. */
#define MEMBERS 12

static void open_house(struct house *h, void **state)
{
	char *text;

	house_open(h, state, MEMBERS);
	text = kit_replace("../config/mailer.conf", "# templates = ", "# ");
	temp_text(state, "home/mailer.conf", text);
	free(text);
}

static void read_mail(void *context)
{
	FILE *f = fopen(context, "r");

	if (f)
		dup2(fileno(f), STDIN_FILENO);
}

/* A handle of a member, whoever it is: of the receiver's list, where one is nobody's. */
static void any_handle(const struct house *h, void **state, char handle[HANDLE_TEXT])
{
	struct buf text = BUF_INIT((size_t)1 << 20);
	struct whom *w = NULL;
	const char *at;
	uint32_t serial;

	assert_int_equal(file_read(&text, temp_path(state, "home/handles.json"), NULL), OK);
	assert_int_equal(whom_open(&w, temp_path(state, "home"), h->kit.m, NULL), OK);
	at = strstr(buf_text(&text), "\"handles\":\"");
	assert_non_null(at);
	at += strlen("\"handles\":\"");
	do {
		snprintf(handle, HANDLE_TEXT, "%.13s", at);
		at += HANDLE_CHARS;
	} while (!whom_find(w, handle, &serial));
	whom_close(w);
	buf_free(&text);
}

static const char *write_mail(void **state, const char *handle, const char *status)
{
	char text[600];

	snprintf(text, sizeof(text),
	         "From: MAILER-DAEMON@mx.test\nTo: bounce+%s@example.org\n"
	         "Subject: Undelivered Mail Returned to Sender\n\n550 %s User unknown\n",
	         handle, status);
	return temp_text(state, "mail", text);
}

static struct returns_counts counts(void **state)
{
	struct returns_counts out;
	struct returns *r = NULL;

	assert_int_equal(returns_open(&r, temp_path(state, "home"), false, NULL), OK);
	assert_int_equal(returns_counts(r, &out, NULL), OK);
	returns_close(r);
	return out;
}

static uint32_t serial_of(struct house *h, void **state, const char *handle)
{
	struct whom *w = NULL;
	uint32_t serial = MEMBERS;

	assert_int_equal(whom_open(&w, temp_path(state, "home"), h->kit.m, NULL), OK);
	assert_true(whom_find(w, handle, &serial));
	whom_close(w);
	return serial;
}

static bool returned(void **state, uint32_t serial)
{
	struct returns *r = NULL;
	struct returned one;
	bool found;

	assert_int_equal(returns_open(&r, temp_path(state, "home"), false, NULL), OK);
	assert_int_equal(returns_find(r, serial, &one, &found, NULL), OK);
	returns_close(r);
	return found;
}

/* On any other status a mail server would send the mail back, token and all. */
static void a_pipe_sees_0_or_75(void **state)
{
	char handle[HANDLE_TEXT];
	const char *mail;
	struct house h;

	open_house(&h, state);
	any_handle(&h, state, handle);
	mail = write_mail(state, handle, "5.1.1");
	assert_int_equal(house_run_after(&h, cmd_bounce, "bounce --home none", read_mail,
	                                 (void *)(uintptr_t)mail),
	                 75);
	assert_int_equal(house_run_after(&h, cmd_bounce, "bounce --nonsense", read_mail,
	                                 (void *)(uintptr_t)mail),
	                 75);
	assert_int_equal(counts(state).read[FAILURE_HARD], 0);
	assert_int_equal(house_run_after(&h, cmd_bounce, "bounce --home home", read_mail,
	                                 (void *)(uintptr_t)mail),
	                 0);
	assert_string_equal(h.last.err, "");
	assert_int_equal(counts(state).read[FAILURE_HARD], 1);
	assert_int_equal(unlink(temp_path(state, "home/handles.index")), 0);
	assert_int_equal(house_run_after(&h, cmd_bounce, "bounce --home home", read_mail,
	                                 (void *)(uintptr_t)mail),
	                 75);
	assert_non_null(strstr(h.last.err, "votepost-mailer issue"));
	house_close(&h);
}

static void a_mailbox_is_told_what_is_wrong(void **state)
{
	struct house h;

	open_house(&h, state);
	assert_int_equal(house_run(&h, cmd_bounce, "bounce --home home --maildir x --imap"), 64);
	assert_int_equal(house_run(&h, cmd_bounce, "bounce --home home --maildir nowhere"), 65);
	assert_non_null(strstr(h.last.err, "no Maildir"));
	assert_int_equal(house_run(&h, cmd_bounce, "bounce --home home --imap"), 78);
	assert_non_null(strstr(h.last.err, "[bounce] host"));
	house_close(&h);
}

/* One that cannot be read costs no other its reading, and the exit status tells. */
static void what_is_left_in_a_mailbox_is_told(void **state)
{
	char handle[HANDLE_TEXT];
	struct house h;

	open_house(&h, state);
	any_handle(&h, state, handle);
	assert_int_equal(mkdir(temp_path(state, "box"), 0700), 0);
	assert_int_equal(mkdir(temp_path(state, "box/new"), 0700), 0);
	assert_int_equal(mkdir(temp_path(state, "box/cur"), 0700), 0);
	assert_int_equal(mkdir(temp_path(state, "box/new/0"), 0700), 0);
	assert_int_equal(rename(write_mail(state, handle, "5.1.1"), temp_path(state, "box/cur/1")),
	                 0);
	assert_int_equal(house_run(&h, cmd_bounce, "bounce --home home --maildir box"), 75);
	assert_non_null(strstr(h.last.err, "1 mail: 1 hard,"));
	assert_non_null(strstr(h.last.err, "1 entry was left where it is: box/new/0: "));
	assert_int_equal(counts(state).read[FAILURE_HARD], 1);
	assert_false(file_there(temp_path(state, "box/cur/1")));
	assert_int_equal(rmdir(temp_path(state, "box/new/0")), 0);
	house_must(&h, cmd_bounce, "bounce --home home --maildir box");
	house_close(&h);
}

static void reissue_mends_an_address(void **state)
{
	char handle[HANDLE_TEXT], words[200];
	uint32_t serial;
	struct house h;

	open_house(&h, state);
	any_handle(&h, state, handle);
	serial = serial_of(&h, state, handle);
	assert_int_equal(house_run_after(&h, cmd_bounce, "bounce --home home", read_mail,
	                                 (void *)(uintptr_t)write_mail(state, handle, "5.1.1")),
	                 0);
	assert_true(returned(state, serial));
	snprintf(words, sizeof(words),
	         "reissue --home home --reason lost --passphrase-file pass M%u", serial);
	house_must(&h, cmd_reissue, words);
	assert_true(returned(state, serial));
	snprintf(words, sizeof(words),
	         "reissue --home home --reason address --email new@voters.test --passphrase-file "
	         "pass M%u",
	         serial);
	house_must(&h, cmd_reissue, words);
	assert_false(returned(state, serial));
	/* A late report of the first letter says nothing of the new address. */
	assert_int_equal(house_run_after(&h, cmd_bounce, "bounce --home home", read_mail,
	                                 (void *)(uintptr_t)write_mail(state, handle, "5.1.2")),
	                 0);
	assert_false(returned(state, serial));
	assert_int_equal(counts(state).read[FAILURE_HARD], 2);
	house_close(&h);
}

/* What `bounce` noted of the old address while it was changed, where a crash came before it was
 * forgotten: the same once more makes up for it. */
static void reissue_again_finishes_what_a_crash_cut_short(void **state)
{
	const struct returned report = { .failure = FAILURE_HARD, .at = 1000 };
	struct returns *r = NULL;
	struct why why = { 0 };
	struct house h;
	const char *words = "reissue --home home --reason address --email new@voters.test "
			    "--passphrase-file pass M3";

	open_house(&h, state);
	house_must(&h, cmd_reissue, words);
	assert_ok(returns_open(&r, temp_path(state, "home"), true, &why), &why);
	returns_begin(r);
	returns_add(r, 3, &report, 77);
	assert_ok(returns_commit(r, &why), &why);
	returns_close(r);
	assert_true(returned(state, 3));
	house_must(&h, cmd_reissue, words);
	assert_false(returned(state, 3));
	assert_non_null(strstr(h.last.err, "planned for this member already"));
	assert_non_null(strstr(h.last.err, "has that address already"));
	house_close(&h);
}

static void the_ledger_tells_it_once(void **state)
{
	char handle[HANDLE_TEXT];
	struct house h;

	open_house(&h, state);
	any_handle(&h, state, handle);
	for (unsigned i = 0; i < 2; i++) {
		const char *at;

		house_must(&h, cmd_ledger, "ledger --home home --passphrase-file pass");
		at = strstr(h.last.out, "\"event\":\"bounce\"");
		assert_int_equal(at != NULL, i);
		if (at)
			assert_null(strstr(at + 1, "\"event\":\"bounce\""));
		assert_int_equal(
			house_run_after(&h, cmd_bounce, "bounce --home home", read_mail,
		                        (void *)(uintptr_t)write_mail(state, handle, "5.1.1")),
			0);
	}
	house_close(&h);
}

static void a_forgotten_election_takes_its_mail_still(void **state)
{
	char handle[HANDLE_TEXT];
	struct house h;

	open_house(&h, state);
	any_handle(&h, state, handle);
	house_must(&h, cmd_forget, "forget --home home --yes --passphrase-file pass");
	assert_int_equal(house_run_after(&h, cmd_bounce, "bounce --home home", read_mail,
	                                 (void *)(uintptr_t)write_mail(state, handle, "5.1.1")),
	                 0);
	assert_int_equal(counts(state).forged, 1);
	assert_int_equal(counts(state).read[FAILURE_HARD], 0);
	house_close(&h);
}

/* SIGTERM to the command, soon after it has begun. */
static void end_it_soon(void *context)
{
	(void)context;
	if (fork())
		return;
	usleep(700000);
	kill(getppid(), SIGTERM);
	_exit(0);
}

static void write_settings(void **state, unsigned port)
{
	char text[300];

	temp_text(state, "secret", "x\n");
	snprintf(text, sizeof(text),
	         "[relay]\nhost = 127.0.0.1\n[sender]\naddress = a@example.org\n"
	         "bounce = bounce@example.org\ncontact = us\n"
	         "[bounce]\nhost = 127.0.0.1\nport = %u\ntls = none\nuser = x\n"
	         "password_file = secret\ntimeout = 30\n",
	         port);
	temp_text(state, "mailer.conf", text);
}

/* A disk that is full is so for the next mail, too: none but the first is fetched. */
static void what_cannot_be_noted_ends_the_emptying_of_a_mailbox(void **state)
{
	struct postbox box;
	struct house h;

	open_house(&h, state);
	postbox_start(&box);
	write_settings(state, box.port);
	for (unsigned i = 0; i < 3; i++)
		postbox_add(&box, "Subject: x\r\n\r\nx\r\n", 17);
	assert_int_equal(counts(state).kept, 0);
	assert_int_equal(mkdir(temp_path(state, "home/returns"), 0700), 0);
	temp_text(state, "home/returns/kept", "not a folder\n");
	assert_int_not_equal(
		house_run(&h, cmd_bounce, "bounce --home home --settings mailer.conf --imap"), 0);
	assert_non_null(strstr(h.last.err, "returns/kept"));
	assert_int_equal(postbox_heard(&box, "UID FETCH"), 1);
	assert_int_equal(postbox_left(&box), 3);
	postbox_stop(&box);
	house_close(&h);
}

/* While it waits for the server, and not after the server's time is over. */
static void a_signal_ends_the_emptying_of_a_mailbox(void **state)
{
	uint64_t start = monotime_ms();
	struct postbox box;
	struct house h;

	open_house(&h, state);
	postbox_start(&box);
	write_settings(state, box.port);
	for (unsigned i = 0; i < 3; i++)
		postbox_add(&box, "Subject: x\r\n\r\nx\r\n", 17);
	postbox_misbehaves(&box, POSTBOX_HANGS, "UID FETCH 2", -1);
	start = monotime_ms();
	assert_int_equal(house_run_after(&h, cmd_bounce,
	                                 "bounce --home home --settings mailer.conf --imap",
	                                 end_it_soon, NULL),
	                 0);
	assert_true(monotime_ms() - start < 10000);
	assert_int_equal(postbox_left(&box), 2); /* what was read is gone, the rest is there */
	assert_non_null(strstr(h.last.err, "1 mail:"));
	assert_non_null(strstr(h.last.err, "stopped"));
	postbox_stop(&box);
	house_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(a_pipe_sees_0_or_75),
		TEMP_TEST(a_mailbox_is_told_what_is_wrong),
		TEMP_TEST(what_is_left_in_a_mailbox_is_told),
		TEMP_TEST(reissue_mends_an_address),
		TEMP_TEST(reissue_again_finishes_what_a_crash_cut_short),
		TEMP_TEST(the_ledger_tells_it_once),
		TEMP_TEST(a_forgotten_election_takes_its_mail_still),
		TEMP_TEST(what_cannot_be_noted_ends_the_emptying_of_a_mailbox),
		TEMP_TEST(a_signal_ends_the_emptying_of_a_mailbox),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
