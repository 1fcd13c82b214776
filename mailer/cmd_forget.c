/* SPDX-License-Identifier: MIT */
#include <time.h>

#include "core/text.h"
#include "mailer/cmd.h"
#include "mailer/journal.h"
#include "mailer/whom.h"

struct forget {
	struct cmd cmd;
	bool yes;
};

static enum err ask(const struct forget *f, struct why *why)
{
	if (f->yes ||
	    cli_confirm("Destroy the token keys? Nobody can be mailed, and nobody can tell "
	                "who has voted, ever after"))
		return OK;
	return why_set(
		why, ERR_USAGE,
		"not done: the attendance list must be drawn up, and the time for objections "
		"be over; then say --yes");
}

static void say_destroyed(bool before, uint64_t at)
{
	char text[TIME_TEXT];

	time_write(text, at);
	cli_say("%s %s. What is left: copies and backups of this folder, and what a disk keeps of "
	        "an "
	        "old file. Destroy those; where officers hold shares, let each destroy theirs once "
	        "the last ledger is out: then no copy opens any more",
	        before ? "the token keys were destroyed already, on" : "destroyed on", text);
}

/* In the journal first: what was not told was not done. */
static enum err destroy(struct forget *f, struct why *why)
{
	const struct journal_count count = { "keys", f->cmd.keys->epochs };
	const bool before = f->cmd.keys->forgotten;
	enum err e = OK;

	if (!before)
		e = journal_add(f->cmd.path, "forget", "the token keys were destroyed", &count, 1,
		                why);
	if (!e)
		e = whom_forget(f->cmd.path, f->cmd.m, why);
	if (!e)
		e = keys_forget(f->cmd.keys, f->cmd.path, f->cmd.passphrase, (uint64_t)time(NULL),
		                why);
	if (!e)
		say_destroyed(before, f->cmd.keys->forgotten);
	return e;
}

static enum err forget(void *context, char **operand, struct why *why)
{
	struct forget *f = context;
	enum err e = cmd_begin(&f->cmd, CMD_ALONE | CMD_SEALED, why);

	(void)operand;
	if (!e)
		e = ask(f, why);
	if (!e)
		e = cmd_unlock(&f->cmd, KEYS_SIGN, "forget", why);
	if (!e)
		e = destroy(f, why);
	cmd_end(&f->cmd);
	return e;
}

int cmd_forget(int argc, char **argv)
{
	struct forget f = { .cmd = CMD_INIT };
	const struct option_row options[] = {
		CMD_HOME(&f.cmd),
		{ "yes", OPTION_FLAG, &f.yes, NULL, "do not ask", 0, 0 },
		CMD_UNLOCK(&f.cmd),
		{ 0 },
	};
	const struct usage usage = {
		"votepost-mailer forget",
		"",
		0,
		0,
		"After the close, when the attendance list is signed and the time for objections "
		"is\n"
		"over: destroy the keys that tokens and handles are made with. The journal tells "
		"it.\n"
		"The key that signs the ledger stays. This cannot be undone, and it does not "
		"reach\n"
		"copies of the folder.",
		options,
	};

	f.cmd.seals = true;
	return cli_run(&usage, argc, argv, forget, &f);
}
