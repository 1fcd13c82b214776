/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>

#include "mailer/changes.h"
#include "mailer/cmd.h"
#include "mailer/derive.h"
#include "mailer/journal.h"
#include "mailer/mailbox.h"
#include "mailer/returns.h"
#include "mailer/stand.h"

struct reissue {
	struct cmd cmd;
	struct cmd_board board;
	struct cmd_members members;
	const char *reason, *email;
	bool shared;
	bool dead; /* the old address: nobody is there to be told */
	enum replace_reason why_replaced;
	struct member member; /* as of today */
	struct amended amended;
	char address[ADDRESS_TEXT]; /* the new one; "" where it stays */
};

/* A word of the list: in free words a name would end in the journal sooner or later. */
static enum err read_reason(struct reissue *r, struct why *why)
{
	struct buf known = BUF_INIT(256);
	enum err e = OK;
	unsigned i = 0;

	if (!r->reason && r->email)
		r->reason = replace_reason_name(REPLACE_ADDRESS);
	while (i < REPLACE_ROTATION &&
	       (!r->reason || strcmp(r->reason, replace_reason_name((enum replace_reason)i))))
		i++;
	r->why_replaced = (enum replace_reason)i;
	if (i == REPLACE_ROTATION) {
		for (i = 0; i < REPLACE_ROTATION; i++)
			buf_addf(&known, "%s%s", i ? ", " : "",
			         replace_reason_name((enum replace_reason)i));
		e = why_set(why, ERR_USAGE,
		            "--reason is one of: %s. What happened in detail belongs in the "
		            "minutes, without names",
		            buf_text(&known));
	}
	buf_free(&known);
	return e;
}

/* Does another member have this address already? */
static enum err compare_address(void *context, const struct member *other, struct why *why)
{
	const struct reissue *r = context;
	struct member today = *other;
	enum err e = amend_member(r->members.amend, &today, why);

	if (!e && today.serial != r->member.serial && !strcasecmp(today.email, r->address))
		e = ERR_EXISTS;
	explicit_bzero(&today, sizeof(today));
	return e;
}

static enum err read_address(struct reissue *r, struct why *why)
{
	const char *odd, *bad;
	enum err e;

	if (!r->email)
		return OK;
	bad = mailbox_read(r->address, r->email, &odd);
	if (bad)
		return why_set(why, ERR_USAGE, "--email: the address %s", bad);
	if (odd)
		cli_say("--email: the domain %s; is it the member's own?", odd);
	/* A crash may have come before all was done about it. */
	if (!strcasecmp(r->address, r->member.email)) {
		cli_say("the member has that address already: what came back from it counts no "
		        "more");
		r->address[0] = '\0';
		return OK;
	}
	e = roll_each(r->members.roll, compare_address, r, why);
	if (e == ERR_EXISTS && r->shared)
		return OK;
	if (e == ERR_EXISTS)
		return why_set(why, ERR_STATE,
		               "--email: another member has this address: whoever reads it could "
		               "vote for both; where they really share it, say --allow-shared");
	return e;
}

static enum err find_member(struct reissue *r, const char *id, struct why *why)
{
	enum err e = roll_find(r->members.roll, id, &r->member, why);

	if (!e)
		e = amend_get(r->members.amend, r->member.serial, &r->amended, why);
	return e ? e : amend_member(r->members.amend, &r->member, why);
}

/* Whoever has voted keeps that ballot, and needs no token. */
static enum err not_used(const struct reissue *r, struct why *why)
{
	struct point credential;
	enum err e;

	if (!r->board.book)
		return OK;
	e = derive_credential(&credential, r->cmd.keys, r->cmd.m, &r->member, why);
	if (e)
		return e;
	switch (pollbook_find(r->board.book, &credential, NULL)) {
	case POLLBOOK_USED:
		return why_set(why, ERR_STATE,
		               "this member has voted: the ballot stands, and its token can no "
		               "longer be replaced");
	case POLLBOOK_REPLACED:
		return r->amended.plans ? OK : stand_stale(why);
	default:
		return OK;
	}
}

/* In the journal before it is done: what was not told was not done. */
static enum err write_journal(const struct reissue *r, struct why *why)
{
	const struct journal_count line = { "lines", 1 }, member = { "members", 1 };
	enum err e = OK;

	if (!r->amended.plans)
		e = journal_add(r->cmd.path, "reissue", replace_reason_name(r->why_replaced), &line,
		                1, why);
	if (!e && *r->address)
		e = journal_add(r->cmd.path, "address", "an address was changed", &member, 1, why);
	return e;
}

/* What came back from the old address is no more of the member's. Before it is changed, since a
 * crash between the two would leave the new one for dead; and after, since `bounce` may have read
 * one more meanwhile. */
static enum err mend(const struct reissue *r, bool *dead, struct why *why)
{
	struct returns *returns = NULL;
	struct returned last;
	bool found = false;
	enum err e = returns_open(&returns, r->cmd.path, true, why);

	if (!e)
		e = returns_find(returns, r->member.serial, &last, &found, why);
	*dead = found && returns_dead(&last);
	if (!e)
		e = returns_mended(returns, r->member.serial, why);
	returns_close(returns);
	return e;
}

static enum err plan(struct reissue *r, struct why *why)
{
	struct amend *amend = r->members.amend;
	const uint32_t serial = r->member.serial;
	bool late;
	enum err e = write_journal(r, why);

	if (!e && r->email)
		e = mend(r, &r->dead, why);
	if (e)
		return e;
	amend_begin(amend);
	if (!r->amended.plans)
		amend_plan(amend, serial, r->why_replaced, r->cmd.keys->epochs - 1);
	if (*r->address)
		amend_address(amend, serial, r->address, r->dead ? NULL : r->member.email);
	e = amend_commit(amend, why);
	return e || !r->email ? e : mend(r, &late, why);
}

static void say_next(const struct reissue *r, uint64_t lines)
{
	if (r->amended.plans)
		cli_say("a new token was planned for this member already");
	cli_say("%s/" CHANGES_FILE " holds %llu line%s: give it to the receiver "
	        "(votepost-receiver apply); then votepost-mailer send --board FILE --head FILE "
	        "mails the new token%s. Until then the old one is good",
	        r->cmd.path, (unsigned long long)lines, lines == 1 ? "" : "s",
	        !*r->address ? ""
	        : r->dead    ? "; the old address is dead and is told nothing"
	                     : ", and tells the old address of the change");
}

/* By the newest that is known: what stands on the board, and whether the member has voted. */
static enum err look(struct reissue *r, const char *id, struct why *why)
{
	enum err e = OK;

	if (r->board.book) {
		e = cmd_members_settle(&r->members, &r->cmd, &r->board, why);
		if (!e)
			e = find_member(r, id, why);
	}
	if (!e)
		e = cmd_members_keys(&r->members, &r->cmd, why);
	return e ? e : not_used(r, why);
}

static enum err reissue(void *context, char **operand, struct why *why)
{
	struct reissue *r = context;
	uint64_t lines = 0;
	enum err e = read_reason(r, why);

	if (!e)
		e = cmd_begin(&r->cmd, CMD_ALONE | CMD_SEALED, why);
	if (!e)
		e = cmd_members_open(&r->members, &r->cmd, why);
	if (!e)
		e = cmd_board_read(&r->board, &r->cmd, false, why);
	if (!e)
		e = cmd_members_in_time(&r->members, &r->cmd, &r->board,
		                        "no token can be replaced any more", why);
	if (!e)
		e = find_member(r, *operand, why);
	if (!e)
		e = read_address(r, why);
	cmd_board_say(&r->board);
	if (!e)
		e = cmd_unlock(&r->cmd, KEYS_TOKEN, "reissue", why);
	if (!e)
		e = look(r, *operand, why);
	if (!e)
		e = plan(r, why);
	if (!e)
		e = cmd_members_changes(&r->members, &r->cmd, &lines, why);
	if (!e)
		say_next(r, lines);
	explicit_bzero(&r->member, sizeof(r->member));
	cmd_members_close(&r->members);
	cmd_board_end(&r->board);
	cmd_end(&r->cmd);
	return e;
}

int cmd_reissue(int argc, char **argv)
{
	struct reissue r = { .cmd = CMD_INIT };
	const struct option_row options[] = {
		CMD_HOME(&r.cmd),
		{ "reason", OPTION_TEXT, &r.reason, "WORD",
		  "lost, undelivered, address, stolen or mistake", 0, 0 },
		{ "email", OPTION_TEXT, &r.email, "ADDRESS", "the member's new address", 0, 0 },
		{ "allow-shared", OPTION_FLAG, &r.shared, NULL,
		  "also where another member has that address", 0, 0 },
		CMD_BOARD(&r.board),
		CMD_UNLOCK(&r.cmd),
		{ 0 },
	};
	const struct usage usage = {
		"votepost-mailer reissue",
		"MEMBER",
		1,
		1,
		"Give one member (by the roll's id) a new token in place of the old one, and a "
		"new\n"
		"address where they have one. Make sure first that it is they who ask. The old\n"
		"token dies when the receiver has applied changes.ndjson; the next send mails the\n"
		"new one, and tells the old address, unless that is dead. A token that was used\n"
		"cannot be replaced.",
		options,
	};

	return cli_run(&usage, argc, argv, reissue, &r);
}
