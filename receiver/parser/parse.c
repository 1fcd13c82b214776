/* SPDX-License-Identifier: MIT */
#include "receiver/parser/parse.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <gmime/gmime.h>

#include "receiver/parser/charset.h"
#include "receiver/parser/origin.h"
#include "receiver/parser/parse_html.h"
#include "receiver/parser/part.h"
#include "receiver/parser/unwrap.h"

#define ATTACHED_MAX   3     /* levels of attached messages that are read */
#define BOUNDARIES_MAX 20000 /* each costs GMime a kilobyte, before parts can be counted */

#define ODD_HEADER "a header that programs read differently"

/* One mail on its way through its parts. */
struct walk {
	struct reply *reply;
	struct buf *sealed;
	unsigned parts;
	unsigned attached; /* inside so many attached messages */
	bool text;         /* a part with text in it was read */
	bool tnef;
	bool cut;    /* the mail ends within a line, and nothing else shows its end */
	bool behind; /* nothing stands between here and the end of a letter's text */
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

static bool is_attachment(GMimeObject *part)
{
	GMimeContentDisposition *d = g_mime_object_get_content_disposition(part);

	return d && g_mime_content_disposition_is_attachment(d);
}

static bool has_name(GMimeObject *part)
{
	return GMIME_IS_PART(part) && g_mime_part_get_filename(GMIME_PART(part));
}

/* The lines of a text part that is a letter, or goes on with one. */
static void take_letter(struct walk *w, struct buf *text, bool named)
{
	if (w->cut) { /* what stands last may have gone on */
		text->len -= text->len && text->data[text->len - 1] == '\n' ? 1 : 0;
		buf_addc(text, '#');
	}
	if (w->behind && !named)
		reply_append(w->reply, w->sealed, buf_text(text), text->len);
	else
		reply_take(w->reply, w->sealed, buf_text(text), text->len);
	w->behind = !named;
}

static void take_text(struct walk *w, GMimeObject *part, bool quoted)
{
	struct buf text = BUF_INIT(PART_TEXT_MAX), marked = BUF_INIT(2 * PART_TEXT_MAX);
	const char *broken;

	if (part_is_unknown_encoding(part))
		broken = "a transfer encoding that is not known here";
	else
		broken = part_lines(&text, part);
	if (!broken && quoted) {
		unwrap_quote(&marked, (struct span){ buf_text(&text), text.len });
		if (buf_err(&marked))
			broken = "a part that cannot be read";
	}
	if (broken)
		unreadable(w->reply, broken);
	else if (quoted)
		reply_take(w->reply, w->sealed, buf_text(&marked), marked.len);
	else
		take_letter(w, &text, has_name(part));
	w->behind = w->behind && !quoted;
	w->text = w->text || w->reply->begun;
	buf_free(&text);
	buf_free(&marked);
}

/* Text that nobody reads as a letter. */
static bool is_no_letter(GMimeObject *part)
{
	return part_is(part, "text", "calendar") || part_is(part, "text", "x-amp-html") ||
	       part_is(part, "text", "vcard") || part_is(part, "text", "x-vcard") ||
	       part_is(part, "text", "directory") || part_is(part, "text", "css");
}

/* S/MIME: whatever it is, its content is shut in it. */
static bool take_sealed_mime(struct walk *w, GMimeObject *part)
{
	if (!part_is(part, "application", "pkcs7-mime") &&
	    !part_is(part, "application", "x-pkcs7-mime"))
		return false;
	unreadable(w->reply, strcasecmp(part_parameter(part, "smime-type"), "signed-data")
	                             ? "encrypted"
	                             : "signed so that the text is shut in the signature");
	return true;
}

static bool is_tnef(GMimeObject *part)
{
	const char *name = g_mime_part_get_filename(GMIME_PART(part));

	return part_is(part, "application", "ms-tnef") ||
	       part_is(part, "application", "vnd.ms-tnef") ||
	       (name && strcasecmp(name, "winmail.dat") == 0);
}

static void take_leaf(struct walk *w, GMimeObject *part, bool quoted)
{
	bool text = part_is(part, "text", "*") && !is_no_letter(part);

	w->behind = w->behind && text;
	if (take_sealed_mime(w, part))
		return;
	if (part_is(part, "application", "pgp-encrypted"))
		unreadable(w->reply, "encrypted");
	else if (part_is(part, "message", "partial"))
		unreadable(w->reply, "a piece of a mail that was sent in pieces");
	else if (part_is(part, "message", "delivery-status") && w->attached == 0)
		w->reply->bounce = w->reply->automatic = true;
	else if (is_tnef(part))
		w->tnef = true;
	else if (text)
		take_text(w, part,
		          quoted || is_attachment(part) ||
		                  (!part_is(part, "text", "plain") &&
		                   !part_is(part, "text", "html")));
}

static bool is_blank(GMimeObject *part)
{
	struct buf text = BUF_INIT(PART_TEXT_MAX);
	bool blank =
		part_decode(&text, part) == OK && strspn(buf_text(&text), " \t\r\n") == text.len;

	buf_free(&text);
	return blank;
}

/* Does a part hold a letter, plain or HTML? */
static bool is_letter(GMimeObject *part, unsigned depth)
{
	int i, n;

	if (GMIME_IS_MULTIPART(part) && depth < MAIL_DEPTH_MAX) {
		n = g_mime_multipart_get_count(GMIME_MULTIPART(part));
		for (i = 0; i < n && i < MAIL_PARTS_MAX; i++)
			if (is_letter(g_mime_multipart_get_part(GMIME_MULTIPART(part), i),
			              depth + 1))
				return true;
		return false;
	}
	return GMIME_IS_PART(part) &&
	       (part_is(part, "text", "plain") || part_is(part, "text", "html")) &&
	       !is_attachment(part) && !is_blank(part);
}

static void take(struct walk *w, GMimeObject *part, unsigned depth, bool quoted);

/* One more form of a letter of which one was read into w->reply, from the same beginning. */
static void take_twin(struct walk *w, const struct reply *before, GMimeObject *part, unsigned depth,
                      bool quoted)
{
	struct reply *all = w->reply, *twin = malloc(sizeof(*twin));

	if (!twin) {
		unreadable(all, "out of memory");
		return;
	}
	*twin = *before;
	twin->sealed_len = all->sealed_len;
	w->reply = twin;
	take(w, part, depth, quoted);
	w->reply = all;
	reply_twin(all, twin);
	reply_wipe(twin);
	free(twin);
}

/* Every form of the letter is read, as if it were the only one; then what is no letter. */
static void take_alternative(struct walk *w, GMimeMultipart *twins, unsigned depth, bool quoted)
{
	int i, n = g_mime_multipart_get_count(twins);
	struct reply *before = malloc(sizeof(*before));
	bool behind = w->behind, letter, first = true;
	GMimeObject *part;

	if (!before) {
		unreadable(w->reply, "out of memory");
		return;
	}
	*before = *w->reply;
	for (i = 0; i < 2 * n && !stopped(w); i++) {
		part = g_mime_multipart_get_part(twins, i % n);
		letter = is_letter(part, depth);
		if (letter != (i < n))
			continue;
		w->behind = behind;
		if (letter && !first)
			take_twin(w, before, part, depth + 1, quoted);
		else
			take(w, part, depth + 1, quoted);
		first = first && !letter;
	}
	w->behind = !first && !quoted;
	reply_wipe(before);
	free(before);
}

static void take_multipart(struct walk *w, GMimeMultipart *multipart, unsigned depth, bool quoted)
{
	int i, n = g_mime_multipart_get_count(multipart);
	GMimeObject *part = (GMimeObject *)multipart;

	if (part_is(part, "multipart", "encrypted")) {
		unreadable(w->reply, "encrypted");
		return;
	}
	if (!multipart->write_end_boundary) {
		unreadable(w->reply, "the mail ends in the middle");
		return;
	}
	if (part_is(part, "multipart", "alternative")) {
		take_alternative(w, multipart, depth, quoted);
		return;
	}
	for (i = 0; i < n && !stopped(w); i++)
		take(w, g_mime_multipart_get_part(multipart, i), depth + 1, quoted);
}

/* A mail attached to a mail is something that the sender quotes. */
static void take_message(struct walk *w, GMimeMessagePart *part, unsigned depth)
{
	GMimeMessage *message = g_mime_message_part_get_message(part);

	if (!message || !g_mime_message_get_mime_part(message) || w->attached == ATTACHED_MAX)
		return;
	w->reply->begun = true; /* nothing behind it is the first line */
	w->behind = false;
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
	else if (part_has_odd_header(part))
		unreadable(w->reply, ODD_HEADER);
	else if (GMIME_IS_MULTIPART(part))
		take_multipart(w, GMIME_MULTIPART(part), depth, quoted);
	else if (GMIME_IS_MESSAGE_PART(part))
		take_message(w, GMIME_MESSAGE_PART(part), depth);
	else if (GMIME_IS_MESSAGE_PARTIAL(part))
		unreadable(w->reply, "a piece of a mail that was sent in pieces");
	else if (GMIME_IS_PART(part))
		take_leaf(w, part, quoted);
}

/* Lines that may begin a part, up to the most that are looked at. */
static unsigned boundaries(const char *at, size_t len)
{
	const char *end = at + len;
	unsigned n = 0;

	while (n <= BOUNDARIES_MAX && (at = memmem(at, (size_t)(end - at), "\n--", 3)) != NULL) {
		at += 3;
		n++;
	}
	return n;
}

/* What GMime tells of on its way. Such headers other programs read differently, so what the
 * sender saw is not known. */
static void note_warning(gint64 offset, GMimeParserWarning code, const gchar *item, gpointer reply)
{
	(void)offset;
	(void)item;
	switch (code) {
	case GMIME_CRIT_INVALID_HEADER_NAME:
	case GMIME_CRIT_CONFLICTING_HEADER:
	case GMIME_CRIT_MULTIPART_WITHOUT_BOUNDARY:
	case GMIME_WARN_MALFORMED_MESSAGE:
	case GMIME_WARN_INVALID_CONTENT_TYPE:
		unreadable(reply, ODD_HEADER);
		break;
	default:
		break;
	}
}

static GMimeObject *construct(const struct buf *mime, struct reply *reply)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(mime->data, mime->len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeParserOptions *options = g_mime_parser_options_new();
	GMimeObject *part;

	g_mime_parser_options_set_warning_callback(options, note_warning, reply);
	part = g_mime_parser_construct_part(parser, options);
	g_mime_parser_options_free(options);
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
	if (boundaries(raw, len) > BOUNDARIES_MAX) {
		too_large(reply, "too many parts");
		return;
	}
	e = origin_mime(&mime, raw, len);
	if (e == ERR_FORMAT)
		unreadable(reply, "a line in the header that is no header");
	else if (e)
		unreadable(reply, "out of memory");
	if (e)
		goto done;
	part = construct(&mime, reply);
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
