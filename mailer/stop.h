/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_STOP_H
#define VOTEPOST_MAILER_STOP_H

#include <signal.h>

/*
 * stop - Ctrl-C and SIGTERM as something to look at, or to be told of: long work ends between two
 * mails.
 */

/* From now on they end nothing by themselves; what is given back is not 0 once one has come. */
const volatile sig_atomic_t *stop_catch(void);

/* Where something waits and cannot look: `tell` is called by the signal itself, or at once where it
 * has come already. It may do no more than a signal's handler may. NULL: not any more, in no
 * thread, so that the context may be freed. */
void stop_tell(void (*tell)(void *context), void *context);

#endif
