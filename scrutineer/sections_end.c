/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scrutineer/sections.h"

void section_closing(struct telling *t)
{
	const struct minutes *mi = t->mi;
	const bool closed = mi->audit.rules.closed;
	char root[FINGERPRINT_TEXT], a[TELL_NUMBER], b[TELL_NUMBER];

	tell_head(t, WORD_H_CLOSING);
	document_begin(t->d, BLOCK_FACTS, 2, 0);
	if (closed)
		tell_fact_time(t, WORD_CLOSED_AT, mi->course.ended);
	tell_word(t, WORD_CLOSED_LINES);
	document_cell(t->d, tell_sentence(t, WORD_CLOSED_LINES_VALUE,
	                                  ARGS(tell_digits(t, a, mi->accounts.lines),
	                                       tell_digits(t, b, mi->accounts.ballots))));
	tell_fact_bytes(t, closed ? WORD_CLOSED_ROOT : WORD_NOW_ROOT, mi->audit.root.bytes);
	fingerprint_write(root, mi->audit.root.bytes);
	tell_fact(t, WORD_ROOT_SHORT, root);
	if (!mi->has_head)
		return;
	tell_word(t, WORD_HEAD_AT);
	document_cell(t->d, tell_sentence(t, WORD_HEAD_VALUE,
	                                  ARGS(tell_clock(a, mi->head.time),
	                                       tell_digits(t, b, mi->head.size))));
}

static void tell_trustees(struct telling *t)
{
	const struct minutes *mi = t->mi;
	const struct trustees *all = &mi->m->trustees;
	char a[TELL_NUMBER], b[TELL_NUMBER];

	tell_block(t, BLOCK_TEXT, WORD_TRUSTEES,
	           ARGS(tell_digits(t, a, all->threshold), tell_digits(t, b, all->count)));
	document_begin(t->d, BLOCK_TABLE, 2, 0);
	tell_word(t, WORD_TRUSTEE);
	tell_word(t, WORD_TRUSTEE_PART);
	for (unsigned i = 0; i < all->count; i++) {
		document_cell(t->d, all->entry[i].name);
		tell_word(t, mi->audit.good[i]     ? WORD_TRUSTEE_GOOD
		             : mi->trustee_came[i] ? WORD_TRUSTEE_BAD
		                                   : WORD_TRUSTEE_NONE);
	}
}

static void tell_turnout(struct telling *t, const struct expressed *x, bool blank)
{
	const uint64_t weight = t->mi->accounts.weight;

	document_begin(t->d, BLOCK_TABLE, 3, 6);
	document_cell(t->d, "");
	tell_word(t, t->mi->m->weight == t->mi->m->members ? WORD_BALLOTS : WORD_WEIGHT);
	tell_word(t, WORD_FIGURE_SHARE);
	tell_word(t, WORD_EXPRESSED);
	tell_number(t, x->expressed);
	tell_percent(t, x->expressed, weight);
	tell_word(t, WORD_BLANK);
	if (blank) {
		tell_number(t, x->blank);
		tell_percent(t, x->blank, weight);
	} else {
		tell_word(t, WORD_BLANK_NO);
		document_cell(t->d, "–");
	}
}

static void tell_choice(struct telling *t, const struct question *q)
{
	const struct minutes *mi = t->mi;
	const uint64_t *count = mi->accounts.counts + mi->m->row[q->first_row].first_cell;
	struct expressed x = reconcile_row(&mi->accounts, q->first_row);
	char n[TELL_NUMBER];

	tell_turnout(t, &x, q->blank);
	document_begin(t->d, BLOCK_BARS, 3, 6);
	document_whole(t->d, x.expressed);
	for (unsigned i = 0; i < q->options; i++) {
		document_cell(t->d, q->option[i].in[mi->lang]);
		tell_number(t, count[i]);
		tell_percent(t, count[i], x.expressed);
		document_number(t->d, count[i]);
	}
	if (q->max > 1)
		tell_block(t, BLOCK_NOTE, WORD_QUESTION_MAX, ARGS(tell_digits(t, n, q->max)));
}

/* Of an even number the lower of the two in the middle: more than half must give it or better. */
static const char *majority(const struct telling *t, const struct question *q,
                            const uint64_t *count, uint64_t weight)
{
	uint64_t sum = 0;

	if (!weight)
		return "–";
	for (unsigned g = 0; g < q->grades; g++) {
		sum += count[g];
		if (2 * sum > weight)
			return q->grade[g].in[t->mi->lang];
	}
	return "–";
}

static void tell_grades(struct telling *t, const struct question *q)
{
	const struct minutes *mi = t->mi;

	document_begin(t->d, BLOCK_STACKS, q->grades + 2, (1u << (q->grades + 1)) - 2);
	tell_word(t, WORD_OPTION);
	for (unsigned g = 0; g < q->grades; g++)
		document_cell(t->d, q->grade[g].in[mi->lang]);
	tell_word(t, WORD_MAJORITY_GRADE);
	for (unsigned i = 0; i < q->options; i++) {
		const struct row *row = &mi->m->row[q->first_row + i];
		const uint64_t *count = mi->accounts.counts + row->first_cell;

		document_cell(t->d, q->option[i].in[mi->lang]);
		for (unsigned g = 0; g < q->grades; g++) {
			tell_number(t, count[g]);
			document_number(t->d, count[g]);
		}
		document_cell(t->d, majority(t, q, count, mi->accounts.weight));
	}
	tell_block(t, BLOCK_NOTE, WORD_MAJORITY_NOTE, NULL);
}

void section_count(struct telling *t)
{
	const struct minutes *mi = t->mi;

	tell_head(t, WORD_H_COUNT);
	if (mi->audit.stage == STAGE_COUNTED)
		tell_trustees(t);
	if (!mi->accounts.counts) {
		tell_block(t, BLOCK_TEXT, WORD_NOT_COUNTED, NULL);
		return;
	}
	for (unsigned i = 0; i < mi->m->questions; i++) {
		const struct question *q = &mi->m->question[i];

		document_add(t->d, BLOCK_CAPTION, q->title.in[mi->lang]);
		if (q->kind == QUESTION_GRADES)
			tell_grades(t, q);
		else
			tell_choice(t, q);
	}
}

static void tell_terms(struct telling *t, const struct sum *s)
{
	struct buf text = BUF_INIT(1024);
	char n[TELL_NUMBER];

	if (s->at_most)
		buf_addf(&text, "%s ", t->mi->w->word[WORD_SUM_MOST]);
	for (unsigned i = 0; i < s->terms; i++)
		buf_addf(&text, "%s%s\xc2\xa0%s", i ? " + " : "",
		         wording_phrase(t->mi->w, s->term[i].what),
		         tell_digits(t, n, s->term[i].n));
	tell_text(t, &text);
}

void section_reconciliation(struct telling *t)
{
	const struct sums *s = &t->mi->sums;
	char a[TELL_NUMBER], b[TELL_NUMBER];

	tell_head(t, WORD_H_RECONCILIATION);
	tell_block(t, BLOCK_TEXT, WORD_RECONCILIATION,
	           ARGS(tell_digits(t, a, s->n), tell_digits(t, b, s->differences)));
	document_begin(t->d, BLOCK_TABLE, 5, 4);
	tell_word(t, WORD_SUM);
	tell_word(t, WORD_SUM_LEFT);
	document_cell(t->d, "");
	tell_word(t, WORD_SUM_TERMS);
	tell_word(t, WORD_SUM_ANSWER);
	for (unsigned i = 0; i < s->n; i++) {
		document_cell(t->d, wording_phrase(t->mi->w, s->sum[i].name));
		document_cell(t->d, wording_phrase(t->mi->w, s->sum[i].left.what));
		tell_number(t, s->sum[i].left.n);
		tell_terms(t, &s->sum[i]);
		tell_word(t, s->sum[i].holds ? WORD_YES : WORD_NO);
	}
}

void section_verify(struct telling *t)
{
	tell_head(t, WORD_H_VERIFY);
	tell_block(t, BLOCK_TEXT, WORD_VERIFY_1, NULL);
	document_add(t->d, BLOCK_CODE, "votepost-scrutineer verify RECORD");
	document_add(t->d, BLOCK_CODE, "votepost-scrutineer reconcile LEDGER FUNNEL RECORD");
	tell_block(t, BLOCK_TEXT, WORD_VERIFY_2, NULL);
	document_add(t->d, BLOCK_CODE, "votepost-scrutineer receipt RECEIPT RECORD");
	tell_block(t, BLOCK_TEXT, WORD_VERIFY_3, NULL);
	document_add(t->d, BLOCK_CODE, "votepost-scrutineer minutes --check DIR");
}

void section_limits(struct telling *t)
{
	static const enum word limits[] = { WORD_LIMIT_1, WORD_LIMIT_2, WORD_LIMIT_3, WORD_LIMIT_4,
		                            WORD_LIMIT_5, WORD_LIMIT_6, WORD_LIMIT_7, WORD_LIMIT_8,
		                            WORD_LIMIT_9, WORD_LIMIT_10 };
	char n[TELL_NUMBER];

	tell_head(t, WORD_H_LIMITS);
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		if (limits[i] == WORD_LIMIT_7 && !t->mi->m->channel[CHANNEL_REPLY])
			continue;
		tell_block(t, BLOCK_ITEM, limits[i],
		           limits[i] == WORD_LIMIT_6
		                   ? ARGS(tell_digits(t, n, t->mi->m->trustees.threshold))
		                   : NULL);
	}
}

void section_signatures(struct telling *t)
{
	const struct bureau *b = &t->mi->bureau;

	tell_head(t, WORD_H_SIGNATURES);
	tell_block(t, BLOCK_TEXT, WORD_SIGNATURES, ARGS(b->place));
	document_begin(t->d, BLOCK_SIGN, 2, 0);
	for (unsigned i = 0; i < b->members; i++) {
		document_cell(t->d, b->member[i].name);
		document_cell(t->d, b->member[i].role);
	}
}
