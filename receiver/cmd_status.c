/* SPDX-License-Identifier: MIT */
#include "receiver/cmd.h"

#include <inttypes.h>

#include "core/funnel.h"
#include "core/text.h"

static const char *stage(const struct state *s)
{
	if (s->closed)
		return "closed";
	return s->time ? "open" : "not opened";
}

static void print_json(const struct state *s)
{
	char closes[TIME_TEXT];

	time_write(closes, s->closes);
	cli_out("{\"stage\":\"%s\",\"closes\":\"%s\",\"lines\":%" PRIu64 ",\"issued\":%" PRIu64
	        ",\"ballots\":%" PRIu64 ",\"replaced\":%" PRIu64 ",\"verdicts\":{",
	        stage(s), closes, s->lines, s->issued, s->ballots, s->replaced);
	for (unsigned v = 0; v < VERDICTS; v++)
		cli_out("%s\"%s\":%" PRIu64, v ? "," : "", verdict_name((enum verdict)v),
		        s->verdict[v]);
	cli_out("},\"channels\":{");
	for (unsigned c = 0; c < CHANNELS; c++)
		cli_out("%s\"%s\":%" PRIu64, c ? "," : "", channel_name((enum channel)c),
		        s->channel[c]);
	cli_out("}}\n");
}

static void print_people(const struct box *box, const struct state *s)
{
	char closes[TIME_TEXT];
	uint64_t came = 0;

	time_write(closes, s->closes);
	for (unsigned v = 0; v < VERDICTS; v++)
		came += s->verdict[v];
	cli_out("election   %s\n", box->m->fingerprint);
	cli_out("stage      %s, closes %s\n", stage(s), closes);
	cli_out("board      %" PRIu64 " lines, %" PRIu64 " credentials, %" PRIu64
	        " ballots, %" PRIu64 " replaced\n",
	        s->lines, s->issued, s->ballots, s->replaced);
	for (unsigned c = 0; c < CHANNELS; c++)
		if (box->m->channel[c])
			cli_out("           %8" PRIu64 " by %s\n", s->channel[c],
			        channel_name((enum channel)c));
	cli_out("came       %8" PRIu64 " mails and posts\n", came);
	for (unsigned v = 0; v < VERDICTS; v++)
		cli_out("           %8" PRIu64 " %s\n", s->verdict[v],
		        verdict_name((enum verdict)v));
}

struct asking {
	const char *folder;
	bool json;
};

static enum err status(void *context, char **operand, struct why *why)
{
	const struct asking *a = context;
	struct box *box = NULL;
	struct box_txn t;
	enum err e = box_open(&box, a->folder, BOX_READ, 0, why);

	(void)operand;
	if (!e) {
		e = box_look(&t, box);
		box_abort(&t);
	}
	if (!e && a->json)
		print_json(&t.state);
	else if (!e)
		print_people(box, &t.state);
	box_close(box);
	return e;
}

int cmd_status(int argc, char **argv)
{
	struct asking a = { .folder = "." };
	const struct option_row options[] = {
		CMD_BOX(a.folder),
		{ "json", OPTION_FLAG, &a.json, NULL, "for programs", 0, 0 },
		{ 0 },
	};
	const struct usage usage = {
		"votepost-receiver status",
		"",
		0,
		0,
		"Shows where the vote stands, and the funnel: every mail and post is "
		"in exactly one verdict.\n"
		"Works beside a running `serve`.",
		options
	};

	return cli_run(&usage, argc, argv, status, &a);
}
