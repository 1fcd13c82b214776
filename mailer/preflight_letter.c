/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/mail/address.h"
#include "mailer/preflight.h"

#define LINE_BEST 78  /* characters of a line, without its end (RFC 5322) */
#define LINE_MOST 998 /* and what no server may refuse */
#define LARGE     100000
#define CLIPPED   102000 /* bytes of HTML from which Gmail shows only a part */

/* What one letter looks like from outside. */
struct shape {
	size_t bytes, html, longest;
	bool plain, rich, images;
	unsigned strange;          /* links that lead elsewhere */
	char first[DNS_NAME_TEXT]; /* of them, its host */
};

static void measure_lines(struct shape *s, const struct buf *letter)
{
	const char *at = letter->data, *end = at + letter->len;

	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((stop ? stop : end) - at);

		if (len && at[len - 1] == '\r')
			len--;
		if (len > s->longest)
			s->longest = len;
		at = stop ? stop + 1 : end;
	}
}

/* The length of "https://host/" or its like. */
static size_t origin_of(const char *url)
{
	const char *host = strstr(url, "://");

	return host ? (size_t)(host - url) + 3 + strcspn(host + 3, "/?#\"'<> ") : 0;
}

/* A rewritten or forgotten link is where codes go to strangers. */
static void measure_links(struct shape *s, const char *html, const char *link)
{
	size_t own = origin_of(link);

	for (const char *at = html; (at = strstr(at, "href=\"")); at++) {
		const char *url = at + strlen("href=\"");
		size_t len;

		if (strncasecmp(url, "http", 4) != 0)
			continue;
		len = origin_of(url);
		if (len == own && !strncasecmp(url, link, own))
			continue;
		if (!s->strange++)
			snprintf(s->first, sizeof(s->first), "%.*s", (int)len, url);
	}
	s->images =
		strcasestr(html, "<img") || strcasestr(html, "src=") || strcasestr(html, "url(");
}

/* To somebody made up, with a token that opens nothing. */
static enum err measure(struct shape *s, const struct preflight *p, unsigned language,
                        struct why *why)
{
	struct buf out = BUF_INIT(LETTER_MAX);
	struct member member = { .generation = 1, .language = language };
	struct letter_desk desk;
	char handle[HANDLE_TEXT];
	struct token token;
	const struct letter_order order = { .member = &member, .handle = handle, .token = &token };
	enum err e;

	*s = (struct shape){ 0 };
	snprintf(member.name, sizeof(member.name), "Camille Martin");
	snprintf(member.email, sizeof(member.email), "camille@example.org");
	letter_desk_init(&desk);
	mint_dummy(&token, handle);
	e = letter_write(&out, &desk, p->letters, &order, why);
	if (!e) {
		s->bytes = out.len;
		measure_lines(s, &out);
		s->plain = strcasestr(buf_text(&out), "Content-Type: text/plain");
		s->rich = strcasestr(buf_text(&out), "Content-Type: text/html");
		e = letter_html(&out, &desk, p->letters, &order, why);
	}
	if (!e) {
		s->html = out.len;
		measure_links(s, buf_text(&out), p->m->link);
	}
	letter_desk_release(&desk);
	buf_free(&out);
	return e;
}

static void tell_size(struct preflight *p, const struct shape *s)
{
	struct findings *f = p->findings;

	if (p->probe.size && s->bytes > p->probe.size) {
		findings_tell(f, FINDING_STOP, "The relay takes no more than %llu bytes.",
		              (unsigned long long)p->probe.size);
		findings_do(f, "Shorten the text of the letter, or take another relay.");
	} else if (s->html > CLIPPED) {
		findings_tell(f, FINDING_WARNING,
		              "Gmail shows only the first 102 kB of it: the end may "
		              "be hidden.");
		findings_do(f, "Shorten the text of the letter, or its list of choices.");
	} else if (s->bytes > LARGE) {
		findings_tell(f, FINDING_NOTE,
		              "That is long for a letter, and slow to send to many.");
	}
	if (s->longest > LINE_MOST) {
		findings_tell(f, FINDING_STOP, "A line of more than %d characters may be refused.",
		              LINE_MOST);
		findings_do(f, "Shorten the addresses in [sender] and the election's reply_to.");
	} else if (s->longest > LINE_BEST) {
		findings_tell(f, FINDING_NOTE,
		              "A line is longer than the %d characters that are "
		              "advised; servers take it.",
		              LINE_BEST);
	}
}

static void tell_content(struct preflight *p, const struct shape *s)
{
	struct findings *f = p->findings;

	if (!s->plain || !s->rich) {
		findings_tell(f, FINDING_WARNING,
		              "One of its two forms is missing, plain text or HTML.");
		findings_do(f, "Put the template back, in [letter] templates.");
	}
	if (s->images) {
		findings_tell(f, FINDING_WARNING,
		              "It shows pictures: they tell strangers who reads it, "
		              "and filters mind them.");
		findings_do(f, "Take the pictures out of the template.");
	}
	if (s->strange) {
		findings_tell(f, FINDING_WARNING,
		              "It has %u link%s to %s, which is not the election's "
		              "page.",
		              s->strange, s->strange == 1 ? "" : "s", s->first);
		findings_do(
			f, "Take such links out of the template: members must be able to trust all "
			   "of them.");
	}
}

static enum err look(struct preflight *p, unsigned language, struct why *why)
{
	struct findings *f = p->findings;
	struct shape s;
	enum err e = measure(&s, p, language, why);

	if (e)
		return e;
	if (s.bytes > p->letter_most)
		p->letter_most = s.bytes;
	findings_look(f, SECTION_LETTER, "letter", "Letter in %s", p->m->language[language]);
	findings_saw(f, "%zu bytes, the longest line %zu characters; %s; %s.", s.bytes, s.longest,
	             s.plain && s.rich ? "plain text and HTML" : "in one form",
	             s.images ? "with pictures" : "no pictures");
	if (!s.strange)
		findings_saw(f, "Every link leads to the election's page.");
	tell_size(p, &s);
	tell_content(p, &s);
	return OK;
}

enum err preflight_letter(struct preflight *p, struct why *why)
{
	enum err e = OK;

	if (!p->m) {
		findings_look(p->findings, SECTION_LETTER, "letter", "Letter");
		findings_tell(p->findings, FINDING_NOTE,
		              "It can be looked at once the election is sealed.");
		return OK;
	}
	for (unsigned i = 0; !e && i < p->m->languages; i++)
		e = look(p, i, why);
	return e;
}
