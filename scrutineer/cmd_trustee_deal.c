/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "core/cli.h"
#include "core/file.h"
#include "core/sandbox.h"
#include "scrutineer/cmd.h"
#include "scrutineer/collected.h"
#include "scrutineer/record.h"
#include "scrutineer/trusteehome.h"

static const char NAME[] = "votepost-scrutineer trustee deal";

struct dealing {
	const char *home, *manifest, *out, *passphrase_file;
};

static enum err write_deal(const struct dealing *d, const struct trusteehome *h,
                           const struct manifest *m, unsigned to, struct why *why)
{
	struct buf path = BUF_INIT(FILENAME_MAX), line = BUF_INIT(CEREMONY_FILE_MAX);
	struct deal deal;
	char name[40];
	enum err e = trustee_deal(&deal, h->secret, m, h->number, to, why);

	if (!e) {
		deal_write(&line, &deal);
		buf_addc(&line, '\n');
		e = buf_err(&line);
	}
	snprintf(name, sizeof(name), "deal-%u-%u.json", h->number, to);
	if (!e)
		e = file_write(file_path(&path, d->out, name), line.data, line.len, 0644, why);
	if (!e)
		cli_out("%s\n", buf_text(&path));
	buf_free(&line);
	buf_free(&path);
	return e;
}

static int deal(const struct dealing *d)
{
	struct trusteehome h = { 0 };
	struct manifest *m = NULL;
	struct why why = { 0 };
	enum err e = sandbox_enter(SANDBOX_OFFLINE, &why);

	if (!e)
		e = trusteehome_open(&h, d->home, d->passphrase_file, &why);
	if (!e)
		e = record_manifest(&m, d->manifest, &why);
	if (!e)
		e = collected_manifest(&h, m, &why);
	if (!e)
		e = file_make_folder(d->out, &why);
	for (unsigned j = 1; !e && j <= m->trustees.count; j++)
		e = write_deal(d, &h, m, j, &why);
	if (!e)
		cli_say("Election %s. Compare all of it with the other trustees, over a channel "
		        "that the organiser does not run, before you send each deal to its "
		        "trustee.",
		        m->fingerprint);
	manifest_free(m);
	trusteehome_close(&h);
	return e ? cli_fail(NAME, e, &why) : 0;
}

int cmd_trustee_deal(int argc, char **argv)
{
	struct dealing d = { .home = ".", .out = "." };
	const struct option_row options[] = {
		{ "home", OPTION_TEXT, &d.home, "DIR", "the trustee's own folder", 0, 0 },
		{ "manifest", OPTION_TEXT, &d.manifest, "FILE", "the sealed manifest.json", 0, 0 },
		{ "out", OPTION_TEXT, &d.out, "DIR",
		  "where the deals are written; made where it is not there", 0, 0 },
		{ "passphrase-file", OPTION_TEXT, &d.passphrase_file, "FILE",
		  "instead of asking on the terminal", 0, 0 },
		{ NULL, OPTION_FLAG, NULL, NULL, NULL, 0, 0 },
	};
	const struct usage usage = {
		.name = NAME,
		.operands = "",
		.help = "Under the sealed manifest only: this trustee's entry is byte for byte\n"
			"its own, and each entry is what that trustee committed to. Writes\n"
			"deal-I-J.json for every trustee J, sealed to J.",
		.option = options,
	};
	struct why why = { 0 };
	int first, status = cli_options(&usage, argc, argv, &first);

	if (status >= 0)
		return status;
	if (!d.manifest)
		return cli_fail(NAME, why_set(&why, ERR_USAGE, "--manifest is needed"), &why);
	return deal(&d);
}
