/* SPDX-License-Identifier: MIT */
#include "mailer/sheet.h"

#include <string.h>

#include "core/json.h"
#include "core/text.h"

#define WIDTH  79
#define INDENT 12 /* of what stands under a finding's name */
#define ARROW  10
#define BESIDE 40 /* where what was found may stand beside it */

static const char *const heads[SECTIONS] = {
	[SECTION_SENDER] = "The sender's name in the DNS",
	[SECTION_BACK] = "Where replies and bounces come back to",
	[SECTION_RELAY] = "The relay that takes the letters",
	[SECTION_LETTER] = "The letter",
	[SECTION_MEMBERS] = "The members' mailboxes",
	[SECTION_TRIP] = "A letter that was sent, and came",
};

static const struct {
	const char *mark, *colour;
} looks[FINDING_LEVELS] = {
	[FINDING_OK] = { "✓", "32" },      [FINDING_NOTE] = { "·", "36" },
	[FINDING_WARNING] = { "!", "33" }, [FINDING_UNSEEN] = { "?", "35" },
	[FINDING_STOP] = { "✗", "1;31" },
};

struct pen {
	struct buf *out;
	bool colour;
};

static void paint(const struct pen *p, const char *code, const char *text)
{
	if (p->colour)
		buf_addf(p->out, "\033[%sm%s\033[0m", code, text);
	else
		buf_adds(p->out, text);
}

static size_t width_of(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

static void spaces(struct buf *out, size_t n)
{
	buf_addf(out, "%*s", (int)n, "");
}

/* Words in lines from column INDENT on; the first line goes on where `at` is. A word that no
 * line holds, a record's value, is cut where the line ends. */
static void paragraph(const struct pen *p, const char *text, size_t at, bool dim)
{
	bool first = true;

	if (p->colour && dim)
		buf_adds(p->out, "\033[2m");
	while (*text) {
		size_t len = strcspn(text, " "), width = width_of(text, len);

		if (!first && at + 1 + width > WIDTH) {
			buf_addc(p->out, '\n');
			spaces(p->out, INDENT);
			at = INDENT;
			first = true;
		}
		if (!first) {
			buf_addc(p->out, ' ');
			at++;
		}
		for (size_t i = 0; i < len; i++) {
			bool begins = ((unsigned char)text[i] & 0xc0) != 0x80;

			if (begins && at == WIDTH) {
				buf_addc(p->out, '\n');
				spaces(p->out, INDENT);
				at = INDENT;
			}
			buf_addc(p->out, text[i]);
			at += begins;
		}
		first = false;
		text += len + strspn(text + len, " ");
	}
	if (p->colour && dim)
		buf_adds(p->out, "\033[0m");
	buf_addc(p->out, '\n');
}

/* What was found, behind the name where there is room for it. */
static void write_found(const struct pen *p, const struct finding *f)
{
	size_t name = width_of(buf_text(&f->what), f->what.len),
	       width = width_of(buf_text(&f->found), f->found.len);

	if (f->found.len && INDENT + name + 2 <= BESIDE && BESIDE + width <= WIDTH) {
		spaces(p->out, BESIDE - INDENT - name);
		paragraph(p, buf_text(&f->found), BESIDE, true);
		return;
	}
	buf_addc(p->out, '\n');
	if (!f->found.len)
		return;
	spaces(p->out, INDENT);
	paragraph(p, buf_text(&f->found), INDENT, true);
}

static void write_finding(const struct pen *p, const struct finding *f)
{
	const char *name = finding_level_name(f->level);

	buf_adds(p->out, "  ");
	paint(p, looks[f->level].colour, looks[f->level].mark);
	buf_addc(p->out, ' ');
	paint(p, looks[f->level].colour, name);
	spaces(p->out, INDENT - 4 - strlen(name));
	paint(p, "1", buf_text(&f->what));
	write_found(p, f);
	if (f->means.len) {
		spaces(p->out, INDENT);
		paragraph(p, buf_text(&f->means), INDENT, f->level == FINDING_OK);
	}
	if (f->remedy.len) {
		spaces(p->out, ARROW);
		paint(p, looks[f->level].colour, "→");
		buf_addc(p->out, ' ');
		paragraph(p, buf_text(&f->remedy), INDENT, false);
	}
}

static void write_names(const struct pen *p, const struct findings *f, enum finding_level level,
                        const char *begin)
{
	if (!findings_count(f, level))
		return;
	buf_addf(p->out, "  %s\n", begin);
	for (unsigned i = 0; i < f->n; i++) {
		if (f->finding[i].level != level)
			continue;
		buf_adds(p->out, "    ");
		paint(p, looks[level].colour, looks[level].mark);
		buf_addf(p->out, " %s\n", buf_text(&f->finding[i].what));
	}
}

/* "1 stop, 2 warnings, 3 notes, 11 well" */
static void write_counts(struct buf *out, const struct findings *f)
{
	static const char *const one[] = { "well", "note", "warning", "not seen", "stop" },
				 *const many[] = { "well", "notes", "warnings", "not seen",
		                                   "stops" };
	const char *before = "";

	for (unsigned level = FINDING_LEVELS; level-- > 0;) {
		unsigned n = findings_count(f, (enum finding_level)level);

		if (!n)
			continue;
		buf_addf(out, "%s%u %s", before, n, n == 1 ? one[level] : many[level]);
		before = ", ";
	}
}

static void write_sum(const struct pen *p, const struct findings *f)
{
	struct buf counts = BUF_INIT(200);

	write_counts(&counts, f);
	buf_adds(p->out, "\n  ");
	paint(p, "1", buf_text(&counts));
	buf_addc(p->out, '\n');
	buf_free(&counts);
	write_names(p, f, FINDING_STOP, "Do not send before this is mended:");
	write_names(p, f, FINDING_UNSEEN, "Could not be looked at; run this again later:");
	write_names(p, f, FINDING_WARNING, "Better mended first:");
	if (!findings_count(f, FINDING_STOP) && !findings_count(f, FINDING_UNSEEN) &&
	    !findings_count(f, FINDING_WARNING))
		buf_adds(p->out, "  Nothing that was looked at stands in the way of sending.\n");
}

void sheet_text(struct buf *out, const struct findings *f, bool colour)
{
	const struct pen p = { out, colour };

	for (unsigned section = 0; section < SECTIONS; section++) {
		bool begun = false;

		for (unsigned i = 0; i < f->n; i++) {
			if (f->finding[i].section != section)
				continue;
			if (!begun) {
				buf_adds(out, "\n  ");
				paint(&p, "1;36", heads[section]);
				buf_addc(out, '\n');
			}
			begun = true;
			write_finding(&p, &f->finding[i]);
		}
	}
	write_sum(&p, f);
}

static void add_field(struct buf *out, const char *key, const char *text)
{
	buf_addf(out, ",\"%s\":", key);
	json_add_string(out, text, strlen(text));
}

static void add_finding(struct buf *out, const struct finding *f, bool first)
{
	buf_addf(out, "%s{\"section\":\"%s\",\"key\":\"%s\",\"level\":\"%s\"", first ? "" : ",",
	         finding_section_name(f->section), f->key, finding_level_name(f->level));
	add_field(out, "what", buf_text(&f->what));
	add_field(out, "found", buf_text(&f->found));
	add_field(out, "means", buf_text(&f->means));
	add_field(out, "remedy", buf_text(&f->remedy));
	buf_addc(out, '}');
}

void sheet_json(struct buf *out, const struct findings *f)
{
	bool first = true;

	buf_adds(out, "{\"findings\":[");
	for (unsigned section = 0; section < SECTIONS; section++) {
		for (unsigned i = 0; i < f->n; i++) {
			if (f->finding[i].section != section)
				continue;
			add_finding(out, &f->finding[i], first);
			first = false;
		}
	}
	buf_addc(out, ']');
	for (unsigned level = FINDING_LEVELS; level-- > 0;)
		buf_addf(out, ",\"%s\":%u", finding_level_name((enum finding_level)level),
		         findings_count(f, (enum finding_level)level));
	buf_adds(out, "}\n");
}
