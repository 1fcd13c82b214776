/* SPDX-License-Identifier: MIT */
#include "receiver/parse.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <gmime/gmime.h>

#include "receiver/charset.h"
#include "receiver/fold.h"
#include "receiver/origin.h"
#include "receiver/parse_html.h"
#include "receiver/unwrap.h"

#define TEXT_MAX     (4u << 20) /* a part's text, decoded */
#define ATTACHED_MAX 3          /* levels of attached messages that are read */

/* One mail on its way through its parts. */
struct walk {
	struct reply *reply;
	struct buf *sealed;
	unsigned parts;
	unsigned attached; /* inside so many attached messages */
	bool text;         /* a part with text in it was read */
	bool tnef;
	bool cut; /* the mail ends within a line, and nothing else shows its end */
};

/* The first reason stays. */
static void unreadable(struct reply *reply, const char *what)
{
	if (reply->unreadable || reply->too_large)
		return;
	reply->unreadable = true;
	snprintf(reply->reason, sizeof(reply->reason), "%s", what);
}

static void too_large(struct reply *reply, const char *what)
{
	if (reply->too_large)
		return;
	reply->too_large = true;
	reply->unreadable = false;
	snprintf(reply->reason, sizeof(reply->reason), "%s", what);
}

static bool stopped(const struct walk *w)
{
	return w->reply->unreadable || w->reply->too_large;
}

static bool is_type(GMimeObject *part, const char *type, const char *subtype)
{
	return g_mime_content_type_is_type(g_mime_object_get_content_type(part), type, subtype);
}

static const char *parameter(GMimeObject *part, const char *name)
{
	const char *value =
		g_mime_content_type_get_parameter(g_mime_object_get_content_type(part), name);

	return value ? value : "";
}

static bool is_attachment(GMimeObject *part)
{
	GMimeContentDisposition *d = g_mime_object_get_content_disposition(part);

	return d && g_mime_content_disposition_is_attachment(d);
}

/* A transfer encoding that nobody knows: its bytes are not the text. */
static bool is_unknown_encoding(GMimeObject *part)
{
	const char *name = g_mime_object_get_header(part, "Content-Transfer-Encoding");

	if (!name || !*name)
		return false;
	while (*name == ' ' || *name == '\t')
		name++;
	return *name && *name != '7' && *name != '8' &&
	       g_mime_content_encoding_from_string(name) == GMIME_CONTENT_ENCODING_DEFAULT;
}

/* A part's bytes, the transfer encoding taken off. */
static enum err content(struct buf *out, GMimePart *part)
{
	GMimeDataWrapper *wrapper = g_mime_part_get_content(part);
	GMimeStream *stream;
	GByteArray *bytes;

	if (!wrapper)
		return OK;
	stream = g_mime_stream_mem_new();
	g_mime_data_wrapper_write_to_stream(wrapper, stream);
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	buf_add(out, bytes->data, bytes->len);
	g_object_unref(stream);
	return buf_err(out);
}

/* A part's text in UTF-8, still as it was wrapped or marked up. */
static enum err decoded(struct buf *out, GMimeObject *part)
{
	struct buf bytes = BUF_INIT(MAIL_MAX);
	char meta[CHARSET_NAME_MAX] = "";
	const char *charset = parameter(part, "charset");
	enum err e;

	e = content(&bytes, GMIME_PART(part));
	if (e)
		goto done;
	if (!*charset && is_type(part, "text", "html")) {
		parse_html_charset(meta, (struct span){ buf_text(&bytes), bytes.len });
		charset = meta;
	}
	e = charset_decode(out, charset, buf_text(&bytes), bytes.len);
done:
	buf_free(&bytes);
	return e;
}

/* The lines that a person sees in it. */
static enum err plain_lines(struct buf *out, GMimeObject *part, struct span text)
{
	struct buf flat = BUF_INIT(TEXT_MAX);
	enum err e;

	if (strcasecmp(parameter(part, "format"), "flowed") != 0) {
		unwrap_signature(out, text);
		return buf_err(out);
	}
	unwrap_flowed(&flat, text, strcasecmp(parameter(part, "delsp"), "yes") == 0);
	e = buf_err(&flat);
	if (!e)
		unwrap_signature(out, (struct span){ buf_text(&flat), flat.len });
	buf_free(&flat);
	return e ? e : buf_err(out);
}

static enum err lines(struct buf *out, struct reply *reply, GMimeObject *part)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	struct span s;
	enum err e;

	e = decoded(&text, part);
	s = (struct span){ buf_text(&text), text.len };
	if (e == ERR_NOT_FOUND)
		unreadable(reply, "a charset that is not known here");
	else if (e == ERR_FORMAT)
		unreadable(reply, "bytes that are not in the charset named");
	else if (!e && unwrap_is_encrypted(s))
		unreadable(reply, "encrypted");
	else if (!e && is_type(part, "text", "html"))
		e = parse_html_text(out, s);
	else if (!e)
		e = plain_lines(out, part, s);
	buf_free(&text);
	return e;
}

static void take_text(struct walk *w, GMimeObject *part, bool quoted)
{
	struct buf text = BUF_INIT(TEXT_MAX), marked = BUF_INIT(2 * TEXT_MAX);
	struct buf *out = &text;
	enum err e;

	if (is_unknown_encoding(part)) {
		unreadable(w->reply, "a transfer encoding that is not known here");
		return;
	}
	e = lines(&text, w->reply, part);
	if (!e && quoted) {
		unwrap_quote(&marked, (struct span){ buf_text(&text), text.len });
		e = buf_err(&marked);
		out = &marked;
	}
	if (e)
		unreadable(w->reply, "a part that cannot be read");
	if (w->cut) { /* what stands last may have gone on */
		text.len -= text.len && text.data[text.len - 1] == '\n' ? 1 : 0;
		buf_addc(&text, '#');
	}
	if (!stopped(w)) {
		reply_take(w->reply, w->sealed, buf_text(out), out->len);
		w->text = w->text || w->reply->begun;
	}
	buf_free(&text);
	buf_free(&marked);
}

/* Text that nobody reads as a letter. */
static bool is_no_letter(GMimeObject *part)
{
	return is_type(part, "text", "calendar") || is_type(part, "text", "x-amp-html") ||
	       is_type(part, "text", "vcard") || is_type(part, "text", "x-vcard") ||
	       is_type(part, "text", "directory") || is_type(part, "text", "css");
}

/* S/MIME: whatever it is, its content is shut in it. */
static bool take_sealed_mime(struct walk *w, GMimeObject *part)
{
	if (!is_type(part, "application", "pkcs7-mime") &&
	    !is_type(part, "application", "x-pkcs7-mime"))
		return false;
	unreadable(w->reply, strcasecmp(parameter(part, "smime-type"), "signed-data")
	                             ? "encrypted"
	                             : "signed so that the text is shut in the signature");
	return true;
}

static bool is_tnef(GMimeObject *part)
{
	const char *name = g_mime_part_get_filename(GMIME_PART(part));

	return is_type(part, "application", "ms-tnef") ||
	       is_type(part, "application", "vnd.ms-tnef") ||
	       (name && strcasecmp(name, "winmail.dat") == 0);
}

static void take_leaf(struct walk *w, GMimeObject *part, bool quoted)
{
	if (take_sealed_mime(w, part))
		return;
	if (is_type(part, "application", "pgp-encrypted"))
		unreadable(w->reply, "encrypted");
	else if (is_type(part, "message", "partial"))
		unreadable(w->reply, "a piece of a mail that was sent in pieces");
	else if (is_type(part, "message", "delivery-status") && w->attached == 0)
		w->reply->bounce = w->reply->automatic = true;
	else if (is_tnef(part))
		w->tnef = true;
	else if (is_type(part, "text", "*") && !is_no_letter(part))
		take_text(w, part,
		          quoted || is_attachment(part) ||
		                  (!is_type(part, "text", "plain") &&
		                   !is_type(part, "text", "html")));
}

static bool is_blank(GMimeObject *part)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	bool blank = decoded(&text, part) == OK && strspn(buf_text(&text), " \t\r\n") == text.len;

	buf_free(&text);
	return blank;
}

/* Does a part hold a letter in this form? */
static bool holds(GMimeObject *part, const char *subtype, unsigned depth)
{
	int i, n;

	if (GMIME_IS_MULTIPART(part) && depth < MAIL_DEPTH_MAX) {
		n = g_mime_multipart_get_count(GMIME_MULTIPART(part));
		for (i = 0; i < n && i < MAIL_PARTS_MAX; i++)
			if (holds(g_mime_multipart_get_part(GMIME_MULTIPART(part), i), subtype,
			          depth + 1))
				return true;
		return false;
	}
	return GMIME_IS_PART(part) && is_type(part, "text", subtype) && !is_attachment(part) &&
	       !is_blank(part);
}

/* Of twins the plain one, else the HTML one; none where neither is there. */
static GMimeObject *choose(GMimeMultipart *twins, unsigned depth)
{
	static const char *const subtype[] = { "plain", "html" };
	int i, n = g_mime_multipart_get_count(twins);
	GMimeObject *part;
	size_t k;

	for (k = 0; k < 2; k++)
		for (i = 0; i < n && i < MAIL_PARTS_MAX; i++) {
			part = g_mime_multipart_get_part(twins, i);
			if (holds(part, subtype[k], depth))
				return part;
		}
	return NULL;
}

static void take(struct walk *w, GMimeObject *part, unsigned depth, bool quoted);

static void take_multipart(struct walk *w, GMimeMultipart *multipart, unsigned depth, bool quoted)
{
	int i, n = g_mime_multipart_get_count(multipart);
	GMimeObject *part = (GMimeObject *)multipart, *chosen = NULL;

	if (is_type(part, "multipart", "encrypted")) {
		unreadable(w->reply, "encrypted");
		return;
	}
	if (!multipart->write_end_boundary) {
		unreadable(w->reply, "the mail ends in the middle");
		return;
	}
	if (is_type(part, "multipart", "alternative"))
		chosen = choose(multipart, depth);
	for (i = 0; i < n && !stopped(w); i++) {
		part = g_mime_multipart_get_part(multipart, i);
		if (!chosen || part == chosen)
			take(w, part, depth + 1, quoted);
		else
			w->parts++;
	}
}

/* A mail attached to a mail is something that the sender quotes. */
static void take_message(struct walk *w, GMimeMessagePart *part, unsigned depth)
{
	GMimeMessage *message = g_mime_message_part_get_message(part);

	if (!message || !g_mime_message_get_mime_part(message) || w->attached == ATTACHED_MAX)
		return;
	w->reply->begun = true; /* nothing behind it is the first line */
	w->attached++;
	take(w, g_mime_message_get_mime_part(message), depth + 1, true);
	w->attached--;
}

static void take(struct walk *w, GMimeObject *part, unsigned depth, bool quoted)
{
	if (depth > MAIL_DEPTH_MAX)
		too_large(w->reply, "parts within parts, too deep");
	else if (++w->parts > MAIL_PARTS_MAX)
		too_large(w->reply, "too many parts");
	else if (GMIME_IS_MULTIPART(part))
		take_multipart(w, GMIME_MULTIPART(part), depth, quoted);
	else if (GMIME_IS_MESSAGE_PART(part))
		take_message(w, GMIME_MESSAGE_PART(part), depth);
	else if (GMIME_IS_MESSAGE_PARTIAL(part))
		unreadable(w->reply, "a piece of a mail that was sent in pieces");
	else if (GMIME_IS_PART(part))
		take_leaf(w, part, quoted);
}

static GMimeObject *construct(const struct buf *mime)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(mime->data, mime->len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeObject *part = g_mime_parser_construct_part(parser, NULL);

	g_object_unref(parser);
	g_object_unref(stream);
	return part;
}

void parse_init(void)
{
	g_mime_init();
	parse_html_init();
	charset_load();
}

void parse_head(struct reply *reply, const struct envelope *envelope, const void *raw, size_t len,
                size_t size)
{
	struct span header = origin_header(raw, len);

	if (size > MAIL_MAX)
		too_large(reply, "over 1 MiB");
	else if (header.len > MAIL_HEADER_MAX)
		too_large(reply, "a header over 64 KiB");
	if (header.len > MAIL_HEADER_MAX)
		header.len = MAIL_HEADER_MAX;
	origin_read(reply, envelope, header);
}

void parse_body(struct reply *reply, struct buf *sealed, const void *raw, size_t len)
{
	struct walk walk = { .reply = reply, .sealed = sealed };
	struct buf mime = BUF_INIT(MAIL_MAX + 1);
	GMimeObject *part;
	enum err e;

	if (reply->automatic || reply->too_large)
		return;
	e = origin_mime(&mime, raw, len);
	if (e == ERR_TOO_LARGE)
		too_large(reply, "too many parts");
	else if (e)
		unreadable(reply, "out of memory");
	if (e)
		goto done;
	part = construct(&mime);
	if (part) {
		walk.cut = len && ((const char *)raw)[len - 1] != '\n' && GMIME_IS_PART(part);
		take(&walk, part, 0, false);
		g_object_unref(part);
	}
	if (walk.tnef && !walk.text)
		unreadable(reply, "winmail.dat, a form that only one program reads");
	reply_end(reply);
done:
	buf_free(&mime);
}
