/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "core/cli.h"
#include "core/json.h"
#include "core/progress.h"
#include "core/sandbox.h"
#include "scrutineer/audit.h"
#include "scrutineer/checkpoint.h"
#include "scrutineer/cmd.h"
#include "scrutineer/record.h"
#include "scrutineer/words.h"

static const char NAME[] = "votepost-scrutineer verify";

#define OUTPUT_MAX ((size_t)1 << 20)

struct verify {
	const char *record, *checkpoint, *from, *language;
	bool json;
	uint64_t threads;
	struct progress *progress;
	struct buf notes; /* remarks for --json: they follow the failures */
	bool first;
	enum err lost; /* a finding or a count that there was no memory to print */
};

/* Failures go out as they are found: there may be as many as lines. */
static void found(void *ctx, const struct finding *f)
{
	struct verify *v = ctx;
	struct buf text = BUF_INIT(OUTPUT_MAX);

	progress_hide();
	if (!v->json) {
		buf_adds(&text, f->fails ? "FAILS  " : "note   ");
		words_finding(&text, f);
		cli_out("%s", buf_text(&text));
	} else if (!f->fails) {
		if (v->notes.len)
			buf_addc(&v->notes, ',');
		words_finding_json(&v->notes, f);
	} else {
		words_finding_json(&text, f);
		cli_out("%s%s", v->first ? "" : ",", buf_text(&text));
		v->first = false;
	}
	if (buf_err(&text) || buf_err(&v->notes))
		v->lost = ERR_MEMORY;
	buf_free(&text);
}

static void step(void *ctx, uint64_t more)
{
	const struct verify *v = ctx;

	progress_step(v->progress, more);
}

static void print_text(struct verify *v, const struct audit *a)
{
	struct registry_counts counts = { 0 };
	struct buf text = BUF_INIT(OUTPUT_MAX);

	cli_out("stage: %s\n", stage_name(a->stage));
	if (a->m) {
		counts = registry_counts(a->rules.registry);
		cli_out("election: %s\n", a->m->fingerprint);
		cli_out("lines: %llu\n", (unsigned long long)a->tree.size);
		cli_out("ballots: %llu, credentials issued: %llu, replaced: %llu\n",
		        (unsigned long long)a->rules.ballots, (unsigned long long)counts.issued,
		        (unsigned long long)a->rules.replaced);
	}
	if (a->m && a->rules.closed && !a->cut) {
		char root[FINGERPRINT_TEXT];

		fingerprint_write(root, a->root.bytes);
		cli_out("closed root: %s\n", root);
	}
	if (a->stage == STAGE_COUNTED && a->counts && !a->failures) {
		words_counts(&text, a->m, a->counts,
		             v->language ? manifest_language(a->m, v->language) : 0);
		cli_out("%s", buf_text(&text));
	}
	if (a->failures)
		cli_out("refused: %llu failure%s\n", (unsigned long long)a->failures,
		        a->failures == 1 ? "" : "s");
	else
		cli_out("verified: everything that is there holds\n");
	if (buf_err(&text))
		v->lost = ERR_MEMORY;
	buf_free(&text);
}

static void print_json(struct verify *v, const struct audit *a)
{
	struct registry_counts counts = { 0 };
	struct buf text = BUF_INIT(OUTPUT_MAX);

	buf_addf(&text, "],\"notes\":[%s],\"stage\":\"%s\"", buf_text(&v->notes),
	         stage_name(a->stage));
	if (a->m) {
		counts = registry_counts(a->rules.registry);
		buf_adds(&text, ",\"election\":");
		json_add_b64(&text, a->m->id, HASH_BYTES);
		buf_addf(&text, ",\"fingerprint\":\"%s\",\"lines\":%llu", a->m->fingerprint,
		         (unsigned long long)a->tree.size);
		buf_addf(&text, ",\"ballots\":%llu,\"issued\":%llu,\"replaced\":%llu",
		         (unsigned long long)a->rules.ballots, (unsigned long long)counts.issued,
		         (unsigned long long)a->rules.replaced);
		buf_adds(&text, ",\"root\":");
		json_add_b64(&text, a->root.bytes, HASH_BYTES);
	}
	if (a->stage == STAGE_COUNTED && a->counts && !a->failures) {
		buf_adds(&text, ",\"counts\":");
		words_counts_json(&text, a->m, a->counts);
	}
	buf_addf(&text, ",\"good\":%s}\n", a->failures ? "false" : "true");
	cli_out("%s", buf_text(&text));
	if (buf_err(&text))
		v->lost = ERR_MEMORY;
	buf_free(&text);
}

/* A record that is good so far is worth remembering; one that failed is not. */
static enum err keep(const struct verify *v, const struct audit *a, struct why *why)
{
	if (!v->checkpoint)
		return OK;
	if (a->failures) {
		cli_say("%s: no checkpoint is written of a record that fails", NAME);
		return OK;
	}
	return checkpoint_write(v->checkpoint, a, why);
}

static int verify(struct verify *v)
{
	struct audit_options o = { .record = v->record,
		                   .threads = (unsigned)v->threads,
		                   .found = found,
		                   .step = step,
		                   .ctx = v };
	struct checkpoint from = { 0 };
	struct why why = { 0 };
	struct audit a = { 0 };
	enum err e = OK;

	if (v->from) {
		e = checkpoint_read(&from, v->from, &why);
		if (e == ERR_INVALID)
			e = ERR_FORMAT; /* no answer about the record */
		o.from = &from;
	}
	if (e) {
		checkpoint_release(&from);
		return cli_fail(NAME, e, &why);
	}
	if (v->json)
		cli_out("{\"type\":\"verify\",\"failures\":[");
	v->progress = progress_start("verify", record_board_bytes(v->record));
	e = audit_run(&a, &o, &why);
	progress_end(v->progress);
	if (!e) {
		if (v->json)
			print_json(v, &a);
		else
			print_text(v, &a);
		e = v->lost ? v->lost : keep(v, &a, &why);
	}
	if (!e)
		e = cli_flush(&why);
	if (!e && a.failures)
		e = ERR_INVALID;
	audit_release(&a);
	checkpoint_release(&from);
	buf_free(&v->notes);
	return e == ERR_INVALID ? 1 : e ? cli_fail(NAME, e, &why) : 0;
}

int cmd_verify(int argc, char **argv)
{
	struct verify v = { .first = true, .notes = BUF_INIT(OUTPUT_MAX) };
	const struct option_row options[] = {
		{ "json", OPTION_FLAG, &v.json, NULL, "one JSON object instead of text", 0, 0 },
		{ "from", OPTION_TEXT, &v.from, "FILE", "go on from a checkpoint of yours", 0, 0 },
		{ "checkpoint", OPTION_TEXT, &v.checkpoint, "FILE",
		  "write one, for the next time, if the record is good", 0, 0 },
		{ "language", OPTION_TEXT, &v.language, "TAG", "the language of the counts", 0, 0 },
		{ "threads", OPTION_NUMBER, &v.threads, "N", "instead of all processors", 1, 256 },
		{ NULL, OPTION_FLAG, NULL, NULL, NULL, 0, 0 },
	};
	const struct usage usage = {
		.name = NAME,
		.operands = "RECORD",
		.least = 1,
		.most = 1,
		.help = "Check everything that a record folder holds: each line, signature and\n"
			"proof of the board, the heads, the shares, the result. Every failure is\n"
			"named with its line, counted from 0. Works on an open board too.\n"
			"Exit status 0: all that is there holds. 1: something fails.",
		.option = options,
	};
	struct why why = { 0 };
	enum err e;
	int first, status = cli_options(&usage, argc, argv, &first);

	if (status >= 0)
		return status;
	v.record = argv[first];
	e = sandbox_enter(SANDBOX_OFFLINE, &why);
	return e ? cli_fail(NAME, e, &why) : verify(&v);
}
