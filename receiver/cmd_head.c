/* SPDX-License-Identifier: MIT */
#include "receiver/cmd.h"

#include "core/cli.h"
#include "receiver/box.h"
#include "receiver/clock.h"
#include "receiver/signer.h"

static enum err print_head(const char *folder, struct why *why)
{
	struct buf line = BUF_INIT(4096);
	struct clock clock = { 0 };
	struct signer *signer = NULL;
	struct box *box = NULL;
	struct box_txn t;
	struct head head;
	uint64_t now;
	enum err e;

	e = box_open(&box, folder, BOX_READ, 0, why);
	if (!e)
		e = signer_open(&signer, folder, why);
	if (!e)
		e = clock_open(&clock, folder, NULL, NULL, why);
	if (!e)
		e = clock_now(&clock, &now, why);
	if (!e) {
		e = box_look(&t, box);
		if (!e)
			box_head(&head, &t, now, signer->secret);
		box_abort(&t);
	}
	if (!e) {
		head_write(&line, &head);
		buf_addc(&line, '\n');
		e = buf_err(&line);
	}
	if (!e)
		cli_out_bytes(buf_text(&line), line.len);
	clock_close(&clock);
	signer_free(signer);
	box_close(box);
	buf_free(&line);
	return e;
}

int cmd_head(int argc, char **argv)
{
	const char *folder = ".";
	const struct option_row options[] = {
		{ "box", OPTION_TEXT, &folder, "DIR", "the box's folder", 0, 0 },
		{ 0 },
	};
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
	struct why why = { 0 };
	int first, status = cli_options(&usage, argc, argv, &first);
	enum err e;

	if (status >= 0)
		return status;
	e = print_head(folder, &why);
	if (!e)
		e = cli_flush(&why);
	return e ? cli_fail(usage.name, e, &why) : 0;
}
