/* SPDX-License-Identifier: MIT */
#include "core/template.h"

#include <stdbool.h>
#include <string.h>

/* The names that hold at one place: a row's own, then those around it. */
struct scope {
	const struct template_value *values;
	const struct scope *outer;
};

struct filling {
	struct buf *out;
	const char *source, *begin;
	enum template_escape escape;
	struct why *why;
};

/* One `{{…}}` in the text. */
struct tag {
	const char *start, *end; /* the braces included */
	const char *name;
	size_t len;
	char sign; /* '#', '/' or 0 */
};

static unsigned line_of(const struct filling *f, const char *at)
{
	unsigned line = 1;

	for (const char *p = f->begin; p < at; p++)
		line += *p == '\n';
	return line;
}

static enum err wrong(const struct filling *f, const struct tag *tag, const char *what)
{
	return why_set(f->why, ERR_FORMAT, "%s:%u: {{%.*s}} %s", f->source, line_of(f, tag->start),
	               (int)(tag->len > 60 ? 60 : tag->len), tag->name, what);
}

/* The next place where `brace` stands twice; NULL where there is none. */
static const char *find_twice(const char *at, const char *end, char brace)
{
	while ((at = memchr(at, brace, (size_t)(end - at))) && at + 1 < end && at[1] != brace)
		at++;
	return at && at + 1 < end ? at : NULL;
}

/* OK, ERR_NOT_FOUND where no tag is left, ERR_FORMAT where one is never closed. */
static enum err next_tag(const struct filling *f, const char *at, const char *end, struct tag *tag)
{
	const char *open = find_twice(at, end, '{');
	const char *close;

	if (!open)
		return ERR_NOT_FOUND;
	close = find_twice(open + 2, end, '}');
	if (!close)
		return why_set(f->why, ERR_FORMAT, "%s:%u: a {{ without its }}", f->source,
		               line_of(f, open));
	*tag = (struct tag){ .start = open, .end = close + 2, .name = open + 2 };
	if (open[2] == '#' || open[2] == '/')
		tag->sign = *tag->name++;
	tag->len = (size_t)(close - tag->name);
	return OK;
}

static const struct template_value *look_up(const struct scope *scope, const struct tag *tag)
{
	for (; scope; scope = scope->outer)
		for (const struct template_value *v = scope->values; v && v->name; v++)
			if (*v->name == *tag->name && !strncmp(v->name, tag->name, tag->len) &&
			    !v->name[tag->len])
				return v;
	return NULL;
}

/* A section's tag that has a line to itself takes the whole line away with it. */
static void whole_line(const struct filling *f, const char *end, const char **from,
                       const char **after)
{
	const char *a = *from, *b = *after;

	while (a > f->begin && (a[-1] == ' ' || a[-1] == '\t'))
		a--;
	while (b < end && (*b == ' ' || *b == '\t'))
		b++;
	if ((a > f->begin && a[-1] != '\n') || (b < end && *b != '\n'))
		return;
	*from = a;
	*after = b < end ? b + 1 : b;
}

void template_html(struct buf *out, const char *text)
{
	static const struct {
		char c;
		const char *entity;
	} entities[] = {
		{ '&', "&amp;" },  { '<', "&lt;" },   { '>', "&gt;" },
		{ '"', "&quot;" }, { '\'', "&#39;" },
	};

	while (*text) {
		size_t plain = strcspn(text, "&<>\"'");

		buf_add(out, text, plain);
		text += plain;
		for (size_t i = 0; *text && i < sizeof(entities) / sizeof(entities[0]); i++) {
			if (entities[i].c != *text)
				continue;
			buf_adds(out, entities[i].entity);
			text++;
			break;
		}
	}
}

/* The `{{/name}}` that belongs to an open section. */
static enum err find_close(const struct filling *f, const struct tag *open, const char *end,
                           struct tag *close)
{
	const char *at = open->end;
	unsigned depth = 1;

	for (;;) {
		enum err e = next_tag(f, at, end, close);

		if (e == ERR_NOT_FOUND)
			return wrong(f, open, "is a section that is never closed");
		if (e)
			return e;
		at = close->end;
		if (close->len != open->len || memcmp(close->name, open->name, open->len))
			continue;
		depth += close->sign == '#';
		depth -= close->sign == '/';
		if (!depth)
			return OK;
	}
}

static enum err fill(const struct filling *f, const char *at, const char *end,
                     const struct scope *scope);

/* Everything from an opening tag to its closing one; `*at` moves behind it. */
static enum err fill_section(const struct filling *f, const struct tag *open, const char **at,
                             const char *end, const struct scope *scope)
{
	const struct template_value *v = look_up(scope, open);
	const char *open_from = open->start, *inner = open->end;
	const char *inner_end, *after;
	struct tag close;
	enum err e;

	if (!v)
		return wrong(f, open, "is not known here");
	if (v->text)
		return wrong(f, open, "is a text, not a section");
	e = find_close(f, open, end, &close);
	if (e)
		return e;
	inner_end = close.start;
	after = close.end;
	whole_line(f, end, &open_from, &inner);
	whole_line(f, end, &inner_end, &after);
	if (inner_end < inner)
		inner_end = inner;
	buf_add(f->out, *at, (size_t)(open_from - *at));
	for (size_t i = 0; !e && i < v->rows; i++) {
		struct scope own = { v->row ? v->row[i].value : NULL, scope };

		e = fill(f, inner, inner_end, &own);
	}
	*at = after;
	return e;
}

static enum err fill(const struct filling *f, const char *at, const char *end,
                     const struct scope *scope)
{
	for (;;) {
		const struct template_value *v;
		struct tag tag;
		enum err e = next_tag(f, at, end, &tag);

		if (e && e != ERR_NOT_FOUND)
			return e;
		if (e) {
			buf_add(f->out, at, (size_t)(end - at));
			return OK;
		}
		if (tag.sign == '/')
			return wrong(f, &tag, "closes a section that is not open");
		if (tag.sign == '#') {
			e = fill_section(f, &tag, &at, end, scope);
			if (e)
				return e;
			continue;
		}
		v = look_up(scope, &tag);
		if (!v)
			return wrong(f, &tag, "is not known here");
		if (!v->text)
			return wrong(f, &tag, "is a section, not a text");
		buf_add(f->out, at, (size_t)(tag.start - at));
		if (f->escape == TEMPLATE_HTML)
			template_html(f->out, v->text);
		else
			buf_adds(f->out, v->text);
		at = tag.end;
	}
}

enum err template_fill(struct buf *out, const char *source, const char *text,
                       enum template_escape escape, const struct template_value *values,
                       struct why *why)
{
	const struct filling f = { out, source, text, escape, why };
	const struct scope outermost = { values, NULL };
	enum err e = fill(&f, text, text + strlen(text), &outermost);

	if (e)
		return e;
	e = buf_err(out);
	return e ? why_set(why, e, "%s: the filled text is too long", source) : OK;
}

enum err template_check(const char *source, const char *text, const char *const *names,
                        struct why *why)
{
	const struct filling f = { .source = source, .begin = text, .why = why };
	const char *at = text, *end = text + strlen(text);
	struct tag tag, close;
	enum err e;

	while ((e = next_tag(&f, at, end, &tag)) == OK) {
		const char *const *name = names;

		while (*name && (strlen(*name) != tag.len || memcmp(*name, tag.name, tag.len)))
			name++;
		if (!*name)
			return wrong(&f, &tag, "is not known");
		e = tag.sign == '#' ? find_close(&f, &tag, end, &close) : OK;
		if (e)
			return e;
		at = tag.end;
	}
	return e == ERR_NOT_FOUND ? OK : e;
}
