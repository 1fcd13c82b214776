/* SPDX-License-Identifier: MIT */
#include "core/file.h"
#include "core/passphrase.h"
#include "core/secret.h"
#include "core/settings.h"
#include "mailer/cmd.h"
#include "mailer/definition.h"
#include "mailer/exercise.h"
#include "mailer/journal.h"

struct beginning {
	struct cmd cmd;
	bool test;
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

/* The definition comes last: a home without one is no home, so a failure on the way leaves
 * nothing that looks whole. */
static enum err make_home(const char *definition, const char *home, bool test,
                          const struct passphrase *passphrase, struct why *why)
{
	enum err e = file_make_home(home, why);

	if (!e)
		e = keys_create(home, passphrase, why);
	if (!e)
		e = journal_add(home, "new", "the keys were drawn", NULL, 0, why);
	if (!e)
		e = copy_definition(definition, home, test, why);
	return e;
}

static enum err begin_election(void *context, char **operand, struct why *why)
{
	const struct beginning *b = context;
	const struct cmd *c = &b->cmd;
	struct definition *definition = NULL;
	struct passphrase *passphrase = NULL;
	enum err e = definition_read(&definition, *operand, why);

	if (!e)
		e = passphrase_get(&passphrase, c->passphrase_file,
		                   "Choose a passphrase for the mailer's keys: ", 1, why);
	if (!e)
		e = make_home(*operand, c->path, b->test, passphrase, why);
	if (!e)
		cli_say("%s: made, with %u question%s in %u language%s%s; next: votepost-mailer "
		        "roll MEMBERS.csv --home %s",
		        c->path, definition->questions, definition->questions > 1 ? "s" : "",
		        definition->languages, definition->languages > 1 ? "s" : "",
		        definition->test || b->test ? ", a TEST" : "", c->path);
	secret_free(passphrase);
	definition_free(definition);
	return e;
}

int cmd_new(int argc, char **argv)
{
	struct beginning b = { .cmd = CMD_INIT };
	const struct option_row options[] = {
		{ "home", OPTION_TEXT, &b.cmd.path, "DIR", "the folder to make for this election",
		  0, 0 },
		{ "test", OPTION_FLAG, &b.test, NULL,
		  "a rehearsal of this election: its copy is marked as a test", 0, 0 },
		CMD_PASSPHRASE(&b.cmd),
		{ 0 },
	};
	const struct usage usage = {
		"votepost-mailer new",
		"ELECTION.conf",
		1,
		1,
		"Check the definition of an election and make the mailer's home: a folder for\n"
		"this election alone, with keys that are drawn now and sealed under a passphrase.\n"
		"Whoever has the folder and the passphrase can vote for every member: keep both.\n"
		"With --test it is a rehearsal: the home's copy of the definition says test = "
		"true,\n"
		"ELECTION.conf stays as it is. Its keys are its own and open nothing else.",
		options,
	};

	return cli_run(&usage, argc, argv, begin_election, &b);
}
