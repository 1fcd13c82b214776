/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "core/cli.h"
#include "core/file.h"
#include "core/sandbox.h"
#include "scrutineer/audit.h"
#include "scrutineer/cmd.h"
#include "scrutineer/record.h"
#include "scrutineer/words.h"

static const char NAME[] = "votepost-scrutineer tally";

#define TEXT_MAX ((size_t)1 << 20)

struct counting {
	const char *record, *language;
	struct progress *progress;
};

static void found(void *ctx, const struct finding *f)
{
	(void)ctx;
	cmd_tell(f->fails ? "" : "left out: ", f);
}

static void step(void *ctx, uint64_t more)
{
	const struct counting *c = ctx;

	progress_step(c->progress, more);
}

static enum err write_result(const struct counting *c, const struct audit *a,
                             const uint64_t *counts, struct why *why)
{
	struct buf path = BUF_INIT(FILENAME_MAX), line = BUF_INIT(TEXT_MAX);
	enum err e;

	result_write(&line, a->m, a->root.bytes, counts);
	buf_addc(&line, '\n');
	e = buf_err(&line);
	if (!e)
		e = file_create(file_path(&path, c->record, RECORD_RESULT), line.data, line.len,
		                0644, why);
	if (!e)
		cli_say("Written: %s", buf_text(&path));
	buf_free(&line);
	buf_free(&path);
	return e;
}

static void print_counts(const struct counting *c, const struct audit *a, const uint64_t *counts)
{
	struct buf text = BUF_INIT(TEXT_MAX);

	words_counts(&text, a->m, counts, c->language ? manifest_language(a->m, c->language) : 0);
	cli_out("election: %s\nballots: %llu\n%s", a->m->fingerprint,
	        (unsigned long long)a->rules.ballots, buf_text(&text));
	buf_free(&text);
}

static enum err count(const struct counting *c, const struct audit *a, struct why *why)
{
	const struct share *good[TRUSTEES_MAX];
	unsigned n = audit_good_shares(a, good);
	uint64_t *counts;
	enum err e;

	if (a->counts) { /* there already, and the shares open to just this */
		print_counts(c, a, a->counts);
		return OK;
	}
	if (n < a->m->trustees.threshold)
		return why_check(why, "shares", "%u good shares, the threshold is %u", n,
		                 a->m->trustees.threshold);
	counts = calloc(a->m->cells, sizeof(*counts));
	if (!counts)
		return why_set(why, ERR_MEMORY, "no memory for the counts");
	e = tally_counts(counts, &a->tally, good, n, why);
	if (!e)
		e = write_result(c, a, counts, why);
	if (!e)
		print_counts(c, a, counts);
	free(counts);
	return e;
}

static int tally(struct counting *c)
{
	const struct audit_options o = {
		.record = c->record, .found = found, .step = step, .ctx = c
	};
	struct audit a = { 0 };
	struct why why = { 0 };
	enum err e = sandbox_enter(SANDBOX_OFFLINE, &why);

	if (e)
		return cli_fail(NAME, e, &why);
	c->progress = progress_start("verify", record_board_bytes(c->record));
	e = audit_run(&a, &o, &why);
	progress_end(c->progress);
	if (!e)
		e = cmd_closed(&a, "counted", &why);
	if (!e)
		e = count(c, &a, &why);
	audit_release(&a);
	return e ? cli_fail(NAME, e, &why) : 0;
}

int cmd_tally(int argc, char **argv)
{
	struct counting c = { 0 };
	const struct option_row options[] = {
		{ "language", OPTION_TEXT, &c.language, "TAG", "the language of the counts", 0, 0 },
		{ NULL, OPTION_FLAG, NULL, NULL, NULL, 0, 0 },
	};
	const struct usage usage = {
		.name = NAME,
		.operands = "RECORD",
		.least = 1,
		.most = 1,
		.help = "Verify a closed record, combine the trustees' good shares, write\n"
			"result.json into it and print the counts. A bad share is named and\n"
			"left out; fewer good ones than the threshold count nothing.",
		.option = options,
	};
	int first, status = cli_options(&usage, argc, argv, &first);

	if (status >= 0)
		return status;
	c.record = argv[first];
	return tally(&c);
}
