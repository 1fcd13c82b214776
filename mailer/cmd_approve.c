/* SPDX-License-Identifier: MIT */
#include "core/buf.h"
#include "mailer/amend.h"
#include "mailer/cmd.h"
#include "mailer/conf.h"
#include "mailer/letter.h"
#include "mailer/texts.h"

#define TOLD_MAX ((size_t)64 << 10)

struct approve {
	struct cmd cmd;
	const char *settings;
	bool yes;
	struct conf conf;
	struct amend *amend;
	struct letters *letters;
};

/* Everything that differs, and whether anything does. */
static enum err tell_texts(const struct approve *a, bool *differ, struct why *why)
{
	struct buf told = BUF_INIT(TOLD_MAX);
	struct why list = { 0 };
	enum err e = texts_differ(&told, a->cmd.path, a->letters, &list);

	*differ = e == ERR_STATE || told.len;
	if (e == ERR_STATE)
		cli_say("%s", list.text);
	else if (e)
		*why = list;
	else if (told.len)
		cli_say("%.*s", (int)told.len - 1, buf_text(&told));
	else
		cli_say("every text is as it was approved");
	buf_free(&told);
	return e == ERR_STATE ? OK : e;
}

static enum err take_texts(const struct approve *a, struct why *why)
{
	bool differ;
	enum err e = tell_texts(a, &differ, why);

	if (e || !differ)
		return e;
	if (!a->yes && !cli_confirm("Mail the texts as they are now? The journal will say that "
	                            "they were changed"))
		return why_set(why, ERR_USAGE, "not done: say --yes once you have read them");
	e = texts_approve(a->cmd.path, a->letters, why);
	if (!e)
		cli_say("approved: the journal names it");
	return e;
}

static enum err approve(void *context, char **operand, struct why *why)
{
	struct approve *a = context;
	enum err e = cmd_begin(&a->cmd, CMD_ALONE | CMD_SEALED, why);

	(void)operand;
	if (!e)
		e = conf_read(&a->conf, a->cmd.path, a->settings, why);
	if (!e)
		e = amend_open(&a->amend, a->cmd.path, false, why);
	if (!e)
		e = letter_load(&a->letters, a->cmd.m, amend_closes(a->amend, a->cmd.m), &a->conf,
		                why);
	if (!e)
		e = take_texts(a, why);
	letter_free(a->letters);
	amend_close(a->amend);
	conf_release(&a->conf);
	cmd_end(&a->cmd);
	return e;
}

int cmd_approve(int argc, char **argv)
{
	struct approve a = { .cmd = CMD_INIT };
	const struct option_row options[] = {
		CMD_HOME(&a.cmd),
		{ "settings", OPTION_TEXT, &a.settings, "FILE", "instead of the home's mailer.conf",
		  0, 0 },
		{ "yes", OPTION_FLAG, &a.yes, NULL, "do not ask", 0, 0 },
		{ 0 },
	};
	const struct usage usage = {
		"votepost-mailer approve",
		"",
		0,
		0,
		"Take the templates and your own texts as they are now. seal does so the first\n"
		"time; once one of them has changed, no letter leaves before this. The journal\n"
		"says that it was done.",
		options,
	};

	return cli_run(&usage, argc, argv, approve, &a);
}
