/* SPDX-License-Identifier: MIT */
#include "mailer/arrival.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/buf.h"
#include "core/phrases.h"
#include "mailer/tags.h"

#define VALUE_MAX 16384

static void copy(char *out, size_t room, const char *text, size_t len)
{
	if (len >= room)
		len = room - 1;
	for (size_t i = 0; i < len; i++)
		out[i] = text[i] < 0x20 || text[i] > 0x7e ? '?' : text[i];
	out[len] = 0;
}

static enum err take_signature(struct arrival *a, const char *value)
{
	struct tags *t = malloc(sizeof(*t));
	const char *d, *s;

	if (!t)
		return ERR_MEMORY;
	if (a->signatures < ARRIVAL_SIGNATURES && !tags_read(t, value)) {
		d = tags_get(t, "d");
		s = tags_get(t, "s");
		if (d && s) {
			copy(a->signature[a->signatures].domain, sizeof(a->signature[0].domain), d,
			     strlen(d));
			copy(a->signature[a->signatures].selector, sizeof(a->signature[0].selector),
			     s, strlen(s));
			a->signatures++;
		}
	}
	free(t);
	return OK;
}

/* Others by the same server are taken with the first: some programs write a header each. */
static enum err take_results(struct arrival *a, const char *value)
{
	struct authres *more = malloc(sizeof(*more));

	if (!more)
		return ERR_MEMORY;
	if (!authres_read(more, value)) {
		if (!a->judged)
			a->results = *more;
		else if (!strcasecmp(a->results.server, more->server))
			for (unsigned i = 0; i < more->n && a->results.n < AUTHRES_MAX; i++)
				a->results.result[a->results.n++] = more->result[i];
		a->judged = true;
	}
	free(more);
	return OK;
}

/* The word behind "from", "by" or "with" outside of comments. */
static void find_word(char *out, size_t room, const char *value, const char *name)
{
	unsigned depth = 0;
	bool next = false;

	out[0] = 0;
	while (*value) {
		size_t len = strcspn(value, " \t\r\n();");

		if (len && !depth) {
			if (next) {
				copy(out, room, value, len);
				return;
			}
			next = len == strlen(name) && !strncasecmp(value, name, len);
		}
		value += len;
		depth += *value == '(';
		depth -= *value == ')' && depth;
		if (*value == ';' && !depth)
			return;
		value += *value != 0;
	}
}

/* What servers write of TLS where the protocol's name does not tell. */
static bool says_tls(const char *value)
{
	static const char *const phrases[] = { "(version=TLS", "(using TLS", "(TLS)",
		                               "(TLS:",        "ESMTP/TLS",  " encrypted SMTP",
		                               " encrypted)",  NULL };

	return phrases_in(value, phrases);
}

static void take_hop(struct arrival *a, const char *value)
{
	if (a->hops == ARRIVAL_HOPS)
		return;
	find_word(a->hop[a->hops].from, sizeof(a->hop[0].from), value, "from");
	find_word(a->hop[a->hops].by, sizeof(a->hop[0].by), value, "by");
	find_word(a->hop[a->hops].with, sizeof(a->hop[0].with), value, "with");
	a->hop[a->hops++].tls = says_tls(value);
}

bool arrival_covered(const struct arrival *a, unsigned hop)
{
	const char *with = a->hop[hop].with, *from = a->hop[hop].from;

	/* ESMTPS, ESMTPSA, UTF8SMTPS …, LMTPS; LMTP, HTTP and MAPI are a provider's own affair. */
	return a->hop[hop].tls || strcasestr(with, "smtps") || strcasestr(with, "lmtp") ||
	       strcasestr(with, "http") || strcasestr(with, "mapi") || !*from ||
	       !strcasecmp(from, "localhost");
}

static bool is(const char *name, size_t len, const char *wanted)
{
	return len == strlen(wanted) && !strncasecmp(name, wanted, len);
}

static enum err take_field(struct arrival *a, const char *name, size_t name_len, const char *value)
{
	const char *open = strchr(value, '<');

	if (is(name, name_len, "Authentication-Results"))
		return take_results(a, value);
	if (is(name, name_len, "DKIM-Signature"))
		return take_signature(a, value);
	if (is(name, name_len, "Received"))
		take_hop(a, value);
	else if (is(name, name_len, "Subject") && !*a->subject)
		copy(a->subject, sizeof(a->subject), value, strlen(value));
	else if (is(name, name_len, "Message-ID") && open && !*a->id)
		copy(a->id, sizeof(a->id), open + 1, strcspn(open + 1, ">"));
	return OK;
}

/* A line, and those that go on with it, as one. */
static size_t unfold(struct buf *out, const char *at, const char *end)
{
	const char *from = at;

	buf_clear(out);
	do {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((stop ? stop : end) - at);

		buf_add(out, at, len && at[len - 1] == '\r' ? len - 1 : len);
		at = stop ? stop + 1 : end;
	} while (at < end && (*at == ' ' || *at == '\t'));
	return (size_t)(at - from);
}

/* The header field in `line`; false where the header is over. */
static bool take_line(struct arrival *a, const struct buf *line, unsigned *fields, enum err *e)
{
	const char *text = buf_text(line);
	size_t name = strcspn(text, ": \t");

	if (buf_err(line) == ERR_TOO_LARGE || (!*fields && !strncmp(text, "From ", 5)))
		return true; /* one that long is none of those; the other is an mbox's */
	if (!name || text[name] != ':')
		return false;
	++*fields;
	*e = take_field(a, text, name, text + name + 1 + (text[name + 1] == ' '));
	return !*e;
}

enum err arrival_read(struct arrival *a, const char *raw, size_t len, struct why *why)
{
	size_t most = len < ARRIVAL_HEADER_MAX ? len : ARRIVAL_HEADER_MAX;
	const char *at = raw, *end = raw + most;
	struct buf line = BUF_INIT(VALUE_MAX);
	unsigned fields = 0;
	bool more = true;
	enum err e = OK;

	memset(a, 0, sizeof(*a));
	while (more && at < end && *at != '\n' && *at != '\r') {
		at += unfold(&line, at, end);
		more = take_line(a, &line, &fields, &e);
	}
	if (!e && buf_err(&line) == ERR_MEMORY)
		e = ERR_MEMORY;
	buf_free(&line);
	if (e)
		return why_set(why, e, "out of memory");
	if (!fields)
		return why_set(
			why, ERR_FORMAT,
			"is not a mail: save the letter as a file with all its headers (.eml)");
	if (at >= end && most < len)
		return why_set(why, ERR_TOO_LARGE, "has more than %zu kB of headers",
		               ARRIVAL_HEADER_MAX >> 10);
	return OK;
}
