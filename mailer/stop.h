/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_STOP_H
#define VOTEPOST_MAILER_STOP_H

#include <signal.h>

/*
 * stop - Ctrl-C and SIGTERM as something to look at: long work ends between two mails.
 */

/* From now on they end nothing by themselves; what is given back is not 0 once one has come. */
const volatile sig_atomic_t *stop_catch(void);

#endif
