/* SPDX-License-Identifier: MIT */
#include "core/cli.h"
#include "core/progress.h"
#include "mailer/cmd.h"
#include "mailer/definition.h"
#include "mailer/home.h"
#include "mailer/import.h"
#include "mailer/journal.h"

#define TOLD_MAX 200 /* cases of each kind that are told one by one */

static const char name[] = "votepost-mailer roll";

struct telling {
	struct progress *progress;
	uint64_t told[2];
};

static void tell(void *context, enum import_kind kind, const char *sentence)
{
	struct telling *t = context;

	if (t->told[kind]++ >= TOLD_MAX)
		return;
	progress_hide();
	cli_say("%s: %s", kind == IMPORT_WRONG ? "error" : "warning", sentence);
}

static void step(void *context)
{
	struct telling *t = context;

	progress_step(t->progress, 1);
}

static void say_rest(const struct telling *t)
{
	static const char *const words[2] = { "errors", "warnings" };

	for (int kind = 0; kind < 2; kind++)
		if (t->told[kind] > TOLD_MAX)
			cli_say("… and %llu more %s",
			        (unsigned long long)(t->told[kind] - TOLD_MAX), words[kind]);
}

static void say_summary(const struct import *i, const struct definition *d)
{
	const struct roll_summary *s = &i->summary;

	cli_say("%llu members", (unsigned long long)s->members);
	for (unsigned l = 0; l < d->languages; l++)
		cli_say("  language %s: %llu", d->language[l], (unsigned long long)s->language[l]);
	for (unsigned w = 1; w <= WEIGHT_MAX; w++) {
		if (!s->weight[w])
			continue;
		cli_say("  weight %u: %llu%s", w, (unsigned long long)s->weight[w],
		        s->weight[w] < d->min_ballots
		                ? "  (fewer than min_ballots: seal will refuse this)"
		                : "");
	}
}

int cmd_roll(int argc, char **argv)
{
	const char *home_path = ".";
	struct telling telling = { 0 };
	struct import import = { .tell = tell, .step = step, .context = &telling };
	const struct option_row options[] = {
		{ "home", OPTION_TEXT, &home_path, "DIR", "the mailer's home", 0, 0 },
		{ "allow-shared", OPTION_FLAG, &import.allow_shared, NULL,
		  "several members may have one mailbox", 0, 0 },
		{ 0 },
	};
	const struct usage usage = {
		name,
		"MEMBERS.csv",
		1,
		1,
		"Import the members from a CSV file (UTF-8, commas), columns in any order: id and\n"
		"email; name, language, weight and group may lack. Every doubtful case is named\n"
		"with its line. Nothing is imported unless all is well; may be repeated until the\n"
		"election is sealed.",
		options,
	};
	struct definition *definition = NULL;
	struct home home = { .lock = { .fd = -1 } };
	struct why why = { 0 };
	int first, status = cli_options(&usage, argc, argv, &first);
	enum err e;

	if (status >= 0)
		return status;
	e = home_open(&home, home_path, true, &why);
	if (!e)
		e = home_not_sealed(&home, &why);
	if (!e)
		e = home_definition(&home, &definition, &why);
	if (!e) {
		telling.progress = progress_start("members", 0);
		e = import_roll(&import, home_path, argv[first], definition, &why);
		progress_end(telling.progress);
		say_rest(&telling);
	}
	if (!e) {
		const struct journal_count count = { "members", import.summary.members };

		e = journal_add(home_path, "roll", "members were imported", &count, 1, &why);
	}
	if (!e)
		say_summary(&import, definition);
	definition_free(definition);
	home_close(&home);
	return e ? cli_fail(name, e, &why) : 0;
}
