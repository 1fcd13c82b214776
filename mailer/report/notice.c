/* SPDX-License-Identifier: MIT */
#include "mailer/report/notice.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define BEFORE 120 /* of what stands before a code, its sentence's beginning */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "5.1.1" at the beginning: its length, 0 where there is none. */
static size_t status_at(const char *at, size_t left)
{
	size_t n = 1;

	if (left < 5 || (*at != '2' && *at != '4' && *at != '5'))
		return 0;
	for (unsigned part = 0; part < 2; part++) {
		size_t digits = 0;

		if (n >= left || at[n++] != '.')
			return 0;
		while (n < left && digits < 3 && is_digit(at[n]))
			n++, digits++;
		if (!digits)
			return 0;
	}
	/* An address of four numbers is none. */
	if (n < left && (is_digit(at[n]) || (at[n] == '.' && n + 1 < left && is_digit(at[n + 1]))))
		return 0;
	return n;
}

static bool begins_number(const char *text, size_t i)
{
	return is_digit(text[i]) && (!i || (!is_digit(text[i - 1]) && text[i - 1] != '.'));
}

/* 4xx or 5xx, as a server says it. */
static bool is_code(const char *at, size_t left)
{
	return left >= 3 && (*at == '4' || *at == '5') && is_digit(at[1]) && at[1] < '6' &&
	       is_digit(at[2]) && (left == 3 || strchr(" -,:;]'\"\r\n\t", at[3]) != NULL);
}

static bool generic(const char *status)
{
	return !*status || !strcmp(status + 1, ".0.0");
}

/* Where an answer of a server begins. `status` and `code` as far as it has them. */
struct answer {
	size_t at;
	unsigned code;
	char status[12];
};

static void take_status(struct answer *a, const char *at, size_t n)
{
	if (n >= sizeof(a->status) || (*a->status && !generic(a->status)))
		return;
	memcpy(a->status, at, n);
	a->status[n] = '\0';
}

/* No part of a longer word, as in an identifier. */
static bool stands_alone(const char *text, size_t i)
{
	return !i || (text[i - 1] != '-' && !isalnum((unsigned char)text[i - 1]));
}

/* The first code, and the first status that says something, best right behind a code. */
static bool find_answer(struct answer *a, const char *text, size_t len)
{
	size_t behind = 0;

	*a = (struct answer){ .at = len };
	for (size_t i = 0; i < len; i++) {
		size_t n;

		if (!begins_number(text, i))
			continue;
		n = status_at(text + i, len - i);
		if (n && text[i] != '2') {
			if (i && behind == i - 1 - (text[i - 1] == '\'' || text[i - 1] == '#'))
				a->status[0] = '\0'; /* what a server says goes before all */
			behind = 0;
			take_status(a, text + i, n);
			a->at = i < a->at ? i : a->at;
			i += n - 1;
		} else if (!a->code && stands_alone(text, i) && is_code(text + i, len - i)) {
			behind = i + 3;
			a->code = (unsigned)((text[i] - '0') * 100 + (text[i + 1] - '0') * 10 +
			                     text[i + 2] - '0');
			a->at = i < a->at ? i : a->at;
		}
	}
	return a->at < len;
}

static void take_words(struct report *out, const char *text, size_t len)
{
	if (len > sizeof(out->words) - 1)
		len = sizeof(out->words) - 1;
	memcpy(out->words, text, len);
	out->words[len] = '\0';
}

/* One letter's fields. */
struct block {
	int action; /* -1 none, 0 arrived, 1 delayed, 2 failed */
	char status[12], system[REPORT_SYSTEM], words[REPORT_WORDS_MAX];
};

static size_t name_is(const char *line, size_t len, const char *name)
{
	size_t n = strlen(name);

	if (len <= n || strncasecmp(line, name, n) != 0)
		return 0;
	while (n < len && line[n] == ' ')
		n++;
	return n < len && line[n] == ':' ? n + 1 : 0;
}

/* Behind "smtp;" and the like. */
static void copy_value(char *out, size_t room, const char *at, size_t len, bool typed)
{
	const char *semicolon = typed ? memchr(at, ';', len < 40 ? len : 40) : NULL;

	if (semicolon) {
		len -= (size_t)(semicolon + 1 - at);
		at = semicolon + 1;
	}
	while (len && (*at == ' ' || *at == '\t')) {
		at++;
		len--;
	}
	if (len > room - 1)
		len = room - 1;
	memcpy(out, at, len);
	out[len] = '\0';
}

static int action_of(const char *at, size_t len)
{
	while (len && *at == ' ') {
		at++;
		len--;
	}
	if (len >= 4 && !strncasecmp(at, "fail", 4))
		return 2;
	return len >= 5 && !strncasecmp(at, "delay", 5) ? 1 : 0;
}

static void take_field(struct block *b, const char *line, size_t len)
{
	size_t n;

	if ((n = name_is(line, len, "Action")) && b->action < 0)
		b->action = action_of(line + n, len - n);
	else if ((n = name_is(line, len, "Status")) && !*b->status) {
		while (n < len && line[n] == ' ')
			n++;
		copy_value(b->status, sizeof(b->status), line + n, status_at(line + n, len - n),
		           false);
	} else if (((n = name_is(line, len, "Diagnostic-Code")) ||
	            (n = name_is(line, len, "Diagnostic code"))) &&
	           !*b->words)
		copy_value(b->words, sizeof(b->words), line + n, len - n, true);
	else if ((n = name_is(line, len, "Remote-MTA")) ||
	         (!*b->system && (n = name_is(line, len, "Reporting-MTA"))))
		copy_value(b->system, sizeof(b->system), line + n, len - n, true);
}

/* Where a field's last line ends: what begins with a space goes on. */
static size_t field_end(const char *text, size_t len)
{
	size_t i = 0;

	for (;;) {
		const char *nl = memchr(text + i, '\n', len - i);

		if (!nl)
			return len;
		i = (size_t)(nl - text) + 1;
		if (i == len || (text[i] != ' ' && text[i] != '\t'))
			return i;
	}
}

/* 0 for a line that does not say whose letter it is. */
static unsigned recipient_bit(const char *line, size_t len)
{
	if (name_is(line, len, "Final-Recipient"))
		return 1;
	return name_is(line, len, "Original-Recipient") ? 2 : 0;
}

static void keep_graver(struct block *best, struct block *b)
{
	if (b->action < 0 && *b->status)
		b->action = b->status[0] == '2' ? 0 : 2;
	if (b->action > best->action) {
		if (!*b->system)
			memcpy(b->system, best->system, sizeof(b->system));
		*best = *b;
	} else if (!*best->system) {
		memcpy(best->system, b->system, sizeof(best->system));
	}
	*b = (struct block){ .action = -1 };
}

/* The server's own status, where it says more than the field does. */
static void settle(struct report *out, const struct block *b)
{
	struct answer a;
	bool answered = find_answer(&a, b->words, strlen(b->words));

	out->kind = b->action == 2 ? REPORT_FAILED : b->action == 1 ? REPORT_DELAYED : REPORT_OTHER;
	out->code = answered ? a.code : 0;
	memcpy(out->status, answered && !generic(a.status) ? a.status : b->status,
	       sizeof(out->status));
	memcpy(out->system, b->system, sizeof(out->system));
	take_words(out, b->words, strlen(b->words));
}

bool notice_fields(struct report *out, const char *text, size_t len)
{
	struct block best = { .action = -1 }, b = { .action = -1 };
	unsigned seen = 0, bit;

	for (size_t i = 0, n; i < len; i += n) {
		const char *line = text + i;
		size_t bare;

		n = field_end(line, len - i);
		for (bare = n; bare && strchr("\r\n \t", line[bare - 1]); bare--)
			;
		bit = recipient_bit(line, bare);
		if (!bare || (bit & seen && b.action >= 0)) {
			keep_graver(&best, &b);
			seen = 0;
		}
		seen |= bit;
		take_field(&b, line, bare);
	}
	keep_graver(&best, &b);
	if (best.action < 0) {
		memcpy(out->system, best.system, sizeof(out->system));
		return false;
	}
	settle(out, &best);
	return true;
}

bool notice_words(struct report *out, const char *text, size_t len)
{
	struct answer a;
	bool answered = find_answer(&a, text, len);
	size_t begin = 0;

	if (answered) {
		out->code = out->code ? out->code : a.code;
		if (generic(out->status) && *a.status)
			memcpy(out->status, a.status, sizeof(out->status));
		begin = a.at > BEFORE ? a.at - BEFORE : 0;
		for (size_t i = begin; begin && i < a.at; i++) /* whole lines, or words */
			if (text[i] == '\n') {
				begin = i + 1;
				break;
			}
	}
	take_words(out, text + begin, len - begin);
	return answered;
}

/* Does a line hold these words, in any case? */
static bool holds(const char *line, size_t len, const char *words)
{
	size_t n = strlen(words);

	for (size_t i = 0; i + n <= len; i++)
		if ((line[i] | 0x20) == *words && !strncasecmp(line + i, words, n))
			return true;
	return false;
}

static bool holds_any(const char *text, size_t len, const char *const *words)
{
	for (; *words; words++)
		if (holds(text, len, *words))
			return true;
	return false;
}

bool notice_delays(const char *text, size_t len)
{
	static const char *const words[] = {
		"delayed",
		"will be retried",
		"warning message only",
		"has not yet been",
		"will keep try",
		"will continue",
		"still being",
		"retrying",
		"not been able",
		"delivery (delay)",
		"notification (delay)",
		"is delayed",
		"will be tried",
		NULL,
	};

	return holds_any(text, len, words);
}

bool notice_fails(const char *text, size_t len)
{
	static const char *const words[] = {
		"undeliver",
		"not be delivered",
		"returned mail",
		"returning message",
		"failure notice",
		"delivery failure",
		"delivery fail",
		"failed delivery",
		"failure delivery",
		"mail failed",
		"mail failure",
		"mail system error",
		"delivery status",
		"delivery has fail",
		"delivery notif",
		"error sending your",
		"delivery error",
		"not delivered",
		"unable to deliver",
		"bouncetype",
		"delivery problem",
		"deliver your mess",
		"did not reach",
		"delivery to the",
		NULL,
	};

	return holds_any(text, len, words);
}

size_t notice_end(const char *text, size_t len)
{
	static const char *const marks[] = {
		"original message",     "copy of the message",
		"copy of the original", "returned message",
		"unsent message",       "message text follows",
		"below this line",      "copy of your message",
		"message headers",      NULL,
	};

	for (size_t i = 0, n; i < len; i += n) {
		const char *nl = memchr(text + i, '\n', len - i);

		n = nl ? (size_t)(nl - text - (ptrdiff_t)i) + 1 : len - i;
		if (i && (name_is(text + i, n, "Received") || name_is(text + i, n, "Return-Path")))
			return i;
		if (i && holds_any(text + i, n, marks) && !holds(text + i, n, "message was") &&
		    !holds(text + i, n, "your original message"))
			return i;
	}
	return len;
}
