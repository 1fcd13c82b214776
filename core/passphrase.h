/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_PASSPHRASE_H
#define VOTEPOST_CORE_PASSPHRASE_H

#include <stddef.h>

#include "core/err.h"

/* passphrase - what a person knows, from a file for its owner alone or from the terminal. */
#define PASSPHRASE_MAX 1024
struct passphrase {
	size_t len;
	char text[PASSPHRASE_MAX];
};

/* From `path` (a file for its owner alone, one final line feed dropped), or, where it is NULL,
 * from the terminal with `prompt` and no echo, twice where `confirm`. In guarded memory;
 * secret_free. ERR_USAGE where there is neither file nor terminal, ERR_SETTINGS for one that is
 * empty or no line of text. */
MUST_CHECK enum err passphrase_get(struct passphrase **out, const char *path, const char *prompt,
                                   int confirm, struct why *why);

#endif
