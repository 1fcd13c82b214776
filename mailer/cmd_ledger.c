/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <time.h>

#include "core/ledger.h"
#include "mailer/cmd.h"
#include "mailer/journal.h"
#include "mailer/outbox.h"
#include "mailer/returns.h"

#define LEDGER_MAX ((size_t)64 << 20)

struct ledger {
	struct cmd cmd;
	struct cmd_board board;
};

static enum err read_totals(struct ledger_totals *t, const struct home *home,
                            const struct manifest *m, struct why *why)
{
	struct outbox *outbox = NULL;
	struct amend *amend = NULL;
	enum err e;

	memset(t, 0, sizeof(*t));
	e = amend_open(&amend, home->path, false, why);
	if (e)
		return e;
	t->replaced = amend_standing(amend);
	amend_close(amend);
	t->at = (uint64_t)time(NULL);
	t->issued = home_has(home, HOME_ISSUED) ? m->members + t->replaced : 0;
	e = outbox_open(&outbox, home->path, "outbox", 0, why);
	t->state[SEND_PLANNED] = m->members;
	if (!e)
		e = outbox_counts(outbox, m->members, t->state, why);
	else if (e == ERR_NOT_FOUND)
		e = OK;
	outbox_close(outbox);
	return e;
}

/* `bounce` works beside everything else, and so adds no line of its own: what came back since the
 * last ledger goes into the journal here. */
static enum err add_bounces(const struct cmd *c, struct why *why)
{
	struct journal_count count[FAILURES];
	struct returns_counts all;
	struct returns *returns = NULL;
	uint64_t lines = 0, more = 0;
	enum err e = returns_open(&returns, c->path, false, why);

	for (unsigned i = 0; i < FAILURES; i++)
		count[i].name = failure_name((enum failure)i);
	if (!e)
		e = returns_counts(returns, &all, why);
	if (!e)
		e = journal_sum(c->path, "bounce", count, FAILURES, &lines, why);
	for (unsigned i = 0; !e && i < FAILURES; i++) {
		count[i].n = all.read[i] > count[i].n ? all.read[i] - count[i].n : 0;
		more += count[i].n;
	}
	if (!e && more)
		e = journal_add(c->path, "bounce", "reports of what did not arrive", count,
		                FAILURES, why);
	returns_close(returns);
	return e;
}

static enum err write_ledger(const struct cmd *c, struct why *why)
{
	struct buf out = BUF_INIT(LEDGER_MAX);
	struct ledger_totals totals;
	struct ledger_hash before;
	enum err e = read_totals(&totals, &c->home, c->m, why);

	if (!e)
		e = journal_read(c->path, &out, &before, totals.previous, why);
	if (!e) {
		ledger_totals_write(&out, &totals, c->m, &before, c->keys->sign);
		buf_addc(&out, '\n');
		e = buf_err(&out);
	}
	if (!e)
		cli_out_bytes(out.data, out.len);
	buf_free(&out);
	return e;
}

/* With what stands on the board, where one was given: the keys of tokens are needed only where a
 * replacement waits, so that this works also once they are destroyed. */
static enum err unlock_and_settle(struct ledger *l, struct why *why)
{
	struct cmd_members members = { 0 };
	enum err e = l->board.book ? cmd_members_open(&members, &l->cmd, why) : OK;
	bool waits = members.amend && amend_counts(members.amend).planned;

	if (!e)
		e = cmd_unlock(&l->cmd, waits ? KEYS_TOKEN : KEYS_SIGN, "ledger", why);
	if (!e && l->board.book)
		e = cmd_members_settle(&members, &l->cmd, &l->board, why);
	cmd_members_close(&members);
	return e;
}

static enum err ledger(void *context, char **operand, struct why *why)
{
	struct ledger *l = context;
	enum err e = cmd_begin(&l->cmd, CMD_ALONE | CMD_SEALED, why);

	(void)operand;
	if (!e)
		e = cmd_board_read(&l->board, &l->cmd, false, why);
	cmd_board_say(&l->board);
	if (!e)
		e = unlock_and_settle(l, why);
	if (!e)
		e = add_bounces(&l->cmd, why);
	if (!e)
		e = write_ledger(&l->cmd, why);
	cmd_board_end(&l->board);
	cmd_end(&l->cmd);
	return e;
}

int cmd_ledger(int argc, char **argv)
{
	struct ledger l = { .cmd = CMD_INIT };
	const struct option_row options[] = {
		CMD_HOME(&l.cmd),
		CMD_BOARD(&l.board),
		CMD_UNLOCK(&l.cmd),
		{ 0 },
	};
	const struct usage usage = {
		"votepost-mailer ledger",
		"",
		0,
		0,
		"Write the journal, each line bound to the one before, and the signed totals by\n"
		"state, to standard output: votepost-mailer ledger > ledger.ndjson. It names no\n"
		"member. The scrutineers reconcile it with the board. With the closed board, what\n"
		"was replaced there is taken in first.",
		options,
	};

	return cli_run(&usage, argc, argv, ledger, &l);
}
