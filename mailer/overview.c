/* SPDX-License-Identifier: MIT */
#include "mailer/overview.h"

#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "core/template.h"
#include "core/values.h"
#include "mailer/calendar.h"
#include "mailer/home.h"

#define TEMPLATE_NAME "status.html"
#define TEMPLATE_MAX  ((size_t)128 << 10)
#define PAGE_MAX      ((size_t)8 << 20)
#define ROWS_MAX      1000 /* of a table */
#define VALUES        40
#define WIDE          1000 /* of every chart */
#define HIGH          130
#define LOWEST        2 /* of a column that is not empty */
#define WORDS_MAX     300

static const struct {
	const char *class, *name;
} kinds[REACH_KINDS] = {
	[REACH_ARRIVED] = { "arrived", "delivered" },
	[REACH_WAITING] = { "waiting", "waiting" },
	[REACH_LOST] = { "lost", "lost" },
	[REACH_UNTRIED] = { "untried", "not tried" },
};

/* A page that is being put together. */
struct page {
	const struct overview *r;
	struct values v;
	struct value_list top;
};

static uint64_t scaled(uint64_t part, uint64_t whole, unsigned full)
{
	return whole ? (part * full * 2 + whole) / (2 * whole) : 0;
}

/* Not with narrow spaces: for a length in a chart. */
static void add_length(struct page *p, struct value_list *l, const char *name, uint64_t n)
{
	values_add_text(l, name, values_number(&p->v, n));
}

static void add_rate(struct page *p, struct value_list *l, const struct reached *r,
                     const char *unit)
{
	char rate[RATE_TEXT], text[RATE_TEXT + 8];

	reached_rate(rate, r);
	snprintf(text, sizeof(text), "%s%s", *rate ? rate : "–", *rate ? unit : "");
	values_add_text(l, "rate", values_text(&p->v, text));
}

/* "delivered 12, waiting 3, lost 65": what a chart shows, for who does not see it. */
static void add_sentence(struct page *p, struct value_list *l, const struct reached *r)
{
	char text[WORDS_MAX] = "", number[VALUES_THOUSANDS];
	size_t at = 0;

	for (unsigned i = 0; i < REACH_KINDS; i++) {
		values_thousands_write(number, reached_of(r, (enum reach_kind)i));
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s %s", i ? ", " : "",
		                       kinds[i].name, number);
	}
	values_add_text(l, "sentence", values_text(&p->v, text));
}

/* The four kinds side by side, as parts of a bar. */
static void add_kinds(struct page *p, struct value_list *l, const char *name,
                      const struct reached *r)
{
	struct template_row *row = values_keep(&p->v, REACH_KINDS * sizeof(*row));
	const uint64_t all = reached_members(r);
	uint64_t before = 0;

	for (unsigned i = 0; row && i < REACH_KINDS; i++) {
		const uint64_t n = reached_of(r, (enum reach_kind)i);
		const uint64_t x = scaled(before, all, WIDE);
		struct value_list one = values_list(&p->v, 5);

		before += n;
		values_add_text(&one, "class", kinds[i].class);
		values_add_text(&one, "name", kinds[i].name);
		values_add_text(&one, "number", values_thousands(&p->v, n));
		add_length(p, &one, "x", x);
		add_length(p, &one, "width", scaled(before, all, WIDE) - x);
		row[i].value = one.value;
	}
	values_add_rows(l, name, row, REACH_KINDS);
}

static void add_states(struct page *p)
{
	const struct reached *all = &p->r->survey->all;
	struct template_row *row = values_keep(&p->v, REACHES * sizeof(*row));
	unsigned n = 0;

	for (unsigned i = 0; row && i < REACHES; i++) {
		const uint64_t tenths =
			all->n[i] ? 1000 * (uint64_t)all->n[i] / reached_members(all) : 0;
		struct value_list one;
		char share[VALUES_THOUSANDS];

		if (!all->n[i] && i != REACH_DELIVERED)
			continue;
		one = values_list(&p->v, 5);
		snprintf(share, sizeof(share), "%u.%u", (unsigned)(tenths / 10),
		         (unsigned)(tenths % 10));
		values_add_text(&one, "class", kinds[reach_kind((enum reach)i)].class);
		values_add_text(&one, "name", reach_name((enum reach)i));
		values_add_text(&one, "number", values_thousands(&p->v, all->n[i]));
		values_add_text(&one, "share", values_text(&p->v, share));
		values_add_text(&one, "meaning", reach_meaning((enum reach)i));
		row[n++].value = one.value;
	}
	values_add_rows(&p->top, "states", row, n);
}

static enum err add_time(struct page *p, struct value_list *l, const char *name, uint64_t at,
                         struct why *why)
{
	struct buf text = BUF_INIT(256);
	enum err e = calendar_hour(&text, at, p->r->conf->timezone, why);

	values_add_text(l, name, values_text(&p->v, buf_text(&text)));
	buf_free(&text);
	return e;
}

/* "10 minutes", "1 hour", "3 days" */
static void step_words(char out[WORDS_MAX], uint64_t step)
{
	const uint64_t n = step < 3600 ? step / 60 : step < 86400 ? step / 3600 : step / 86400;

	snprintf(out, WORDS_MAX, "%llu %s%s", (unsigned long long)n,
	         step < 3600    ? "minute"
	         : step < 86400 ? "hour"
	                        : "day",
	         n == 1 ? "" : "s");
}

/* That the axis has room for: a few do not fill it. */
static unsigned columns(const struct timeline *t)
{
	return t->used > 12 ? t->used : 12;
}

static enum err add_columns(struct page *p, uint64_t most, struct why *why)
{
	const struct timeline *t = &p->r->survey->taken;
	struct template_row *row = values_keep(&p->v, t->used * sizeof(*row));
	const unsigned wide = WIDE / columns(t);
	enum err e = OK;

	for (unsigned i = 0; !e && row && i < t->used; i++) {
		struct value_list one = values_list(&p->v, 6);
		uint64_t high = scaled(t->n[i], most, HIGH);

		high = t->n[i] && high < LOWEST ? LOWEST : high;
		add_length(p, &one, "x", (uint64_t)i * wide);
		add_length(p, &one, "y", HIGH - high);
		add_length(p, &one, "width", wide - wide / 6);
		add_length(p, &one, "height", high);
		values_add_text(&one, "number", values_thousands(&p->v, t->n[i]));
		e = add_time(p, &one, "when", timeline_at(t, i), why);
		row[i].value = one.value;
	}
	values_add_rows(&p->top, "hours", row, t->used);
	return e;
}

static enum err add_timeline(struct page *p, struct why *why)
{
	const struct timeline *t = &p->r->survey->taken;
	const unsigned room = columns(t);
	char step[WORDS_MAX];
	uint64_t most = 1;
	enum err e;

	for (unsigned i = 0; i < t->used; i++)
		most = t->n[i] > most ? t->n[i] : most;
	step_words(step, t->step);
	values_add_when(&p->top, "timed", t->used);
	values_add_text(&p->top, "step", values_text(&p->v, step));
	values_add_text(&p->top, "most", values_thousands(&p->v, most));
	e = add_time(p, &p->top, "first_step", timeline_at(t, 0), why);
	if (!e)
		e = add_time(p, &p->top, "middle_step", timeline_at(t, room / 2), why);
	if (!e)
		e = add_time(p, &p->top, "last_step", timeline_at(t, room - 1), why);
	return e ? e : add_columns(p, most, why);
}

static const struct template_value *part_row(struct page *p, const char *name,
                                             const struct reached *r, bool low)
{
	struct value_list one = values_list(&p->v, 10);

	values_add_text(&one, "name", values_text(&p->v, name));
	values_add_when(&one, "low", low);
	values_add_text(&one, "members", values_thousands(&p->v, reached_members(r)));
	for (unsigned i = 0; i < REACH_KINDS; i++)
		values_add_text(&one, kinds[i].class,
		                values_thousands(&p->v, reached_of(r, (enum reach_kind)i)));
	add_rate(p, &one, r, " %");
	add_sentence(p, &one, r);
	add_kinds(p, &one, "parts", r);
	return one.value;
}

/* The largest, and those that an alarm names; the rest in one row. */
static void add_part_rows(struct page *p, struct value_list *l, const struct breakdown *b)
{
	struct template_row *row = values_keep(&p->v, (ROWS_MAX + 1) * sizeof(*row));
	struct reached rest = b->other;
	uint64_t together = b->others;
	char words[WORDS_MAX], number[VALUES_THOUSANDS];
	size_t n = 0;

	for (uint32_t i = 0; row && i < b->rows; i++) {
		const struct reached *r = &b->row[i].reached;
		const bool low = alarm_at(p->r->alarm, r);

		if (n < ROWS_MAX && (i < p->r->top || low)) {
			row[n++].value =
				part_row(p, *b->row[i].text ? b->row[i].text : "(none)", r, low);
			continue;
		}
		reached_add(&rest, r);
		together++;
	}
	values_thousands_write(number, together);
	snprintf(words, sizeof(words), together == 1 ? "%s other" : "%s others together", number);
	if (row && together)
		row[n++].value = part_row(p, words, &rest, false);
	values_add_rows(l, "rows", row, n);
}

static void add_table(struct page *p, struct template_row *row, const char *const word[4],
                      const struct breakdown *b)
{
	struct value_list one = values_list(&p->v, 5);

	values_add_text(&one, "id", word[0]);
	values_add_text(&one, "heading", word[1]);
	values_add_text(&one, "column", word[2]);
	values_add_text(&one, "remark", word[3]);
	add_part_rows(p, &one, b);
	row->value = one.value;
}

static void add_tables(struct page *p)
{
	static const char *const group[] = { "groups", "By group", "Group",
		                             "The roll's column group: the country, where it "
		                             "holds that. A rate far below the others is a "
		                             "reason to look, whatever the rate of all." },
				 *const domain[] = { "domains", "By mail domain", "Domain",
		                                     "What stands behind the @ of the members' "
		                                     "addresses. One provider that refuses "
		                                     "shows here first." },
				 *const language[] = { "languages", "By language", "Language",
		                                       "The language that the letter is in." };
	const struct survey *s = p->r->survey;
	struct template_row *row = values_keep(&p->v, 3 * sizeof(*row));
	const bool grouped = s->group.rows > 1 || (s->group.rows && *s->group.row[0].text);
	size_t n = 0;

	if (row && grouped)
		add_table(p, &row[n++], group, &s->group);
	if (row)
		add_table(p, &row[n++], domain, &s->domain);
	if (row)
		add_table(p, &row[n++], language, &s->language_of);
	values_add_rows(&p->top, "tables", row, n);
}

static void add_bounces(struct page *p)
{
	const struct returns_counts *b = &p->r->survey->back;
	const struct {
		const char *name;
		uint64_t n;
	} lines[] = {
		{ "No such mailbox or domain", b->read[FAILURE_HARD] },
		{ "Mailbox full", b->read[FAILURE_FULL] },
		{ "Refused for what it is or whence it comes", b->read[FAILURE_POLICY] },
		{ "Given up for other reasons", b->read[FAILURE_SOFT] },
		{ "Still being tried", b->read[FAILURE_DELAYED] },
		{ "Taken for spam by a member", b->complaints },
		{ "Other mails, such as absences", b->other },
		{ "Forged, or of another election; changed nothing", b->forged },
		{ "Kept, since nobody could be told from them", b->kept },
	};
	struct template_row *row =
		values_keep(&p->v, (sizeof(lines) / sizeof(lines[0])) * sizeof(*row));
	size_t n = 0;

	for (size_t i = 0; row && i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct value_list one;

		if (!lines[i].n)
			continue;
		one = values_list(&p->v, 2);
		values_add_text(&one, "name", lines[i].name);
		values_add_text(&one, "number", values_thousands(&p->v, lines[i].n));
		row[n++].value = one.value;
	}
	values_add_when(&p->top, "bounces", n);
	values_add_rows(&p->top, "back", row, n);
}

static void add_alarm(struct page *p)
{
	const struct overview *r = p->r;
	struct buf line = BUF_INIT(ALARM_LINE_MAX);
	const bool alarm = alarm_line(&line, r->alarm, r->survey);
	const char *words = strstr(buf_text(&line), " - ");

	values_add_when(&p->top, "alarm", alarm);
	values_add_when(&p->top, "well", !alarm && r->alarm->percent && survey_begun(r->survey));
	values_add_text(&p->top, "verdict", values_text(&p->v, words ? words + 3 : ""));
	values_add_text(&p->top, "threshold", values_thousands(&p->v, r->alarm->percent));
	buf_free(&line);
}

static enum err add_all(struct page *p, struct why *why)
{
	const struct overview *r = p->r;
	const struct survey *s = r->survey;
	enum err e = add_time(p, &p->top, "as_of", r->at, why);

	if (!e)
		e = add_time(p, &p->top, "closes", r->closes, why);
	values_add_text(&p->top, "title", r->title);
	values_add_text(&p->top, "organiser", r->organiser);
	values_add_text(&p->top, "timezone", r->conf->timezone);
	values_add_when(&p->top, "test", r->test);
	values_add_when(&p->top, "begun", survey_begun(s));
	values_add_when(&p->top, "not_begun", !survey_begun(s));
	values_add_text(&p->top, "members", values_thousands(&p->v, reached_members(&s->all)));
	values_add_text(&p->top, "tried", values_thousands(&p->v, reached_tried(&s->all)));
	values_add_when(&p->top, "in_doubt", s->warned);
	values_add_text(&p->top, "doubtful", values_thousands(&p->v, s->warned));
	values_add_text(&p->top, "least", values_thousands(&p->v, SURVEY_LEAST));
	add_rate(p, &p->top, &s->all, "");
	add_sentence(p, &p->top, &s->all);
	add_kinds(p, &p->top, "kinds", &s->all);
	add_alarm(p);
	add_states(p);
	if (!e)
		e = add_timeline(p, why);
	add_tables(p);
	add_bounces(p);
	return e ? e : values_err(&p->v) ? why_set(why, values_err(&p->v), "out of memory") : OK;
}

enum err overview_html(const struct overview *r, const char *path, struct why *why)
{
	struct page p = { .r = r };
	struct buf source = BUF_INIT(HOME_PATH_MAX), template = BUF_INIT(TEMPLATE_MAX),
		   filled = BUF_INIT(PAGE_MAX);
	enum err e;

	p.top = values_list(&p.v, VALUES);
	e = file_read(&template, file_path(&source, r->conf->templates, TEMPLATE_NAME), why);
	if (!e)
		e = add_all(&p, why);
	if (!e)
		e = template_fill(&filled, buf_text(&source), buf_text(&template), TEMPLATE_HTML,
		                  p.top.value, why);
	if (!e)
		e = file_write(path, filled.data, filled.len, 0600, why);
	values_release(&p.v);
	buf_free(&filled);
	buf_free(&template);
	buf_free(&source);
	return e;
}
