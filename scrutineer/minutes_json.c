/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/json.h"
#include "core/text.h"
#include "scrutineer/minutes.h"
#include "scrutineer/words.h"

static void member_time(struct buf *out, const char *key, uint64_t at)
{
	char text[TIME_TEXT];

	time_write(text, at);
	buf_addf(out, ",\"%s\":\"%s\"", key, text);
}

static void member_number(struct buf *out, const char *key, uint64_t n)
{
	buf_addf(out, ",\"%s\":%llu", key, (unsigned long long)n);
}

static void member_text(struct buf *out, const char *key, const char *text)
{
	buf_addf(out, ",\"%s\":", key);
	words_json_text(out, text);
}

static void member_bytes(struct buf *out, const char *key, const unsigned char *bytes)
{
	buf_addf(out, ",\"%s\":", key);
	json_add_b64(out, bytes, HASH_BYTES);
}

/* What minutes_check reads again stands first. */
static void add_bureau(struct buf *out, const struct bureau *b)
{
	buf_adds(out, ",\"bureau\":[");
	for (unsigned i = 0; i < b->members; i++) {
		const struct bureau_member *m = &b->member[i];

		buf_addf(out, "%s{\"id\":\"%s\"", i ? "," : "", m->id);
		member_text(out, "name", m->name);
		member_text(out, "role", m->role);
		buf_adds(out, ",\"key\":");
		json_add_b64(out, m->key, m->has_key ? sizeof(m->key) : 0);
		buf_addc(out, '}');
	}
	buf_addc(out, ']');
	member_text(out, "place", b->place);
	member_text(out, "remarks", b->remarks ? b->remarks : "");
	buf_adds(out, ",\"incidents\":[");
	for (unsigned i = 0; i < b->incidents; i++) {
		buf_adds(out, i ? ",{\"at\":" : "{\"at\":");
		words_json_text(out, b->incident[i].at);
		member_text(out, "text", b->incident[i].text);
		member_text(out, "decision",
		            b->incident[i].decision ? b->incident[i].decision : "");
		buf_addc(out, '}');
	}
	buf_addc(out, ']');
}

static void add_openings(struct buf *out, const struct openings *o)
{
	buf_adds(out, ",\"openings\":[");
	for (unsigned i = 0; o && i < o->n; i++) {
		const struct opening *x = &o->line[i];
		char at[TIME_TEXT];

		time_write(at, x->at);
		buf_addf(out, "%s{\"at\":\"%s\"", i ? "," : "", at);
		member_bytes(out, "definition", x->definition);
		for (unsigned p = 0; p < PROGRAMS; p++)
			member_bytes(out, program_name((enum opening_program)p), x->program[p]);
		buf_adds(out, ",\"rehearsal\":");
		json_add_b64(out, x->rehearsal, x->rehearsed ? HASH_BYTES : 0);
		buf_adds(out, ",\"rehearsal_root\":");
		json_add_b64(out, x->rehearsal_root, x->rehearsed ? HASH_BYTES : 0);
		member_number(out, "size", x->head.size);
		member_bytes(out, "root", x->head.root.bytes);
		buf_addc(out, '}');
	}
	buf_addc(out, ']');
}

static void add_course(struct buf *out, const struct minutes *mi)
{
	const struct course *c = &mi->course;
	char at[TIME_TEXT], closes[TIME_TEXT];

	buf_adds(out, ",\"extensions\":[");
	for (size_t i = 0; i < c->extensions; i++) {
		time_write(at, c->extension[i].at);
		time_write(closes, c->extension[i].closes);
		buf_addf(out, "%s{\"after\":\"%s\",\"closes\":\"%s\"}", i ? "," : "", at, closes);
	}
	buf_adds(out, "],\"turnout\":[");
	for (size_t i = 0; i < c->minutes; i++) {
		time_write(at, c->minute[i].at);
		buf_addf(out, "%s{\"from\":\"%s\",\"ballots\":%llu}", i ? "," : "", at,
		         (unsigned long long)c->minute[i].ballots);
	}
	buf_addc(out, ']');
}

static void add_journal(struct buf *out, const struct chronicle *c)
{
	char at[TIME_TEXT];

	buf_adds(out, ",\"interventions\":[");
	for (size_t i = 0; i < c->n; i++) {
		const struct journal_line *line = &c->list[i].line;

		time_write(at, line->at);
		buf_addf(out, "%s{\"at\":\"%s\"", i ? "," : "", at);
		member_time(out, "until", c->list[i].until);
		member_number(out, "times", c->list[i].times);
		member_text(out, "event", line->event);
		member_text(out, "purpose", line->purpose);
		buf_adds(out, ",\"counts\":{");
		for (unsigned k = 0; k < line->counts; k++)
			buf_addf(out, "%s\"%s\":%llu", k ? "," : "", line->count[k].name,
			         (unsigned long long)line->count[k].n);
		buf_adds(out, "}}");
	}
	buf_addc(out, ']');
	member_number(out, "further_interventions", c->more);
}

static void add_trustees(struct buf *out, const struct minutes *mi)
{
	buf_addf(out, ",\"threshold\":%u,\"trustees\":[", mi->m->trustees.threshold);
	for (unsigned i = 0; i < mi->m->trustees.count; i++) {
		buf_adds(out, i ? ",{\"name\":" : "{\"name\":");
		words_json_text(out, mi->m->trustees.entry[i].name);
		member_text(out, "share",
		            mi->audit.good[i]     ? "good"
		            : mi->trustee_came[i] ? "bad"
		                                  : "none");
		buf_addc(out, '}');
	}
	buf_addc(out, ']');
}

void minutes_json(struct buf *out, const struct minutes *mi)
{
	const struct accounts *a = &mi->accounts;

	buf_adds(out, "{\"type\":\"minutes\",\"election\":");
	json_add_b64(out, mi->m->id, HASH_BYTES);
	member_text(out, "language", mi->w->language);
	add_bureau(out, &mi->bureau);
	member_text(out, "fingerprint", mi->m->fingerprint);
	member_text(out, "title", mi->m->title.in[mi->lang]);
	member_text(out, "organiser", mi->m->organiser);
	buf_addf(out, ",\"test\":%s", mi->m->test ? "true" : "false");
	member_text(out, "stage", stage_name(mi->audit.stage));
	member_time(out, "opens", mi->m->opens);
	member_time(out, "closes", mi->m->closes);
	member_number(out, "members", mi->m->members);
	member_number(out, "weight", mi->m->weight);
	member_number(out, "min_ballots", mi->m->min_ballots);
	add_openings(out, mi->openings);
	member_number(out, "lines", a->lines);
	member_bytes(out, "root", mi->audit.root.bytes);
	member_number(out, "ballots", a->ballots);
	member_number(out, "ballots_weight", a->weight);
	add_course(out, mi);
	member_number(out, "journal_lines", a->journal_lines);
	add_journal(out, &a->chronicle);
	add_trustees(out, mi);
	buf_adds(out, ",\"counts\":");
	if (a->counts)
		words_counts_json(out, mi->m, a->counts);
	else
		buf_adds(out, "[]");
	buf_adds(out, ",\"reconcile\":");
	reconcile_json(out, a, &mi->sums);
	buf_addc(out, '}');
}
