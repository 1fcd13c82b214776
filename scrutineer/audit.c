/* SPDX-License-Identifier: MIT */
#include "scrutineer/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "scrutineer/audit_board.h"
#include "scrutineer/audit_heads.h"
#include "scrutineer/audit_result.h"
#include "scrutineer/record.h"

const char *stage_name(enum stage stage)
{
	switch (stage) {
	case STAGE_UNKNOWN:
		return "unknown";
	case STAGE_OPEN:
		return "open";
	case STAGE_CLOSED:
		return "closed";
	case STAGE_COUNTED:
		return "counted";
	case STAGE_TOO_FEW:
		return "closed with too few ballots";
	}
	bug("a stage without a name");
}

/* A sentence may quote what a hostile file said: what could steer a terminal is shown as '?'. */
static void make_plain(char *text)
{
	size_t len = strlen(text), at = 0;

	while (at < len) {
		uint32_t c;
		size_t n = utf8_next(&c, text + at, len - at);

		if (n == 0 || !text_clean(text + at, n)) {
			memset(text + at, '?', n ? n : 1);
			n = n ? n : 1;
		}
		at += n;
	}
}

static void tell(struct audit *a, const char *file, int64_t line, bool fails, const struct why *why)
{
	struct finding f = { .file = file, .fails = fails, .why = *why };

	f.has_line = line >= 0;
	f.line = line < 0 ? 0 : (uint64_t)line;
	if (!f.why.check[0])
		snprintf(f.why.check, sizeof(f.why.check), "form");
	make_plain(f.why.text);
	if (a->o->found)
		a->o->found(a->o->ctx, &f);
}

void audit_fails(struct audit *a, const char *file, int64_t line, const struct why *why)
{
	a->failures++;
	if (!strcmp(file, RECORD_BOARD))
		a->board_failures++;
	tell(a, file, line, true, why);
}

void audit_remarks(struct audit *a, const char *file, int64_t line, const struct why *why)
{
	tell(a, file, line, false, why);
}

unsigned audit_good_shares(const struct audit *a, const struct share *out[TRUSTEES_MAX])
{
	unsigned n = 0;

	for (unsigned i = 0; a->share && i < a->m->trustees.count; i++) {
		if (a->good[i])
			out[n++] = &a->share[i];
	}
	return n;
}

static enum stage find_stage(const struct audit *a)
{
	if (a->cut)
		return STAGE_UNKNOWN;
	if (!a->rules.closed)
		return STAGE_OPEN;
	if (a->rules.ballots && a->rules.ballots < a->m->min_ballots)
		return STAGE_TOO_FEW;
	return record_has(a->o->record, RECORD_RESULT) ? STAGE_COUNTED : STAGE_CLOSED;
}

/* What only the end of the board can tell. */
static void end_board(struct audit *a, bool must_close)
{
	struct why why = { 0 };

	while (rules_end(&a->rules, must_close, &why))
		audit_fails(a, RECORD_BOARD, -1, &why);
	audit_heads_end(a);
}

static enum err finish(struct audit *a, struct why *why)
{
	bool begun = !a->o->board_only && audit_result_begun(a);
	struct why found = { 0 };

	a->stage = find_stage(a);
	if (a->stage == STAGE_UNKNOWN)
		return OK;
	end_board(a, begun);
	if (a->o->board_only && !a->board_failures) {
		enum err e = tally_total(&a->tally);

		return e ? why_set(why, e, "no memory for the totals") : OK;
	}
	if (!begun || a->stage == STAGE_OPEN)
		return OK;
	if (a->stage != STAGE_TOO_FEW)
		return audit_result_run(a, why);
	why_check(&found, "too few ballots",
	          "%llu ballots where the manifest asks for %llu: nothing may be decrypted",
	          (unsigned long long)a->rules.ballots, (unsigned long long)a->m->min_ballots);
	audit_fails(a, RECORD_BOARD, -1, &found);
	return OK;
}

enum err audit_begin(struct audit *a, const struct audit_options *o, struct manifest *m,
                     struct why *why)
{
	enum err e;

	memset(a, 0, sizeof(*a));
	a->o = o;
	a->m = m;
	a->class_ballots = calloc(a->m->classes, sizeof(*a->class_ballots));
	e = a->class_ballots ? rules_init(&a->rules, a->m) : ERR_MEMORY;
	tally_init(&a->tally, a->m);
	if (!e)
		e = crew_new(&a->crew, a->o->threads);
	if (e)
		return why_set(why, e, "no memory for the audit");
	e = audit_heads_read(a, why);
	return e ? e : audit_board_begin(a, why);
}

enum err audit_end(struct audit *a, struct why *why)
{
	enum err e = audit_board_end(a, why);

	return e ? e : finish(a, why);
}

/* The board's lines after the manifest. */
static enum err run_lines(struct audit *a, struct lines *lines, struct why *why)
{
	struct why found = { 0 };
	enum err e = OK;

	while (!e && !a->cut) {
		e = record_next(lines, &found);
		if (!e)
			e = audit_board_line(a, buf_text(&lines->line), lines->line.len,
			                     lines->ended_whole, why);
		else if (e == ERR_INVALID)
			e = audit_board_cut(a, &found, why);
		else if (e == ERR_NOT_FOUND)
			return OK;
		else if (why)
			*why = found;
	}
	return e;
}

enum err audit_run(struct audit *a, const struct audit_options *o, struct why *why)
{
	struct manifest *m = NULL;
	struct lines lines = { 0 };
	struct why found = { 0 };
	enum err e;

	memset(a, 0, sizeof(*a));
	a->o = o;
	e = record_board(&lines, &m, o->record, &found);
	if (!e) {
		e = audit_begin(a, o, m, why);
		if (!e)
			e = run_lines(a, &lines, why);
		if (!e)
			e = audit_end(a, why);
	} else if (e == ERR_INVALID) {
		bool missing = !strcmp(found.check, "board missing");

		audit_fails(a, RECORD_BOARD, missing ? -1 : 0, &found);
		e = OK;
	} else if (why) {
		*why = found;
	}
	lines_close(&lines);
	return e;
}

void audit_release(struct audit *a)
{
	audit_board_release(a);
	if (a->m) {
		for (unsigned i = 0; a->share && i < a->m->trustees.count; i++)
			share_release(&a->share[i]);
		tally_release(&a->tally);
		rules_release(&a->rules);
	}
	crew_free(a->crew);
	free(a->class_ballots);
	free(a->heads);
	free(a->share);
	free(a->counts);
	manifest_free(a->m);
	memset(a, 0, sizeof(*a));
}
