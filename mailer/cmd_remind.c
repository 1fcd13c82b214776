/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <time.h>

#include "core/text.h"
#include "mailer/cmd_mail.h"

struct remind {
	struct cmd cmd;
	struct cmd_mail mail;
	struct cmd_board board;
};

static enum err check_time(const struct remind *r, struct why *why)
{
	if ((uint64_t)time(NULL) < r->cmd.m->opens)
		return why_set(why, ERR_STATE,
		               "the vote is not open yet: there is nothing to "
		               "remind anybody of");
	return cmd_members_in_time(&r->mail.members, &r->cmd, &r->board,
	                           "nobody is reminded any more", why);
}

static void say_due(const struct campaign *c, uint64_t due)
{
	char at[TIME_TEXT];

	if (c->voted)
		cli_say("%llu member%s voted and %s left alone", (unsigned long long)c->voted,
		        c->voted == 1 ? " has" : "s have", c->voted == 1 ? "is" : "are");
	if (c->early) {
		time_write(at, c->soon);
		cli_say("for %llu member%s it is too soon after the last letter; the first is due "
		        "at %s",
		        (unsigned long long)c->early, c->early == 1 ? "" : "s", at);
	}
	if (!due)
		cli_say("nobody is due for a reminder now");
}

static enum err pick(struct campaign *c, const struct conf *conf, uint64_t *due, struct why *why)
{
	struct progress *p = progress_start("members", c->m->members);
	enum err e;

	c->context = p;
	e = campaign_remind(c, (unsigned)conf->remind_most, conf->remind_hours, why);
	progress_end(p);
	*due = 0;
	for (unsigned i = 0; i < CAMPAIGN_ROUNDS_MAX; i++)
		*due += c->due[i] ? serials_count(c->due[i]) : 0;
	if (!e)
		say_due(c, *due);
	return e;
}

static enum err mail(struct remind *r, struct why *why)
{
	struct campaign c = cmd_mail_campaign(&r->mail, &r->cmd, &r->board);
	uint64_t due;
	enum err e = pick(&c, &r->mail.conf, &due, why);

	for (unsigned i = 0; !e && i < CAMPAIGN_ROUNDS_MAX; i++) {
		struct cmd_mailing one = { .mailing = { MAILING_REMINDER, i + 1 },
			                   .only = c.due[i],
			                   .event = "remind" };
		char purpose[64];

		snprintf(purpose, sizeof(purpose), "reminder %u by outcome", i + 1);
		one.purpose = purpose;
		if (one.only)
			e = cmd_mail_run(&r->mail, &r->cmd, &one, why);
	}
	campaign_end(&c);
	return e;
}

static enum err remind(void *context, char **operand, struct why *why)
{
	struct remind *r = context;
	enum err e = cmd_begin(&r->cmd, CMD_ALONE | CMD_SEALED, why);

	(void)operand;
	if (!e)
		e = cmd_mail_open(&r->mail, &r->cmd, why);
	if (!e)
		e = cmd_board_read(&r->board, &r->cmd, true, why);
	if (!e)
		e = check_time(r, why);
	if (!e) {
		cmd_board_say(&r->board);
		e = cmd_unlock(&r->cmd, KEYS_TOKEN, "remind", why);
	}
	if (!e)
		e = cmd_mail_settle(&r->mail, &r->cmd, &r->board, why);
	if (!e)
		e = mail(r, why);
	cmd_mail_close(&r->mail);
	cmd_board_end(&r->board);
	cmd_end(&r->cmd);
	return e;
}

int cmd_remind(int argc, char **argv)
{
	struct remind r = { .cmd = CMD_INIT };
	const struct option_row options[] = {
		CMD_HOME(&r.cmd),    CMD_SETTINGS(&r.mail), CMD_LIMIT(&r.mail),
		CMD_BOARD(&r.board), CMD_UNLOCK(&r.cmd),    { 0 },
	};
	const struct usage usage = {
		"votepost-mailer remind",
		"",
		0,
		0,
		"Mail the letter again, with the same token, to every member who has theirs and\n"
		"has no ballot on this board. How often at most, and how many hours apart at\n"
		"least, stands in mailer.conf. Safe to stop, to kill and to repeat with a newer\n"
		"board.",
		options,
	};

	return cli_run(&usage, argc, argv, remind, &r);
}
