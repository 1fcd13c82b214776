/* SPDX-License-Identifier: MIT */
#include "mailer/attendance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/aside.h"
#include "core/file.h"
#include "core/template.h"
#include "core/text.h"
#include "mailer/calendar.h"
#include "mailer/csv.h"
#include "mailer/home.h"
#include "mailer/wording.h"

#define ROW_CAP      ((size_t)64 << 10)
#define TEMPLATE_MAX ((size_t)64 << 10)
#define VALUES       24
#define NUMBER_TEXT  24

static const char BEGIN[] = "{{#members}}\n";
static const char END[] = "{{/members}}\n";
static const struct template_row once = { NULL };

static enum err look(void *context, const struct member *member, struct why *why)
{
	struct attendance *a = context;
	struct campaign *c = a->campaign;
	uint64_t *hour = &a->hour[member->serial];
	enum err e = campaign_voted(c, member, hour, why);

	if (!e && *hour) {
		a->voted++;
		a->weight += member->weight;
	}
	a->groups = a->groups || *member->group;
	if (c->step)
		c->step(c->context, 1);
	return e;
}

enum err attendance_look(struct attendance *a, struct why *why)
{
	a->hour = calloc((size_t)a->campaign->m->members, sizeof(*a->hour));
	if (!a->hour)
		return why_set(why, ERR_MEMORY, "out of memory");
	return roll_each(a->campaign->roll, look, a, why);
}

void attendance_release(struct attendance *a)
{
	if (a->hour)
		explicit_bzero(a->hour, (size_t)a->campaign->m->members * sizeof(*a->hour));
	free(a->hour);
	a->hour = NULL;
}

struct table {
	const struct attendance *a;
	attendance_out *out;
	void *context;
	struct buf row;
};

static enum err add_row(void *context, const struct member *member, struct why *why)
{
	struct table *t = context;
	uint64_t hour = t->a->hour[member->serial];
	char at[TIME_TEXT] = "";

	if (hour)
		time_write(at, hour);
	buf_wipe(&t->row);
	csv_add_field(&t->row, member->id);
	csv_add_field(&t->row, member->name);
	csv_add_field(&t->row, member->group);
	buf_addf(&t->row, "%u,%s,%s\n", member->weight, hour ? "yes" : "no", at);
	if (buf_err(&t->row))
		return why_set(why, buf_err(&t->row), "%s", err_text(buf_err(&t->row)));
	t->out(t->context, t->row.data, t->row.len);
	return OK;
}

enum err attendance_csv(const struct attendance *a, attendance_out *out, void *context,
                        struct why *why)
{
	static const char header[] = "id,name,group,weight,voted,hour\n";
	struct table t = { .a = a, .out = out, .context = context, .row = BUF_INIT(ROW_CAP) };
	enum err e;

	out(context, header, sizeof(header) - 1);
	e = roll_each(a->campaign->roll, add_row, &t, why);
	buf_free(&t.row);
	return e;
}

/* A page that is being written: what stands before the members, once for each, and after. */
struct page {
	const struct attendance *a;
	const struct conf *conf;
	struct calendar *calendar;
	struct aside *out;
	const char *source; /* the template's path */
	struct buf template, filled;
	char *before, *each, *after;
	struct template_value value[VALUES];
	size_t values;
};

static void add_text(struct page *p, const char *name, const char *text)
{
	if (p->values + 1 >= VALUES)
		bug("too many values for the list of attendance");
	p->value[p->values++] = (struct template_value){ name, text, NULL, 0 };
}

static void add_when(struct page *p, const char *name, bool condition)
{
	if (p->values + 1 >= VALUES)
		bug("too many values for the list of attendance");
	p->value[p->values++] = (struct template_value){ name, NULL, &once, condition };
}

static void number(char out[NUMBER_TEXT], uint64_t n)
{
	snprintf(out, NUMBER_TEXT, "%llu", (unsigned long long)n);
}

static enum err put(struct page *p, const char *part, struct why *why)
{
	enum err e;

	buf_wipe(&p->filled);
	e = template_fill(&p->filled, p->source, part, TEMPLATE_HTML, p->value, why);
	if (!e)
		aside_add(p->out, p->filled.data, p->filled.len);
	return e;
}

static enum err put_member(void *context, const struct member *member, struct why *why)
{
	struct page *p = context;
	uint64_t hour = p->a->hour[member->serial];
	char place[NUMBER_TEXT], weight[NUMBER_TEXT];
	struct buf at = BUF_INIT(256);
	size_t shared = p->values;
	enum err e = OK;

	if (hour)
		e = calendar_hour(&at, hour, p->conf->timezone, why);
	number(place, (uint64_t)member->serial + 1);
	number(weight, member->weight);
	add_text(p, "place", place);
	add_text(p, "id", member->id);
	add_text(p, "name", member->name);
	add_text(p, "group", member->group);
	add_text(p, "weight", weight);
	add_text(p, "hour", buf_text(&at));
	add_when(p, "present", hour != 0);
	add_when(p, "absent", hour == 0);
	if (!e)
		e = put(p, p->each, why);
	p->values = shared;
	memset(p->value + shared, 0, (VALUES - shared) * sizeof(p->value[0]));
	buf_free(&at);
	return e;
}

static enum err read_page(struct page *p, struct buf *path, const char *language, struct why *why)
{
	enum err e;

	wording_path(path, p->conf, language, "letter.words");
	e = buf_err(path);
	if (!e)
		e = calendar_open(&p->calendar, NULL, buf_text(path), why);
	wording_path(path, p->conf, language, "attendance.html");
	p->source = buf_text(path);
	if (!e)
		e = buf_err(path);
	if (!e)
		e = file_read(&p->template, p->source, why);
	if (e)
		return e;
	p->before = p->template.data;
	p->each = p->before ? strstr(p->before, BEGIN) : NULL;
	p->after = p->each ? strstr(p->each, END) : NULL;
	if (!p->after)
		return why_set(why, ERR_SETTINGS,
		               "%s: must have a line {{#members}} and a line {{/members}}",
		               p->source);
	*p->each = *p->after = 0;
	p->each += sizeof(BEGIN) - 1;
	p->after += sizeof(END) - 1;
	return OK;
}

static enum err put_page(struct page *p, unsigned language, struct why *why)
{
	const struct campaign *c = p->a->campaign;
	const struct manifest *m = c->m;
	const struct head *head = pollbook_head(c->book);
	char members[NUMBER_TEXT], voted[NUMBER_TEXT], absent[NUMBER_TEXT], size[NUMBER_TEXT];
	char root[FINGERPRINT_TEXT];
	struct buf at = BUF_INIT(256);
	enum err e = calendar_write(&at, p->calendar, head->time, p->conf->timezone, why);

	number(members, m->members);
	number(voted, p->a->voted);
	number(absent, m->members - p->a->voted);
	number(size, head->size);
	fingerprint_write(root, head->root.bytes);
	add_text(p, "title", m->title.in[language]);
	add_text(p, "organiser", m->organiser);
	add_text(p, "fingerprint", m->fingerprint);
	add_text(p, "registered", members);
	add_text(p, "voted", voted);
	add_text(p, "absentees", absent);
	add_text(p, "lines", size);
	add_text(p, "root", root);
	add_text(p, "as_of", buf_text(&at));
	add_text(p, "timezone", p->conf->timezone);
	add_when(p, "groups", p->a->groups);
	add_when(p, "provisional", !pollbook_closed(c->book));
	add_when(p, "test", m->test);
	if (!e)
		e = put(p, p->before, why);
	if (!e)
		e = roll_each(c->roll, put_member, p, why);
	if (!e)
		e = put(p, p->after, why);
	buf_free(&at);
	return e;
}

enum err attendance_html(const struct attendance *a, const char *path, const struct conf *conf,
                         unsigned language, struct why *why)
{
	struct buf source = BUF_INIT(HOME_PATH_MAX);
	struct aside out;
	struct page p = { .a = a,
		          .conf = conf,
		          .out = &out,
		          .template = BUF_INIT(TEMPLATE_MAX),
		          .filled = BUF_INIT(4 * ROW_CAP) };
	enum err e = read_page(&p, &source, a->campaign->m->language[language], why);

	if (!e) {
		e = aside_begin(&out, path, 0600, why);
		if (!e)
			e = put_page(&p, language, why);
		e = aside_end(&out, e, why);
	}
	calendar_free(p.calendar);
	buf_free(&p.template);
	buf_free(&p.filled);
	buf_free(&source);
	return e;
}
