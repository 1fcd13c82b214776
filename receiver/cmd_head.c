/* SPDX-License-Identifier: MIT */
#include "receiver/cmd.h"

#define HEAD_LINE_MAX 4096

static enum err print_head(void *context, char **operand, struct why *why)
{
	const char *const *folder = context;
	struct buf line = BUF_INIT(HEAD_LINE_MAX);
	struct cmd_look look;
	enum err e = cmd_look(&look, *folder, why);

	(void)operand;
	if (!e)
		e = cmd_look_head(&line, &look);
	if (!e)
		cli_out_bytes(buf_text(&line), line.len);
	cmd_look_end(&look);
	buf_free(&line);
	return e;
}

int cmd_head(int argc, char **argv)
{
	const char *folder = ".";
	const struct option_row options[] = { CMD_BOX(folder), { 0 } };
	const struct usage usage = {
		"votepost-receiver head",
		"",
		0,
		0,
		"Prints a signed head of the board as it stands: give it to witnesses during the "
		"vote,\n"
		"and nobody can change what stood before it. Works beside a running `serve`.",
		options
	};

	return cli_run(&usage, argc, argv, print_head, &folder);
}
