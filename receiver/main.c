/* SPDX-License-Identifier: MIT */
#include "core/cli.h"
#include "core/group.h"
#include "receiver/cmd.h"

static const struct command commands[] = {
	{ "key", cmd_key, "make the receiver's signing key, print its public file" },
	{ "open", cmd_open, "make the ballot box from the sealed election" },
	{ "serve", cmd_serve, "take replies by LMTP and ballots by link until told to stop" },
	{ "deliver", cmd_deliver, "take one mail from standard input; exit 0 or 75" },
	{ "apply", cmd_apply, "enter the mailer's replaced and extended lines" },
	{ "head", cmd_head, "print a signed head of the board" },
	{ "close", cmd_close, "write the last lines, after the closing time" },
	{ "record", cmd_record, "write the public record to a folder" },
	{ "status", cmd_status, "how many mails came, by verdict" },
	{ "clock", cmd_clock, "look at the clock, or say that it is right" },
	{ NULL, NULL, NULL },
};

int main(int argc, char **argv)
{
	static const struct program program = {
		"votepost-receiver",
		"Takes ballots by mail and by link, each token once, and keeps the public board.",
		commands,
	};

	group_init();
	return cli_main(&program, argc, argv);
}
