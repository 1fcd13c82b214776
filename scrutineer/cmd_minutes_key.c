/* SPDX-License-Identifier: MIT */
#include "core/cli.h"
#include "core/sandbox.h"
#include "core/secret.h"
#include "core/text.h"
#include "scrutineer/cmd.h"
#include "scrutineer/signing.h"

static const char NAME[] = "votepost-scrutineer minutes key";

struct making {
	const char *passphrase_file;
};

static enum err work(void *context, char **operand, struct why *why)
{
	const struct making *k = context;
	struct passphrase *passphrase = NULL;
	struct buf text = BUF_INIT(64);
	unsigned char key[32];
	enum err e = sandbox_enter(SANDBOX_OFFLINE, why);

	if (!e)
		e = passphrase_get(&passphrase, k->passphrase_file,
		                   "A passphrase for this signing key: ", 1, why);
	if (!e)
		e = signing_key_create(key, operand[0], passphrase, why);
	secret_free(passphrase);
	if (e)
		return e;
	b64_add(&text, key, sizeof(key));
	e = buf_err(&text);
	cli_out("key = %s\n", buf_text(&text));
	cli_say("Give this line to whoever writes the bureau's file, by a way that you trust; "
	        "keep %s to yourself.",
	        operand[0]);
	buf_free(&text);
	return e;
}

int cmd_minutes_key(int argc, char **argv)
{
	struct making k = { 0 };
	const struct option_row options[] = {
		{ "passphrase-file", OPTION_TEXT, &k.passphrase_file, "FILE",
		  "instead of asking on the terminal", 0, 0 },
		{ NULL, OPTION_FLAG, NULL, NULL, NULL, 0, 0 },
	};
	const struct usage usage = {
		.name = NAME,
		.operands = "FILE",
		.least = 1,
		.most = 1,
		.help = "Make a person's key for signing minutes, sealed under a passphrase in a\n"
			"new file, and print the line that stands under [member …] in the\n"
			"bureau's file. One key serves for any number of elections.",
		.option = options,
	};

	return cli_run(&usage, argc, argv, work, &k);
}
