/* SPDX-License-Identifier: MIT */
#include "receiver/cmd.h"

#include <inttypes.h>
#include <string.h>

#include "core/cli.h"
#include "core/funnel.h"
#include "core/text.h"
#include "receiver/box.h"

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
	uint64_t mails = 0;

	time_write(closes, s->closes);
	for (unsigned v = 0; v < VERDICTS; v++)
		mails += s->verdict[v];
	cli_out("election   %s\n", box->m->fingerprint);
	cli_out("stage      %s, closes %s\n", stage(s), closes);
	cli_out("board      %" PRIu64 " lines, %" PRIu64 " credentials, %" PRIu64
	        " ballots, %" PRIu64 " replaced\n",
	        s->lines, s->issued, s->ballots, s->replaced);
	for (unsigned c = 0; c < CHANNELS; c++)
		if (box->m->channel[c])
			cli_out("           %8" PRIu64 " by %s\n", s->channel[c],
			        channel_name((enum channel)c));
	cli_out("mails      %8" PRIu64 "\n", mails);
	for (unsigned v = 0; v < VERDICTS; v++)
		cli_out("           %8" PRIu64 " %s\n", s->verdict[v],
		        verdict_name((enum verdict)v));
}

int cmd_status(int argc, char **argv)
{
	const char *folder = ".";
	bool json = false;
	const struct option_row options[] = {
		{ "box", OPTION_TEXT, &folder, "DIR", "the box's folder", 0, 0 },
		{ "json", OPTION_FLAG, &json, NULL, "for programs", 0, 0 },
		{ 0 },
	};
	const struct usage usage = { "votepost-receiver status",
		                     "",
		                     0,
		                     0,
		                     "Shows where the vote stands, and the funnel: every mail is "
		                     "in exactly one verdict.\n"
		                     "Works beside a running `serve`.",
		                     options };
	struct why why = { 0 };
	struct box *box = NULL;
	struct box_txn t;
	int first, status = cli_options(&usage, argc, argv, &first);
	enum err e;

	if (status >= 0)
		return status;
	e = box_open(&box, folder, BOX_READ, 0, &why);
	if (!e) {
		e = box_look(&t, box);
		box_abort(&t);
	}
	if (!e && json)
		print_json(&t.state);
	else if (!e)
		print_people(box, &t.state);
	box_close(box);
	if (!e)
		e = cli_flush(&why);
	return e ? cli_fail(usage.name, e, &why) : 0;
}
