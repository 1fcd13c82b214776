/* SPDX-License-Identifier: MIT */
#include "core/mail/imap_answer.h"

#include <string.h>
#include <strings.h>

#include "core/mail/date.h"
#include "core/mail/words.h"

#define DATE_MAX  40
#define VALUE_MAX 40
#define DEPTH_MAX 8

/* What is left of a line. */
struct rest {
	const char *at, *end;
};

static struct rest rest_of(const char *line, size_t len)
{
	while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	return (struct rest){ line, line + len };
}

/* Take `text` off, in any case. */
static bool take(struct rest *r, const char *text)
{
	size_t len = strlen(text);

	if ((size_t)(r->end - r->at) < len || strncasecmp(r->at, text, len) != 0)
		return false;
	r->at += len;
	return true;
}

/* Take a number off that is not greater than `max`. */
static bool take_number(struct rest *r, uint64_t *out, uint64_t max)
{
	const char *start = r->at;
	uint64_t n = 0;

	while (r->at < r->end && *r->at >= '0' && *r->at <= '9') {
		n = n * 10 + (uint64_t)(*r->at++ - '0');
		if (n > max)
			return false;
	}
	*out = n;
	return r->at > start;
}

static bool take_u32(struct rest *r, uint32_t *out)
{
	uint64_t n;

	if (!take_number(r, &n, UINT32_MAX))
		return false;
	*out = (uint32_t)n;
	return true;
}

/* Take a word off: up to a space or a parenthesis. */
static struct rest take_word(struct rest *r)
{
	struct rest word = { r->at, r->at };

	while (r->at < r->end && !memchr(" ()", *r->at, 3))
		r->at++;
	word.end = r->at;
	return word;
}

static bool is(struct rest word, const char *text)
{
	return take(&word, text) && word.at == word.end;
}

/* A quoted string, into `out` where it has room. False where it has no end. */
static bool take_quoted(struct rest *r, char *out, size_t room)
{
	size_t n = 0;

	for (r->at++; r->at < r->end && *r->at != '"'; r->at++) {
		if (*r->at == '\\' && ++r->at == r->end)
			return false;
		if (n + 1 < room)
			out[n++] = *r->at;
	}
	out[n] = '\0';
	return take(r, "\"");
}

/* A list in parentheses is of no interest, whatever it holds. */
static bool skip_list(struct rest *r)
{
	char none[1];
	unsigned depth = 0;

	while (r->at < r->end) {
		if (*r->at == '"') {
			if (!take_quoted(r, none, sizeof(none)))
				return false;
			continue;
		}
		depth += *r->at == '(';
		depth -= *r->at == ')';
		r->at++;
		if (!depth)
			return true;
		if (depth > DEPTH_MAX)
			return false;
	}
	return false;
}

static bool take_literal(struct rest *r, struct imap_item *item)
{
	r->at++;
	item->literal =
		take_number(r, &item->length, UINT64_MAX / 16) && take(r, "}") && r->at == r->end;
	return item->literal;
}

/* The value of one item. False where nothing more can be read. */
static bool take_value(struct rest *r, struct rest name, struct imap_item *item)
{
	char text[VALUE_MAX];
	struct rest word;

	if (r->at == r->end)
		return false;
	if (*r->at == '(')
		return skip_list(r);
	if (*r->at == '{')
		return take_literal(r, item);
	if (*r->at == '"') {
		if (!take_quoted(r, text, sizeof(text)))
			return false;
		if (is(name, "INTERNALDATE"))
			item->dated = date_read(&item->received, text);
		return true;
	}
	word = take_word(r);
	if (is(name, "UID") && (!take_u32(&word, &item->uid) || word.at != word.end))
		item->uid = 0;
	if (is(name, "RFC822.SIZE"))
		item->sized = take_number(&word, &item->size, UINT32_MAX) && word.at == word.end;
	return true;
}

/* "NAME value NAME value …", up to the closing parenthesis. */
static void read_items(struct rest r, struct imap_item *item)
{
	struct rest name;

	for (;;) {
		while (take(&r, " "))
			;
		name = take_word(&r);
		if (name.at == name.end || !take(&r, " ") || !take_value(&r, name, item))
			return;
	}
}

static void keep_words(struct imap_answer *a, struct rest r)
{
	char text[IMAP_WORDS];
	size_t len = (size_t)(r.end - r.at);

	if (len > sizeof(text) - 1)
		len = sizeof(text) - 1;
	memcpy(text, r.at, len);
	text[len] = '\0';
	/* What stands behind a NUL is of no interest. */
	words_text(a->words, sizeof(a->words), text);
}

static void read_capability(struct imap_answer *a, struct rest r)
{
	struct rest word;

	a->move = a->uidplus = false;
	while (take(&r, " ")) {
		word = take_word(&r);
		a->move = a->move || is(word, "MOVE");
		a->uidplus = a->uidplus || is(word, "UIDPLUS");
	}
}

static void read_search(struct imap_answer *a, struct rest r)
{
	uint32_t uid;

	while (take(&r, " ") && take_u32(&r, &uid))
		if (uid > a->found)
			a->found = uid;
}

/* "[UIDVALIDITY 5] …" after an OK, tagged or not. */
static void read_code(struct imap_answer *a, struct rest r)
{
	uint32_t n;

	if (take(&r, "[UIDVALIDITY ") && take_u32(&r, &n))
		a->uidvalidity = n;
	if (take(&r, "[READ-ONLY]"))
		a->read_only = true;
}

static enum imap_line read_untagged(struct imap_answer *a, struct rest r)
{
	uint32_t n;

	if (take(&r, "OK ")) {
		read_code(a, r);
		return IMAP_OTHER;
	}
	if (take(&r, "CAPABILITY")) {
		read_capability(a, r);
		return IMAP_OTHER;
	}
	if (take(&r, "SEARCH")) {
		read_search(a, r);
		return IMAP_OTHER;
	}
	if (take(&r, "BYE")) {
		(void)take(&r, " ");
		a->ok = false;
		keep_words(a, r);
		return IMAP_STATUS;
	}
	if (!take_u32(&r, &n))
		return IMAP_OTHER;
	if (take(&r, " EXISTS") && r.at == r.end)
		a->exists = n;
	if (!take(&r, " FETCH ("))
		return IMAP_OTHER;
	memset(&a->item, 0, sizeof(a->item));
	read_items(r, &a->item);
	return IMAP_FETCH;
}

/* A tag as libcurl makes them: a letter and digits. */
static bool take_tag(struct rest *r)
{
	const char *start = r->at;

	if (start == r->end || *start < 'A' || *start > 'Z')
		return false;
	for (r->at++; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++)
		;
	return r->at > start + 1 && take(r, " ");
}

enum imap_line imap_answer_read(struct imap_answer *a, const char *line, size_t len)
{
	struct rest r = rest_of(line, len);

	if (take(&r, "* "))
		return read_untagged(a, r);
	if (!take_tag(&r))
		return IMAP_OTHER;
	a->ok = take(&r, "OK ");
	if (a->ok)
		read_code(a, r);
	else if (!take(&r, "NO ") && !take(&r, "BAD "))
		(void)take_word(&r);
	keep_words(a, r);
	return IMAP_STATUS;
}

void imap_answer_rest(struct imap_item *item, const char *line, size_t len)
{
	read_items(rest_of(line, len), item);
}
