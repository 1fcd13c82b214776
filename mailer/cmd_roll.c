/* SPDX-License-Identifier: MIT */
#include "core/progress.h"
#include "mailer/cmd.h"
#include "mailer/definition.h"
#include "mailer/import.h"
#include "mailer/journal.h"

#define TOLD_MAX 200 /* cases of each kind that are told one by one */

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

static void step(void *context, uint64_t more)
{
	struct telling *t = context;

	progress_step(t->progress, more);
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

struct rolling {
	struct cmd cmd;
	struct import import;
	struct telling telling;
};

static enum err import_members(struct rolling *r, const struct definition *d, const char *path,
                               struct why *why)
{
	enum err e;

	r->telling.progress = progress_start("members", 0);
	e = import_roll(&r->import, r->cmd.path, path, d, why);
	progress_end(r->telling.progress);
	say_rest(&r->telling);
	return e;
}

static enum err roll(void *context, char **operand, struct why *why)
{
	struct rolling *r = context;
	struct definition *definition = NULL;
	enum err e = cmd_begin(&r->cmd, CMD_ALONE | CMD_UNSEALED, why);

	if (!e)
		e = home_definition(&r->cmd.home, &definition, why);
	if (!e)
		e = import_members(r, definition, *operand, why);
	if (!e) {
		const struct journal_count count = { "members", r->import.summary.members };

		e = journal_add(r->cmd.path, "roll", "members were imported", &count, 1, why);
	}
	if (!e)
		say_summary(&r->import, definition);
	definition_free(definition);
	cmd_end(&r->cmd);
	return e;
}

int cmd_roll(int argc, char **argv)
{
	struct rolling r = { .cmd = CMD_INIT, .import = { .tell = tell, .step = step } };
	const struct option_row options[] = {
		CMD_HOME(&r.cmd),
		{ "allow-shared", OPTION_FLAG, &r.import.allow_shared, NULL,
		  "several members may have one mailbox", 0, 0 },
		{ 0 },
	};
	const struct usage usage = {
		"votepost-mailer roll",
		"MEMBERS.csv",
		1,
		1,
		"Import the members from a CSV file (UTF-8, commas), columns in any order: id and\n"
		"email; name, language, weight and group may lack. Every doubtful case is named\n"
		"with its line. Nothing is imported unless all is well; may be repeated until the\n"
		"election is sealed.",
		options,
	};

	r.import.context = &r.telling;
	return cli_run(&usage, argc, argv, roll, &r);
}
