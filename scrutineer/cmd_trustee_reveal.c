/* SPDX-License-Identifier: MIT */
#include "core/cli.h"
#include "core/sandbox.h"
#include "scrutineer/cmd.h"
#include "scrutineer/collected.h"
#include "scrutineer/trusteehome.h"

static const char NAME[] = "votepost-scrutineer trustee reveal";

static int reveal(const char *home, const char *passphrase_file, char *const *commits, unsigned n)
{
	struct trusteehome h = { 0 };
	struct why why = { 0 };
	enum err e = sandbox_enter(SANDBOX_OFFLINE, &why);

	if (!e)
		e = trusteehome_open(&h, home, passphrase_file, &why);
	if (!e)
		e = collected_reveal(&h, commits, n, &why);
	if (!e) {
		cli_out("%s/reveal-%u.json\n", home, h.number);
		cli_say("Send reveal-%u.json to the organiser and to all trustees.", h.number);
	}
	trusteehome_close(&h);
	return e ? cli_fail(NAME, e, &why) : 0;
}

int cmd_trustee_reveal(int argc, char **argv)
{
	const char *home = ".", *passphrase_file = NULL;
	const struct option_row options[] = {
		{ "home", OPTION_TEXT, &home, "DIR", "the trustee's own folder", 0, 0 },
		{ "passphrase-file", OPTION_TEXT, &passphrase_file, "FILE",
		  "instead of asking on the terminal", 0, 0 },
		{ NULL, OPTION_FLAG, NULL, NULL, NULL, 0, 0 },
	};
	const struct usage usage = {
		.name = NAME,
		.operands = "COMMIT…",
		.least = 1,
		.most = TRUSTEES_MAX,
		.help = "Once the commit files of all trustees are in, this trustee's own among\n"
			"them: keep them, and write reveal-I.json, the public part.",
		.option = options,
	};
	int first, status = cli_options(&usage, argc, argv, &first);

	if (status >= 0)
		return status;
	return reveal(home, passphrase_file, argv + first, (unsigned)(argc - first));
}
