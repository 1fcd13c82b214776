/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <time.h>

#include "core/ledger.h"
#include "mailer/cmd.h"
#include "mailer/journal.h"
#include "mailer/outbox.h"

#define LEDGER_MAX ((size_t)64 << 20)

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

static enum err ledger(void *context, char **operand, struct why *why)
{
	struct cmd *c = context;
	enum err e = cmd_begin(c, CMD_ALONE | CMD_SEALED, why);

	(void)operand;
	if (!e)
		e = cmd_unlock(c, KEYS_SIGN, "ledger", why);
	if (!e)
		e = write_ledger(c, why);
	cmd_end(c);
	return e;
}

int cmd_ledger(int argc, char **argv)
{
	struct cmd c = CMD_INIT;
	const struct option_row options[] = { CMD_HOME(&c), CMD_UNLOCK(&c), { 0 } };
	const struct usage usage = {
		"votepost-mailer ledger",
		"",
		0,
		0,
		"Write the journal, each line bound to the one before, and the signed totals by\n"
		"state, to standard output: votepost-mailer ledger > ledger.ndjson. It names no\n"
		"member. The scrutineers reconcile it with the board.",
		options,
	};

	return cli_run(&usage, argc, argv, ledger, &c);
}
