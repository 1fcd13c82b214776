/* SPDX-License-Identifier: MIT */
#include "receiver/parser/part.h"

#include <string.h>
#include <strings.h>

#include <gmime/gmime.h>

#include "receiver/parser/charset.h"
#include "receiver/parser/fold.h"
#include "receiver/parser/parse_html.h"
#include "receiver/parser/reply.h"
#include "receiver/parser/unwrap.h"

bool part_is(GMimeObject *part, const char *type, const char *subtype)
{
	return g_mime_content_type_is_type(g_mime_object_get_content_type(part), type, subtype);
}

static bool is_odd(const char *name, const char *value)
{
	for (; name && *name; name++)
		if (*name <= ' ' || *name >= 0x7F)
			return true;
	for (; value && *value; value++)
		if (*value == '\r' && value[1] != '\n')
			return true;
	return false;
}

bool part_has_odd_header(GMimeObject *part)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(part);
	int i, n = g_mime_header_list_get_count(list);
	GMimeHeader *header;

	for (i = 0; i < n; i++) {
		header = g_mime_header_list_get_header_at(list, i);
		if (is_odd(g_mime_header_get_name(header), g_mime_header_get_raw_value(header)))
			return true;
	}
	return false;
}

const char *part_parameter(GMimeObject *part, const char *name)
{
	const char *value =
		g_mime_content_type_get_parameter(g_mime_object_get_content_type(part), name);

	return value ? value : "";
}

bool part_is_unknown_encoding(GMimeObject *part)
{
	const char *name = g_mime_object_get_header(part, "Content-Transfer-Encoding");

	if (!name || !*name)
		return false;
	while (*name == ' ' || *name == '\t')
		name++;
	if (!*name || *name == '7' || *name == '8')
		return false;
	switch (g_mime_content_encoding_from_string(name)) {
	case GMIME_CONTENT_ENCODING_DEFAULT:
	case GMIME_CONTENT_ENCODING_UUENCODE: /* older than MIME, and no two read it alike */
		return true;
	default:
		return false;
	}
}

/* Decoders pass over what is no base64, each in its own way: then nobody knows what was meant. */
static bool is_broken_base64(GMimeDataWrapper *wrapper)
{
	GByteArray *bytes;
	GMimeStream *stream;
	guint i, n = 0, pad = 0;
	bool broken = false;

	if (g_mime_data_wrapper_get_encoding(wrapper) != GMIME_CONTENT_ENCODING_BASE64)
		return false;
	stream = g_mime_stream_mem_new();
	g_mime_stream_reset(g_mime_data_wrapper_get_stream(wrapper));
	g_mime_stream_write_to_stream(g_mime_data_wrapper_get_stream(wrapper), stream);
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	for (i = 0; i < bytes->len && !broken; i++) {
		if (memchr(" \t\r\n", bytes->data[i], 4))
			continue;
		if (bytes->data[i] == '=')
			broken = ++pad > 2;
		else
			broken = pad || (!g_ascii_isalnum(bytes->data[i]) &&
			                 bytes->data[i] != '+' && bytes->data[i] != '/');
		n++;
	}
	g_object_unref(stream);
	return broken || n % 4 != 0; /* else its end is lost */
}

/* A part's bytes, the transfer encoding taken off. */
static enum err content(struct buf *out, GMimePart *part)
{
	GMimeDataWrapper *wrapper = g_mime_part_get_content(part);
	GMimeStream *stream;
	GByteArray *bytes;

	if (!wrapper)
		return OK;
	if (is_broken_base64(wrapper))
		return ERR_INVALID;
	stream = g_mime_stream_mem_new();
	g_mime_data_wrapper_write_to_stream(wrapper, stream);
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	buf_add(out, bytes->data, bytes->len);
	g_object_unref(stream);
	return buf_err(out);
}

enum err part_decode(struct buf *out, GMimeObject *part)
{
	struct buf bytes = BUF_INIT(MAIL_MAX);
	char meta[CHARSET_NAME_MAX] = "";
	const char *charset = part_parameter(part, "charset");
	enum err e;

	e = content(&bytes, GMIME_PART(part));
	if (e)
		goto done;
	if (!*charset && part_is(part, "text", "html")) {
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
	struct buf flat = BUF_INIT(PART_TEXT_MAX);
	enum err e;

	if (strcasecmp(part_parameter(part, "format"), "flowed") != 0) {
		unwrap_signature(out, text);
		return buf_err(out);
	}
	unwrap_flowed(&flat, text, strcasecmp(part_parameter(part, "delsp"), "yes") == 0);
	e = buf_err(&flat);
	if (!e)
		unwrap_signature(out, (struct span){ buf_text(&flat), flat.len });
	buf_free(&flat);
	return e ? e : buf_err(out);
}

const char *part_lines(struct buf *out, GMimeObject *part)
{
	struct buf text = BUF_INIT(PART_TEXT_MAX);
	const char *broken = NULL;
	enum err e = part_decode(&text, part);
	struct span s = { buf_text(&text), text.len };

	if (e == ERR_NOT_FOUND)
		broken = "a charset that is not known here";
	else if (e == ERR_FORMAT)
		broken = "bytes that are not in the charset named";
	else if (e == ERR_INVALID)
		broken = "base64 that is broken";
	else if (!e && unwrap_is_encrypted(s))
		broken = "encrypted";
	else if (!e && part_is(part, "text", "html"))
		e = parse_html_text(out, s);
	else if (!e)
		e = plain_lines(out, part, s);
	if (e && !broken)
		broken = "a part that cannot be read";
	buf_free(&text);
	return broken;
}
