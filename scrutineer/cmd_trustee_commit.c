/* SPDX-License-Identifier: MIT */
#include "core/cli.h"
#include "core/sandbox.h"
#include "core/secret.h"
#include "scrutineer/cmd.h"
#include "scrutineer/trusteehome.h"

static const char NAME[] = "votepost-scrutineer trustee commit";

struct commit {
	const char *home, *name, *ceremony, *passphrase_file;
	uint64_t trustee, threshold, trustees;
};

static int commit(const struct commit *c)
{
	const struct trustee_place place = {
		.ceremony = c->ceremony,
		.name = c->name,
		.number = (unsigned)c->trustee,
		.threshold = (unsigned)c->threshold,
		.count = (unsigned)c->trustees,
	};
	struct passphrase *passphrase = NULL;
	struct why why = { 0 };
	enum err e = sandbox_enter(SANDBOX_OFFLINE, &why);

	if (!e)
		e = passphrase_get(&passphrase, c->passphrase_file,
		                   "A passphrase for this trustee's secrets: ", 1, &why);
	if (!e)
		e = trusteehome_create(c->home, &place, passphrase, &why);
	secret_free(passphrase);
	if (e)
		return cli_fail(NAME, e, &why);
	cli_out("%s/commit-%u.json\n", c->home, place.number);
	cli_say("Send commit-%u.json to all trustees, and keep this folder to yourself: what it "
	        "holds is needed until the votes are counted.",
	        place.number);
	return 0;
}

int cmd_trustee_commit(int argc, char **argv)
{
	struct commit c = { .home = "." };
	const struct option_row options[] = {
		{ "home", OPTION_TEXT, &c.home, "DIR", "the trustee's own folder, made here", 0,
		  0 },
		{ "name", OPTION_TEXT, &c.name, "NAME", "the trustee's name, as published", 0, 0 },
		{ "ceremony", OPTION_TEXT, &c.ceremony, "TEXT",
		  "what the organiser calls this ceremony; the same for all", 0, 0 },
		{ "trustee", OPTION_NUMBER, &c.trustee, "I", "this trustee's number, from 1", 1,
		  TRUSTEES_MAX },
		{ "threshold", OPTION_NUMBER, &c.threshold, "K",
		  "how many are needed to count: more than half", 1, TRUSTEES_MAX },
		{ "trustees", OPTION_NUMBER, &c.trustees, "N", "how many there are", 1,
		  TRUSTEES_MAX },
		{ "passphrase-file", OPTION_TEXT, &c.passphrase_file, "FILE",
		  "instead of asking on the terminal", 0, 0 },
		{ NULL, OPTION_FLAG, NULL, NULL, NULL, 0, 0 },
	};
	const struct usage usage = {
		.name = NAME,
		.operands = "",
		.help = "Draw this trustee's secrets, seal them under a passphrase, and write\n"
			"commit-I.json, the hash of the public part. Nobody reveals anything\n"
			"before all trustees have committed.",
		.option = options,
	};
	int first, status = cli_options(&usage, argc, argv, &first);

	if (status >= 0)
		return status;
	if (!c.name || !c.ceremony || !c.trustee || !c.threshold || !c.trustees) {
		struct why why = { 0 };

		return cli_fail(NAME,
		                why_set(&why, ERR_USAGE,
		                        "--name, --ceremony, --trustee, --threshold and "
		                        "--trustees are all needed"),
		                &why);
	}
	return commit(&c);
}
