/* SPDX-License-Identifier: MIT */
#include "core/cli.h"
#include "core/sandbox.h"
#include "core/secret.h"
#include "scrutineer/cmd.h"
#include "scrutineer/signing.h"

static const char NAME[] = "votepost-scrutineer minutes sign";

struct putting {
	const char *key, *passphrase_file;
};

static enum err work(void *context, char **operand, struct why *why)
{
	const struct putting *p = context;
	struct passphrase *passphrase = NULL;
	const struct signer *who = NULL;
	struct signed_minutes minutes;
	enum err e;

	if (!p->key)
		return why_set(why, ERR_USAGE, "--key FILE is needed");
	e = sandbox_enter(SANDBOX_OFFLINE, why);
	if (!e)
		e = signing_read(&minutes, operand[0], why);
	if (!e)
		e = passphrase_get(&passphrase, p->passphrase_file, "Your passphrase: ", 0, why);
	if (!e)
		e = signing_sign(&minutes, &who, operand[0], p->key, passphrase, why);
	secret_free(passphrase);
	if (!e)
		cli_out("%s/minutes-%s.sig\n", operand[0], who->id);
	return e;
}

int cmd_minutes_sign(int argc, char **argv)
{
	struct putting p = { 0 };
	const struct option_row options[] = {
		{ "key", OPTION_TEXT, &p.key, "FILE", "your signing key", 0, 0 },
		{ "passphrase-file", OPTION_TEXT, &p.passphrase_file, "FILE",
		  "instead of asking on the terminal", 0, 0 },
		{ NULL, OPTION_FLAG, NULL, NULL, NULL, 0, 0 },
	};
	const struct usage usage = {
		.name = NAME,
		.operands = "DIR --key FILE",
		.least = 1,
		.most = 1,
		.help = "Sign the four files of the minutes in a folder: writes minutes-ID.sig\n"
			"beside them, ID being the member of the bureau whose key this is. Read\n"
			"what you sign; better, make the minutes again yourself and compare.",
		.option = options,
	};

	return cli_run(&usage, argc, argv, work, &p);
}
