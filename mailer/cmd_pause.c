/* SPDX-License-Identifier: MIT */
#include "mailer/brake.h"
#include "mailer/cmd.h"

static enum err pull(void *context, char **operand, struct why *why)
{
	struct cmd *c = context;
	enum err e = cmd_begin(c, 0, why);
	bool was = false;

	(void)operand;
	if (!e)
		e = brake_pull(c->path, &was, why);
	if (!e)
		cli_say(was ? "it was paused already"
		            : "paused: letters under way are finished, no other leaves before "
		              "votepost-mailer resume");
	cmd_end(c);
	return e;
}

static enum err let_go(void *context, char **operand, struct why *why)
{
	struct cmd *c = context;
	enum err e = cmd_begin(c, 0, why);
	bool was = false;

	(void)operand;
	if (!e)
		e = brake_let_go(c->path, &was, why);
	if (!e)
		cli_say(was ? "a run that was held goes on; where none is running, send again"
		            : "it was not paused");
	cmd_end(c);
	return e;
}

int cmd_pause(int argc, char **argv)
{
	struct cmd c = CMD_INIT;
	const struct option_row options[] = { CMD_HOME(&c), { 0 } };
	const struct usage usage = {
		"votepost-mailer pause",
		"",
		0,
		0,
		"Hold every mailing of this home, also one that runs in another terminal: it\n"
		"finishes the letters under way and waits. It stays so over restarts, until\n"
		"resume. No passphrase is needed.",
		options,
	};

	return cli_run(&usage, argc, argv, pull, &c);
}

int cmd_resume(int argc, char **argv)
{
	struct cmd c = CMD_INIT;
	const struct option_row options[] = { CMD_HOME(&c), { 0 } };
	const struct usage usage = {
		"votepost-mailer resume",
		"",
		0,
		0,
		"Let go what pause holds. A run that waits goes on by itself. No passphrase is\n"
		"needed.",
		options,
	};

	return cli_run(&usage, argc, argv, let_go, &c);
}
