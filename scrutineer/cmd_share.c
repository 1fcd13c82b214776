/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/cli.h"
#include "core/file.h"
#include "core/sandbox.h"
#include "core/trustee.h"
#include "scrutineer/audit.h"
#include "scrutineer/cmd.h"
#include "scrutineer/collected.h"
#include "scrutineer/mark.h"
#include "scrutineer/record.h"
#include "scrutineer/trusteehome.h"

static const char NAME[] = "votepost-scrutineer share";

#define SHARE_FILE_MAX ((size_t)1 << 18)

struct sharing {
	const char *record, *home, *heads, *out, *passphrase_file;
	bool yes;
	struct progress *progress;
};

static void found(void *ctx, const struct finding *f)
{
	(void)ctx;
	cmd_tell("", f);
}

static void step(void *ctx, uint64_t more)
{
	const struct sharing *s = ctx;

	progress_step(s->progress, more);
}

static enum err check_home(const struct trusteehome *h, const struct manifest *m, struct why *why)
{
	if (!h->accepted)
		return why_set(why, ERR_STATE, "%s: no share was accepted yet", h->dir);
	if (memcmp(h->election, m->id, HASH_BYTES) != 0)
		return why_check(why, "election", "this home's share is for another election");
	return collected_manifest(h, m, why);
}

/* A rare weight gives its voters away; the totals of all weights are one sum, yet who knows
 * the others' votes can subtract them. The trustee decides, knowing it. */
static enum err ask_rare(const struct sharing *s, const struct audit *a, struct why *why)
{
	bool rare = false;

	for (unsigned i = 0; i < a->m->classes; i++) {
		uint64_t n = a->class_ballots[i];

		if (n == 0 || n >= a->m->min_ballots)
			continue;
		rare = true;
		cli_say("Only %llu ballot%s weigh%s %u, fewer than the manifest's %llu: the result "
		        "may show how they voted.",
		        (unsigned long long)n, n == 1 ? "" : "s", n == 1 ? "s" : "",
		        a->m->class[i].weight, (unsigned long long)a->m->min_ballots);
	}
	if (!rare || s->yes || cli_confirm("Decrypt all the same?"))
		return OK;
	return why_set(why, ERR_STATE, "nothing was decrypted; --yes decrypts all the same");
}

static enum err write_share(const struct sharing *s, const struct trusteehome *h,
                            const struct audit *a, struct why *why)
{
	struct buf path = BUF_INIT(FILENAME_MAX), line = BUF_INIT(SHARE_FILE_MAX);
	char name[RECORD_NAME_MAX];
	enum err e;

	/* The mark before the first partial decryption: from here on this board or none. */
	e = mark_board(file_path(&path, s->home, HOME_DECRYPTED), a->m, a->root.bytes, why);
	if (!e)
		e = trustee_decrypt(&line, h->secret, a->m, h->number, a->root.bytes, &a->tally,
		                    why);
	buf_addc(&line, '\n');
	if (!e)
		e = buf_err(&line);
	if (!e && s->out)
		e = file_make_folder(s->out, why);
	record_share_name(name, h->number);
	if (!e)
		e = file_write(file_path(&path, s->out ? s->out : s->record, name), line.data,
		               line.len, 0644, why);
	if (!e)
		cli_out("share: %s\n", buf_text(&path));
	buf_free(&line);
	buf_free(&path);
	return e;
}

static void tell_root(const struct audit *a)
{
	char root[FINGERPRINT_TEXT];

	fingerprint_write(root, a->root.bytes);
	cli_out("election: %s\nballots: %llu\nclosed root: %s\n", a->m->fingerprint,
	        (unsigned long long)a->rules.ballots, root);
	cli_say("Before anyone sends a share, read the closed root out to the other trustees: "
	        "it must be the same for all.");
}

/* Once a board was decrypted no other ever is: the trustee says that it is this one. */
static enum err ask_board(const struct sharing *s, struct why *why)
{
	enum err e = cli_flush(why);

	if (e)
		return e;
	if (!s->heads)
		cli_say("No heads were given: a board that lost ballots since you looked at it "
		        "cannot "
		        "be told from the true one. Give the heads that you kept with --heads.");
	if (s->yes || cli_confirm("Do all trustees read the same closed root?"))
		return OK;
	return why_set(why, ERR_STATE,
	               "nothing was decrypted: compare the closed root with the other trustees, "
	               "then share again; --yes does not ask");
}

static enum err share_with(struct sharing *s, const struct trusteehome *h, struct why *why)
{
	const struct audit_options o = { .record = s->record,
		                         .heads = s->heads,
		                         .board_only = true,
		                         .found = found,
		                         .step = step,
		                         .ctx = s };
	struct audit a = { 0 };
	enum err e;

	s->progress = progress_start("verify", record_board_bytes(s->record));
	e = audit_run(&a, &o, why);
	progress_end(s->progress);
	if (!e)
		e = cmd_closed(&a, "decrypted", why);
	if (!e)
		e = check_home(h, a.m, why);
	if (!e)
		e = ask_rare(s, &a, why);
	if (!e) {
		tell_root(&a);
		e = ask_board(s, why);
	}
	if (!e)
		e = write_share(s, h, &a, why);
	audit_release(&a);
	return e;
}

static int share(struct sharing *s)
{
	struct trusteehome h = { 0 };
	struct why why = { 0 };
	enum err e = sandbox_enter(SANDBOX_OFFLINE, &why);

	if (!e)
		e = trusteehome_open(&h, s->home, s->passphrase_file, &why);
	if (!e)
		e = share_with(s, &h, &why);
	trusteehome_close(&h);
	return e ? cli_fail(NAME, e, &why) : 0;
}

int cmd_share(int argc, char **argv)
{
	struct sharing s = { .home = "." };
	const struct option_row options[] = {
		{ "home", OPTION_TEXT, &s.home, "DIR", "the trustee's own folder", 0, 0 },
		{ "heads", OPTION_TEXT, &s.heads, "FILE",
		  "heads fetched during the vote: the board must agree with each", 0, 0 },
		{ "out", OPTION_TEXT, &s.out, "DIR",
		  "where the share goes, made where it is not there; else into the record", 0, 0 },
		{ "yes", OPTION_FLAG, &s.yes, NULL,
		  "do not ask: the root was compared, and no weight is too rare", 0, 0 },
		{ "passphrase-file", OPTION_TEXT, &s.passphrase_file, "FILE",
		  "instead of asking on the terminal", 0, 0 },
		{ NULL, OPTION_FLAG, NULL, NULL, NULL, 0, 0 },
	};
	const struct usage usage = {
		.name = NAME,
		.operands = "RECORD",
		.least = 1,
		.most = 1,
		.help = "Verify a closed record, add its ballots up, and write share-J.json, this\n"
			"trustee's partial decryption of the sums. A trustee decrypts one board "
			"in\n"
			"an election: the board's root is kept in the home first, and any other "
			"is\n"
			"refused for ever.",
		.option = options,
	};
	int first, status = cli_options(&usage, argc, argv, &first);

	if (status >= 0)
		return status;
	s.record = argv[first];
	return share(&s);
}
