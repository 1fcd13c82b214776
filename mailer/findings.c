/* SPDX-License-Identifier: MIT */
#include "mailer/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/list.h"
#include "core/text.h"

#define WORDS_MAX 1500
#define FIRST     500 /* of one call's words */

static const char *const levels[] = { "ok", "note", "warning", "unseen", "stop" };
static const char *const sections[] = { "sender", "back", "relay", "letter", "members", "trip" };

const char *finding_level_name(enum finding_level level)
{
	return levels[level];
}

const char *finding_section_name(enum finding_section section)
{
	return sections[section];
}

void findings_release(struct findings *f)
{
	for (unsigned i = 0; i < f->n; i++) {
		buf_free(&f->finding[i].what);
		buf_free(&f->finding[i].found);
		buf_free(&f->finding[i].means);
		buf_free(&f->finding[i].remedy);
	}
	free(f->finding);
	*f = (struct findings){ 0 };
}

enum err findings_err(const struct findings *f)
{
	return f->e;
}

unsigned findings_count(const struct findings *f, enum finding_level level)
{
	unsigned n = 0;

	for (unsigned i = 0; i < f->n; i++)
		n += f->finding[i].level == level;
	return n;
}

/* Printable: a terminal and JSON take it as it is. */
static void add_clean(struct buf *out, const char *text, size_t len)
{
	while (len) {
		uint32_t c = 0;
		size_t n = utf8_next(&c, text, len);

		if (n && text_clean(text, n))
			buf_add(out, text, n);
		else
			buf_addc(out, '?');
		n = n ? n : 1;
		text += n;
		len -= n;
	}
}

static void add(struct findings *f, struct buf *out, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

/* The text is cut where one call has more words than there is room for; that is no failure. */
static void add(struct findings *f, struct buf *out, const char *format, va_list args)
{
	char text[FIRST * 2];
	int len = vsnprintf(text, sizeof(text), format, args);

	if (len < 0 || f->e)
		return;
	if (out->len)
		buf_addc(out, ' ');
	add_clean(out, text, (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1);
	if (buf_err(out) == ERR_MEMORY)
		f->e = ERR_MEMORY;
}

static struct finding *current(struct findings *f)
{
	if (!f->n && !f->e)
		bug("a finding without a look");
	return f->e ? NULL : &f->finding[f->n - 1];
}

void findings_look(struct findings *f, enum finding_section section, const char *key,
                   const char *format, ...)
{
	struct finding *list = f->e ? NULL : list_more(f->finding, f->n, sizeof(*list));
	va_list args;

	if (!list) {
		f->e = ERR_MEMORY;
		return;
	}
	f->finding = list;
	list[f->n++] = (struct finding){
		.section = section,
		.key = key,
		.what = BUF_INIT(WORDS_MAX),
		.found = BUF_INIT(WORDS_MAX),
		.means = BUF_INIT(WORDS_MAX),
		.remedy = BUF_INIT(WORDS_MAX),
	};
	va_start(args, format);
	add(f, &list[f->n - 1].what, format, args);
	va_end(args);
}

void findings_saw(struct findings *f, const char *format, ...)
{
	struct finding *now = current(f);
	va_list args;

	va_start(args, format);
	if (now)
		add(f, &now->found, format, args);
	va_end(args);
}

void findings_tell(struct findings *f, enum finding_level level, const char *format, ...)
{
	struct finding *now = current(f);
	va_list args;

	va_start(args, format);
	if (now) {
		add(f, &now->means, format, args);
		if (level > now->level)
			now->level = level;
	}
	va_end(args);
}

void findings_do(struct findings *f, const char *format, ...)
{
	struct finding *now = current(f);
	va_list args;

	va_start(args, format);
	if (now)
		add(f, &now->remedy, format, args);
	va_end(args);
}
