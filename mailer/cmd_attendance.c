/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "mailer/attendance.h"
#include "mailer/cmd_mail.h"
#include "mailer/journal.h"

struct list {
	struct cmd cmd;
	struct cmd_mail mail;
	struct cmd_board board;
	const char *html, *language;
	bool before_close;
};

static enum err check_close(const struct list *l, struct why *why)
{
	if (l->language &&
	    strcmp(l->cmd.m->language[manifest_language(l->cmd.m, l->language)], l->language))
		return why_set(why, ERR_USAGE, "the election has no language %s", l->language);
	if (l->before_close || pollbook_closed(l->board.book))
		return OK;
	return why_set(why, ERR_STATE,
	               "this board is not closed; where your rules allow to look during the vote, "
	               "say --before-close, which the journal then shows");
}

static void put(void *context, const void *bytes, size_t len)
{
	(void)context;
	cli_out_bytes(bytes, len);
}

/* Before anything is shown: whoever looks leaves a line. */
static enum err write_journal(const struct list *l, const struct attendance *a, struct why *why)
{
	const struct journal_count count[] = { { "members", l->cmd.m->members },
		                               { "voted", a->voted } };

	return journal_add(l->cmd.path, "attendance",
	                   pollbook_closed(l->board.book) ? "after the close" : "before the close",
	                   count, sizeof(count) / sizeof(*count), why);
}

static enum err show(const struct list *l, const struct attendance *a, struct why *why)
{
	unsigned language = l->language ? manifest_language(l->cmd.m, l->language) : 0;

	if (l->html)
		return attendance_html(a, l->html, &l->mail.conf, language, why);
	return attendance_csv(a, put, NULL, why);
}

static enum err make(struct list *l, struct why *why)
{
	struct campaign c = cmd_mail_campaign(&l->mail, &l->cmd, &l->board);
	struct attendance a = { .campaign = &c };
	enum err e;

	c.context = progress_start("members", c.m->members);
	e = attendance_look(&a, why);
	progress_end(c.context);
	if (!e)
		e = write_journal(l, &a, why);
	if (!e)
		e = show(l, &a, why);
	if (!e)
		cli_say("%llu of %llu members have voted. That somebody voted is sensitive by "
		        "itself: show the list to the bureau alone, and delete it when the time "
		        "for objections is over",
		        (unsigned long long)a.voted, (unsigned long long)c.m->members);
	attendance_release(&a);
	campaign_end(&c);
	return e;
}

static enum err attendance(void *context, char **operand, struct why *why)
{
	struct list *l = context;
	enum err e = cmd_begin(&l->cmd, CMD_ALONE | CMD_SEALED, why);

	(void)operand;
	if (!e)
		e = cmd_members_open(&l->mail.members, &l->cmd, why);
	if (!e && l->html)
		e = conf_read(&l->mail.conf, l->cmd.path, l->mail.settings, why);
	if (!e)
		e = cmd_board_read(&l->board, &l->cmd, true, why);
	if (!e)
		e = check_close(l, why);
	if (!e)
		e = cmd_unlock(&l->cmd, KEYS_TOKEN, "attendance", why);
	if (!e)
		e = make(l, why);
	cmd_mail_close(&l->mail);
	cmd_board_end(&l->board);
	cmd_end(&l->cmd);
	return e;
}

int cmd_attendance(int argc, char **argv)
{
	struct list l = { .cmd = CMD_INIT };
	const struct option_row options[] = {
		CMD_HOME(&l.cmd),
		CMD_BOARD(&l.board),
		{ "before-close", OPTION_FLAG, &l.before_close, NULL,
		  "while the vote runs, where its rules allow that", 0, 0 },
		{ "html", OPTION_TEXT, &l.html, "FILE", "a page to print and sign, into this file",
		  0, 0 },
		{ "language", OPTION_TEXT, &l.language, "TAG", "of the page", 0, 0 },
		CMD_SETTINGS(&l.mail),
		CMD_UNLOCK(&l.cmd),
		{ 0 },
	};
	const struct usage usage = {
		"votepost-mailer attendance",
		"",
		0,
		0,
		"List who has voted and in which hour, for the bureau, after the close: CSV on\n"
		"standard output, or a page to print. It never says how. That somebody voted can\n"
		"be sensitive by itself (GDPR article 9): the list is stored nowhere but where\n"
		"you put it, and each look at it stands in the journal.",
		options,
	};

	return cli_run(&usage, argc, argv, attendance, &l);
}
