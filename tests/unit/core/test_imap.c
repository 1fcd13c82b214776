/* SPDX-License-Identifier: MIT */
#include "core/mail/imap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/postbox.h"

/* What was taken: each mail's text and a line feed. */
struct taker {
	struct buf texts;
	unsigned taken, cut;
	size_t longest;
	uint64_t received;
	const char *refuses; /* a mail that holds this is handed back */
};

static enum err take(void *context, const void *raw, size_t len, bool cut, uint64_t received,
                     struct why *why)
{
	struct taker *t = context;

	if (t->refuses && memmem(raw, len, t->refuses, strlen(t->refuses)))
		return why_set(why, ERR_AGAIN, "not today");
	t->taken++;
	t->cut += cut;
	t->received = received;
	t->longest = len > t->longest ? len : t->longest;
	if (len < 1000) {
		buf_add(&t->texts, raw, len);
		buf_addc(&t->texts, '\n');
	}
	return OK;
}

static char password_file[] = "/tmp/password.XXXXXX";

static struct imap_account account_of(const struct postbox *p)
{
	return (struct imap_account){ .host = (char *)"127.0.0.1",
		                      .port = p->port,
		                      .user = (char *)"vote",
		                      .password_file = password_file,
		                      .folder = (char *)"INBOX",
		                      .timeout = 2 };
}

static void add(struct postbox *p, const char *text)
{
	postbox_add(p, text, strlen(text));
}

/* One poll, by an account of its own. */
static enum err poll_as(const struct imap_account *a, struct taker *t, struct why *why)
{
	struct imap *i = NULL;
	enum err e;

	buf_init(&t->texts, (size_t)1 << 24);
	assert_int_equal(imap_open(&i, a, why), OK);
	e = imap_poll(i, take, t, why);
	imap_close(i);
	return e;
}

static void a_mailbox_is_emptied(void **state)
{
	struct postbox p;
	struct imap_account a;
	struct taker t = { 0 };
	struct why why = { 0 };
	enum err e;

	(void)state;
	postbox_start(&p);
	a = account_of(&p);
	add(&p, "one");
	add(&p, "");
	add(&p, "three");
	e = poll_as(&a, &t, &why);
	assert_int_equal(e, OK);
	assert_string_equal(buf_text(&t.texts), "one\n\nthree\n");
	assert_int_equal(t.received, 1796126400);
	assert_int_equal(postbox_left(&p), 0);
	assert_int_equal(p.connections, 1);
	buf_free(&t.texts);
	postbox_stop(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mailbox_is_emptied),
	};
	int fd = mkstemp(password_file);
	int failed;

	if (fd < 0 || write(fd, "secret\n", 7) != 7)
		return 1;
	close(fd);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(password_file);
	return failed;
}
