/* SPDX-License-Identifier: MIT */
#include "receiver/cmd.h"

#include "core/cli.h"
#include "receiver/errand.h"

#define LOCK_PATIENCE 60

int cmd_close(int argc, char **argv)
{
	const char *folder = ".";
	const struct option_row options[] = {
		{ "box", OPTION_TEXT, &folder, "DIR", "the box's folder", 0, 0 },
		{ 0 },
	};
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
	struct errand errand;
	struct outcome out = { 0 };
	int first, status = cli_options(&usage, argc, argv, &first);
	enum err e;

	if (status >= 0)
		return status;
	e = errand_begin(&errand,
	                 &(struct desk_plan){ .folder = folder,
	                                      .patience = LOCK_PATIENCE,
	                                      .cores = 1,
	                                      .trouble = cmd_trouble },
	                 &out.why);
	if (!e) {
		errand_do(&errand, ORDER_CLOSE, "", 0, &out);
		e = out.e;
	}
	errand_end(&errand);
	if (!e && out.entry == ENTRY_EARLY)
		e = why_set(&out.why, ERR_STATE, "the closing time is not there yet");
	if (e)
		return cli_fail(usage.name, e, &out.why);
	cli_say(out.entry == ENTRY_ALREADY ? "The box was closed already." : "The box is closed.");
	return 0;
}
