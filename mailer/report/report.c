/* SPDX-License-Identifier: MIT */
#include "mailer/report/report.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include <gmime/gmime.h>

#include "core/buf.h"
#include "core/phrases.h"
#include "mailer/report/notice.h"
#include "mailer/report/verp.h"

#define TEXT_MAX       ((size_t)64 << 10) /* of each kind of text */
#define DEPTH_MAX      12
#define PARTS_MAX      200
#define BOUNDARIES_MAX 5000 /* each costs GMime a kilobyte, before parts can be counted */

/* One mail on its way through its parts. */
struct sorting {
	struct buf fields;   /* message/delivery-status */
	struct buf text;     /* what a person reads */
	struct buf html;     /* the same, where there is nothing else */
	struct buf returned; /* the header of the letter that came back */
	struct buf nested;   /* what a person reads in a mail that is in this one */
	bool complaint, report, attached;
	bool known; /* whose it is: nobody need look further */
	unsigned parts;
};

/* What the top header says. */
struct top {
	bool robot;       /* a mail system speaks */
	bool null_sender; /* as it does by itself, but an absence, too */
	bool fails, delays, complains, absence;
	const char *subject; /* raw; NULL where there is none */
	char system[REPORT_SYSTEM];
};

void report_init(void)
{
	g_mime_init();
}

static bool is_type(GMimeObject *part, const char *type, const char *subtype)
{
	return g_mime_content_type_is_type(g_mime_object_get_content_type(part), type, subtype);
}

/* As much of it as there is room for; its charset stays: what we look for is ASCII in all of
 * those that reports come in. */
static void add_text(struct buf *out, const char *bytes, size_t len)
{
	size_t room = out->cap - out->len;

	if (room < 2)
		return;
	buf_add(out, bytes, len > room - 1 ? room - 1 : len);
	buf_addc(out, '\n');
}

static bool is_encoded(GMimeDataWrapper *content)
{
	switch (g_mime_data_wrapper_get_encoding(content)) {
	case GMIME_CONTENT_ENCODING_BASE64:
	case GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE:
	case GMIME_CONTENT_ENCODING_UUENCODE:
		return true;
	default:
		return false;
	}
}

/* What is not encoded, as most reports are, needs none of GMime's filters, which cost more than
 * reading it. */
static void add_plain(struct buf *out, GMimeDataWrapper *content)
{
	GMimeStream *stream = g_mime_data_wrapper_get_stream(content);
	size_t room = out->cap - out->len;
	gint64 len = g_mime_stream_length(stream);
	ssize_t n;
	char *to;

	if (room < 2 || len <= 0 || g_mime_stream_reset(stream))
		return;
	to = buf_extend(out, (size_t)len < room - 1 ? (size_t)len : room - 1);
	if (!to)
		return;
	n = g_mime_stream_read(stream, to, (size_t)len < room - 1 ? (size_t)len : room - 1);
	out->len = (size_t)(to - out->data) + (size_t)(n > 0 ? n : 0);
	buf_addc(out, '\n');
}

static void add_content(struct buf *out, GMimePart *part)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeStream *stream;
	GByteArray *bytes;

	if (content && !is_encoded(content))
		add_plain(out, content);
	if (!content || !is_encoded(content))
		return;
	stream = g_mime_stream_mem_new();
	g_mime_data_wrapper_write_to_stream(content, stream);
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	if (bytes->len) {
		add_text(out, (const char *)bytes->data, bytes->len);
		explicit_bzero(bytes->data, bytes->len);
	}
	g_object_unref(stream);
}

/* "Feedback-Type: auth-failure" tells of forged mail, not of what a person thinks of ours. */
static void take_feedback(struct sorting *s, GMimePart *part)
{
	struct buf text = BUF_INIT(TEXT_MAX);

	add_content(&text, part);
	s->complaint = !strcasestr(buf_text(&text), "auth-failure") &&
	               !strcasestr(buf_text(&text), "not-spam");
	s->report = true;
	buf_free(&text);
}

static void take_leaf(struct sorting *s, GMimeObject *part, bool inside)
{
	if (inside && s->fields.len) /* the letter itself: the report has said what it says */
		return;
	if (is_type(part, "message", "feedback-report"))
		take_feedback(s, GMIME_PART(part));
	else if (is_type(part, "message", "delivery-status") ||
	         is_type(part, "message", "global-delivery-status"))
		add_content(inside ? &s->nested : &s->fields, GMIME_PART(part));
	else if (is_type(part, "text", "rfc822-headers") ||
	         is_type(part, "message", "global-headers"))
		add_content(&s->returned, GMIME_PART(part));
	else if (is_type(part, "text", "html"))
		add_content(inside ? &s->nested : &s->html, GMIME_PART(part));
	else if (is_type(part, "text", "*"))
		add_content(inside ? &s->nested : &s->text, GMIME_PART(part));
}

static void take(struct sorting *s, GMimeObject *part, unsigned depth, bool inside);

static void take_message(struct sorting *s, GMimeMessage *message, unsigned depth)
{
	char *header = s->known ? NULL : g_mime_object_get_headers(GMIME_OBJECT(message), NULL);

	s->attached = true;
	if (header)
		add_text(&s->returned, header, strlen(header));
	g_free(header);
	if (g_mime_message_get_mime_part(message))
		take(s, g_mime_message_get_mime_part(message), depth + 1, true);
}

static void take(struct sorting *s, GMimeObject *part, unsigned depth, bool inside)
{
	int n;

	if (depth > DEPTH_MAX || ++s->parts > PARTS_MAX)
		return;
	if (GMIME_IS_MULTIPART(part)) {
		n = g_mime_multipart_get_count(GMIME_MULTIPART(part));
		for (int i = 0; i < n; i++)
			take(s, g_mime_multipart_get_part(GMIME_MULTIPART(part), i), depth + 1,
			     inside);
	} else if (GMIME_IS_MESSAGE_PART(part)) {
		GMimeMessage *message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(part));

		if (message)
			take_message(s, message, depth);
	} else if (GMIME_IS_PART(part)) {
		take_leaf(s, part, inside);
	}
}

static void take_from(struct top *top, const char *value)
{
	static const char *const robots[] = {
		"mailer-daemon", "mailer daemon", "postmaster", "mail delivery",
		"mail.delivery", "mail deliver",  NULL
	};
	const char *at = strrchr(value, '@');

	top->robot = top->robot || phrases_in(value, robots);
	if (at) {
		size_t n = strcspn(++at, "> \t\r\n)(,;\"");

		n = n < sizeof(top->system) - 1 ? n : sizeof(top->system) - 1;
		memcpy(top->system, at, n);
		top->system[n] = '\0';
	}
}

static void read_subject(struct top *top)
{
	static const char *const absence[] = { "auto reply",    "autoreply", "automatic reply",
		                               "out of office", "vacation",  NULL };
	char *text = g_mime_utils_header_decode_text(NULL, top->subject ? top->subject : "");

	top->fails = notice_fails(text, strlen(text));
	top->delays = strcasestr(text, "delay") || strcasestr(text, "warning: could not send");
	top->complains = strcasestr(text, "complaint about message from") != NULL;
	top->absence = top->absence || phrases_in(text, absence);
	g_free(text);
}

/* A member's own server answers in their place, in whatever language (RFC 3834, and before it). Mail
 * systems say so of their reports, too: those come from a robot. */
static bool tells_absence(const char *name, const char *value)
{
	static const char *const names[] = { "X-Autoreply", "X-Autorespond", "X-Autoresponder",
		                             "X-Auto-Response-From", NULL };

	for (const char *const *n = names; *n; n++)
		if (!strcasecmp(name, *n))
			return true;
	return (!strcasecmp(name, "Auto-Submitted") && strcasestr(value, "auto-replied")) ||
	       (!strcasecmp(name, "Precedence") && strcasestr(value, "auto_reply"));
}

/* Which header names an address of ours, best first; 0 for none. */
static unsigned recipient_rank(const char *name)
{
	static const char *const names[] = { "X-Original-To", "Delivered-To", "Envelope-To",
		                             "X-Envelope-To", "To",           "Cc" };

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcasecmp(name, names[i]))
			return i + 1;
	return 0;
}

/* The header, once through: whose, and who speaks. */
static void read_top(struct report *out, struct top *top, const struct report_marks *marks,
                     GMimeMessage *message)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(message));
	int n = g_mime_header_list_get_count(list);
	unsigned best = *out->handle ? 0 : 99;

	for (int i = 0; i < n; i++) {
		GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
		const char *name = g_mime_header_get_name(header);
		const char *value = g_mime_header_get_raw_value(header);
		unsigned rank = recipient_rank(name);

		if (!value)
			continue;
		if (rank && rank < best && verp_find(out, marks->bounce, value, strlen(value)))
			best = rank;
		else if (!strcasecmp(name, "From"))
			take_from(top, value);
		else if (!strcasecmp(name, "Subject"))
			top->subject = value;
		else if (!strcasecmp(name, "Return-Path"))
			top->null_sender =
				strstr(value, "<>") || strcasestr(value, "mailer-daemon");
		else if (!strcasecmp(name, "X-Failed-Recipients"))
			top->robot = true;
		else
			top->absence = top->absence || tells_absence(name, value);
	}
}

/* The letter's own header, as far as it came back; in a report of text alone the letter stands
 * below it. */
static void find_whose(struct report *out, const struct report_marks *marks,
                       const struct buf *where)
{
	const char *text = buf_text(where);

	if (*out->handle || verp_find(out, marks->bounce, text, where->len) ||
	    verp_find_id(out, marks->domain, text, where->len))
		return;
	(void)verp_find(out, marks->reply_to, text, where->len);
}

static bool speaks_of_failure(const struct sorting *s, const struct top *top,
                              const struct buf *text)
{
	if (top->absence && !top->robot)
		return false;
	if (top->robot || s->report || strcasestr(buf_text(text), "bouncetype"))
		return true;
	if (top->fails && (top->null_sender || s->attached))
		return true;
	/* A number alone is a room, a telephone, anything. */
	return top->null_sender && notice_fails(buf_text(text), text->len);
}

/* Without fields that say it: the words of the mail system, in its own text, in the letter's or
 * in a report that was sent on. */
static void read_text(struct report *out, const struct sorting *s, const struct top *top,
                      const struct buf *whole)
{
	const struct buf *text = s->text.len > 1 ? &s->text : s->html.len > 1 ? &s->html : whole;
	size_t end = notice_end(buf_text(text), text->len);
	bool answered;

	if (notice_fields(out, buf_text(text), text->len))
		return;
	answered = notice_words(out, buf_text(text), end);
	if (!answered && s->nested.len && notice_fields(out, buf_text(&s->nested), s->nested.len))
		return;
	if (!speaks_of_failure(s, top, text)) {
		out->kind = REPORT_OTHER;
		return;
	}
	out->kind = top->delays || (!top->fails && notice_delays(buf_text(text), end))
	                    ? REPORT_DELAYED
	                    : REPORT_FAILED;
}

static void judge(struct report *out, struct sorting *s, struct top *top, const struct buf *whole)
{
	if (s->complaint) {
		out->kind = REPORT_COMPLAINT;
	} else if (s->report) {
		out->kind = REPORT_OTHER; /* feedback that is no complaint */
	} else if (s->fields.len && notice_fields(out, buf_text(&s->fields), s->fields.len)) {
		if (!*out->words) /* a status alone: the text says more */
			(void)notice_words(out, buf_text(&s->text),
			                   notice_end(buf_text(&s->text), s->text.len));
	} else {
		s->report = s->fields.len != 0;
		read_subject(top);
		if (top->complains)
			out->kind = REPORT_COMPLAINT;
		else
			read_text(out, s, top, whole);
	}
	if (!*out->system)
		memcpy(out->system, top->system, sizeof(out->system));
}

/* Some mailboxes keep the line that mbox puts before a mail. */
static void skip_from_line(const char **raw, size_t *len)
{
	const char *nl = *len > 5 && !memcmp(*raw, "From ", 5) ? memchr(*raw, '\n', *len) : NULL;

	if (!nl)
		return;
	*len -= (size_t)(nl + 1 - *raw);
	*raw = nl + 1;
}

static bool too_many_parts(const char *at, size_t len)
{
	const char *end = at + len;
	unsigned n = 0;

	while (n <= BOUNDARIES_MAX && (at = memmem(at, (size_t)(end - at), "\n--", 3)) != NULL) {
		at += 3;
		n++;
	}
	return n > BOUNDARIES_MAX;
}

static GMimeMessage *construct(const char *raw, size_t len)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(raw, len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);

	g_object_unref(parser);
	g_object_unref(stream);
	return message;
}

static void release(struct sorting *s)
{
	buf_free(&s->fields);
	buf_free(&s->text);
	buf_free(&s->html);
	buf_free(&s->returned);
	buf_free(&s->nested);
}

/* What follows the header, for mails whose parts are in no order. */
static void take_whole(struct buf *whole, const char *raw, size_t len)
{
	const char *lf = memmem(raw, len, "\n\n", 2), *crlf = memmem(raw, len, "\r\n\r\n", 4);
	const char *body = lf && (!crlf || lf < crlf) ? lf : crlf;

	if (body)
		add_text(whole, body, (size_t)(raw + len - body));
}

void report_read(struct report *out, const struct report_marks *marks, const char *recipient,
                 const char *raw, size_t len)
{
	struct sorting s = { .fields = BUF_INIT(TEXT_MAX),
		             .text = BUF_INIT(TEXT_MAX),
		             .html = BUF_INIT(TEXT_MAX),
		             .returned = BUF_INIT(TEXT_MAX),
		             .nested = BUF_INIT(TEXT_MAX) };
	struct buf whole = BUF_INIT(REPORT_RAW_MAX);
	struct top top = { 0 };
	GMimeMessage *message;

	memset(out, 0, sizeof(*out));
	out->kind = REPORT_OTHER;
	(void)verp_find(out, marks->bounce, recipient, strlen(recipient));
	skip_from_line(&raw, &len);
	message = too_many_parts(raw, len) ? NULL : construct(raw, len);
	if (!message)
		return;
	read_top(out, &top, marks, message);
	s.known = *out->handle;
	if (g_mime_message_get_mime_part(message))
		take(&s, g_mime_message_get_mime_part(message), 0, false);
	if (s.text.len < 2 && s.html.len < 2)
		take_whole(&whole, raw, len);
	find_whose(out, marks, &s.returned);
	find_whose(out, marks, &s.text);
	find_whose(out, marks, &whole);
	judge(out, &s, &top, &whole);
	g_object_unref(message);
	release(&s);
	buf_free(&whole);
}
