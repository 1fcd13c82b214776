/* SPDX-License-Identifier: MIT */
#include "receiver/cmd.h"

#define LOCK_PATIENCE 60

static enum err close_box(void *context, char **operand, struct why *why)
{
	const char *const *folder = context;
	struct errand errand;
	struct outcome out = { 0 };
	enum err e = cmd_errand(&errand, *folder, false, LOCK_PATIENCE, why);

	(void)operand;
	if (!e) {
		errand_do(&errand, ORDER_CLOSE, "", 0, &out);
		*why = out.why;
		e = out.e;
	}
	errand_end(&errand);
	if (!e && out.entry == ENTRY_EARLY)
		e = why_set(why, ERR_STATE, "the closing time is not there yet");
	if (!e)
		cli_say(out.entry == ENTRY_ALREADY ? "The box was closed already."
		                                   : "The box is closed.");
	return e;
}

int cmd_close(int argc, char **argv)
{
	const char *folder = ".";
	const struct option_row options[] = { CMD_BOX(folder), { 0 } };
	const struct usage usage = {
		"votepost-receiver close",
		"",
		0,
		0,
		"Takes in the mails that arrived before the closing time and are still in hand, "
		"then\n"
		"writes the last time and the closed line. Refuses before the closing time. Look "
		"at\n"
		"your mail server's queue first: what waits there arrives too late after this.",
		options
	};

	return cli_run(&usage, argc, argv, close_box, &folder);
}
