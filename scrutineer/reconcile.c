/* SPDX-License-Identifier: MIT */
#include "scrutineer/reconcile.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "core/file.h"

#define LEDGER_LINE_MAX 8192
#define FUNNEL_MAX      8192

/* What is known while the ledger passes by: the last line is told from a journal line by there
 * being none after it, so one line is always held back. */
struct chain {
	struct ledger_hash hash; /* over the lines before the one held back */
	unsigned char last[HASH_BYTES];
	struct buf held;
	uint64_t n;
};

static enum err pass_journal(struct chain *c, struct chronicle *chronicle, struct why *why)
{
	struct journal_line line;
	enum err e = journal_line_read(&line, c->held.data, c->held.len, why);

	if (e)
		return e;
	if (line.n != c->n || memcmp(line.previous, c->last, HASH_BYTES) != 0)
		return why_check(why, "ledger chain",
		                 "the line does not follow from the one before it");
	e = chronicle_take(chronicle, &line, why);
	if (e)
		return e;
	ledger_hash_line(&c->hash, c->held.data, c->held.len);
	crypto_hash_sha256(c->last, (const unsigned char *)c->held.data, c->held.len);
	c->n++;
	return OK;
}

static enum err end_ledger(struct accounts *a, const struct chain *c, struct why *why)
{
	enum err e;

	if (!c->held.len)
		return why_check(why, "ledger", "it is empty");
	e = ledger_totals_read(&a->ledger, c->held.data, c->held.len, a->m, &c->hash, why);
	if (!e && memcmp(a->ledger.previous, c->last, HASH_BYTES) != 0)
		e = why_check(why, "ledger chain",
		              "the totals do not follow from the line before them");
	a->journal_lines = c->n;
	return e;
}

static enum err follow(struct accounts *a, struct lines *lines, struct chain *c, struct why *why)
{
	enum err e;

	for (;;) {
		e = lines_next(lines, why);
		if (e == ERR_NOT_FOUND)
			return end_ledger(a, c, why);
		if (!e && !lines->ended_whole)
			e = why_check(why, "line not canonical", "the last line has no line feed");
		if (!e && c->held.len)
			e = pass_journal(c, &a->chronicle, why);
		if (e)
			return e;
		buf_clear(&c->held);
		buf_add(&c->held, buf_text(&lines->line), lines->line.len);
		if (buf_err(&c->held))
			return buf_err(&c->held);
	}
}

enum err reconcile_ledger(struct accounts *a, const char *path, struct why *why)
{
	struct chain c = { .held = BUF_INIT(LEDGER_LINE_MAX) };
	struct lines lines;
	enum err e;

	ledger_hash_begin(&c.hash);
	e = lines_open(&lines, path, LEDGER_LINE_MAX, why);
	if (!e) {
		e = follow(a, &lines, &c, why);
		if (e == ERR_INVALID)
			why_prefix(why, "%s:%llu", path, (unsigned long long)c.n + 1);
	}
	lines_close(&lines);
	buf_free(&c.held);
	return e;
}

enum err reconcile_funnel(struct accounts *a, const char *path, struct why *why)
{
	struct buf line = BUF_INIT(FUNNEL_MAX);
	enum err e = file_read_line(&line, path, why);

	if (!e) {
		e = funnel_read(&a->funnel, a->m, line.data, line.len, why);
		if (e)
			why_prefix(why, "%s", path);
	}
	buf_free(&line);
	return e;
}

void reconcile_board(struct accounts *a, const struct audit *audit, const struct course *course)
{
	struct registry_counts counts = registry_counts(audit->rules.registry);

	a->lines = audit->tree.size;
	a->ballots = audit->rules.ballots;
	a->issued = counts.issued;
	a->replaced = audit->rules.replaced;
	a->renewed = course->renewed;
	a->unused = counts.issued - counts.used - counts.replaced;
	a->weight = audit->rules.weight;
	a->class_weight = 0;
	for (unsigned i = 0; i < a->m->classes; i++)
		a->class_weight += a->m->class[i].weight * audit->class_ballots[i];
	memcpy(a->channel, audit->channel_ballots, sizeof(a->channel));
	a->counts = audit->counts;
}

void reconcile_release(struct accounts *a)
{
	chronicle_release(&a->chronicle);
}
