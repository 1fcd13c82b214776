/* SPDX-License-Identifier: MIT */
#include "mailer/stop.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

static atomic_int entered, left;

static void nap(long ms)
{
	const struct timespec t = { .tv_nsec = ms * 1000000 };

	nanosleep(&t, NULL);
}

static void slowly(void *context)
{
	assert_ptr_equal(context, &entered);
	entered++;
	nap(100);
	left++;
}

static void *wait_for_signal(void *context)
{
	(void)context;
	while (!entered)
		nap(1);
	return NULL;
}

/* A signal comes to any thread: who was told of it may be freed once nobody is to be told. */
static void who_is_told_is_left_alone_before_it_is_freed(void **state)
{
	const volatile sig_atomic_t *stop = stop_catch();
	pthread_t thread;

	(void)state;
	stop_tell(slowly, &entered);
	assert_int_equal(pthread_create(&thread, NULL, wait_for_signal, NULL), 0);
	assert_int_equal(pthread_kill(thread, SIGTERM), 0);
	while (!entered)
		nap(1);
	stop_tell(NULL, NULL);
	assert_int_equal(left, 1);
	assert_true(*stop);
	/* Nobody is told any more; who comes later is told at once. */
	raise(SIGINT);
	assert_int_equal(entered, 1);
	stop_tell(slowly, &entered);
	assert_int_equal(left, 2);
	stop_tell(NULL, NULL);
	pthread_join(thread, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_told_is_left_alone_before_it_is_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
