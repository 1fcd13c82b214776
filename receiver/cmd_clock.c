/* SPDX-License-Identifier: MIT */
#include "receiver/cmd.h"

#include "core/text.h"

#define LOCK_PATIENCE 10

struct asking {
	const char *folder;
	bool confirm;
};

static enum err confirm(const char *folder, struct why *why)
{
	struct errand errand;
	struct outcome out = { 0 };
	enum err e = cmd_errand(&errand, folder, true, LOCK_PATIENCE, why);

	if (!e) {
		errand_do(&errand, ORDER_CONFIRM, "", 0, &out);
		e = out.e;
		*why = out.why;
	}
	errand_end(&errand);
	return e;
}

static enum err tell_time(void *context, char **operand, struct why *why)
{
	const struct asking *a = context;
	char text[TIME_TEXT];
	uint64_t now;
	enum err e = OK;

	(void)operand;
	if (a->confirm)
		e = confirm(a->folder, why);
	if (!e)
		e = cmd_now(&now, a->folder, why);
	if (!e) {
		time_write(text, now);
		cli_out("%s\n", text);
	}
	return e;
}

int cmd_clock(int argc, char **argv)
{
	struct asking a = { .folder = "." };
	const struct option_row options[] = {
		CMD_BOX(a.folder),
		{ "confirm", OPTION_FLAG, &a.confirm, NULL, "the time is right: go on from here", 0,
		  0 },
		{ 0 },
	};
	const struct usage usage = {
		"votepost-receiver clock",
		"",
		0,
		0,
		"Prints the time, or says that the clock has leapt: it is then held against the\n"
		"machine's boot clock and found more than a minute off, and all mail is handed "
		"back\n"
		"until you have checked the time and confirm it.",
		options
	};

	return cli_run(&usage, argc, argv, tell_time, &a);
}
