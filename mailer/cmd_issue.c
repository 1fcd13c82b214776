/* SPDX-License-Identifier: MIT */
#include "core/progress.h"
#include "mailer/cmd.h"
#include "mailer/issue.h"
#include "mailer/journal.h"
#include "mailer/whom.h"

static enum err derive(const struct cmd *c, struct roll *roll, struct why *why)
{
	struct progress *p = progress_start("credentials", c->m->members);
	enum err e = issue_write(c->path, c->m, roll, c->keys, cmd_step, p, why);

	progress_end(p);
	return e ? e : whom_make(c->path, c->m, roll, c->keys, why);
}

static enum err issue(void *context, char **operand, struct why *why)
{
	struct cmd *c = context;
	struct roll *roll = NULL;
	enum err e = cmd_begin(c, CMD_ALONE | CMD_SEALED, why);

	(void)operand;
	if (!e)
		e = roll_open(&roll, c->path, why);
	if (!e)
		e = cmd_unlock(c, KEYS_TOKEN, "issue", why);
	if (!e)
		e = derive(c, roll, why);
	if (!e) {
		const struct journal_count count = { "issued", c->m->members };

		e = journal_add(c->path, "issue", "credentials and handles were written", &count, 1,
		                why);
	}
	if (!e)
		cli_say("%llu credentials in %s/" HOME_ISSUED ", the handles in %s/" HOME_HANDLES
		        ": give both to the receiver, with " HOME_MANIFEST,
		        (unsigned long long)c->m->members, c->path, c->path);
	roll_close(roll);
	cmd_end(c);
	return e;
}

int cmd_issue(int argc, char **argv)
{
	struct cmd c = CMD_INIT;
	const struct option_row options[] = { CMD_HOME(&c), CMD_UNLOCK(&c), { 0 } };
	const struct usage usage = {
		"votepost-mailer issue",
		"",
		0,
		0,
		"Derive every member's public credential and write them, sorted and signed, for "
		"the\n"
		"board; and the handles for the receiver. Neither says who is who. May be\n"
		"repeated: the same comes out.",
		options,
	};

	return cli_run(&usage, argc, argv, issue, &c);
}
