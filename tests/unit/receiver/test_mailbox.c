/* SPDX-License-Identifier: MIT */
#include "receiver/mailbox.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/monotime.h"
#include "tests/postbox.h"
#include "tests/support.h"
#include "tests/unit/temp.h"

/* The mailbox of an election, as long as it is empty: what a reply in it becomes is for tests of
 * the intake and of whole elections. */
struct scene {
	struct postbox box;
	struct options options;
	struct intake intake;
	struct mailbox *mailbox;
	pthread_mutex_t lock;
	unsigned told;
	struct why last;
};

static void set_account(struct scene *s, void **state)
{
	s->options.imap.host = (char *)"127.0.0.1";
	s->options.imap.seconds = 1;
	s->options.mailbox = (struct imap_account){ .host = s->options.imap.host,
		                                    .port = s->box.port,
		                                    .user = (char *)"vote",
		                                    .password_file = (char *)temp_file(
							    state, "password", "x\n", 2),
		                                    .folder = (char *)"INBOX",
		                                    .timeout = 30 };
}

static void begin(struct scene *s, void **state)
{
	memset(s, 0, sizeof(*s));
	pthread_mutex_init(&s->lock, NULL);
	postbox_start(&s->box);
	set_account(s, state);
}

static void end(struct scene *s)
{
	mailbox_close(s->mailbox);
	postbox_stop(&s->box);
}

static void trouble(void *ctx, const char *event, const struct why *why)
{
	struct scene *s = ctx;

	assert_string_equal(event, MAILBOX_TROUBLE);
	pthread_mutex_lock(&s->lock);
	s->told++;
	s->last = *why;
	pthread_mutex_unlock(&s->lock);
}

static unsigned told(struct scene *s)
{
	unsigned n;

	pthread_mutex_lock(&s->lock);
	n = s->told;
	pthread_mutex_unlock(&s->lock);
	return n;
}

static void await_connections(struct scene *s, unsigned n)
{
	for (unsigned i = 0; i < 1000 && s->box.connections < n; i++)
		usleep(10000);
	assert_true(s->box.connections >= n);
}

static void without_a_host_there_is_none(void **state)
{
	struct scene s;

	begin(&s, state);
	s.options.imap.host = (char *)"";
	assert_int_equal(mailbox_open(&s.mailbox, &s.options, &s.intake, NULL), OK);
	assert_null(s.mailbox);
	assert_int_equal(mailbox_run(NULL, trouble, &s, NULL), OK);
	assert_int_equal(mailbox_decide(NULL, NULL), OK);
	assert_int_equal(mailbox_answer(NULL, NULL), OK);
	mailbox_stop(NULL);
	assert_int_equal(s.box.connections, 0);
	end(&s);
}

static void wrong_settings_are_told_at_the_start(void **state)
{
	struct why why = { 0 };
	struct scene s;

	begin(&s, state);
	s.options.mailbox.folder = (char *)"a\"b";
	assert_int_equal(mailbox_open(&s.mailbox, &s.options, &s.intake, &why), ERR_SETTINGS);
	assert_int_equal(strncmp(why.text, "[imap]: ", 8), 0);
	assert_null(s.mailbox);
	end(&s);
}

static void a_mailbox_is_tried_before_it_is_used(void **state)
{
	struct why why = { 0 };
	struct scene s;

	begin(&s, state);
	postbox_add(&s.box, "x", 1);
	assert_int_equal(mailbox_try(&s.options, &why), OK);
	s.box.uidplus = false;
	assert_int_equal(mailbox_try(&s.options, &why), ERR_SETTINGS);
	assert_int_equal(strncmp(why.text, "[imap]: ", 8), 0);
	assert_int_equal(postbox_left(&s.box), 1);
	assert_int_equal(postbox_heard(&s.box, "UID FETCH"), 0);
	s.options.imap.host = (char *)"";
	assert_int_equal(mailbox_try(&s.options, &why), OK);
	end(&s);
}

static void trouble_is_told_once_and_so_is_its_end(void **state)
{
	struct scene s;

	begin(&s, state);
	postbox_misbehaves(&s.box, POSTBOX_BYE, "", 2);
	assert_int_equal(mailbox_open(&s.mailbox, &s.options, &s.intake, NULL), OK);
	assert_int_equal(mailbox_run(s.mailbox, trouble, &s, NULL), OK);
	await_connections(&s, 2);
	assert_int_equal(told(&s), 1);
	await_connections(&s, 4);
	assert_int_equal(told(&s), 2);
	assert_string_equal(s.last.text, "the mailbox is read again");
	end(&s);
}

static void a_mailbox_that_cannot_be_read_is_not_empty(void **state)
{
	struct why why = { 0 };
	struct scene s;

	begin(&s, state);
	assert_int_equal(mailbox_open(&s.mailbox, &s.options, &s.intake, NULL), OK);
	assert_int_equal(mailbox_decide(s.mailbox, &why), OK);
	postbox_misbehaves(&s.box, POSTBOX_BYE, "", 1);
	assert_int_equal(mailbox_decide(s.mailbox, &why), ERR_AGAIN);
	assert_int_equal(strncmp(why.text, "the mailbox could not be emptied: ", 34), 0);
	assert_non_null(strstr(why.text, "leave [imap] host empty"));
	end(&s);
}

static void *decide(void *context)
{
	struct scene *s = context;
	struct why why = { 0 };

	assert_ok(mailbox_decide(s->mailbox, &why), &why);
	return NULL;
}

/* Each has to know for itself, and neither is told that it was stopped. */
static void two_that_close_at_once_do_not_disturb_each_other(void **state)
{
	pthread_t thread[2];
	struct scene s;

	begin(&s, state);
	assert_int_equal(mailbox_open(&s.mailbox, &s.options, &s.intake, NULL), OK);
	pthread_mutex_lock(&s.box.lock); /* it greets, and says nothing more */
	assert_int_equal(pthread_create(&thread[0], NULL, decide, &s), 0);
	await_connections(&s, 1);
	assert_int_equal(pthread_create(&thread[1], NULL, decide, &s), 0);
	usleep(300000);
	pthread_mutex_unlock(&s.box.lock);
	for (unsigned i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(s.box.connections, 2);
	end(&s);
}

static void a_stop_does_not_wait_for_the_server(void **state)
{
	uint64_t start;
	struct scene s;

	begin(&s, state);
	postbox_misbehaves(&s.box, POSTBOX_HANGS, "SELECT", -1);
	assert_int_equal(mailbox_open(&s.mailbox, &s.options, &s.intake, NULL), OK);
	assert_int_equal(mailbox_run(s.mailbox, trouble, &s, NULL), OK);
	await_connections(&s, 1);
	start = monotime_ms();
	mailbox_stop(s.mailbox);
	mailbox_close(s.mailbox);
	s.mailbox = NULL;
	assert_true(monotime_ms() - start < 5000);
	assert_int_equal(s.told, 0); /* a stop is no trouble */
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(without_a_host_there_is_none, temp_setup,
		                                temp_teardown),
		cmocka_unit_test_setup_teardown(wrong_settings_are_told_at_the_start, temp_setup,
		                                temp_teardown),
		cmocka_unit_test_setup_teardown(a_mailbox_is_tried_before_it_is_used, temp_setup,
		                                temp_teardown),
		cmocka_unit_test_setup_teardown(trouble_is_told_once_and_so_is_its_end, temp_setup,
		                                temp_teardown),
		cmocka_unit_test_setup_teardown(a_mailbox_that_cannot_be_read_is_not_empty,
		                                temp_setup, temp_teardown),
		cmocka_unit_test_setup_teardown(two_that_close_at_once_do_not_disturb_each_other,
		                                temp_setup, temp_teardown),
		cmocka_unit_test_setup_teardown(a_stop_does_not_wait_for_the_server, temp_setup,
		                                temp_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
