/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/progress.h"
#include "mailer/changes.h"
#include "mailer/cmd.h"
#include "mailer/derive.h"
#include "mailer/journal.h"
#include "mailer/stand.h"

#define BATCH 1000 /* members in one transaction */

struct rotate {
	struct cmd cmd;
	struct cmd_board board;
	struct cmd_members members;
	bool yes;
	uint32_t epoch; /* of the fresh key */
	uint64_t planned, used;
	/* Found unused, not yet planned */
	uint32_t serial[BATCH];
	unsigned n;
	struct progress *progress;
};

/* Which key: one that a run drew which did not come to its end, or a fresh one. */
static enum err choose_key(struct rotate *r, struct why *why)
{
	struct keys *keys = r->cmd.keys;
	uint64_t ended;
	enum err e = cmd_members_keys(&r->members, &r->cmd, why);

	if (!e)
		e = journal_sum(r->cmd.path, "rotate", NULL, 0, &ended, why);
	if (e)
		return e;
	if (ended < keys->epochs - 1)
		cli_say("going on with the rotation that was cut short");
	else
		e = keys_fresh(keys, r->cmd.path, r->cmd.passphrase, why);
	r->epoch = keys->epochs - 1;
	return e;
}

static enum err plan_some(struct rotate *r, struct why *why)
{
	struct amend *amend = r->members.amend;

	if (!r->n)
		return OK;
	amend_begin(amend);
	for (unsigned i = 0; i < r->n; i++)
		amend_plan(amend, r->serial[i], REPLACE_ROTATION, r->epoch);
	r->n = 0;
	return amend_commit(amend, why);
}

/* The newest token that a member has, or is to have: of which key? */
static uint32_t newest_epoch(const struct amended *a)
{
	return a->plans ? a->plan[a->plans - 1].epoch : a->epoch;
}

static enum err plan_member(void *context, const struct member *member, struct why *why)
{
	struct rotate *r = context;
	struct amended amended;
	struct member today = *member;
	struct point credential;
	enum pollbook_state state = POLLBOOK_UNMARKED;
	enum err e = amend_get(r->members.amend, member->serial, &amended, why);

	today.generation = amended.generation;
	today.epoch = amended.epoch;
	if (!e)
		e = derive_credential(&credential, r->cmd.keys, r->cmd.m, &today, why);
	if (!e)
		state = pollbook_find(r->board.book, &credential, NULL);
	if (!e && state == POLLBOOK_REPLACED && !amended.plans)
		e = stand_stale(why);
	if (!e && state == POLLBOOK_USED) {
		r->used++;
	} else if (!e) {
		r->planned++;
		if (newest_epoch(&amended) != r->epoch)
			r->serial[r->n++] = member->serial;
		if (r->n == BATCH)
			e = plan_some(r, why);
	}
	progress_step(r->progress, 1);
	explicit_bzero(&today, sizeof(today));
	return e;
}

static enum err plan_all(struct rotate *r, struct why *why)
{
	enum err e;

	r->progress = progress_start("members", r->cmd.m->members);
	e = roll_each(r->members.roll, plan_member, r, why);
	progress_end(r->progress);
	return e ? e : plan_some(r, why);
}

/* The last thing of all: a key without its line is one that a later run goes on with. */
static enum err write_journal(const struct rotate *r, uint64_t lines, struct why *why)
{
	const struct journal_count count[] = { { "lines", lines }, { "used", r->used } };

	return journal_add(r->cmd.path, "rotate", "a fresh token key", count, 2, why);
}

static enum err ask(const struct rotate *r, struct why *why)
{
	if (r->yes || cli_confirm("Replace the token of every member who has not voted? Their "
	                          "letters will stop working"))
		return OK;
	return why_set(why, ERR_USAGE,
	               "not done: every member who has not voted would need a new letter; say "
	               "--yes");
}

static enum err rotate_all(struct rotate *r, struct why *why)
{
	uint64_t lines;
	enum err e = cmd_members_settle(&r->members, &r->cmd, &r->board, why);

	if (!e)
		e = choose_key(r, why);
	if (!e)
		e = plan_all(r, why);
	if (!e)
		e = cmd_members_changes(&r->members, &r->cmd, &lines, why);
	if (!e)
		e = write_journal(r, lines, why);
	if (!e)
		cli_say("%llu members have voted and keep their ballots; %llu get a new token. "
		        "Now, and quickly: votepost-receiver apply %s/" CHANGES_FILE
		        "; then fetch the board and a head, and votepost-mailer send --board FILE "
		        "--head FILE",
		        (unsigned long long)r->used, (unsigned long long)r->planned, r->cmd.path);
	return e;
}

static enum err rotate(void *context, char **operand, struct why *why)
{
	struct rotate *r = context;
	enum err e = cmd_begin(&r->cmd, CMD_ALONE | CMD_SEALED, why);

	(void)operand;
	if (!e)
		e = cmd_members_open(&r->members, &r->cmd, why);
	if (!e)
		e = cmd_board_read(&r->board, &r->cmd, true, why);
	if (!e)
		e = cmd_members_in_time(&r->members, &r->cmd, &r->board,
		                        "no token can be replaced any more", why);
	cmd_board_say(&r->board);
	if (!e)
		e = ask(r, why);
	if (!e)
		e = cmd_unlock(&r->cmd, KEYS_TOKEN, "rotate", why);
	if (!e)
		e = rotate_all(r, why);
	cmd_members_close(&r->members);
	cmd_board_end(&r->board);
	cmd_end(&r->cmd);
	return e;
}

int cmd_rotate(int argc, char **argv)
{
	struct rotate r = { .cmd = CMD_INIT };
	const struct option_row options[] = {
		CMD_HOME(&r.cmd),
		CMD_BOARD(&r.board),
		{ "yes", OPTION_FLAG, &r.yes, NULL, "do not ask", 0, 0 },
		CMD_UNLOCK(&r.cmd),
		{ 0 },
	};
	const struct usage usage = {
		"votepost-mailer rotate",
		"",
		0,
		0,
		"After a leak: draw a fresh token key and replace the token of every member who "
		"has\n"
		"not voted by this board. Whoever has the old key, or every token that was "
		"mailed,\n"
		"then has nothing. Ballots that stand are not touched, and the vote goes on\n"
		"meanwhile. Safe to kill and to repeat. Writes changes.ndjson for the receiver; "
		"new\n"
		"letters go out with send once it is applied.",
		options,
	};

	r.cmd.seals = true;
	return cli_run(&usage, argc, argv, rotate, &r);
}
