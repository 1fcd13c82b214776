/* SPDX-License-Identifier: MIT */
#include "scrutineer/wording.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const struct wording *wording_of(const char *language)
{
	static const struct wording *const all[] = { &wording_en, &wording_fr };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (!strcmp(all[i]->language, language))
			return all[i];
	}
	return NULL;
}

const char *wording_phrase(const struct wording *w, const char *text)
{
	for (const struct phrase *p = w->phrase; p && p->from; p++) {
		if (!strcmp(p->from, text))
			return p->to;
	}
	return text;
}

#define WILD_MAX 3

/* What the stars of `pattern` stand for in `text`, each as short as can be but the last. */
static bool match(const char *pattern, const char *text, const char *from[WILD_MAX],
                  size_t len[WILD_MAX], unsigned *wild)
{
	const char *star = strchr(pattern, '*'), *next, *found;
	size_t rest;

	*wild = 0;
	if (!star || strncmp(pattern, text, (size_t)(star - pattern)) != 0)
		return false;
	text += star - pattern;
	for (; *wild < WILD_MAX; ++*wild) {
		next = strchr(star + 1, '*');
		rest = next ? (size_t)(next - star) - 1 : strlen(star + 1);
		found = next ? memmem(text, strlen(text), star + 1, rest)
		             : text + strlen(text) - rest;
		if (!found || found <= text || strncmp(found, star + 1, rest) != 0)
			return false;
		from[*wild] = text;
		len[*wild] = (size_t)(found - text);
		text = found + rest;
		star = next;
		if (!star)
			return ++*wild > 0;
	}
	return false;
}

void wording_add_phrase(struct buf *out, const struct wording *w, const char *text)
{
	const char *from[WILD_MAX];
	size_t len[WILD_MAX];
	unsigned wild, at = 0;

	for (const struct phrase *p = w->phrase; p && p->from; p++) {
		if (!match(p->from, text, from, len, &wild))
			continue;
		for (const char *to = p->to; *to; to++) {
			if (*to == '*' && at < wild) {
				buf_add(out, from[at], len[at]);
				at++;
			} else {
				buf_addc(out, *to);
			}
		}
		return;
	}
	buf_adds(out, wording_phrase(w, text));
}

void wording_add(struct buf *out, const struct wording *w, enum word id, const char *const *args,
                 size_t n)
{
	for (const char *at = w->word[id]; *at; at++) {
		size_t arg = (size_t)(at[0] == '{' && at[1] >= '1' && at[1] <= '9' && at[2] == '}'
		                              ? at[1] - '0'
		                              : 0);

		if (arg && arg > n)
			bug("a sentence asks for more than it is given");
		if (arg) {
			buf_adds(out, args[arg - 1]);
			at += 2;
		} else {
			buf_addc(out, *at);
		}
	}
}

void wording_number(struct buf *out, const struct wording *w, uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			buf_adds(out, w->word[WORD_THOUSANDS]);
		buf_addc(out, digits[i]);
	}
}

void wording_percent(struct buf *out, const struct wording *w, uint64_t part, uint64_t whole)
{
	char text[48];
	const char *arg = text;
	uint64_t tenths;

	if (!whole) {
		buf_adds(out, "–");
		return;
	}
	/* Whole weights are below 2^32 and counts below 2^53: the product fits. */
	tenths = (part * 1000 + whole / 2) / whole;
	snprintf(text, sizeof(text), "%llu%s%llu", (unsigned long long)(tenths / 10),
	         w->word[WORD_POINT], (unsigned long long)(tenths % 10));
	wording_add(out, w, WORD_PERCENT, &arg, 1);
}
