/* SPDX-License-Identifier: MIT */
#include "core/cli.h"
#include "core/progress.h"
#include "mailer/cmd.h"
#include "mailer/home.h"
#include "mailer/issue.h"
#include "mailer/journal.h"

static const char name[] = "votepost-mailer issue";

static enum err issue(const struct home *home, const char *passphrase_file, struct why *why)
{
	struct manifest *m = NULL;
	struct roll *roll = NULL;
	struct keys *keys = NULL;
	enum err e = home_manifest(home, &m, why);

	if (!e)
		e = roll_open(&roll, home->path, why);
	if (!e)
		e = cmd_unlock(&keys, home->path, passphrase_file, "issue", why);
	if (!e) {
		struct progress *p = progress_start("credentials", m->members);

		e = issue_write(home->path, m, roll, keys, cmd_step, p, why);
		progress_end(p);
	}
	if (!e) {
		const struct journal_count count = { "issued", m->members };

		e = journal_add(home->path, "issue", "credentials and handles were written", &count,
		                1, why);
	}
	if (!e)
		cli_say("%llu credentials in %s/" HOME_ISSUED ", the handles in %s/" HOME_HANDLES
		        ": give both to the receiver, with " HOME_MANIFEST,
		        (unsigned long long)m->members, home->path, home->path);
	keys_close(keys);
	roll_close(roll);
	manifest_free(m);
	return e;
}

int cmd_issue(int argc, char **argv)
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
		"Derive every member's public credential and write them, sorted and signed, for "
		"the\n"
		"board; and the handles for the receiver. Neither says who is who. May be\n"
		"repeated: the same comes out.",
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
		e = issue(&home, passphrase_file, &why);
	home_close(&home);
	return e ? cli_fail(name, e, &why) : 0;
}
