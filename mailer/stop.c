/* SPDX-License-Identifier: MIT */
#include "mailer/stop.h"

#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>

typedef void tell_function(void *context);

static volatile sig_atomic_t stop;
static _Atomic(tell_function *) told;
static _Atomic(void *) told_context;
static atomic_uint telling; /* threads that a signal has come to */

static void on_signal(int signal)
{
	tell_function *tell;

	(void)signal;
	stop = 1;
	telling++;
	tell = told;
	if (tell)
		tell(told_context);
	telling--;
}

const volatile sig_atomic_t *stop_catch(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	return &stop;
}

void stop_tell(void (*tell)(void *context), void *context)
{
	told = (tell_function *)0;
	while (telling)
		sched_yield();
	told_context = context;
	told = tell;
	if (tell && stop)
		tell(context);
}
