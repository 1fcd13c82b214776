/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_BRAKE_H
#define VOTEPOST_MAILER_BRAKE_H

#include <stdbool.h>

#include "core/err.h"

/*
 * brake - hold all mailings of a home, from any terminal: an empty file in it. It needs neither
 * the home's lock nor a key, and it stays over restarts until it is let go.
 */
bool brake_on(const char *home);

/* `*was`: it was like that before. */
MUST_CHECK enum err brake_pull(const char *home, bool *was, struct why *why);
MUST_CHECK enum err brake_let_go(const char *home, bool *was, struct why *why);

#endif
