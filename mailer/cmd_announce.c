/* SPDX-License-Identifier: MIT */
#include "mailer/cmd_mail.h"
#include "mailer/refusals.h"

struct announce {
	struct cmd cmd;
	struct cmd_mail mail;
	struct cmd_board board; /* none is needed before anybody votes */
};

/* What was refused for good shows which addresses are dead, with nothing secret at stake; what was
 * refused for another reason, what would become of the letters. */
static enum err say_refused(const struct announce *a, struct why *why)
{
	struct refusals r;
	enum err e = refusals_take(&r, a->cmd.path, (struct mailing){ MAILING_ANNOUNCEMENT, 0 },
	                           a->cmd.m->members, a->mail.members.amend, why);

	if (!e && r.dead)
		cli_say("%llu address%s refused for good: send leaves %s out. Mend %s with "
		        "votepost-mailer reissue --email, or reach %s in another way",
		        (unsigned long long)r.dead, r.dead == 1 ? " was" : "es were",
		        r.dead == 1 ? "it" : "them", r.dead == 1 ? "it" : "them",
		        r.dead == 1 ? "that member" : "those members");
	if (!e && r.unwanted)
		cli_say("%llu%s %s refused for what the mail is or whence it comes, or because "
		        "a mailbox is full: the letters may be, too. Run preflight and ask the "
		        "relay's provider before you send",
		        (unsigned long long)r.unwanted, r.dead ? " more" : "",
		        r.unwanted == 1 ? "was" : "were");
	return e;
}

static enum err mail(struct announce *a, struct why *why)
{
	struct campaign c = cmd_mail_campaign(&a->mail, &a->cmd, &a->board);
	struct cmd_mailing one = { .mailing = { MAILING_ANNOUNCEMENT, 0 },
		                   .event = "announce",
		                   .purpose = "before the letters by outcome" };
	struct why later = { 0 };
	enum err e, after;

	c.context = progress_start("members", c.m->members);
	e = campaign_announce(&c, why);
	progress_end(c.context);
	one.only = c.due[0];
	if (!e && one.only) {
		e = cmd_mail_run(&a->mail, &a->cmd, &one, why);
		after = say_refused(a, e ? &later : why);
		e = e ? e : after;
	} else if (!e) {
		cli_say("everyone has had the announcement, or a letter already");
	}
	campaign_end(&c);
	return e;
}

static enum err announce(void *context, char **operand, struct why *why)
{
	struct announce *a = context;
	enum err e = cmd_begin(&a->cmd, CMD_ALONE | CMD_SEALED, why);

	(void)operand;
	if (!e)
		e = cmd_mail_open(&a->mail, &a->cmd, why);
	if (!e)
		e = cmd_members_in_time(&a->mail.members, &a->cmd, &a->board,
		                        "there is nothing to announce", why);
	if (!e)
		e = cmd_unlock(&a->cmd, KEYS_TOKEN, "announce", why);
	if (!e)
		e = mail(a, why);
	cmd_mail_close(&a->mail);
	cmd_end(&a->cmd);
	return e;
}

int cmd_announce(int argc, char **argv)
{
	struct announce a = { .cmd = CMD_INIT };
	const struct option_row options[] = {
		CMD_HOME(&a.cmd),
		CMD_SETTINGS(&a.mail),
		CMD_LIMIT(&a.mail),
		CMD_UNLOCK(&a.cmd),
		{ 0 },
	};
	const struct usage usage = {
		"votepost-mailer announce",
		"",
		0,
		0,
		"Tell every member who has no letter yet that a vote is coming, and from which\n"
		"address their code will come. The mail holds no token: it warms the relay up and\n"
		"finds dead addresses, which send then leaves out. Safe to stop and to repeat.",
		options,
	};

	return cli_run(&usage, argc, argv, announce, &a);
}
