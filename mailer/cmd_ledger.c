/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <time.h>

#include "core/cli.h"
#include "core/ledger.h"
#include "mailer/cmd.h"
#include "mailer/home.h"
#include "mailer/journal.h"
#include "mailer/outbox.h"

#define LEDGER_MAX ((size_t)64 << 20)

static const char name[] = "votepost-mailer ledger";

static enum err read_totals(struct ledger_totals *t, const struct home *home,
                            const struct manifest *m, struct why *why)
{
	struct outbox *outbox = NULL;
	enum err e = outbox_open(&outbox, home->path, 0, why);

	memset(t, 0, sizeof(*t));
	t->at = (uint64_t)time(NULL);
	t->issued = home_has(home, HOME_ISSUED) ? m->members : 0;
	t->state[SEND_PLANNED] = m->members;
	if (!e)
		e = outbox_counts(outbox, m->members, t->state, why);
	else if (e == ERR_NOT_FOUND)
		e = OK;
	outbox_close(outbox);
	return e;
}

static enum err write_ledger(const struct home *home, const char *passphrase_file, struct why *why)
{
	struct buf out = BUF_INIT(LEDGER_MAX);
	struct manifest *m = NULL;
	struct keys *keys = NULL;
	struct ledger_totals totals;
	struct ledger_hash before;
	enum err e = home_manifest(home, &m, why);

	if (!e)
		e = cmd_unlock(&keys, home->path, passphrase_file, "ledger", why);
	if (!e)
		e = read_totals(&totals, home, m, why);
	if (!e)
		e = journal_read(home->path, &out, &before, totals.previous, why);
	if (!e) {
		ledger_totals_write(&out, &totals, m, &before, keys->sign);
		buf_addc(&out, '\n');
		e = buf_err(&out);
	}
	if (!e) {
		cli_out_bytes(out.data, out.len);
		e = cli_flush(why);
	}
	keys_close(keys);
	manifest_free(m);
	buf_free(&out);
	return e;
}

int cmd_ledger(int argc, char **argv)
{
	const char *home_path = ".", *passphrase_file = NULL;
	const struct option_row options[] = {
		{ "home", OPTION_TEXT, &home_path, "DIR", "the mailer's home", 0, 0 },
		{ "passphrase-file", OPTION_TEXT, &passphrase_file, "FILE",
		  "read the passphrase from a file, not the terminal", 0, 0 },
		{ 0 },
	};
	const struct usage usage = {
		name,
		"",
		0,
		0,
		"Write the journal, each line bound to the one before, and the signed totals by\n"
		"state, to standard output: votepost-mailer ledger > ledger.ndjson. It names no\n"
		"member. The scrutineers reconcile it with the board.",
		options,
	};
	struct home home = { .lock = { .fd = -1 } };
	struct why why = { 0 };
	int first, status = cli_options(&usage, argc, argv, &first);
	enum err e;

	if (status >= 0)
		return status;
	e = home_open(&home, home_path, true, &why);
	if (!e)
		e = write_ledger(&home, passphrase_file, &why);
	home_close(&home);
	return e ? cli_fail(name, e, &why) : 0;
}
