/* SPDX-License-Identifier: MIT */
#include <stdbool.h>

#include "core/cli.h"
#include "core/file.h"
#include "core/sandbox.h"
#include "scrutineer/cmd.h"
#include "scrutineer/collected.h"
#include "scrutineer/record.h"
#include "scrutineer/trusteehome.h"

static const char NAME[] = "votepost-scrutineer trustee accept";

struct accepting {
	const char *home, *manifest, *passphrase_file;
	char *const *deals;
	unsigned n;
	bool good[TRUSTEES_MAX]; /* by dealer */
	struct scalar sum;
};

/* One box. Whatever is wrong with it is told, and it is left out. */
static enum err take_deal(struct accepting *a, const struct trusteehome *h,
                          const struct manifest *m, const char *path)
{
	struct buf line = BUF_INIT(CEREMONY_FILE_MAX);
	struct why why = { 0 };
	struct deal deal = { 0 };
	enum err e = file_read_line(&line, path, &why);

	if (!e)
		e = deal_read(&deal, line.data, line.len, &why);
	if (!e && deal.to != h->number)
		e = why_check(&why, "deal trustee", "a deal to trustee %u", deal.to);
	if (!e && deal.from <= TRUSTEES_MAX && a->good[deal.from - 1])
		goto done; /* a copy; adding it twice would spoil the share */
	if (!e)
		e = trustee_open(&a->sum, h->secret, m, &deal, &why);
	if (!e)
		a->good[deal.from - 1] = true;
	else if (e != ERR_MEMORY)
		cli_say("%s: left out: %s%s%s", path, why.check, why.check[0] ? ": " : "",
		        why.text);
done:
	buf_free(&line);
	return e == ERR_MEMORY ? e : OK;
}

static enum err check_all(const struct accepting *a, const struct manifest *m, struct why *why)
{
	struct buf missing = BUF_INIT(WHY_MAX);
	enum err e = OK;

	for (unsigned i = 0; i < m->trustees.count; i++) {
		if (!a->good[i])
			buf_addf(&missing, "%s%u", missing.len ? ", " : "", i + 1);
	}
	if (missing.len)
		e = why_check(why, "deal missing",
		              "no good share from trustee %s: if none comes, the ceremony must "
		              "begin again",
		              buf_text(&missing));
	buf_free(&missing);
	return e;
}

static int accept_deals(struct accepting *a)
{
	struct trusteehome h = { 0 };
	struct manifest *m = NULL;
	struct why why = { 0 };
	enum err e = sandbox_enter(SANDBOX_OFFLINE, &why);

	if (!e)
		e = trusteehome_open(&h, a->home, a->passphrase_file, &why);
	if (!e)
		e = record_manifest(&m, a->manifest, &why);
	if (!e)
		e = collected_manifest(&h, m, &why);
	for (unsigned i = 0; i < a->n && !e; i++)
		e = take_deal(a, &h, m, a->deals[i]);
	if (!e)
		e = check_all(a, m, &why);
	if (!e)
		e = trusteehome_accept(&h, m, &a->sum, &why);
	if (!e) {
		cli_out("%s/accepted-%u.ndjson\n", a->home, h.number);
		cli_say("Election %s: all shares are good. Send accepted-%u.ndjson to the "
		        "receiver's operator.",
		        m->fingerprint, h.number);
	}
	scalar_wipe(&a->sum);
	manifest_free(m);
	trusteehome_close(&h);
	return e ? cli_fail(NAME, e, &why) : 0;
}

int cmd_trustee_accept(int argc, char **argv)
{
	struct accepting a = { .home = "." };
	const struct option_row options[] = {
		{ "home", OPTION_TEXT, &a.home, "DIR", "the trustee's own folder", 0, 0 },
		{ "manifest", OPTION_TEXT, &a.manifest, "FILE", "the sealed manifest.json", 0, 0 },
		{ "passphrase-file", OPTION_TEXT, &a.passphrase_file, "FILE",
		  "instead of asking on the terminal", 0, 0 },
		{ NULL, OPTION_FLAG, NULL, NULL, NULL, 0, 0 },
	};
	const struct usage usage = {
		.name = NAME,
		.operands = "DEAL…",
		.least = 1,
		.most = 4 * TRUSTEES_MAX,
		.help = "Check what each trustee dealt against what it published, keep the sum,\n"
			"and write accepted-J.ndjson, the line that stands on the board before\n"
			"the first ballot. A bad box is named and left out; without a good one\n"
			"from every trustee the ceremony begins again (exit status 1).",
		.option = options,
	};
	struct why why = { 0 };
	int first, status = cli_options(&usage, argc, argv, &first);

	if (status >= 0)
		return status;
	if (!a.manifest)
		return cli_fail(NAME, why_set(&why, ERR_USAGE, "--manifest is needed"), &why);
	a.deals = argv + first;
	a.n = (unsigned)(argc - first);
	return accept_deals(&a);
}
