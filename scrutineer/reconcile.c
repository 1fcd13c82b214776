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

static enum err pass_journal(struct chain *c, struct why *why)
{
	struct journal_line line;
	enum err e = journal_line_read(&line, c->held.data, c->held.len, why);

	if (e)
		return e;
	if (line.n != c->n || memcmp(line.previous, c->last, HASH_BYTES) != 0)
		return why_check(why, "ledger chain",
		                 "the line does not follow from the one before it");
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
			e = pass_journal(c, why);
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

void reconcile_board(struct accounts *a, const struct audit *audit)
{
	struct registry_counts counts = registry_counts(audit->rules.registry);

	a->lines = audit->tree.size;
	a->ballots = audit->rules.ballots;
	a->issued = counts.issued;
	a->replaced = audit->rules.replaced;
	a->unused = counts.issued - counts.used - counts.replaced;
	memcpy(a->channel, audit->channel_ballots, sizeof(a->channel));
}

static struct sum *begin(struct sums *s, const char *name, const char *what, uint64_t n)
{
	struct sum *sum;

	if (s->n == SUMS_MAX)
		bug("more sums than there is room for");
	sum = &s->sum[s->n++];
	*sum = (struct sum){ .name = name, .left = { what, n } };
	return sum;
}

static void add(struct sum *sum, const char *what, uint64_t n)
{
	if (sum->terms == TERMS_MAX)
		bug("more terms than there is room for");
	sum->term[sum->terms++] = (struct term){ what, n };
}

static void settle(struct sums *s)
{
	for (unsigned i = 0; i < s->n; i++) {
		struct sum *sum = &s->sum[i];
		uint64_t total = 0;

		for (unsigned t = 0; t < sum->terms; t++)
			total += sum->term[t].n;
		sum->holds = sum->at_most ? sum->left.n <= total : sum->left.n == total;
		s->differences += !sum->holds;
	}
}

static void mailer_sums(struct sums *s, const struct accounts *a)
{
	const uint64_t *state = a->ledger.state;
	struct sum *sum;

	sum = begin(s, "issued", "issued (ledger)", a->ledger.issued);
	add(sum, "issued (board)", a->issued);
	sum = begin(s, "replaced", "replaced (ledger)", a->ledger.replaced);
	add(sum, "replaced (board)", a->replaced);
	sum = begin(s, "states", "members (roll)", a->m->members);
	for (unsigned i = 0; i < SEND_STATES; i++)
		add(sum, send_state_name((enum send_state)i), state[i]);
	/* What was never handed to a relay cannot have come back as a vote. */
	sum = begin(s, "sent", "used (board)", a->ballots);
	sum->at_most = true;
	add(sum, send_state_name(SEND_ACCEPTED), state[SEND_ACCEPTED]);
	add(sum, send_state_name(SEND_UNCERTAIN), state[SEND_UNCERTAIN]);
	add(sum, send_state_name(SEND_IN_FLIGHT), state[SEND_IN_FLIGHT]);
}

static void receiver_sums(struct sums *s, const struct accounts *a)
{
	static const char *const names[CHANNELS] = { "channel reply", "channel sealed-reply",
		                                     "channel link" };
	struct sum *sum;

	sum = begin(s, "size", "lines (funnel)", a->funnel.size);
	add(sum, "lines (board)", a->lines);
	sum = begin(s, "used", "counted (funnel)", a->funnel.verdict[VERDICT_COUNTED]);
	add(sum, "used (board)", a->ballots);
	for (unsigned i = 0; i < CHANNELS; i++) {
		sum = begin(s, names[i], "counted (funnel)", a->funnel.channel[i]);
		add(sum, "ballots (board)", a->channel[i]);
	}
	sum = begin(s, "channels", "counted (funnel)", a->funnel.verdict[VERDICT_COUNTED]);
	for (unsigned i = 0; i < CHANNELS; i++)
		add(sum, channel_name((enum channel)i), a->funnel.channel[i]);
}

void reconcile_sums(struct sums *out, const struct accounts *a)
{
	struct sum *sum;

	memset(out, 0, sizeof(*out));
	mailer_sums(out, a);
	receiver_sums(out, a);
	sum = begin(out, "board", "issued (board)", a->issued);
	add(sum, "used", a->ballots);
	add(sum, "replaced", a->replaced);
	add(sum, "unused", a->unused);
	settle(out);
}
