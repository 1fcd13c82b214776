/* SPDX-License-Identifier: MIT */
#include "receiver/cmd.h"

#include <errno.h>
#include <sys/stat.h>

#include "core/file.h"

#define KEY_LINE_MAX 4096

static enum err make_key(void *context, char **operand, struct why *why)
{
	const char *const *folder = context;
	struct buf line = BUF_INIT(KEY_LINE_MAX);
	enum err e = OK;

	(void)operand;
	if (mkdir(*folder, 0700) && errno != EEXIST)
		e = file_trouble(why, *folder, errno);
	if (!e)
		e = signer_make(&line, *folder, why);
	if (!e)
		cli_out_bytes(buf_text(&line), line.len);
	buf_free(&line);
	return e;
}

int cmd_key(int argc, char **argv)
{
	const char *folder = ".";
	const struct option_row options[] = {
		{ "box", OPTION_TEXT, &folder, "DIR",
		  "the box's folder; made where it is not there", 0, 0 },
		{ 0 },
	};
	const struct usage usage = {
		"votepost-receiver key",
		"",
		0,
		0,
		"Makes the receiver's signing key and prints receiver.json, its public half, "
		"which\n"
		"the mailer needs to seal the manifest. The key itself stays in the box's folder,\n"
		"in receiver.key, for its owner alone.",
		options
	};

	return cli_run(&usage, argc, argv, make_key, &folder);
}
