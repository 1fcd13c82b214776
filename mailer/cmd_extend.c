/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/text.h"
#include "mailer/changes.h"
#include "mailer/cmd_mail.h"
#include "mailer/journal.h"

#define USUAL (30 * 86400u) /* seconds that a vote may go on longer without a question */

struct extend {
	struct cmd cmd;
	struct cmd_mail mail;
	struct cmd_board board;
	bool announce, yes;
	uint64_t until;
	bool planned; /* already, by an earlier run */
};

static enum err check_until(const struct extend *x, struct why *why)
{
	const struct amend_counts counts = amend_counts(x->mail.members.amend);
	uint64_t closes = amend_closes(x->mail.members.amend, x->cmd.m);
	uint64_t now = (uint64_t)time(NULL);
	char text[TIME_TEXT];

	/* One that is planned may stand by now, and the receiver takes none that is earlier. */
	if (counts.next_closes && x->until < counts.next_closes) {
		time_write(text, counts.next_closes);
		return why_set(why, ERR_USAGE, "%s is planned already: that is not later", text);
	}
	time_write(text, closes);
	if (x->until <= closes)
		return why_set(why, ERR_USAGE, "the vote closes at %s: that is not later", text);
	if (now >= closes && now >= counts.next_closes)
		return why_set(why, ERR_STATE, "the vote closed at %s: what is closed stays closed",
		               text);
	return OK;
}

/* A slip in the year would keep the vote open, and its count away, for as long. */
static enum err ask(const struct extend *x, struct why *why)
{
	uint64_t closes = amend_closes(x->mail.members.amend, x->cmd.m);
	char text[TIME_TEXT], question[200];

	if (x->yes || x->until - closes <= USUAL)
		return OK;
	time_write(text, x->until);
	snprintf(
		question, sizeof(question),
		"Keep the vote open until %s, %llu days longer? Once it is applied, this cannot be "
		"undone, and nobody can count before",
		text, (unsigned long long)(x->until - closes) / 86400);
	if (cli_confirm(question))
		return OK;
	return why_set(why, ERR_USAGE,
	               "not done: %s is %llu days later, and once it is applied it cannot be "
	               "undone, nor can anybody count before; if you mean it, say --yes",
	               text, (unsigned long long)(x->until - closes) / 86400);
}

/* In the journal before it is done: what was not told was not done. */
static enum err plan(struct extend *x, struct why *why)
{
	struct amend *amend = x->mail.members.amend;
	char text[TIME_TEXT], purpose[64];
	enum err e;

	time_write(text, x->until);
	snprintf(purpose, sizeof(purpose), "until %s", text);
	e = journal_add(x->cmd.path, "extend", purpose, NULL, 0, why);
	if (e)
		return e;
	amend_begin(amend);
	amend_plan_closes(amend, x->until);
	return amend_commit(amend, why);
}

/* Plan it, and sign it into changes.ndjson; the file again where it is planned already. */
static enum err sign(struct extend *x, struct why *why)
{
	uint64_t lines;
	enum err e = x->planned ? OK : plan(x, why);

	if (!e)
		e = cmd_members_changes(&x->mail.members, &x->cmd, &lines, why);
	if (!e)
		cli_say("give %s/" CHANGES_FILE " to the receiver (votepost-receiver apply) before "
		        "the vote closes; once a board shows it: votepost-mailer extend --announce",
		        x->cmd.path);
	return e;
}

static enum err extend_until(struct extend *x, const char *until, struct why *why)
{
	enum err e = OK;

	if (time_read(&x->until, until, strlen(until)))
		e = why_set(why, ERR_USAGE, "%s: write the time like 2026-12-01T12:00:00Z, in UTC",
		            until);
	if (!e)
		e = cmd_members_open(&x->mail.members, &x->cmd, why);
	if (!e)
		e = check_until(x, why);
	if (!e)
		e = ask(x, why);
	if (!e)
		x->planned = x->until == amend_counts(x->mail.members.amend).next_closes;
	if (!e)
		e = cmd_unlock(&x->cmd, KEYS_TOKEN, "extend", why);
	if (!e)
		e = sign(x, why);
	return e;
}

static enum err mail(struct extend *x, struct why *why)
{
	const uint64_t closes = amend_closes(x->mail.members.amend, x->cmd.m);
	struct campaign c = cmd_mail_campaign(&x->mail, &x->cmd, &x->board);
	struct cmd_mailing one = { .mailing = { MAILING_EXTENSION, closes },
		                   .event = "announce",
		                   .purpose = "a later closing time by outcome" };
	enum err e;

	c.context = progress_start("members", c.m->members);
	e = campaign_extend(&c, closes, why);
	progress_end(c.context);
	one.only = c.due[0];
	if (!e && one.only)
		e = cmd_mail_run(&x->mail, &x->cmd, &one, why);
	else if (!e)
		cli_say("everyone who has a letter and has not voted knows it");
	campaign_end(&c);
	return e;
}

static enum err announce(struct extend *x, struct why *why)
{
	enum err e = cmd_mail_open(&x->mail, &x->cmd, why);

	if (!e)
		e = cmd_board_read(&x->board, &x->cmd, true, why);
	if (!e)
		e = cmd_members_in_time(&x->mail.members, &x->cmd, &x->board,
		                        "there is nothing to announce", why);
	if (!e) {
		cmd_board_say(&x->board);
		e = cmd_unlock(&x->cmd, KEYS_TOKEN, "announce", why);
	}
	if (!e)
		e = cmd_mail_settle(&x->mail, &x->cmd, &x->board, why);
	if (!e && amend_closes(x->mail.members.amend, x->cmd.m) <= x->cmd.m->closes)
		e = why_set(why, ERR_STATE, "no later closing time stands on this board");
	if (!e)
		e = mail(x, why);
	return e;
}

static enum err extend(void *context, char **operand, struct why *why)
{
	struct extend *x = context;
	enum err e = cmd_begin(&x->cmd, CMD_ALONE | CMD_SEALED, why);

	if (!e && x->announce == (operand[0] != NULL))
		e = why_set(why, ERR_USAGE, "either the new closing time, or --announce");
	if (!e)
		e = x->announce ? announce(x, why) : extend_until(x, operand[0], why);
	cmd_mail_close(&x->mail);
	cmd_board_end(&x->board);
	cmd_end(&x->cmd);
	return e;
}

int cmd_extend(int argc, char **argv)
{
	struct extend x = { .cmd = CMD_INIT };
	const struct option_row options[] = {
		CMD_HOME(&x.cmd),
		{ "announce", OPTION_FLAG, &x.announce, NULL,
		  "mail it to everyone who has not voted; needs the board", 0, 0 },
		{ "yes", OPTION_FLAG, &x.yes, NULL,
		  "do not ask, where UNTIL is more than 30 days later", 0, 0 },
		CMD_SETTINGS(&x.mail),
		CMD_LIMIT(&x.mail),
		CMD_BOARD(&x.board),
		CMD_UNLOCK(&x.cmd),
		{ 0 },
	};
	const struct usage usage = {
		"votepost-mailer extend",
		"[UNTIL]",
		0,
		1,
		"Put the closing time off, to UNTIL: a time in UTC like 2026-12-03T18:00:00Z. The\n"
		"signed line goes into changes.ndjson and must stand on the board before the vote\n"
		"closes. Then tell the members: votepost-mailer extend --announce --board FILE\n"
		"--head FILE, which is safe to repeat.",
		options,
	};

	return cli_run(&usage, argc, argv, extend, &x);
}
