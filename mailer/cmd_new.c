/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include <sodium.h>

#include "core/file.h"
#include "core/passphrase.h"
#include "core/secret.h"
#include "core/settings.h"
#include "mailer/cmd.h"
#include "mailer/custody.h"
#include "mailer/definition.h"
#include "mailer/exercise.h"
#include "mailer/journal.h"

struct beginning {
	struct cmd cmd;
	uint64_t officers, threshold; /* 0: one person holds the keys */
	const char *shares;           /* where the officers' shares go */
	bool test;
	/* One for each officer, or the only one. */
	struct passphrase *own[OFFICERS_MAX];
};

/* The definition as it was read goes along, or as that of a test: it is what the home's later
 * commands read. */
static enum err copy_definition(const char *from, const char *home, bool test, struct why *why)
{
	struct buf text = BUF_INIT(2 * SETTINGS_FILE_MAX), path = BUF_INIT(HOME_PATH_MAX);
	enum err e = test ? exercise_text(&text, from, why) : file_read(&text, from, why);

	if (!e)
		e = file_create(file_path(&path, home, HOME_ELECTION), buf_text(&text), text.len,
		                0600, why);
	buf_free(&text);
	buf_free(&path);
	return e;
}

static enum err check_officers(const struct beginning *b, struct why *why)
{
	if (!b->officers != !b->threshold)
		return why_set(why, ERR_USAGE, "--officers and --threshold go together");
	if (b->threshold > b->officers)
		return why_set(why, ERR_USAGE, "--threshold: more officers needed than there are");
	if (!b->officers != !b->shares)
		return why_set(why, ERR_USAGE,
		               "--shares DIR goes with --officers: where the shares are put, on "
		               "something that each officer takes away");
	return cmd_passphrase_files(&b->cmd, b->officers ? (unsigned)b->officers : 1, why);
}

static bool same(const struct passphrase *a, const struct passphrase *b)
{
	return a->len == b->len && !sodium_memcmp(a->text, b->text, a->len);
}

/* Each chooses their own; two that are the same are hardly two people's. */
static enum err ask_all(struct beginning *b, struct why *why)
{
	const unsigned n = b->officers ? (unsigned)b->officers : 1;
	enum err e = OK;

	for (unsigned i = 0; !e && i < n; i++) {
		char prompt[100] = "Choose a passphrase for the mailer's keys: ";

		if (b->officers)
			snprintf(prompt, sizeof(prompt),
			         "Officer %u, choose a passphrase for your share: ", i + 1);
		e = cmd_passphrase(&b->own[i], &b->cmd, i, prompt, 1, why);
		for (unsigned j = 0; !e && j < i; j++)
			if (same(b->own[i], b->own[j]))
				e = why_set(why, ERR_USAGE,
				            "officers %u and %u chose the same passphrase: are "
				            "they two people? Each share needs its own",
				            j + 1, i + 1);
	}
	return e;
}

/* The keys, and whoever can unlock them. */
static enum err make_keys(struct beginning *b, struct why *why)
{
	const struct journal_count counts[] = { { "officers", b->officers },
		                                { "threshold", b->threshold } };
	struct passphrase *shared = NULL;
	enum err e = OK;

	if (b->officers) {
		e = file_make_folder(b->shares, why);
		if (!e)
			e = custody_create(&shared, b->cmd.path, b->shares, (unsigned)b->threshold,
			                   (unsigned)b->officers,
			                   (const struct passphrase *const *)b->own, why);
	}
	if (!e)
		e = keys_create(b->cmd.path, shared ? shared : b->own[0], why);
	if (!e)
		e = journal_add(b->cmd.path, "new", "the keys were drawn", counts,
		                b->officers ? 2 : 0, why);
	secret_free(shared);
	return e;
}

/* The definition comes last: a home without one is no home, so a failure on the way leaves
 * nothing that looks whole. */
static enum err make_home(struct beginning *b, const char *definition, struct why *why)
{
	enum err e = file_make_home(b->cmd.path, why);

	if (!e)
		e = make_keys(b, why);
	if (!e)
		e = copy_definition(definition, b->cmd.path, b->test, why);
	return e;
}

static void say_made(const struct beginning *b, const struct definition *d)
{
	cli_say("%s: made, with %u question%s in %u language%s%s; next: votepost-mailer "
	        "roll MEMBERS.csv --home %s",
	        b->cmd.path, d->questions, d->questions > 1 ? "s" : "", d->languages,
	        d->languages > 1 ? "s" : "", d->test || b->test ? ", a TEST" : "", b->cmd.path);
	if (b->officers)
		cli_say("%s: %llu shares, any %llu of them unlock the keys. Each officer takes "
		        "theirs away, with a copy, and no other; leave none on this machine",
		        b->shares, (unsigned long long)b->officers,
		        (unsigned long long)b->threshold);
}

static enum err begin_election(void *context, char **operand, struct why *why)
{
	struct beginning *b = context;
	struct definition *definition = NULL;
	enum err e = check_officers(b, why);

	if (!e)
		e = definition_read(&definition, *operand, why);
	if (!e)
		e = ask_all(b, why);
	if (!e)
		e = make_home(b, *operand, why);
	if (!e)
		say_made(b, definition);
	for (unsigned i = 0; i < OFFICERS_MAX; i++)
		secret_free(b->own[i]);
	definition_free(definition);
	return e;
}

int cmd_new(int argc, char **argv)
{
	struct beginning b = { .cmd = CMD_INIT };
	const struct option_row options[] = {
		{ "home", OPTION_TEXT, &b.cmd.path, "DIR", "the folder to make for this election",
		  0, 0 },
		{ "officers", OPTION_NUMBER, &b.officers, "N",
		  "share the key among so many officers", 2, OFFICERS_MAX },
		{ "threshold", OPTION_NUMBER, &b.threshold, "M",
		  "so many of them unlock it together", 2, OFFICERS_MAX },
		{ "shares", OPTION_TEXT, &b.shares, "DIR", "where the officers' shares are put", 0,
		  0 },
		{ "test", OPTION_FLAG, &b.test, NULL,
		  "a rehearsal of this election: its copy is marked as a test", 0, 0 },
		{ "passphrase-file", OPTION_LIST, &b.cmd.passphrases, "FILE",
		  "read the passphrase from a file; one for each officer", 0, 0 },
		{ 0 },
	};
	const struct usage usage = {
		"votepost-mailer new",
		"ELECTION.conf",
		1,
		1,
		"Check the definition of an election and make the mailer's home: a folder for\n"
		"this election alone, with keys that are drawn now. They are sealed under one\n"
		"passphrase, and whoever has it and the folder can vote for every member; or "
		"shared\n"
		"among officers, of whom so many must come together, each with their own share "
		"and\n"
		"passphrase: --officers 3 --threshold 2 --shares /media/stick.\n"
		"With --test it is a rehearsal: the home's copy of the definition says test = "
		"true,\n"
		"ELECTION.conf stays as it is, and these keys open nothing else.",
		options,
	};

	return cli_run(&usage, argc, argv, begin_election, &b);
}
