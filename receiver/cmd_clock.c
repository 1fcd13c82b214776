/* SPDX-License-Identifier: MIT */
#include "receiver/cmd.h"

#include "core/cli.h"
#include "core/text.h"
#include "receiver/errand.h"

#define LOCK_PATIENCE 10

static enum err confirm(const char *folder, struct why *why)
{
	struct errand errand;
	struct outcome out = { 0 };
	enum err e;

	e = errand_begin(&errand,
	                 &(struct desk_plan){ .folder = folder,
	                                      .quick = true,
	                                      .patience = LOCK_PATIENCE,
	                                      .cores = 1,
	                                      .trouble = cmd_trouble },
	                 why);
	if (!e) {
		errand_do(&errand, ORDER_CONFIRM, "", 0, &out);
		e = out.e;
		*why = out.why;
	}
	errand_end(&errand);
	return e;
}

int cmd_clock(int argc, char **argv)
{
	const char *folder = ".";
	bool yes = false;
	const struct option_row options[] = {
		{ "box", OPTION_TEXT, &folder, "DIR", "the box's folder", 0, 0 },
		{ "confirm", OPTION_FLAG, &yes, NULL, "the time is right: go on from here", 0, 0 },
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
	struct why why = { 0 };
	struct clock clock = { 0 };
	char text[TIME_TEXT];
	uint64_t now;
	int first, status = cli_options(&usage, argc, argv, &first);
	enum err e = OK;

	if (status >= 0)
		return status;
	if (yes)
		e = confirm(folder, &why);
	if (!e)
		e = clock_open(&clock, folder, NULL, NULL, &why);
	if (!e)
		e = clock_now(&clock, &now, &why);
	clock_close(&clock);
	if (!e) {
		time_write(text, now);
		cli_out("%s\n", text);
		e = cli_flush(&why);
	}
	return e ? cli_fail(usage.name, e, &why) : 0;
}
