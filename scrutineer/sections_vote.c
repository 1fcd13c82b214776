/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "scrutineer/sections.h"

#define HOUR      UINT64_C(3600)
#define DAY       (24 * HOUR)
#define SPANS_MAX 400
#define ROWS_MAX  60
/* Below this many ballots a count may give people away. */
#define FEW_BALLOTS 10

static void tell_roll(struct telling *t)
{
	const struct manifest *m = t->mi->m;
	struct buf classes = BUF_INIT(4096);
	char a[TELL_NUMBER], b[TELL_NUMBER];

	tell_word(t, WORD_ROLL);
	if (m->weight == m->members) {
		document_cell(t->d, tell_sentence(t, WORD_ROLL_MEMBERS,
		                                  ARGS(tell_digits(t, a, m->members))));
		return;
	}
	for (unsigned i = 0; i < m->classes && classes.len < 2048; i++) {
		buf_adds(&classes, i ? ", " : "");
		buf_adds(&classes, tell_sentence(t, WORD_ROLL_CLASS,
		                                 ARGS(tell_digits(t, a, m->class[i].members),
		                                      tell_digits(t, b, m->class[i].weight))));
	}
	if (buf_err(&classes) && !t->d->e)
		t->d->e = buf_err(&classes);
	document_cell(t->d, tell_sentence(t, WORD_ROLL_WEIGHTS,
	                                  ARGS(tell_digits(t, a, m->members),
	                                       tell_digits(t, b, m->weight), buf_text(&classes))));
	buf_free(&classes);
}

static const enum word channel_words[CHANNELS] = { WORD_CHANNEL_REPLY, WORD_CHANNEL_SEALED,
	                                           WORD_CHANNEL_LINK };

static void tell_channels(struct telling *t)
{
	struct buf list = BUF_INIT(512);

	for (unsigned i = 0; i < CHANNELS; i++) {
		if (!t->mi->m->channel[i])
			continue;
		buf_adds(&list, list.len ? ", " : "");
		buf_adds(&list, t->mi->w->word[channel_words[i]]);
	}
	tell_word(t, WORD_CHANNELS);
	tell_text(t, &list);
}

void section_election(struct telling *t)
{
	const struct manifest *m = t->mi->m;
	char n[TELL_NUMBER];

	tell_head(t, WORD_H_ELECTION);
	document_begin(t->d, BLOCK_FACTS, 2, 0);
	tell_fact(t, WORD_ORGANISER, m->organiser);
	tell_fact(t, WORD_FINGERPRINT, m->fingerprint);
	tell_fact_bytes(t, WORD_ID, m->id);
	tell_fact_time(t, WORD_OPENS, m->opens);
	tell_fact_time(t, WORD_CLOSES, m->closes);
	tell_roll(t);
	tell_channels(t);
	tell_word(t, WORD_FACTOR);
	tell_word(t, m->second_factor ? WORD_FACTOR_YES : WORD_FACTOR_NO);
	tell_word(t, WORD_MIN_BALLOTS);
	document_cell(t->d, tell_sentence(t, WORD_MIN_BALLOTS_VALUE,
	                                  ARGS(tell_digits(t, n, m->min_ballots))));
	if (m->min_ballots < FEW_BALLOTS)
		tell_block(t, BLOCK_NOTE, WORD_MIN_BALLOTS_RISK, NULL);
	if (!m->waiver.in[0])
		return;
	tell_block(t, BLOCK_TEXT, WORD_WAIVER, NULL);
	document_add(t->d, BLOCK_ITEM, m->waiver.in[t->mi->lang]);
}

void section_bureau(struct telling *t)
{
	const struct bureau *b = &t->mi->bureau;

	tell_head(t, WORD_H_BUREAU);
	document_begin(t->d, BLOCK_FACTS, 2, 0);
	tell_fact(t, WORD_PLACE, b->place);
	if (b->remarks)
		tell_fact(t, WORD_REMARKS, b->remarks);
	document_begin(t->d, BLOCK_TABLE, 3, 0);
	tell_word(t, WORD_BUREAU_NAME);
	tell_word(t, WORD_BUREAU_ROLE);
	tell_word(t, WORD_BUREAU_KEY);
	for (unsigned i = 0; i < b->members; i++) {
		document_cell(t->d, b->member[i].name);
		document_cell(t->d, b->member[i].role);
		if (b->member[i].has_key)
			tell_bytes(t, b->member[i].key, sizeof(b->member[i].key));
		else
			tell_word(t, WORD_BUREAU_PAPER);
	}
}

static void tell_opening(struct telling *t, const struct opening *first)
{
	char root[FINGERPRINT_TEXT], n[TELL_NUMBER];

	tell_fact_time(t, WORD_OPENING_AT, first->at);
	fingerprint_write(root, first->head.root.bytes);
	tell_fact(t, WORD_OPENING_EMPTY,
	          tell_sentence(t, WORD_OPENING_EMPTY_VALUE,
	                        ARGS(root, tell_digits(t, n, first->head.size))));
	tell_fact_bytes(t, WORD_OPENING_DEFINITION, first->definition);
	tell_word(t, WORD_REHEARSAL);
	if (!first->rehearsed) {
		tell_word(t, t->mi->m->test ? WORD_REHEARSAL_TEST : WORD_REHEARSAL_NONE);
		return;
	}
	fingerprint_write(root, first->rehearsal);
	document_cell(t->d, tell_sentence(t, WORD_REHEARSAL_DONE, ARGS(root)));
	tell_fact_bytes(t, WORD_REHEARSAL_ROOT, first->rehearsal_root);
}

static void tell_programs(struct telling *t, const struct opening *o)
{
	for (unsigned i = 0; i < PROGRAMS; i++) {
		document_cell(t->d, tell_sentence(t, WORD_OPENING_PROGRAM,
		                                  ARGS(program_name((enum opening_program)i))));
		tell_bytes(t, o->program[i], PROGRAM_BYTES);
	}
}

void section_opening(struct telling *t)
{
	const struct openings *o = t->mi->openings;
	char at[TELL_NUMBER], n[TELL_NUMBER], root[FINGERPRINT_TEXT];

	tell_head(t, WORD_H_OPENING);
	if (!o)
		tell_block(t, BLOCK_TEXT, WORD_OPENING_NONE, NULL);
	if (!o && !t->mi->course.opened)
		return;
	document_begin(t->d, BLOCK_FACTS, 2, 0);
	for (unsigned i = 0; o && i < o->n; i++) {
		if (i == 0) {
			tell_opening(t, &o->line[0]);
		} else {
			fingerprint_write(root, o->line[i].head.root.bytes);
			tell_fact(
				t, WORD_OPENING_CHANGED,
				tell_sentence(t, WORD_OPENING_CHANGED_VALUE,
			                      ARGS(tell_clock(at, o->line[i].at),
			                           tell_digits(t, n, o->line[i].head.size), root)));
		}
		tell_programs(t, &o->line[i]);
	}
	if (t->mi->course.opened)
		tell_fact_time(t, WORD_FIRST_TIME, t->mi->course.opened);
}

static void tell_extensions(struct telling *t)
{
	const struct course *c = &t->mi->course;
	char a[TELL_NUMBER], b[TELL_NUMBER];

	if (!c->extensions) {
		tell_word(t, WORD_CLOSES_NOT_MOVED);
		tell_word(t, WORD_NONE);
	}
	for (size_t i = 0; i < c->extensions; i++) {
		const struct course_extension *x = &c->extension[i];

		tell_word(t, WORD_CLOSES_MOVED);
		if (x->at)
			document_cell(t->d, tell_sentence(t, WORD_CLOSES_MOVED_VALUE,
			                                  ARGS(tell_clock(a, x->closes),
			                                       tell_clock(b, x->at))));
		else
			document_cell(t->d, tell_sentence(t, WORD_CLOSES_MOVED_EARLY,
			                                  ARGS(tell_clock(a, x->closes))));
	}
}

static void tell_spans(struct telling *t, const uint64_t *span, size_t n, uint64_t from,
                       uint64_t unit)
{
	const bool days = unit == DAY;
	char at[TELL_NUMBER];
	uint64_t total = 0;

	tell_block(t, BLOCK_CAPTION, days ? WORD_TURNOUT_DAY : WORD_TURNOUT_HOUR, NULL);
	document_begin(t->d, BLOCK_COLUMNS, 1, 0);
	for (size_t i = 0; i < n; i++) {
		tell_clock(at, from + i * unit);
		at[days ? 10 : 16] = '\0';
		document_cell(t->d, at);
		document_number(t->d, span[i]);
	}
	if (n > ROWS_MAX)
		return;
	document_begin(t->d, BLOCK_TABLE, 3, 6);
	tell_word(t, days ? WORD_DAY : WORD_HOUR);
	tell_word(t, WORD_BALLOTS);
	tell_word(t, WORD_TOTAL);
	for (size_t i = 0; i < n; i++) {
		tell_clock(at, from + i * unit);
		at[days ? 10 : 16] = '\0';
		total += span[i];
		document_cell(t->d, at);
		tell_number(t, span[i]);
		tell_number(t, total);
	}
}

/* Hours, or days where a fortnight of hours would not do. */
static void tell_turnout(struct telling *t)
{
	const struct course *c = &t->mi->course;
	uint64_t unit = HOUR, from, until, *span;
	size_t n;

	if (!c->minutes)
		return;
	from = c->minute[0].at;
	until = c->minute[c->minutes - 1].at;
	if (until / HOUR - from / HOUR >= SPANS_MAX)
		unit = DAY;
	from -= from % unit;
	n = (size_t)((until - from) / unit + 1);
	if (n == 1) {
		tell_block(t, BLOCK_TEXT, WORD_TURNOUT_ONCE, NULL);
		return;
	}
	n = n > SPANS_MAX ? SPANS_MAX : n;
	span = calloc(n, sizeof(*span));
	if (span) {
		course_spans(c, from, unit, span, n);
		tell_spans(t, span, n, from, unit);
	} else if (!t->d->e) {
		t->d->e = ERR_MEMORY;
	}
	free(span);
}

void section_course(struct telling *t)
{
	const struct accounts *a = &t->mi->accounts;
	char x[TELL_NUMBER], y[TELL_NUMBER], z[TELL_NUMBER];

	tell_head(t, WORD_H_COURSE);
	document_begin(t->d, BLOCK_FACTS, 2, 0);
	tell_fact_time(t, WORD_CLOSES_FIRST, t->mi->m->closes);
	tell_extensions(t);
	tell_word(t, WORD_BALLOTS);
	document_cell(t->d, tell_sentence(t, WORD_BALLOTS_OF,
	                                  ARGS(tell_digits(t, x, a->ballots),
	                                       tell_digits(t, y, t->mi->m->members),
	                                       tell_rate(t, z, a->ballots, t->mi->m->members))));
	if (t->mi->m->weight != t->mi->m->members) {
		tell_word(t, WORD_WEIGHT);
		document_cell(t->d,
		              tell_sentence(t, WORD_WEIGHT_OF,
		                            ARGS(tell_digits(t, x, a->weight),
		                                 tell_digits(t, y, t->mi->m->weight),
		                                 tell_rate(t, z, a->weight, t->mi->m->weight))));
	}
	tell_turnout(t);
	tell_block(t, BLOCK_CAPTION, WORD_BY_CHANNEL, NULL);
	document_begin(t->d, BLOCK_BARS, 2, 2);
	document_whole(t->d, a->ballots);
	for (unsigned i = 0; i < CHANNELS; i++) {
		if (!t->mi->m->channel[i])
			continue;
		tell_word(t, channel_words[i]);
		tell_number(t, a->channel[i]);
		document_number(t->d, a->channel[i]);
	}
}
