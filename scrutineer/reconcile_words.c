/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "scrutineer/reconcile.h"
#include "scrutineer/words.h"

static void add_row(struct buf *out, const char *what, uint64_t n)
{
	buf_addf(out, "  %-22s %12llu\n", what, (unsigned long long)n);
}

static void add_journal(struct buf *out, const struct accounts *a)
{
	const struct chronicle *c = &a->chronicle;

	buf_adds(out, "replacements and bounces, by the mailer's journal\n");
	for (unsigned i = 0; i < REPLACE_REASONS; i++)
		add_row(out, replace_reason_name((enum replace_reason)i), c->stood[i]);
	add_row(out, "used meanwhile", c->stood_used);
	add_row(out, "bounced, no address", c->hard);
	add_row(out, "bounced, mailbox full", c->full);
	add_row(out, "bounced, refused", c->policy);
	add_row(out, "bounced, for now", c->soft);
	add_row(out, "reported as delayed", c->delayed);
	if (c->bounced_other)
		add_row(out, "bounced, otherwise", c->bounced_other);
	if (!c->bounces)
		buf_adds(out, "  (the journal has no line about bounces)\n");
}

static void add_accounts(struct buf *out, const struct accounts *a)
{
	buf_adds(out, "tokens, by the mailer's ledger\n");
	add_row(out, "members (roll)", a->m->members);
	add_row(out, "issued", a->ledger.issued);
	add_row(out, "replaced", a->ledger.replaced);
	for (unsigned i = 0; i < SEND_STATES; i++)
		add_row(out, send_state_name((enum send_state)i), a->ledger.state[i]);
	add_journal(out, a);
	buf_adds(out, "mails and posts, by the receiver's funnel\n");
	for (unsigned i = 0; i < VERDICTS; i++)
		add_row(out, verdict_name((enum verdict)i), a->funnel.verdict[i]);
	buf_adds(out, "credentials, by the board\n");
	add_row(out, "issued", a->issued);
	add_row(out, "used", a->ballots);
	for (unsigned i = 0; i < CHANNELS; i++)
		buf_addf(out, "    by %-17s %12llu\n", channel_name((enum channel)i),
		         (unsigned long long)a->channel[i]);
	add_row(out, "replaced", a->replaced);
	add_row(out, "unused", a->unused);
	add_row(out, "weight of the ballots", a->weight);
	if (!a->counts)
		buf_adds(out, "questions: not counted yet\n");
	else
		buf_adds(out, "questions, by the count (expressed, blank)\n");
	for (unsigned i = 0; a->counts && i < a->m->questions; i++) {
		struct expressed x = reconcile_row(a, a->m->question[i].first_row);

		buf_addf(out, "  %-22s %12llu %12llu\n", a->m->question[i].id,
		         (unsigned long long)x.expressed, (unsigned long long)x.blank);
	}
}

/* A sum and under it its terms, figures below one another. */
static void add_sum(struct buf *out, const struct sum *s)
{
	buf_addf(out, "  %-30s %s\n", s->name, s->holds ? "holds" : "DIFFERS");
	buf_addf(out, "      %-26s %12llu\n", s->left.what, (unsigned long long)s->left.n);
	for (unsigned t = 0; t < s->terms; t++)
		buf_addf(out, "    %s %-26s %12llu\n",
		         t            ? "+"
		         : s->at_most ? "<"
		                      : "=",
		         s->term[t].what, (unsigned long long)s->term[t].n);
}

void reconcile_text(struct buf *out, const struct accounts *a, const struct sums *sums)
{
	add_accounts(out, a);
	buf_adds(out, "sums (= is, < is at most)\n");
	for (unsigned i = 0; i < sums->n; i++)
		add_sum(out, &sums->sum[i]);
	if (!sums->differences)
		buf_adds(out, "reconciled: every sum holds\n");
	for (unsigned i = 0; i < sums->n; i++) {
		if (!sums->sum[i].holds)
			buf_addf(out, "difference: %s\n", sums->sum[i].name);
	}
}

static void add_term(struct buf *out, const struct term *t)
{
	buf_adds(out, "{\"what\":");
	words_json_text(out, t->what);
	buf_addf(out, ",\"n\":%llu}", (unsigned long long)t->n);
}

static void add_sum_json(struct buf *out, const struct sum *s)
{
	buf_adds(out, "{\"name\":");
	words_json_text(out, s->name);
	buf_addf(out, ",\"holds\":%s,\"relation\":\"%s\",\"left\":", s->holds ? "true" : "false",
	         s->at_most ? "at most" : "equal");
	add_term(out, &s->left);
	buf_adds(out, ",\"terms\":[");
	for (unsigned t = 0; t < s->terms; t++) {
		if (t)
			buf_addc(out, ',');
		add_term(out, &s->term[t]);
	}
	buf_adds(out, "]}");
}

void reconcile_json(struct buf *out, const struct accounts *a, const struct sums *sums)
{
	buf_addf(out, "{\"type\":\"reconcile\",\"issued\":%llu,\"used\":%llu,\"replaced\":%llu",
	         (unsigned long long)a->issued, (unsigned long long)a->ballots,
	         (unsigned long long)a->replaced);
	buf_addf(out, ",\"unused\":%llu,\"states\":{", (unsigned long long)a->unused);
	for (unsigned i = 0; i < SEND_STATES; i++)
		buf_addf(out, "%s\"%s\":%llu", i ? "," : "", send_state_name((enum send_state)i),
		         (unsigned long long)a->ledger.state[i]);
	buf_adds(out, "},\"verdicts\":{");
	for (unsigned i = 0; i < VERDICTS; i++)
		buf_addf(out, "%s\"%s\":%llu", i ? "," : "", verdict_name((enum verdict)i),
		         (unsigned long long)a->funnel.verdict[i]);
	buf_adds(out, "},\"reasons\":{");
	for (unsigned i = 0; i < REPLACE_REASONS; i++)
		buf_addf(out, "%s\"%s\":%llu", i ? "," : "",
		         replace_reason_name((enum replace_reason)i),
		         (unsigned long long)a->chronicle.stood[i]);
	buf_addf(out,
	         "},\"bounces\":{\"hard\":%llu,\"full\":%llu,\"policy\":%llu,\"soft\":%llu,"
	         "\"delayed\":%llu},\"questions\":{",
	         (unsigned long long)a->chronicle.hard, (unsigned long long)a->chronicle.full,
	         (unsigned long long)a->chronicle.policy, (unsigned long long)a->chronicle.soft,
	         (unsigned long long)a->chronicle.delayed);
	for (unsigned i = 0; a->counts && i < a->m->questions; i++) {
		struct expressed x = reconcile_row(a, a->m->question[i].first_row);

		buf_addf(out, "%s\"%s\":{\"expressed\":%llu,\"blank\":%llu}", i ? "," : "",
		         a->m->question[i].id, (unsigned long long)x.expressed,
		         (unsigned long long)x.blank);
	}
	buf_adds(out, "},\"sums\":[");
	for (unsigned i = 0; i < sums->n; i++) {
		if (i)
			buf_addc(out, ',');
		add_sum_json(out, &sums->sum[i]);
	}
	buf_addf(out, "],\"good\":%s}", sums->differences ? "false" : "true");
}
