/* SPDX-License-Identifier: MIT */
#include "scrutineer/sections.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"

#define SENTENCE_MAX 8192

const char *tell_sentence(struct telling *t, enum word id, const char *const *args)
{
	size_t n = 0;

	while (args && args[n])
		n++;
	buf_clear(&t->text);
	wording_add(&t->text, t->mi->w, id, args, n);
	if (buf_err(&t->text) && !t->d->e)
		t->d->e = buf_err(&t->text);
	return buf_text(&t->text);
}

static const char *short_text(const struct telling *t, char out[TELL_NUMBER], struct buf *text)
{
	snprintf(out, TELL_NUMBER, "%s", buf_text(text));
	if (buf_err(text) && !t->d->e)
		t->d->e = buf_err(text);
	buf_free(text);
	return out;
}

const char *tell_digits(const struct telling *t, char out[TELL_NUMBER], uint64_t n)
{
	struct buf text = BUF_INIT(TELL_NUMBER);

	wording_number(&text, t->mi->w, n);
	return short_text(t, out, &text);
}

const char *tell_rate(const struct telling *t, char out[TELL_NUMBER], uint64_t part, uint64_t whole)
{
	struct buf text = BUF_INIT(TELL_NUMBER);

	wording_percent(&text, t->mi->w, part, whole);
	return short_text(t, out, &text);
}

const char *tell_clock(char out[TELL_NUMBER], uint64_t at)
{
	char iso[TIME_TEXT];

	time_write(iso, at);
	snprintf(out, TELL_NUMBER, "%.10s %.8s", iso, iso + 11);
	return out;
}

void tell_word(struct telling *t, enum word id)
{
	document_cell(t->d, t->mi->w->word[id]);
}

void tell_text(struct telling *t, struct buf *text)
{
	if (buf_err(text) && !t->d->e)
		t->d->e = buf_err(text);
	document_cell(t->d, buf_text(text));
	buf_free(text);
}

void tell_bytes(struct telling *t, const void *bytes, size_t len)
{
	struct buf text = BUF_INIT(64);

	b64_add(&text, bytes, len);
	tell_text(t, &text);
}

void tell_number(struct telling *t, uint64_t n)
{
	char text[TELL_NUMBER];

	document_cell(t->d, tell_digits(t, text, n));
}

void tell_percent(struct telling *t, uint64_t part, uint64_t whole)
{
	char text[TELL_NUMBER];

	document_cell(t->d, tell_rate(t, text, part, whole));
}

void tell_time(struct telling *t, uint64_t at)
{
	char text[TELL_NUMBER];

	document_cell(t->d, tell_clock(text, at));
}

void tell_fact(struct telling *t, enum word name, const char *value)
{
	tell_word(t, name);
	document_cell(t->d, value);
}

void tell_fact_time(struct telling *t, enum word name, uint64_t at)
{
	char clock[TELL_NUMBER], text[TELL_NUMBER + 4];

	tell_clock(clock, at);
	snprintf(text, sizeof(text), "%s UTC", clock);
	tell_fact(t, name, text);
}

void tell_fact_bytes(struct telling *t, enum word name, const unsigned char bytes[HASH_BYTES])
{
	tell_word(t, name);
	tell_bytes(t, bytes, HASH_BYTES);
}

void tell_block(struct telling *t, enum block_kind kind, enum word id, const char *const *args)
{
	document_add(t->d, kind, tell_sentence(t, id, args));
}

void tell_head(struct telling *t, enum word id)
{
	document_add(t->d, BLOCK_HEADING, t->mi->w->word[id]);
}

static void tell_stage(struct telling *t)
{
	const struct minutes *mi = t->mi;
	char a[TELL_NUMBER], b[TELL_NUMBER];

	if (mi->m->test)
		tell_block(t, BLOCK_ALERT, WORD_TEST_BANNER, NULL);
	if (mi->audit.stage == STAGE_OPEN)
		tell_block(t, BLOCK_ALERT, WORD_STAGE_OPEN, NULL);
	if (mi->audit.stage == STAGE_CLOSED)
		tell_block(t, BLOCK_ALERT, WORD_STAGE_CLOSED, NULL);
	if (mi->audit.stage == STAGE_TOO_FEW)
		tell_block(t, BLOCK_ALERT, WORD_STAGE_FEW,
		           ARGS(tell_digits(t, a, mi->accounts.ballots),
		                tell_digits(t, b, mi->m->min_ballots)));
	if (mi->sums.differences)
		tell_block(t, BLOCK_ALERT, WORD_STAGE_DIFFERENCES,
		           ARGS(tell_digits(t, a, mi->sums.differences)));
}

static void tell_title(struct telling *t)
{
	const struct minutes *mi = t->mi;
	const uint64_t members = mi->m->members;

	document_begin(t->d, BLOCK_TITLE, 1, 0);
	tell_word(t, WORD_TITLE);
	document_cell(t->d, mi->m->title.in[mi->lang]);
	document_cell(t->d, mi->m->organiser);
	tell_stage(t);
	document_begin(t->d, BLOCK_FIGURES, 2, 0);
	tell_number(t, members);
	tell_word(t, WORD_FIGURE_MEMBERS);
	tell_number(t, mi->accounts.ballots);
	tell_word(t, WORD_FIGURE_VOTERS);
	tell_percent(t, mi->accounts.ballots, members);
	tell_word(t, WORD_FIGURE_TURNOUT);
	tell_percent(t, mi->accounts.ledger.state[SEND_ACCEPTED], members);
	tell_word(t, WORD_FIGURE_DELIVERY);
}

void minutes_document(struct document *d, const struct minutes *mi)
{
	static void (*const sections[])(struct telling *) = {
		section_election, section_bureau,        section_opening,        section_course,
		section_letters,  section_interventions, section_replacements,   section_incidents,
		section_closing,  section_count,         section_reconciliation, section_verify,
		section_limits,   section_signatures,
	};
	struct telling t = { .d = d, .mi = mi, .text = BUF_INIT(SENTENCE_MAX) };

	memset(d, 0, sizeof(*d));
	d->title = mi->m->title.in[mi->lang];
	d->language = mi->w->language;
	d->head = mi->w->word[WORD_TITLE];
	d->foot = mi->m->fingerprint;
	d->test = mi->m->test;
	d->test_mark = mi->w->word[WORD_TEST_BANNER];
	tell_title(&t);
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++)
		sections[i](&t);
	buf_free(&t.text);
}
