/* SPDX-License-Identifier: MIT */
#include "mailer/owntext.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"
#include "core/tokenlike.h"
#include "core/votelike.h"

#define SUBJECT_CAP    300 /* bytes; a hundred Chinese characters */
#define GREETING_CAP   1000
#define COUNT(table)   (sizeof(table) / sizeof((table)[0]))
#define BYTE_ORDER_BOM "\xEF\xBB\xBF"

static const char *const sections[OWNTEXT_PARTS] = {
	[OWNTEXT_SUBJECT] = "[subject]",
	[OWNTEXT_GREETING] = "[greeting]",
	[OWNTEXT_BODY] = "[body]",
	[OWNTEXT_SIGNATURE] = "[signature]",
};
static const char *const names[] = {
	"title",        "organiser", "contact",    "fingerprint", "opens_local",
	"closes_local", "opens_utc", "closes_utc", "timezone",    "page",
};
static const struct template_row once = { NULL };

/* One file on its way in. */
struct reading {
	struct owntext *o;
	struct buf part[OWNTEXT_PARTS];
	bool seen[OWNTEXT_PARTS];
	unsigned now; /* the section, OWNTEXT_PARTS before the first */
	unsigned line;
	struct why *why;
};

static enum err wrong(const struct reading *r, const char *what)
{
	return why_set(r->why, ERR_SETTINGS, "%s:%u: %s", r->o->file.path, r->line, what);
}

static enum err begin_section(struct reading *r, const char *line, size_t len)
{
	unsigned i = 0;

	while (i < OWNTEXT_PARTS && (strlen(sections[i]) != len || memcmp(sections[i], line, len)))
		i++;
	if (i == OWNTEXT_PARTS)
		return wrong(r, "the sections are [subject], [greeting], [body], [signature]");
	if (r->seen[i])
		return wrong(r, "this section stands twice");
	r->seen[i] = true;
	r->now = i;
	return OK;
}

/* One line, with nothing at its ends. Its section keeps empty ones too, so that lines can be
 * counted. */
static enum err take_line(struct reading *r, const char *line, size_t len)
{
	if (!text_clean(line, len))
		return wrong(r, utf8_valid(line, len) ? "a control or a direction character"
		                                      : "not UTF-8; save the file as \"UTF-8\"");
	if (len && line[0] == '[' && line[len - 1] == ']')
		return begin_section(r, line, len);
	if (len && r->now == OWNTEXT_PARTS)
		return wrong(r, "a text before the first section; begin with [subject], "
		                "[greeting], [body] or [signature]");
	if (votelike(line, len))
		return wrong(r, "this line would be a vote when the letter is quoted; put a word "
		                "before it");
	if (tokenlike(line, len))
		return wrong(r, "this looks like a voting code: none may stand in what goes to "
		                "everyone, not even as an example");
	if (len >= strlen(OWNTEXT_MARK) && memmem(line, len, OWNTEXT_MARK, strlen(OWNTEXT_MARK)))
		return wrong(r, "only the template may hold this line");
	if (r->now < OWNTEXT_PARTS) {
		buf_add(&r->part[r->now], line, len);
		buf_addc(&r->part[r->now], '\n');
	}
	return OK;
}

static enum err take_lines(struct reading *r, const char *text)
{
	enum err e = OK;

	if (!strncmp(text, BYTE_ORDER_BOM, 3))
		text += 3;
	for (r->line = 1; !e && *text; r->line++) {
		size_t n = strcspn(text, "\n"), len = n;
		const char *line = text;

		while (len && strchr(" \t\r", line[len - 1]))
			len--;
		while (len && strchr(" \t", *line)) {
			line++;
			len--;
		}
		e = take_line(r, line, len);
		text += n + (text[n] == '\n');
	}
	return e;
}

static unsigned lines_of(const char *text)
{
	unsigned n = 0;

	for (; *text; text += strcspn(text, "\n") + 1)
		n += *text != '\n';
	return n;
}

static enum err keep_part(struct owntext *o, unsigned i, const char *text, struct why *why)
{
	const bool single = i == OWNTEXT_SUBJECT || i == OWNTEXT_GREETING;
	const size_t cap = i == OWNTEXT_SUBJECT ? SUBJECT_CAP : GREETING_CAP;
	const unsigned lines = lines_of(text);

	if (!lines)
		return why_set(why, ERR_SETTINGS, "%s: %s is empty; leave it out", o->file.path,
		               sections[i]);
	if (single && (lines > 1 || strlen(text) > cap))
		return why_set(why, ERR_SETTINGS, "%s: %s must be one line of at most %zu bytes",
		               o->file.path, sections[i], cap);
	if (lines > OWNTEXT_LINES)
		return why_set(why, ERR_SETTINGS, "%s: %s has more than %d lines", o->file.path,
		               sections[i], OWNTEXT_LINES);
	o->part[i] = strdup(text);
	return o->part[i] ? OK : why_set(why, ERR_MEMORY, "out of memory");
}

enum err owntext_read(struct owntext *o, const char *path, struct why *why)
{
	struct buf text = BUF_INIT(OWNTEXT_FILE_MAX);
	struct reading r = { .o = o, .now = OWNTEXT_PARTS, .why = why };
	enum err e;

	if (!file_there(path))
		return OK;
	for (unsigned i = 0; i < OWNTEXT_PARTS; i++)
		buf_init(&r.part[i], OWNTEXT_FILE_MAX + 1);
	e = file_read(&text, path, why);
	source_take(&o->file, path, &text);
	if (!e && strlen(buf_text(&text)) != text.len)
		e = why_set(why, ERR_SETTINGS, "%s: not a text; save the file as \"UTF-8\"", path);
	if (!e)
		e = take_lines(&r, buf_text(&text));
	for (unsigned i = 0; !e && i < OWNTEXT_PARTS; i++) {
		e = buf_err(&r.part[i]);
		if (!e && r.seen[i])
			e = keep_part(o, i, buf_text(&r.part[i]), why);
	}
	for (unsigned i = 0; i < OWNTEXT_PARTS; i++)
		buf_free(&r.part[i]);
	buf_free(&text);
	return e;
}

void owntext_release(struct owntext *o)
{
	for (unsigned i = 0; i < OWNTEXT_PARTS; i++) {
		free(o->part[i]);
		free(o->filled[i]);
	}
	memset(o, 0, sizeof(*o));
}

/* One section with its names filled in, without the empty lines around it: they stand there so
 * that a mistake is told with its line. */
static enum err fill_part(struct buf *out, const struct owntext *o, unsigned i,
                          const struct template_value *values, struct why *why)
{
	struct buf all = BUF_INIT(2 * OWNTEXT_FILE_MAX);
	const char *text;
	char source[300];
	size_t len;
	enum err e;

	snprintf(source, sizeof(source), "%s %s", o->file.path, sections[i]);
	e = template_fill(&all, source, o->part[i], TEMPLATE_TEXT, values, why);
	text = buf_text(&all) + strspn(buf_text(&all), "\n");
	len = strlen(text);
	while (len && text[len - 1] == '\n')
		len--;
	buf_add(out, text, len);
	buf_wipe(&all);
	buf_free(&all);
	if (!e && buf_err(out))
		e = why_set(why, buf_err(out), "%s: too long when it is filled in", source);
	return e;
}

/* What a greeting may name besides; without it, what every other text may. */
static void allow(struct owntext *o, const struct template_value *facts)
{
	size_t n = 0;

	for (; facts->name; facts++)
		for (size_t i = 0; i < COUNT(names); i++)
			if (facts->text && !strcmp(facts->name, names[i]))
				o->allowed[n++] = *facts;
	o->allowed[n] = (struct template_value){ 0 };
}

/* Each line of a filled section, cut apart, as a row that has one value. */
static struct template_value rows_of(struct owntext *o, unsigned which, unsigned i,
                                     const char *list, const char *name)
{
	struct template_value all = { list, NULL, o->row[which], 0 };
	char *rest = NULL;
	char *line = o->filled[i] ? strtok_r(o->filled[i], "\n", &rest) : NULL;

	for (; line && all.rows < OWNTEXT_LINES; line = strtok_r(NULL, "\n", &rest)) {
		struct template_value *cell = o->cell[which][all.rows];

		cell[0] = (struct template_value){ name, line, NULL, 0 };
		o->row[which][all.rows++].value = cell;
	}
	return all;
}

static struct template_value when(const char *name, bool condition)
{
	return (struct template_value){ name, NULL, &once, condition };
}

enum err owntext_fill(struct owntext *o, const struct template_value *facts, struct why *why)
{
	struct buf filled = BUF_INIT(2 * OWNTEXT_FILE_MAX);
	const char *subject;
	enum err e = OK;

	allow(o, facts);
	for (unsigned i = 0; !e && i < OWNTEXT_PARTS; i++) {
		if (!o->part[i] || i == OWNTEXT_GREETING)
			continue;
		buf_clear(&filled);
		e = fill_part(&filled, o, i, o->allowed, why);
		o->filled[i] = e ? NULL : strdup(buf_text(&filled));
		if (!e && !o->filled[i])
			e = why_set(why, ERR_MEMORY, "out of memory");
	}
	buf_free(&filled);
	if (e)
		return e;
	subject = o->filled[OWNTEXT_SUBJECT];
	o->value[0] = (struct template_value){ "subject", subject ? subject : "", NULL, 0 };
	o->value[1] = when("own_subject", subject);
	o->value[2] = when("usual_subject", !subject);
	o->value[3] = rows_of(o, 0, OWNTEXT_BODY, "body", "paragraph");
	o->value[4] = rows_of(o, 1, OWNTEXT_SIGNATURE, "signature", "line");
	o->value[5] = when("signed", o->value[4].rows);
	return OK;
}

enum err owntext_greet(struct buf *out, const struct owntext *o, const char *name, struct why *why)
{
	struct template_value values[COUNT(names) + 2] = { { "name", name, NULL, 0 } };

	if (!o->part[OWNTEXT_GREETING] || (!*name && strstr(o->part[OWNTEXT_GREETING], "{{name}}")))
		return OK;
	memcpy(values + 1, o->allowed, (COUNT(names) + 1) * sizeof(values[0]));
	return fill_part(out, o, OWNTEXT_GREETING, values, why);
}
