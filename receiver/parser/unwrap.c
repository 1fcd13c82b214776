/* SPDX-License-Identifier: MIT */
#include "receiver/parser/unwrap.h"

#include <string.h>

#define PGP_ENCRYPTED "-----BEGIN PGP MESSAGE-----"
#define PGP_SIGNED    "-----BEGIN PGP SIGNED MESSAGE-----"
#define PGP_SIGNATURE "-----BEGIN PGP SIGNATURE-----"
#define PGP_END       "-----END PGP SIGNATURE-----"

/* The next line, without its line end: CR LF or LF. */
static bool next_line(struct span *line, struct span *rest)
{
	const char *end;

	if (rest->len == 0)
		return false;
	end = memchr(rest->at, '\n', rest->len);
	*line = (struct span){ rest->at, end ? (size_t)(end - rest->at) : rest->len };
	rest->at += line->len + (end ? 1 : 0);
	rest->len -= line->len + (end ? 1 : 0);
	if (line->len && line->at[line->len - 1] == '\r')
		line->len--;
	return true;
}

/* Take the quote marks and the stuffed space off a flowed line. */
static unsigned take_depth(struct span *line)
{
	unsigned depth = 0;

	while (line->len && line->at[0] == '>') {
		depth++;
		line->at++;
		line->len--;
	}
	if (line->len && line->at[0] == ' ') {
		line->at++;
		line->len--;
	}
	return depth;
}

static void begin_line(struct buf *out, unsigned depth)
{
	unsigned i;

	for (i = 0; i < depth; i++)
		buf_addc(out, '>');
	if (depth)
		buf_addc(out, ' ');
}

void unwrap_flowed(struct buf *out, struct span text, bool delsp)
{
	bool open = false, soft, signature;
	unsigned depth, was = 0;
	struct span line;

	while (next_line(&line, &text)) {
		depth = take_depth(&line);
		signature = line.len == 3 && !memcmp(line.at, "-- ", 3);
		if (open && (depth != was || signature)) {
			buf_addc(out, '\n');
			open = false;
		}
		if (!open)
			begin_line(out, depth);
		soft = line.len && line.at[line.len - 1] == ' ' && !signature;
		buf_add(out, line.at, line.len - (soft && delsp ? 1 : 0));
		if (!soft)
			buf_addc(out, '\n');
		open = soft;
		was = depth;
	}
	if (open)
		buf_addc(out, '\n');
}

static bool is_line(struct span line, const char *text)
{
	while (line.len && strchr(" \t", line.at[line.len - 1]))
		line.len--;
	return line.len == strlen(text) && !memcmp(line.at, text, line.len);
}

/* The first line that is not empty, which `rest` then stands behind. */
static bool first_line(struct span *line, struct span *rest)
{
	while (next_line(line, rest))
		if (!is_line(*line, ""))
			return true;
	return false;
}

bool unwrap_is_encrypted(struct span text)
{
	struct span line;

	return first_line(&line, &text) && is_line(line, PGP_ENCRYPTED);
}

static void add_line(struct buf *out, const char *mark, struct span line)
{
	buf_adds(out, mark);
	buf_add(out, line.at, line.len);
	buf_addc(out, '\n');
}

void unwrap_signature(struct buf *out, struct span text)
{
	struct span rest = text, line;

	if (!first_line(&line, &rest) || !is_line(line, PGP_SIGNED)) {
		buf_add(out, text.at, text.len);
		return;
	}
	while (next_line(&line, &rest) && !is_line(line, ""))
		; /* "Hash: SHA256" */
	while (next_line(&line, &rest) && !is_line(line, PGP_SIGNATURE)) {
		if (line.len >= 2 && !memcmp(line.at, "- ", 2)) {
			line.at += 2;
			line.len -= 2;
		}
		add_line(out, "", line);
	}
	while (next_line(&line, &rest) && !is_line(line, PGP_END))
		;
	unwrap_quote(out, rest);
}

void unwrap_quote(struct buf *out, struct span text)
{
	struct span line;

	while (next_line(&line, &text))
		add_line(out, "> ", line);
}
