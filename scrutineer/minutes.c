/* SPDX-License-Identifier: MIT */
#include "scrutineer/minutes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scrutineer/opened.h"
#include "scrutineer/record.h"

static void took(void *ctx, const struct audit *a, const struct line *line)
{
	struct minutes *mi = ctx;

	course_take(&mi->course, a, line);
}

static void found(void *ctx, const struct finding *f)
{
	const struct minutes *mi = ctx;

	if (mi->source->found)
		mi->source->found(mi->source->ctx, f);
}

static void step(void *ctx, uint64_t more)
{
	const struct minutes *mi = ctx;

	if (mi->source->step)
		mi->source->step(mi->source->ctx, more);
}

/* The record must hold: minutes of one that does not would lend it a face. */
static enum err verify(struct minutes *mi, struct why *why)
{
	enum err e;

	mi->options = (struct audit_options){
		.record = mi->source->record, .found = found, .step = step, .took = took, .ctx = mi
	};
	e = audit_run(&mi->audit, &mi->options, why);
	mi->m = mi->audit.m;
	if (e)
		return e;
	if (mi->audit.failures)
		return why_check(why, "record", "the record fails: there are no minutes of it");
	if (mi->course.e)
		return why_set(why, mi->course.e, "no memory for the course of the vote");
	return OK;
}

static void choose_language(struct minutes *mi)
{
	const struct manifest *m = mi->m;

	if (mi->source->language)
		mi->w = wording_of(mi->source->language);
	if (!mi->w)
		mi->w = wording_of(m->language[0]);
	if (!mi->w)
		mi->w = &wording_en;
	mi->lang = manifest_language(m, mi->w->language);
}

static enum err read_openings(struct minutes *mi, struct why *why)
{
	struct buf path = BUF_INIT(FILENAME_MAX);
	enum err e;

	if (!record_has(mi->source->record, OPENING_FILE))
		return OK;
	mi->openings = calloc(1, sizeof(*mi->openings));
	if (!mi->openings)
		return why_set(why, ERR_MEMORY, "no memory for the opening");
	e = openings_read(mi->openings, mi->m, file_path(&path, mi->source->record, OPENING_FILE),
	                  why);
	if (!e)
		e = opened_check(mi->openings, mi->source->record, why);
	buf_free(&path);
	return e;
}

static enum err read_head(struct minutes *mi, struct why *why)
{
	enum err e = record_head(&mi->head, mi->source->record, why);

	mi->has_head = e == OK;
	return e == ERR_NOT_FOUND ? OK : e;
}

static void look_for_shares(struct minutes *mi)
{
	char name[RECORD_NAME_MAX];

	for (unsigned i = 0; i < mi->m->trustees.count; i++) {
		record_share_name(name, i + 1);
		mi->trustee_came[i] = record_has(mi->source->record, name);
	}
}

enum err minutes_gather(struct minutes *mi, const struct minutes_source *source, struct why *why)
{
	enum err e;

	memset(mi, 0, sizeof(*mi));
	mi->source = source;
	e = bureau_read(&mi->bureau, source->bureau, why);
	if (!e)
		e = verify(mi, why);
	if (e)
		return e;
	mi->accounts.m = mi->m;
	choose_language(mi);
	look_for_shares(mi);
	e = reconcile_ledger(&mi->accounts, source->ledger, why);
	if (!e)
		e = reconcile_funnel(&mi->accounts, source->funnel, why);
	if (!e)
		e = read_openings(mi, why);
	if (!e)
		e = read_head(mi, why);
	if (e)
		return e;
	reconcile_board(&mi->accounts, &mi->audit, &mi->course);
	e = reconcile_sums(&mi->sums, &mi->accounts);
	return e ? why_set(why, e, "no memory for the sums") : OK;
}

void minutes_release(struct minutes *mi)
{
	bureau_release(&mi->bureau);
	sums_release(&mi->sums);
	reconcile_release(&mi->accounts);
	course_release(&mi->course);
	free(mi->openings);
	audit_release(&mi->audit);
	memset(mi, 0, sizeof(*mi));
}
