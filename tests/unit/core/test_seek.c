/* SPDX-License-Identifier: MIT */
#include "core/mail/seek.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "tests/server.h"
#include "tests/unit/temp.h"

/* A mailbox that says what a test wants; what real ones say is in tests/flow/preflight.py. */
struct box {
	unsigned port;
	const char *search; /* the line before OK to SEARCH; NULL: NO */
	const char *select; /* what SELECT is answered with, behind its tag */
	const char *login;
	const char *mail;
	size_t says;     /* length that the literal claims; 0: the mail's own */
	unsigned exists; /* 0: three */
	atomic_uint fetched, connections;
	char command[1000];  /* the SEARCH that came */
	char selected[1000]; /* the last SELECT */
	struct server server;
};

static void say(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(int fd, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vdprintf(fd, format, args);
	va_end(args);
}

static void answer(struct box *b, int fd, const char *line)
{
	char tag[16] = "", word[16] = "", second[16] = "", third[16] = "";

	sscanf(line, "%15s %15s %15s %15s", tag, word, second, third);
	if (!strcasecmp(word, "CAPABILITY"))
		say(fd, "* CAPABILITY IMAP4rev1\r\n%s OK x\r\n", tag);
	else if (!strcasecmp(word, "LOGIN"))
		say(fd, "%s %s\r\n", tag, b->login ? b->login : "OK x");
	else if (!strcasecmp(word, "SELECT"))
		say(fd, "* %u EXISTS\r\n%s %s\r\n", b->exists ? b->exists : 3, tag,
		    b->select ? b->select : "OK x");
	else if (!strcasecmp(second, "SEARCH") && !b->search)
		say(fd, "%s NO not now\r\n", tag);
	else if (!strcasecmp(second, "SEARCH"))
		say(fd, "%s\r\n%s OK x\r\n", b->search, tag);
	else if (!strcasecmp(second, "FETCH"))
		say(fd, "* 1 FETCH (UID %s BODY[] {%zu}\r\n%s)\r\n%s OK x\r\n", third,
		    b->says ? b->says : strlen(b->mail), b->mail, tag);
	else
		say(fd, "%s OK x\r\n", tag);
	if (!strcasecmp(second, "SEARCH"))
		snprintf(b->command, sizeof(b->command), "%s", line);
	if (!strcasecmp(word, "SELECT"))
		snprintf(b->selected, sizeof(b->selected), "%s", line);
	b->fetched += !strcasecmp(second, "FETCH");
}

static void serve(struct caller caller, void *context)
{
	struct box *b = context;
	char line[1000];

	b->connections++;
	say(caller.fd, "* OK hello\r\n");
	while (server_hear(caller, line, sizeof(line)))
		answer(b, caller.fd, line);
}

static void box_start(struct box *b)
{
	server_start(&b->server, serve, b);
	b->port = b->server.port;
}

static void box_stop(struct box *b)
{
	server_stop(&b->server);
}

/* Look once into `folder`; the mail is in `out`. */
static enum err look_into(struct box *b, void **state, const char *folder, struct buf *out,
                          const char *value, struct why *why)
{
	struct imap_account account = {
		.host = (char *)"127.0.0.1",
		.user = (char *)"me",
		.password_file = (char *)temp_text(state, "password", "open sesame\n"),
		.folder = (char *)"INBOX",
		.timeout = 1,
	};
	struct imap_talk *t = NULL;
	enum err e;

	memset(why, 0, sizeof(*why));
	box_start(b);
	account.port = b->port;
	e = imap_talk_open(&t, &account, why);
	if (!e)
		e = seek_mail(out, t, folder, "Message-ID", value, why);
	imap_talk_close(t);
	box_stop(b);
	return e;
}

static enum err look(struct box *b, void **state, struct buf *out, const char *value,
                     struct why *why)
{
	return look_into(b, state, "INBOX", out, value, why);
}

static void the_newest_mail_is_read(void **state)
{
	struct box b = { .search = "* SEARCH 3 17", .mail = "Subject: x\r\n\r\nA1 OK no\r\n" };
	struct buf out = BUF_INIT(1000);
	struct why why;

	assert_int_equal(look(&b, state, &out, "preflight-1.x@vote.test", &why), OK);
	assert_string_equal(buf_text(&out), b.mail);
	assert_non_null(
		strstr(b.command, "UID SEARCH 1:3 HEADER Message-ID \"preflight-1.x@vote.test\""));
	assert_int_equal(b.fetched, 1);
	buf_free(&out);
}

static void what_is_not_there_is_told_as_that(void **state)
{
	static const char *const none[] = { "* SEARCH", "* SEARCH x", "* SEARCH 0", "* OK nothing",
		                            "* SEARCH 99999999999999999999" };
	struct buf out = BUF_INIT(1000);
	struct why why;

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		struct box b = { .search = none[i], .mail = "" };

		assert_int_equal(look(&b, state, &out, "a", &why), ERR_NOT_FOUND);
		assert_int_equal(b.fetched, 0);
	}
	{
		struct box b = { .select = "NO no such folder" };

		assert_int_equal(look(&b, state, &out, "a", &why), ERR_NOT_FOUND);
	}
	buf_free(&out);
}

static void a_server_that_refuses_or_floods_is_told(void **state)
{
	struct box denies = { .login = "NO wrong" }, refuses = { .mail = "" },
		   large = { .search = "* SEARCH 1" },
		   lies = { .search = "* SEARCH 1", .mail = "short", .says = 100000 };
	char *mail = calloc(1, 5000), *search = calloc(1, 60000);
	struct box many = { .search = search, .mail = "" };
	struct buf out = BUF_INIT(1000);
	struct why why;

	memset(mail, 'm', 4999);
	large.mail = mail;
	strcpy(search, "* SEARCH");
	for (unsigned i = 0; i < 2000; i++)
		strcat(search, "\r\n* SEARCH 1000001");
	assert_int_equal(look(&denies, state, &out, "a", &why), ERR_SETTINGS);
	assert_non_null(strstr(why.text, "password_file"));
	assert_null(strstr(why.text, "sesame"));
	assert_int_not_equal(look(&refuses, state, &out, "a", &why), OK);
	assert_int_equal(look(&large, state, &out, "a", &why), ERR_TOO_LARGE);
	buf_clear(&out);
	assert_int_not_equal(look(&lies, state, &out, "a", &why), OK);
	buf_clear(&out);
	assert_int_not_equal(look(&many, state, &out, "a", &why), OK);
	assert_int_equal(many.fetched, 0);
	free(mail);
	free(search);
	buf_free(&out);
}

static void nothing_of_ours_ends_a_command_early(void **state)
{
	struct buf out = BUF_INIT(1000);
	struct box b = { .search = "* SEARCH 1", .mail = "" };
	struct why why;

	assert_int_equal(look(&b, state, &out, "a\"\r\nA9 DELETE INBOX", &why), ERR_FORMAT);
	assert_int_equal(b.connections, 0);
	buf_free(&out);
}

/* libcurl throws most of a long line away, and says nothing. */
static void no_answer_is_so_long_that_it_is_cut(void **state)
{
	struct box b = { .search = "* SEARCH", .exists = 1000000 };
	struct buf out = BUF_INIT(1000);
	unsigned long first = 0, last = 0;
	struct why why;

	assert_int_equal(look(&b, state, &out, "a", &why), ERR_NOT_FOUND);
	assert_int_equal(sscanf(strstr(b.command, "SEARCH"), "SEARCH %lu:%lu ", &first, &last), 2);
	assert_int_equal(last, 1000000);
	assert_true((last - first + 1) * strlen("4294967295 ") < 8192);
	buf_free(&out);
}

static void a_folder_is_named_as_people_name_it(void **state)
{
	struct box b = { .search = "* SEARCH 1", .mail = "x" };
	struct buf out = BUF_INIT(1000);
	struct why why;

	assert_int_equal(look_into(&b, state, "Indésirables", &out, "a", &why), OK);
	assert_non_null(strstr(b.selected, "Ind&AOk-sirables"));
	assert_int_equal(look_into(&b, state, "a\r\nA9 DELETE b", &out, "a", &why), ERR_SETTINGS);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(the_newest_mail_is_read),
		TEMP_TEST(what_is_not_there_is_told_as_that),
		TEMP_TEST(a_server_that_refuses_or_floods_is_told),
		TEMP_TEST(nothing_of_ours_ends_a_command_early),
		TEMP_TEST(no_answer_is_so_long_that_it_is_cut),
		TEMP_TEST(a_folder_is_named_as_people_name_it),
	};

	signal(SIGPIPE, SIG_IGN); /* a client that has heard enough goes */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
