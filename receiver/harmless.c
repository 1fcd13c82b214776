/* SPDX-License-Identifier: MIT */
#include "receiver/harmless.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/flatten.h"
#include "core/tokenlike.h"
#include "core/votelike.h"

#define FLAT_MAX (1u << 20)

static size_t trimmed(const char **line, size_t len)
{
	while (len && strchr(" \t\r", **line)) {
		++*line;
		len--;
	}
	while (len && strchr(" \t\r", (*line)[len - 1]))
		len--;
	return len;
}

/* The number of this line in a text, from 1; 0 where it does not stand there like that. */
static unsigned number_of(const struct text *t, const char *line, size_t len)
{
	const char *at = t->text;

	for (unsigned number = 1;; number++) {
		size_t n = strcspn(at, "\n");
		const char *own = at;

		if (trimmed(&own, n) == len && !memcmp(own, line, len))
			return number;
		if (!at[n])
			return 0;
		at += n + 1;
	}
}

/* Does nothing stand before it in its line, but a tag or the mark of a direction? */
static bool begins_line(const char *text, const char *at)
{
	static const char isolate[] = "\u2068";

	if (at - text >= 3 && !memcmp(at - 3, isolate, 3))
		at -= 3;
	while (at > text && at[-1] == ' ')
		at--;
	return at == text || at[-1] == '\n' || at[-1] == '}';
}

/* The number of a line that `tag` begins, which is filled in as what would vote. */
static unsigned number_of_tag(const struct text *t, const char *tag)
{
	unsigned number = 1;
	const char *at = strstr(t->text, tag);

	while (at && !begins_line(t->text, at))
		at = strstr(at + 1, tag);
	for (const char *c = t->text; at && c < at; c++)
		number += *c == '\n';
	return at ? number : 0;
}

/* Is the line this name, with whatever is not seen around it? */
static bool is_name(const char *name, const char *line, size_t len)
{
	return name && *name && memmem(line, len, name, strlen(name));
}

/* What the election calls something, and the tag that writes it; NULL where it is no such thing. */
static const char *tag_of(const struct manifest *m, unsigned language, const char *line, size_t len)
{
	if (is_name(m->title.in[language], line, len))
		return "{{title}}";
	if (is_name(m->organiser, line, len))
		return "{{organiser}}";
	if (is_name(m->waiver.in[language], line, len))
		return "{{waiver}}";
	for (unsigned q = 0; q < m->questions; q++)
		if (is_name(m->question[q].title.in[language], line, len))
			return "{{question}}";
	return NULL;
}

/* A line of an answer, and what it was made of, as far as that is known. */
struct place {
	const char *line, *source;
	size_t len;
	char number[16]; /* ":7", or "" */
};

static void find_place(struct place *p, const struct wording *w, const struct manifest *m,
                       enum verdict verdict)
{
	unsigned number = 0;

	p->len = trimmed(&p->line, p->len);
	for (unsigned i = 0; !number && i < w->languages; i++) {
		const struct tongue *l = &w->tongue[i];
		const struct text *const texts[] = { &l->verdict[verdict], &l->frame, &l->foot };
		const char *tag = tag_of(m, l->index, p->line, p->len);

		for (size_t t = 0; !number && t < sizeof(texts) / sizeof(texts[0]); t++) {
			number = number_of(texts[t], p->line, p->len);
			if (!number && tag)
				number = number_of_tag(texts[t], tag);
			if (number)
				p->source = texts[t]->source;
		}
	}
	if (number)
		snprintf(p->number, sizeof(p->number), ":%u", number);
}

static const char *find_token(const char *text, size_t *len)
{
	for (; *text; text += *len + (text[*len] == '\n')) {
		*len = strcspn(text, "\n");
		if (tokenlike(text, *len))
			return text;
	}
	return NULL;
}

static enum err check_votes(struct place *p, const struct wording *w, const struct manifest *m,
                            enum verdict verdict, struct why *why)
{
	p->line = votelike_find(p->line, &p->len);
	if (!p->line)
		return OK;
	find_place(p, w, m, verdict);
	return why_set(why, ERR_SETTINGS,
	               "%s%s: \"%.*s\" would stand in a line by itself, and vote when a mail "
	               "program sends the answer back: put a word before it, or brackets round it",
	               p->source, p->number, p->len < 60 ? (int)p->len : 60, p->line);
}

/* Told without the line, which may be somebody's. */
static enum err check_tokens(struct place *p, const struct wording *w, const struct manifest *m,
                             enum verdict verdict, struct why *why)
{
	p->line = find_token(p->line, &p->len);
	if (!p->line)
		return OK;
	find_place(p, w, m, verdict);
	return why_set(why, ERR_SETTINGS,
	               "%s%s: this looks like a voting code: none may stand in what goes to "
	               "everyone, not even as an example",
	               p->source, p->number);
}

/* The HTML part is not wrapped: a code is whole there, wherever it stands in its line. */
enum err harmless_check(const struct wording *w, const struct manifest *m, enum verdict verdict,
                        const char *plain, const char *html, struct why *why)
{
	const char *made_by = w->tongue[0].verdict[verdict].source;
	struct buf flat = BUF_INIT(FLAT_MAX);
	enum err e = check_votes(&(struct place){ .line = plain, .source = made_by }, w, m, verdict,
	                         why);

	if (!e) {
		flatten_html(&flat, html);
		e = buf_err(&flat);
	}
	if (!e)
		e = check_votes(
			&(struct place){ .line = buf_text(&flat), .source = w->page.source }, w, m,
			verdict, why);
	if (!e)
		e = check_tokens(&(struct place){ .line = buf_text(&flat), .source = made_by }, w,
		                 m, verdict, why);
	buf_free(&flat);
	return e;
}
