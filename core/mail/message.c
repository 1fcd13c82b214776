/* SPDX-License-Identifier: MIT */
#include "core/mail/message.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "core/mail/address.h"
#include "core/mail/header.h"
#include "core/mail/qp.h"
#include "core/text.h"

static void add_date(struct buf *out, unsigned long long seconds)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t t = (time_t)seconds;
	struct tm tm = { 0 };

	gmtime_r(&t, &tm);
	buf_addf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday], tm.tm_mday,
	         months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void add_body(struct buf *out, const char *type, const char *text)
{
	bool plain = qp_needless(text);

	buf_addf(out, "Content-Type: %s; charset=utf-8\r\n", type);
	buf_addf(out, "Content-Transfer-Encoding: %s\r\n\r\n", plain ? "7bit" : "quoted-printable");
	if (plain)
		qp_add_plain(out, text);
	else
		qp_add(out, text);
}

static bool id_clean(const char *id)
{
	for (; id && *id; id++)
		if ((unsigned char)*id <= 0x20 || (unsigned char)*id >= 0x7f || *id == '<' ||
		    *id == '>')
			return false;
	return true;
}

/* Eight bytes that are all from the space on and ASCII, as most of a letter is. */
static bool plain_eight(const char *at)
{
	const uint64_t high = UINT64_C(0x8080808080808080), space = UINT64_C(0x2020202020202020);
	uint64_t bytes;

	memcpy(&bytes, at, sizeof(bytes));
	return !((bytes | (bytes - space)) & high);
}

/* UTF-8 without control characters but line feeds and tabs. */
static bool body_clean(const char *text)
{
	const char *p = text, *end = text ? text + strlen(text) : NULL;

	while (p < end) {
		unsigned char c = (unsigned char)*p;
		uint32_t code;
		size_t len;

		if (end - p >= 8 && plain_eight(p)) {
			p += 8;
			continue;
		}
		if (c < 0x80) {
			if (c < 0x20 && c != '\n' && c != '\t')
				return false;
			p++;
			continue;
		}
		len = utf8_next(&code, p, (size_t)(end - p));
		if (!len)
			return false;
		p += len;
	}
	return true;
}

static enum err check(const struct message *m, struct why *why)
{
	const char *const headers[] = { m->from_name, m->to_name, m->subject, m->auto_submitted,
		                        m->language };

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		if (headers[i] && !text_clean(headers[i], strlen(headers[i])))
			return why_set(why, ERR_FORMAT,
			               "a control character in a header of the message");
	if (!address_ok(m->from) || !address_ok(m->to) || (m->reply_to && !address_ok(m->reply_to)))
		return why_set(why, ERR_FORMAT, "an address that cannot stand in a message");
	if (!m->message_id || !*m->message_id || !id_clean(m->message_id) ||
	    !id_clean(m->in_reply_to))
		return why_set(why, ERR_FORMAT, "a message id that cannot stand in a message");
	if (!body_clean(m->text) || !body_clean(m->html))
		return why_set(why, ERR_FORMAT,
		               "the text of the message is not UTF-8 or holds a control character");
	return OK;
}

static void add_id_header(struct buf *out, const char *name, const char *id)
{
	buf_addf(out, "%s: <%s>\r\n", name, id);
}

static void add_headers(struct buf *out, const struct message *m)
{
	add_date(out, m->date);
	header_address(out, "From", m->from_name, m->from);
	header_address(out, "To", m->to_name, m->to);
	if (m->reply_to)
		header_address(out, "Reply-To", NULL, m->reply_to);
	header_text(out, "Subject", m->subject);
	add_id_header(out, "Message-ID", m->message_id);
	if (m->in_reply_to && *m->in_reply_to) {
		add_id_header(out, "In-Reply-To", m->in_reply_to);
		add_id_header(out, "References", m->in_reply_to);
	}
	if (m->auto_submitted)
		header_text(out, "Auto-Submitted", m->auto_submitted);
	/* Not "All": that would ask Exchange to keep its non-delivery reports, too. */
	header_text(out, "X-Auto-Response-Suppress", "OOF, AutoReply, RN, NRN");
	if (m->language)
		header_text(out, "Content-Language", m->language);
	buf_adds(out, "MIME-Version: 1.0\r\n");
}

static bool alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* '=' and '_' together never stand in quoted-printable, and the message id is this one's own. */
static void boundary_of(char out[64], const char *message_id)
{
	size_t n = 0;

	memcpy(out, "=_votepost_", 11);
	for (n = 11; *message_id && n < 50; message_id++)
		if (alnum(*message_id))
			out[n++] = *message_id;
	out[n] = 0;
}

enum err message_write(struct buf *out, const struct message *m, struct why *why)
{
	enum err e = check(m, why);
	char boundary[64];

	if (e)
		return e;
	add_headers(out, m);
	if (!m->html) {
		add_body(out, "text/plain", m->text);
	} else {
		boundary_of(boundary, m->message_id);
		buf_adds(out, "Content-Type: multipart/alternative;\r\n");
		buf_addf(out, " boundary=\"%s\"\r\n\r\n--%s\r\n", boundary, boundary);
		add_body(out, "text/plain", m->text);
		buf_addf(out, "\r\n--%s\r\n", boundary);
		add_body(out, "text/html", m->html);
		buf_addf(out, "\r\n--%s--\r\n", boundary);
	}
	e = buf_err(out);
	return e ? why_set(why, e, "the message is too long") : OK;
}
