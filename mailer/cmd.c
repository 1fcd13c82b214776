/* SPDX-License-Identifier: MIT */
#include "mailer/cmd.h"

#include "core/passphrase.h"
#include "core/progress.h"
#include "core/secret.h"

enum err cmd_unlock(struct keys **out, const char *home, const char *passphrase_file,
                    const char *purpose, struct why *why)
{
	struct passphrase *passphrase = NULL;
	enum err e = passphrase_get(&passphrase, passphrase_file,
	                            "Passphrase of the mailer's keys: ", 0, why);

	if (!e)
		e = keys_open(out, home, passphrase, purpose, why);
	secret_free(passphrase);
	return e;
}

void cmd_step(void *context)
{
	progress_step(context, 1);
}
