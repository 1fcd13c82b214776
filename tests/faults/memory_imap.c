/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/mail/imap.h"
#include "tests/postbox.h"
#include "tests/refuse.h"
#include "tests/support.h"

/*
 * memory_imap - a mailbox polled with each allocation refused, libcurl's too: every mail is taken
 * whole, or stays, and want of memory is never taken for a wrong password or folder.
 */
#define MAILS 3
static const char text[] = "Subject: one\r\n\r\nA\r\n";

struct world {
	struct imap_account account;
	unsigned seen;
	int end; /* closed: the server's */
	pid_t server;
};

/* In a process of its own: its memory is not in question. */
static void begin(struct world *w)
{
	int up[2], down[2];

	assert_int_equal(pipe(up), 0);
	assert_int_equal(pipe(down), 0);
	w->server = fork();
	if (!w->server) {
		struct postbox p;
		char c;

		close(down[1]);
		postbox_start(&p);
		for (unsigned i = 0; i < MAILS; i++)
			postbox_add(&p, text, strlen(text));
		if (write(up[1], &p.port, sizeof(p.port)) != sizeof(p.port) ||
		    read(down[0], &c, 1) != 0)
			_exit(1);
		_exit(0);
	}
	assert_int_equal(read(up[0], &w->account.port, sizeof(w->account.port)),
	                 sizeof(w->account.port));
	close(up[0]);
	close(up[1]);
	close(down[0]);
	w->end = down[1];
}

static void end(struct world *w)
{
	int status;

	close(w->end);
	assert_int_equal(waitpid(w->server, &status, 0), w->server);
	assert_int_equal(status, 0);
}

/* Looks, and leaves it there for the next run. */
static enum err look(void *context, const void *raw, size_t len, bool cut, uint64_t received,
                     struct why *why)
{
	struct world *w = context;

	assert_int_equal(len, strlen(text));
	assert_memory_equal(raw, text, len);
	assert_false(cut);
	assert_true(received > 0);
	w->seen++;
	return why_set(why, ERR_AGAIN, "not today");
}

static enum err poll_op(void *ctx, struct why *why)
{
	struct world *w = ctx;
	struct imap *i = NULL;
	enum err e = imap_open(&i, &w->account, why);

	w->seen = 0;
	if (!e)
		e = imap_poll(i, look, w, why);
	imap_close(i);
	assert_int_not_equal(e, OK);
	assert_int_not_equal(e, ERR_SETTINGS);
	/* They stay, as they must. libcurl may call want of memory a lost connection. */
	if (e == ERR_AGAIN) {
		assert_true(w->seen <= MAILS && why->text[0]);
		memset(why, 0, sizeof(*why));
		return OK;
	}
	return e;
}

static void a_mail_is_taken_whole_whatever_memory_there_is(void **state)
{
	struct world w = { .account = { .host = (char *)"127.0.0.1",
		                        .user = (char *)"vote",
		                        .folder = (char *)"INBOX",
		                        .timeout = 5 } };
	char path[] = "/tmp/password.XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "secret\n", 7), 7);
	close(fd);
	w.account.password_file = path;
	begin(&w);
	refuse_each("a poll", poll_op, &w, 50);
	assert_int_equal(w.seen, MAILS); /* of the last run, which had memory enough */
	end(&w);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mail_is_taken_whole_whatever_memory_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
