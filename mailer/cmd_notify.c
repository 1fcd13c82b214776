/* SPDX-License-Identifier: MIT */
#include "mailer/cmd_mail.h"

struct notify {
	struct cmd cmd;
	struct cmd_mail mail;
	struct cmd_board board;
};

static enum err mail(struct notify *n, struct why *why)
{
	struct campaign c = cmd_mail_campaign(&n->mail, &n->cmd, &n->board);
	struct cmd_mailing one = { .mailing = { MAILING_NOTICE, 0 },
		                   .event = "notify",
		                   .purpose = "notices by outcome" };
	enum err e;

	c.context = progress_start("members", c.m->members);
	e = campaign_notify(&c, why);
	progress_end(c.context);
	one.only = c.due[0];
	if (!e && one.only)
		e = cmd_mail_run(&n->mail, &n->cmd, &one, why);
	else if (!e)
		cli_say("everyone with a ballot on this board has had a notice");
	campaign_end(&c);
	return e;
}

static enum err notify(void *context, char **operand, struct why *why)
{
	struct notify *n = context;
	enum err e = cmd_begin(&n->cmd, CMD_ALONE | CMD_SEALED, why);

	(void)operand;
	if (!e)
		e = cmd_mail_open(&n->mail, &n->cmd, why);
	if (!e)
		e = cmd_board_read(&n->board, &n->cmd, true, why);
	if (!e) {
		cmd_board_say(&n->board);
		e = cmd_unlock(&n->cmd, KEYS_TOKEN, "notify", why);
	}
	if (!e)
		e = cmd_mail_settle(&n->mail, &n->cmd, &n->board, why);
	if (!e)
		e = mail(n, why);
	cmd_mail_close(&n->mail);
	cmd_board_end(&n->board);
	cmd_end(&n->cmd);
	return e;
}

int cmd_notify(int argc, char **argv)
{
	struct notify n = { .cmd = CMD_INIT };
	const struct option_row options[] = {
		CMD_HOME(&n.cmd),    CMD_SETTINGS(&n.mail), CMD_LIMIT(&n.mail),
		CMD_BOARD(&n.board), CMD_UNLOCK(&n.cmd),    { 0 },
	};
	const struct usage usage = {
		"votepost-mailer notify",
		"",
		0,
		0,
		"Tell each member for whom a ballot stands on this board that one was received,\n"
		"once: whoever did not vote then knows that somebody else did. Says neither what\n"
		"was chosen nor when. Safe to repeat with newer boards while the vote runs.",
		options,
	};

	return cli_run(&usage, argc, argv, notify, &n);
}
