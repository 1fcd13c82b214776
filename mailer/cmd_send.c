/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "mailer/cmd_mail.h"
#include "mailer/refusals.h"

#define BATCH 1000 /* members in one transaction */

struct send {
	struct cmd cmd;
	struct cmd_mail mail;
	struct cmd_board board;
	bool refused;
	uint64_t told; /* old addresses that are done with */
};

static enum err leave_out(void *context, uint32_t serial, const struct amended *amended,
                          struct why *why)
{
	(void)why;
	if (amended->plans)
		serials_remove(context, serial);
	return OK;
}

/* The letters: never to a member whose replacement waits to stand, since the token that they
 * would get is on its way out. */
static enum err send_letters(struct send *s, struct why *why)
{
	struct amend *amend = s->mail.members.amend;
	struct cmd_mailing one = { .refused = s->refused,
		                   .event = "send",
		                   .purpose = "letters by outcome" };
	uint64_t planned = amend_counts(amend).planned;
	struct serials *only = NULL;
	struct refusals refused;
	/* No code goes to an address that the announcement found dead. */
	enum err e =
		refusals_take(&refused, s->cmd.path, (struct mailing){ MAILING_ANNOUNCEMENT, 0 },
	                      s->cmd.m->members, amend, why);

	if (e)
		return e;
	if (planned) {
		cli_say("%llu member%s left out: a new token is on its way to the board%s",
		        (unsigned long long)planned, planned == 1 ? " is" : "s are",
		        s->board.book ? ""
		                      : "; once it stands there, send with --board and --head");
		e = serials_new(&only, s->cmd.m->members, why);
		if (!e) {
			serials_add_all(only);
			e = amend_each(amend, leave_out, only, why);
		}
	}
	one.only = only;
	if (!e)
		e = cmd_mail_run(&s->mail, &s->cmd, &one, why);
	serials_free(only);
	return e;
}

/* A fresh code that can no longer be used would only frighten. */
static void say_over(const struct send *s)
{
	cli_say("the vote is over: no letter is mailed any more%s",
	        s->board.book ? "" : "; if it goes on, give the board that says so");
}

/* Old addresses that were told. Their mail is planned again before that is noted: a crash between
 * the two tells somebody twice, and a second change of the address finds no trace of the first. */
static enum err note_told(struct send *s, const struct serials *due, struct why *why)
{
	struct outbox *moved = NULL;
	uint32_t told[BATCH];
	unsigned n = 0;
	char folder[MAILING_TEXT];
	enum err e;

	mailing_folder(folder, (struct mailing){ MAILING_MOVED, 0 });
	e = outbox_open(&moved, s->cmd.path, folder, s->cmd.m->members, why);
	for (uint64_t i = 0; !e && i <= s->cmd.m->members; i++) {
		struct standing standing = { 0 };
		bool end = i == s->cmd.m->members;

		if (!end && serials_has(due, (uint32_t)i))
			e = outbox_find(moved, (uint32_t)i, &standing, why);
		/* What the relay refuses for good is done with as well: nobody reads there. */
		if (!e && (standing.state == SEND_ACCEPTED || standing.state == SEND_REFUSED))
			told[n++] = (uint32_t)i;
		if (e || (n < BATCH && !end) || !n)
			continue;
		e = outbox_renew(moved, told, n, why);
		if (e)
			break;
		s->told += n;
		amend_begin(s->mail.members.amend);
		while (n)
			amend_told(s->mail.members.amend, told[--n]);
		e = amend_commit(s->mail.members.amend, why);
	}
	outbox_close(moved);
	return e;
}

/* To the addresses that members have given up, once each. */
static enum err tell_old(struct send *s, struct why *why)
{
	struct campaign campaign = cmd_mail_campaign(&s->mail, &s->cmd, &s->board);
	struct cmd_mailing one = { .mailing = { MAILING_MOVED, 0 },
		                   .event = "announce",
		                   .purpose = "to old addresses by outcome" };
	enum err e = campaign_moved(&campaign, why);

	one.only = campaign.due[0];
	if (!e && one.only)
		e = cmd_mail_run(&s->mail, &s->cmd, &one, why);
	if (one.only) {
		enum err after = note_told(s, one.only, e ? NULL : why);

		e = e ? e : after;
	}
	campaign_end(&campaign);
	return e;
}

/* A member may have given up several since they were last told: one after the other. */
static enum err tell_all_old(struct send *s, struct why *why)
{
	uint64_t before;
	enum err e;

	do {
		before = s->told;
		e = tell_old(s, why);
	} while (!e && s->told > before && amend_counts(s->mail.members.amend).untold);
	return e;
}

static enum err send(void *context, char **operand, struct why *why)
{
	struct send *s = context;
	enum err e = cmd_begin(&s->cmd, CMD_ALONE | CMD_SEALED, why);

	(void)operand;
	if (!e)
		e = cmd_mail_open(&s->mail, &s->cmd, why);
	if (!e)
		e = cmd_board_read(&s->board, &s->cmd, false, why);
	cmd_board_say(&s->board);
	if (!e)
		e = cmd_unlock(&s->cmd, KEYS_TOKEN, "send", why);
	if (!e)
		e = cmd_mail_settle(&s->mail, &s->cmd, &s->board, why);
	if (!e && cmd_members_in_time(&s->mail.members, &s->cmd, &s->board, "", NULL))
		say_over(s);
	else if (!e)
		e = send_letters(s, why);
	if (!e)
		e = tell_all_old(s, why);
	cmd_mail_close(&s->mail);
	cmd_board_end(&s->board);
	cmd_end(&s->cmd);
	return e;
}

int cmd_send(int argc, char **argv)
{
	struct send s = { .cmd = CMD_INIT };
	const struct option_row options[] = {
		CMD_HOME(&s.cmd),
		CMD_SETTINGS(&s.mail),
		CMD_LIMIT(&s.mail),
		{ "refused", OPTION_FLAG, &s.refused, NULL,
		  "also to members whom the relay has refused", 0, 0 },
		CMD_STAY(&s.mail),
		CMD_BOARD(&s.board),
		CMD_UNLOCK(&s.cmd),
		{ 0 },
	};
	const struct usage usage = {
		"votepost-mailer send",
		"",
		0,
		0,
		"Mail a letter with a token to every member not yet served, through the relay of\n"
		"mailer.conf. Safe to stop, to kill and to repeat: a member who gets a letter\n"
		"twice gets the same token twice. What the relay defers is tried again, in this\n"
		"run or the next; with --stay it waits for all of that. With a board, new tokens\n"
		"whose replacement stands on it are mailed, too.",
		options,
	};

	return cli_run(&usage, argc, argv, send, &s);
}
