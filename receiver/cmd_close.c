/* SPDX-License-Identifier: MIT */
#include "receiver/cmd.h"

#include "core/file.h"
#include "receiver/options.h"

#define LOCK_PATIENCE 60

struct closing {
	const char *folder, *settings;
	bool no_mailbox;
	struct options options;
	struct errand errand;
};

/* Where no `serve` runs, a mailbox that it would have emptied is emptied by us: it takes the
 * settings, and all that mails take. Without settings nobody knows whether there is one, and what
 * lies in it would be late for good. */
static enum err begin_with_mailbox(struct closing *c, struct why *why)
{
	struct buf path = BUF_INIT(4096);
	bool there = c->settings || file_there(file_path(&path, c->folder, "receiver.conf"));
	enum err e = buf_err(&path);

	if (!e && !there)
		e = why_set(why, ERR_SETTINGS,
		            "no serve is running, and %s is not there to say whether replies lie "
		            "in a mailbox ([imap]): name the settings that serve had with "
		            "--settings, or close with --no-mailbox",
		            buf_text(&path));
	buf_free(&path);
	if (e)
		return e;
	e = options_read(&c->options, c->folder, c->settings, why);
	if (e || !c->options.imap.host[0])
		return e;
	errand_end(&c->errand);
	return errand_begin(&c->errand,
	                    &(struct desk_plan){ .folder = c->folder,
	                                         .options = &c->options,
	                                         .patience = LOCK_PATIENCE,
	                                         .cores = 1,
	                                         .trouble = cmd_trouble },
	                    why);
}

/* What was decided for the close may wait for its answer. That it waits on is no trouble of the
 * close's. */
static void answer_mails(struct closing *c)
{
	struct outcome out;

	errand_do(&c->errand, ORDER_ANSWER, "", 0, &out);
	if (out.e)
		cli_say("Some mails still wait for their answer, or to be removed: %s. Start "
		        "serve; "
		        "it goes on trying.",
		        out.why.text[0] ? out.why.text : err_text(out.e));
}

static enum err close_box(void *context, char **operand, struct why *why)
{
	struct closing *c = context;
	struct outcome out = { 0 };
	bool decided;
	enum err e = cmd_errand(&c->errand, c->folder, false, LOCK_PATIENCE, why);

	(void)operand;
	if (!e && c->errand.fd < 0 && !c->no_mailbox)
		e = begin_with_mailbox(c, why);
	if (!e) {
		errand_do(&c->errand, ORDER_CLOSE, "", 0, &out);
		*why = out.why;
		e = out.e;
	}
	decided = !e;
	if (!e && out.entry == ENTRY_EARLY)
		e = why_set(why, ERR_STATE, "the closing time is not there yet");
	if (!e)
		cli_say(out.entry == ENTRY_ALREADY ? "The box was closed already."
		                                   : "The box is closed.");
	if (decided)
		answer_mails(c);
	errand_end(&c->errand);
	options_release(&c->options);
	return e;
}

int cmd_close(int argc, char **argv)
{
	struct closing closing = { .folder = ".", .errand = { .fd = -1 } };
	const struct option_row options[] = {
		CMD_BOX(closing.folder),
		{ "settings", OPTION_TEXT, &closing.settings, "FILE",
		  "instead of DIR/receiver.conf", 0, 0 },
		{ "no-mailbox", OPTION_FLAG, &closing.no_mailbox, NULL,
		  "no serve runs, and no replies lie in a mailbox", 0, 0 },
		{ 0 },
	};
	const struct usage usage = {
		"votepost-receiver close",
		"",
		0,
		0,
		"Takes in the mails that arrived before the closing time and are still in hand, or "
		"in\n"
		"the mailbox that [imap] names, then writes the last time and the closed line.\n"
		"Refuses before the closing time, and while a mail in that mailbox cannot be "
		"read.\n"
		"Look at your mail server's queue first: what waits there arrives too late after "
		"this.",
		options
	};

	return cli_run(&usage, argc, argv, close_box, &closing);
}
