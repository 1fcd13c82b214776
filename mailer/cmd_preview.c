/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "mailer/amend.h"
#include "mailer/cmd.h"
#include "mailer/conf.h"
#include "mailer/letter.h"
#include "mailer/wording.h"

struct preview {
	struct cmd cmd;
	const char *settings, *id, *language, *kind;
	struct mailing mailing;
	bool html, renewed, list;
};

/* A member of the roll, or somebody made up. */
static enum err choose_member(struct member *member, const struct preview *p, struct why *why)
{
	const struct manifest *m = p->cmd.m;
	struct roll *roll = NULL;
	enum err e;

	memset(member, 0, sizeof(*member));
	if (p->id) {
		e = roll_open(&roll, p->cmd.path, why);
		if (!e)
			e = roll_find(roll, p->id, member, why);
		roll_close(roll);
		return e;
	}
	member->generation = 1;
	snprintf(member->name, sizeof(member->name), "Camille Martin");
	snprintf(member->email, sizeof(member->email), "camille@example.org");
	member->language = p->language ? manifest_language(m, p->language) : 0;
	if (p->language && strcmp(m->language[member->language], p->language))
		return why_set(why, ERR_USAGE,
		               "the election has no language %s; --list tells which it has",
		               p->language);
	return OK;
}

/* "renewed" is an invitation, with a later code. */
static enum err choose_kind(struct preview *p, struct why *why)
{
	if (!p->kind)
		return OK;
	p->renewed = !strcmp(p->kind, "renewed");
	if (p->renewed || !mailing_read(&p->mailing.kind, p->kind))
		return OK;
	return why_set(why, ERR_USAGE,
	               "%s: the kinds are announcement, invitation, renewed, reminder, notice, "
	               "extended, moved",
	               p->kind);
}

/* What there is to look at. */
static enum err list(const struct preview *p, const struct letters *letters,
                     const struct conf *conf)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX);
	enum err e = OK;

	cli_out("kind      renewed\n");
	for (unsigned i = 0; i < MAILING_KINDS; i++)
		cli_out("kind      %s\n", mailing_name((enum mailing_kind)i));
	for (unsigned i = 0; !e && i < p->cmd.m->languages; i++) {
		const char *own = letter_own_text(letters, i);

		wording_path(&path, conf, p->cmd.m->language[i], "");
		e = buf_err(&path);
		cli_out("language  %s  %s  %s\n", p->cmd.m->language[i], buf_text(&path),
		        own ? own : "-");
	}
	buf_free(&path);
	return e;
}

static enum err write_preview(const struct preview *p, const struct letters *letters,
                              const struct member *member, struct why *why)
{
	struct buf out = BUF_INIT(LETTER_MAX);
	struct letter_desk desk;
	char handle[HANDLE_TEXT];
	struct token token;
	const struct letter_order order = {
		.mailing = p->mailing,
		.member = member,
		.handle = handle,
		.token = mailing_is_letter(p->mailing.kind) ? &token : NULL,
	};
	enum err e;

	letter_desk_init(&desk);
	mint_dummy(&token, handle);
	e = p->html ? letter_html(&out, &desk, letters, &order, why)
	            : letter_write(&out, &desk, letters, &order, why);
	if (!e)
		cli_out_bytes(out.data, out.len);
	buf_free(&out);
	letter_desk_release(&desk);
	return e;
}

static enum err preview(void *context, char **operand, struct why *why)
{
	struct preview *p = context;
	struct letters *letters = NULL;
	struct amend *amend = NULL;
	struct conf conf = { 0 };
	struct member member;
	enum err e = cmd_begin(&p->cmd, CMD_SEALED, why);

	(void)operand;
	if (!e)
		e = choose_kind(p, why);
	if (!e)
		e = conf_read(&conf, p->cmd.path, p->settings, why);
	if (!e)
		e = amend_open(&amend, p->cmd.path, false, why);
	if (!e)
		e = letter_load(&letters, p->cmd.m, amend_closes(amend, p->cmd.m), &conf, why);
	if (!e)
		e = choose_member(&member, p, why);
	if (!e && p->id)
		e = amend_member(amend, &member, why);
	if (!e && p->renewed && member.generation == 1)
		member.generation = 2;
	if (!e)
		e = p->list ? list(p, letters, &conf) : write_preview(p, letters, &member, why);
	letter_free(letters);
	amend_close(amend);
	conf_release(&conf);
	cmd_end(&p->cmd);
	return e;
}

int cmd_preview(int argc, char **argv)
{
	struct preview p = { .cmd = CMD_INIT };
	const struct option_row options[] = {
		CMD_HOME(&p.cmd),
		{ "settings", OPTION_TEXT, &p.settings, "FILE", "instead of the home's mailer.conf",
		  0, 0 },
		{ "member", OPTION_TEXT, &p.id, "ID", "with this member's name and language", 0,
		  0 },
		{ "language", OPTION_TEXT, &p.language, "TAG", "in this language", 0, 0 },
		{ "kind", OPTION_TEXT, &p.kind, "KIND",
		  "announcement, invitation, renewed, reminder, notice, extended or moved", 0, 0 },
		{ "list", OPTION_FLAG, &p.list, NULL,
		  "instead: the kinds, and each language with its templates and own text", 0, 0 },
		{ "html", OPTION_FLAG, &p.html, NULL, "its HTML alone, for a browser", 0, 0 },
		{ 0 },
	};
	const struct usage usage = {
		"votepost-mailer preview",
		"",
		0,
		0,
		"Write a mail to standard output as it would be sent: votepost-mailer preview\n"
		"--language fr > letter.eml. Its token and handle are drawn at random and open\n"
		"nothing. No passphrase is needed.",
		options,
	};

	return cli_run(&usage, argc, argv, preview, &p);
}
