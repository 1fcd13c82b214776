/* SPDX-License-Identifier: MIT */
#include "receiver/cmd.h"

#include <errno.h>
#include <sys/stat.h>

#include "core/cli.h"
#include "core/file.h"
#include "receiver/signer.h"

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
	struct buf line = BUF_INIT(4096);
	struct why why = { 0 };
	int first, status = cli_options(&usage, argc, argv, &first);
	enum err e = OK;

	if (status >= 0)
		return status;
	if (mkdir(folder, 0700) && errno != EEXIST)
		e = file_trouble(&why, folder, errno);
	if (!e)
		e = signer_make(&line, folder, &why);
	if (!e) {
		cli_out_bytes(buf_text(&line), line.len);
		e = cli_flush(&why);
	}
	buf_free(&line);
	return e ? cli_fail(usage.name, e, &why) : 0;
}
