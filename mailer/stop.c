/* SPDX-License-Identifier: MIT */
#include "mailer/stop.h"

#include <stddef.h>

static volatile sig_atomic_t stop;
static void (*volatile told)(void *context);
static void *volatile told_context;

static void on_signal(int signal)
{
	(void)signal;
	stop = 1;
	if (told)
		told(told_context);
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
	told = NULL;
	told_context = context;
	told = tell;
	if (tell && stop)
		tell(context);
}
