/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/progress.h"
#include "mailer/changes.h"
#include "mailer/cmd.h"
#include "mailer/derive.h"
#include "mailer/journal.h"

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

/* Plans that no rotation made: their lines may be applied at any time, also after this, and
 * would bring in tokens of the key that has leaked. */
static enum err count_others(void *context, uint32_t serial, const struct amended *amended,
                             struct why *why)
{
	uint64_t *others = context;

	(void)serial, (void)why;
	*others += amended->planned && amended->reason != REPLACE_ROTATION;
	return OK;
}

/* Which key: one that an earlier run drew and did not come to an end with, or a fresh one. */
static enum err choose_key(struct rotate *r, struct why *why)
{
	const struct amend_counts counts = amend_counts(r->members.amend);
	struct keys *keys = r->cmd.keys;
	uint64_t others = 0;
	enum err e = amend_each(r->members.amend, count_others, &others, why);

	if (!e && others)
		e = why_set(why, ERR_STATE,
		            "%llu replacement%s not on this board yet, and would bring in tokens "
		            "of the old key: apply " CHANGES_FILE
		            " at the receiver first, then rotate with the newer board",
		            (unsigned long long)others, others == 1 ? " is" : "s are");
	if (e)
		return e;
	if (counts.planned || keys->epochs - 1 > counts.epoch)
		cli_say("going on with the rotation that was begun");
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

static enum err plan_member(void *context, const struct member *member, struct why *why)
{
	struct rotate *r = context;
	struct amended amended;
	struct member today = *member;
	struct point credential;
	enum err e = amend_get(r->members.amend, member->serial, &amended, why);

	today.generation = amended.generation;
	today.epoch = amended.epoch;
	if (!e)
		e = derive_credential(&credential, r->cmd.keys, r->cmd.m, &today, why);
	if (!e && pollbook_find(r->board.book, &credential, NULL) == POLLBOOK_USED) {
		r->used++;
	} else if (!e) {
		r->planned++;
		if (!amended.planned)
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

/* One line for each fresh key, also where a crash came between. */
static enum err write_journal(const struct rotate *r, struct why *why)
{
	const struct journal_count count[] = { { "lines", r->planned }, { "used", r->used } };
	uint64_t lines;
	enum err e = journal_sum(r->cmd.path, "rotate", NULL, 0, &lines, why);

	if (!e && lines < r->epoch)
		e = journal_add(r->cmd.path, "rotate", "a fresh token key", count, 2, why);
	return e;
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
		e = write_journal(r, why);
	if (!e)
		e = cmd_members_changes(&r->members, &r->cmd, &lines, why);
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
		e = cmd_members_open_vote(&r->members, &r->cmd, &r->board, why);
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

	return cli_run(&usage, argc, argv, rotate, &r);
}
