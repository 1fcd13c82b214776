/* SPDX-License-Identifier: MIT */
#include "mailer/cmd.h"

#include "core/passphrase.h"
#include "core/progress.h"
#include "core/secret.h"

enum err cmd_begin(struct cmd *c, unsigned flags, struct why *why)
{
	enum err e = home_open(&c->home, c->path, flags & CMD_ALONE, why);

	if (!e && flags & CMD_UNSEALED)
		e = home_not_sealed(&c->home, why);
	if (!e && flags & CMD_SEALED)
		e = home_manifest(&c->home, &c->m, why);
	return e;
}

void cmd_end(struct cmd *c)
{
	keys_close(c->keys);
	manifest_free(c->m);
	home_close(&c->home);
}

enum err cmd_unlock(struct cmd *c, const char *purpose, struct why *why)
{
	struct passphrase *passphrase = NULL;
	enum err e = passphrase_get(&passphrase, c->passphrase_file,
	                            "Passphrase of the mailer's keys: ", 0, why);

	if (!e)
		e = keys_open(&c->keys, c->path, passphrase, purpose, why);
	secret_free(passphrase);
	return e;
}

void cmd_step(void *context, uint64_t more)
{
	progress_step(context, more);
}
