/* SPDX-License-Identifier: MIT */
#include "receiver/parser.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/group.h"

struct fixture {
	struct parser *parser;
	struct reply reply;
	struct buf sealed;
	struct why why;
};

static int setup(void **state)
{
	static struct fixture f;

	f.sealed = BUF_INIT(SEALED_MAX);
	*state = &f;
	return parser_start(&f.parser, TAKEN_OVER, &f.why) == OK ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	parser_stop(f->parser);
	buf_free(&f->sealed);
	return 0;
}

static enum err read_mail(struct fixture *f, const char *body)
{
	static const struct envelope envelope = { "member@example.org",
		                                  "vote+0123456789abc@example.org" };
	char mail[4096];
	int n = snprintf(mail, sizeof(mail), "From: m@example.org\nSubject: Re: vote\n\n%s\n",
	                 body);

	buf_clear(&f->sealed);
	return parser_read(f->parser, &envelope, mail, (size_t)n, &f->reply, &f->sealed, &f->why);
}

static void assert_works(struct fixture *f)
{
	assert_int_equal(read_mail(f, "b , d / 0\n\nyours"), OK);
	assert_false(f->reply.unreadable);
	assert_true(f->reply.has_vote);
	assert_string_equal(f->reply.vote.choices, "B,D/0");
	assert_string_equal(f->reply.from, "member@example.org");
	assert_string_equal(f->reply.handle, "0123456789abc");
}

static void a_mail_is_read_in_a_process_of_its_own(void **state)
{
	assert_works(*state);
}

/* The mail's own verdict, and the next mail is as well served as before. */
static void assert_unreadable(struct fixture *f, const char *body)
{
	assert_int_equal(read_mail(f, body), OK);
	assert_true(f->reply.unreadable);
	assert_false(f->reply.has_vote);
	assert_string_equal(f->reply.from, "member@example.org");
	assert_string_equal(f->reply.handle, "0123456789abc");
	assert_works(f);
}

static void a_crash_makes_that_mail_alone_unreadable(void **state)
{
	assert_unreadable(*state, "TRY crash");
	assert_unreadable(*state, "TRY abort");
}

static void a_hang_makes_that_mail_alone_unreadable(void **state)
{
	time_t before = time(NULL);

	assert_unreadable(*state, "TRY hang");
	assert_unreadable(*state, "TRY sleep");
	assert_true(time(NULL) - before < 30);
}

static void eating_memory_makes_that_mail_alone_unreadable(void **state)
{
#ifdef VOTEPOST_SANITIZED
	skip(); /* the limit cannot stand beside the sanitizers' own maps */
#endif
	assert_unreadable(*state, "TRY memory");
}

static void a_parser_can_open_no_file(void **state)
{
	struct fixture *f = *state;

	unlink("/tmp/votepost-escaped");
	assert_unreadable(f, "TRY file");
	assert_unreadable(f, "TRY write file");
	assert_int_equal(access("/tmp/votepost-escaped", F_OK), -1);
}

static void a_parser_can_open_no_socket_and_make_no_process(void **state)
{
	assert_unreadable(*state, "TRY socket");
	assert_unreadable(*state, "TRY fork");
	assert_unreadable(*state, "TRY code");
}

static void what_is_too_large_says_so_and_whom_it_is_from(void **state)
{
	struct fixture *f = *state;
	const struct envelope envelope = { "m@example.org", "vote@example.org" };
	size_t len = (10u << 20) + 100;
	char *mail = malloc(len + 1);

	assert_non_null(mail);
	memset(mail, 'x', len);
	memcpy(mail, "Message-ID: <a@b>\nX-Long: ", 26);
	memcpy(mail + len - 5, "\n\nA\n\n", 5);
	assert_int_equal(parser_read(f->parser, &envelope, mail, len, &f->reply, &f->sealed, NULL),
	                 OK);
	assert_true(f->reply.too_large);
	assert_false(f->reply.has_vote);
	assert_string_equal(f->reply.from, "m@example.org");
	assert_string_equal(f->reply.message_id, "a@b");
	free(mail);
}

#define THREADS 4
#define EACH    25

static void *many(void *arg)
{
	struct fixture *shared = arg, own = { .parser = shared->parser };
	size_t i;

	own.sealed = BUF_INIT(SEALED_MAX);
	for (i = 0; i < EACH; i++)
		if (i % 10 == 9)
			assert_unreadable(&own, "TRY crash");
		else
			assert_works(&own);
	buf_free(&own.sealed);
	return NULL;
}

static void several_threads_parse_at_once(void **state)
{
	pthread_t thread[THREADS];
	size_t i;

	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, many, *state), 0);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(thread[i], NULL), 0);
}

/* The pid of the one child of `parent`; 0 where there is none. */
static pid_t child_of(pid_t parent)
{
	char path[64];
	FILE *f;
	int pid = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)parent, (int)parent);
	f = fopen(path, "r");
	if (f && fscanf(f, "%d", &pid) != 1)
		pid = 0;
	if (f)
		fclose(f);
	return pid;
}

/* Let all children of `parent` go on. */
static void wake_children(pid_t parent)
{
	char path[64];
	FILE *f;
	int pid;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)parent, (int)parent);
	f = fopen(path, "r");
	while (f && fscanf(f, "%d", &pid) == 1)
		kill(pid, SIGCONT);
	if (f)
		fclose(f);
}

/* Parser and receiver stop, for longer than either would ever wait, and go on: as on a machine
 * that is moved or asleep. */
static void stand_still(pid_t receiver, pid_t nurse)
{
	const struct timespec moment = { .tv_nsec = 300000000 }, night = { .tv_sec = 16 };

	nanosleep(&moment, NULL);
	kill(receiver, SIGSTOP);
	nanosleep(&night, NULL);
	kill(receiver, SIGCONT);
	wake_children(nurse);
	_exit(0);
}

static void a_machine_that_stands_still_costs_no_mail(void **state)
{
	struct fixture *f = *state;
	pid_t receiver = getpid(), nurse = child_of(child_of(receiver)), night;

	if (!nurse)
		skip();
	night = fork();
	if (night == 0)
		stand_still(receiver, nurse);
	assert_true(night > 0);
	/* The parser stops by itself; its alarm is due by the time it is let go on. */
	assert_int_equal(read_mail(f, "b , d / 0\n\nTRY stop"), ERR_AGAIN);
	assert_int_equal(waitpid(night, NULL, 0), night);
	assert_works(f);
}

static void a_nursery_that_dies_is_replaced(void **state)
{
	struct fixture *f = *state;
	pid_t nurse = child_of(child_of(getpid()));
	const struct timespec pause = { .tv_nsec = 50000000 };
	int tries = 100;

	if (!nurse)
		skip(); /* a kernel that does not list children */
	assert_int_equal(kill(nurse, SIGKILL), 0);
	/* A mail that the dying one took is handed back; it comes again. */
	while (read_mail(f, "A") == ERR_AGAIN && --tries)
		nanosleep(&pause, NULL);
	assert_works(f);
	assert_int_not_equal(child_of(child_of(getpid())), nurse);
}

static void without_its_keeper_and_nursery_a_mail_is_handed_back(void **state)
{
	struct fixture *f = *state;
	pid_t keeper = child_of(getpid()), nurse = child_of(keeper);
	const struct timespec pause = { .tv_nsec = 50000000 };
	siginfo_t end;
	int tries = 100;

	if (!nurse)
		skip();
	kill(keeper, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)keeper, &end, WEXITED | WNOWAIT), 0);
	kill(nurse, SIGKILL);
	/* The nursery may still be dying, and take a mail with it. */
	do {
		nanosleep(&pause, NULL);
		assert_int_equal(read_mail(f, "A"), ERR_AGAIN);
	} while (!strstr(f->why.text, "restart") && --tries);
	assert_true(tries > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mail_is_read_in_a_process_of_its_own),
		cmocka_unit_test(a_crash_makes_that_mail_alone_unreadable),
		cmocka_unit_test(a_hang_makes_that_mail_alone_unreadable),
		cmocka_unit_test(eating_memory_makes_that_mail_alone_unreadable),
		cmocka_unit_test(a_parser_can_open_no_file),
		cmocka_unit_test(a_parser_can_open_no_socket_and_make_no_process),
		cmocka_unit_test(what_is_too_large_says_so_and_whom_it_is_from),
		cmocka_unit_test(several_threads_parse_at_once),
		cmocka_unit_test(a_machine_that_stands_still_costs_no_mail),
		cmocka_unit_test(a_nursery_that_dies_is_replaced),
		cmocka_unit_test(without_its_keeper_and_nursery_a_mail_is_handed_back),
	};

	group_init();
	return cmocka_run_group_tests(tests, setup, teardown);
}
