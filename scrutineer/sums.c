/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/list.h"
#include "scrutineer/reconcile.h"

/* The sums are begun one after the other, so that the last is the one that terms are added to. */
struct making {
	const struct accounts *a;
	struct sums *out;
	enum err e;
};

static void add(struct making *k, const char *what, uint64_t n)
{
	struct sum *sum;

	if (k->e)
		return;
	sum = &k->out->sum[k->out->n - 1];
	if (sum->terms == TERMS_MAX)
		bug("more terms than there is room for");
	sum->term[sum->terms++] = (struct term){ what, n };
}

static void begin(struct making *k, const char *name, const char *what, uint64_t n)
{
	struct sums *s = k->out;
	struct sum *sum = k->e ? NULL : list_more(s->sum, s->n, sizeof(*sum));

	if (!k->e && !sum)
		k->e = ERR_MEMORY;
	if (k->e)
		return;
	s->sum = sum;
	sum = &s->sum[s->n++];
	memset(sum, 0, sizeof(*sum));
	snprintf(sum->name, sizeof(sum->name), "%s", name);
	sum->left = (struct term){ what, n };
}

static void at_most(struct making *k)
{
	if (!k->e)
		k->out->sum[k->out->n - 1].at_most = true;
}

static void one(struct making *k, const char *name, const char *left, uint64_t n, const char *right,
                uint64_t m)
{
	begin(k, name, left, n);
	add(k, right, m);
}

/* What the mailer's journal says against its totals, and both against the board. */
static void mailer_sums(struct making *k)
{
	const struct accounts *a = k->a;
	const struct chronicle *c = &a->chronicle;
	const uint64_t *state = a->ledger.state;

	begin(k, "roll", "issued (board)", a->issued);
	add(k, "members (roll)", a->m->members);
	add(k, "renewed (board)", a->renewed);
	if (c->sealed)
		one(k, "sealed", "members (journal)", c->sealed_members, "members (roll)",
		    a->m->members);
	if (c->issued)
		one(k, "credentials", "issued (journal)", c->issued_credentials, "members (roll)",
		    a->m->members);
	one(k, "issued", "issued (ledger)", a->ledger.issued, "issued (board)", a->issued);
	one(k, "replaced", "replaced (ledger)", a->ledger.replaced, "replaced (board)",
	    a->replaced);
	begin(k, "reasons", "replaced (board)", a->replaced);
	for (unsigned i = 0; i < REPLACE_REASONS; i++)
		add(k, replace_reason_name((enum replace_reason)i), c->stood[i]);
	begin(k, "states", "members (roll)", a->m->members);
	for (unsigned i = 0; i < SEND_STATES; i++)
		add(k, send_state_name((enum send_state)i), state[i]);
	/* What was never handed to a relay cannot have come back as a vote. A token that was used
	 * before its replacement reached the board stays used, whatever the new letter's state. */
	begin(k, "sent", "used (board)", a->ballots);
	at_most(k);
	add(k, send_state_name(SEND_ACCEPTED), state[SEND_ACCEPTED]);
	add(k, send_state_name(SEND_UNCERTAIN), state[SEND_UNCERTAIN]);
	add(k, send_state_name(SEND_IN_FLIGHT), state[SEND_IN_FLIGHT]);
	add(k, "used meanwhile", c->stood_used);
	if (!c->attended)
		return;
	one(k, "attendance", "voted (journal)", c->voted, "used (board)", a->ballots);
	if (!c->attended_after)
		at_most(k);
}

static void receiver_sums(struct making *k)
{
	static const char *const names[CHANNELS] = { "channel reply", "channel sealed-reply",
		                                     "channel link" };
	const struct accounts *a = k->a;

	one(k, "size", "lines (funnel)", a->funnel.size, "lines (board)", a->lines);
	one(k, "used", "counted (funnel)", a->funnel.verdict[VERDICT_COUNTED], "used (board)",
	    a->ballots);
	for (unsigned i = 0; i < CHANNELS; i++)
		one(k, names[i], "counted (funnel)", a->funnel.channel[i], "ballots (board)",
		    a->channel[i]);
	begin(k, "channels", "counted (funnel)", a->funnel.verdict[VERDICT_COUNTED]);
	for (unsigned i = 0; i < CHANNELS; i++)
		add(k, channel_name((enum channel)i), a->funnel.channel[i]);
}

static void board_sums(struct making *k)
{
	const struct accounts *a = k->a;

	begin(k, "board", "issued (board)", a->issued);
	add(k, "used", a->ballots);
	add(k, "replaced", a->replaced);
	add(k, "unused", a->unused);
	one(k, "weights", "weight of the ballots", a->weight, "by classes of the roll",
	    a->class_weight);
}

struct expressed reconcile_row(const struct accounts *a, unsigned row)
{
	const struct row *r = &a->m->row[row];
	const uint64_t *count = a->counts + r->first_cell;
	struct expressed x = { 0 };

	for (unsigned i = 0; i < r->cells - r->blank; i++)
		x.marks += count[i];
	x.blank = r->blank ? count[r->cells - 1] : 0;
	x.expressed = x.blank > a->weight ? 0 : a->weight - x.blank;
	return x;
}

/* A row's counts against the weight of the ballots: exactly where each ballot has one mark,
 * within bounds where it may have several. */
static void row_sums(struct making *k, const char *name, unsigned row)
{
	const struct row *r = &k->a->m->row[row];
	struct expressed x = reconcile_row(k->a, row);
	char other[SUM_NAME_MAX];

	if (r->lo == r->hi && r->hi == 1) {
		begin(k, name, "weight of the ballots", k->a->weight);
		add(k, "expressed", x.marks);
		if (r->blank)
			add(k, "blank", x.blank);
		return;
	}
	begin(k, name, "weight of the ballots", k->a->weight);
	add(k, "expressed", x.expressed);
	add(k, "blank", x.blank);
	snprintf(other, sizeof(other), "%.60s (most)", name);
	one(k, other, "marks", x.marks, "the most allowed", x.expressed * r->hi);
	at_most(k);
	snprintf(other, sizeof(other), "%.60s (least)", name);
	one(k, other, "the least asked for", x.expressed * r->lo, "marks", x.marks);
	at_most(k);
}

static void count_sums(struct making *k)
{
	const struct manifest *m = k->a->m;
	char name[SUM_NAME_MAX];

	for (unsigned i = 0; k->a->counts && i < m->questions; i++) {
		const struct question *q = &m->question[i];
		unsigned rows = q->kind == QUESTION_GRADES ? q->options : 1;

		for (unsigned r = 0; r < rows; r++) {
			if (rows > 1)
				snprintf(name, sizeof(name), "question %.40s, option %u", q->id,
				         r + 1);
			else
				snprintf(name, sizeof(name), "question %.40s", q->id);
			row_sums(k, name, q->first_row + r);
		}
	}
}

/* A total that wraps is no total: it never agrees with anything. */
static void settle(struct sums *s)
{
	for (unsigned i = 0; i < s->n; i++) {
		struct sum *sum = &s->sum[i];
		uint64_t total = 0;
		bool wraps = false;

		for (unsigned t = 0; t < sum->terms; t++) {
			wraps = wraps || sum->term[t].n > UINT64_MAX - total;
			total += sum->term[t].n;
		}
		sum->holds = !wraps && (sum->at_most ? sum->left.n <= total : sum->left.n == total);
		s->differences += !sum->holds;
	}
}

enum err reconcile_sums(struct sums *out, const struct accounts *a)
{
	struct making k = { .a = a, .out = out };

	memset(out, 0, sizeof(*out));
	mailer_sums(&k);
	receiver_sums(&k);
	board_sums(&k);
	count_sums(&k);
	if (!k.e)
		settle(out);
	return k.e;
}

void sums_release(struct sums *s)
{
	free(s->sum);
	memset(s, 0, sizeof(*s));
}
