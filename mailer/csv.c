/* SPDX-License-Identifier: MIT */
#include "mailer/csv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/text.h"

#define WINDOW    ((size_t)64 << 10)
#define AT_END    (-1)
#define AT_ERROR  (-2)
#define BOM       "\xef\xbb\xbf"
#define BOM_BYTES 3

/* Where the reader is within a record. */
enum place {
	PLACE_START, /* of a field */
	PLACE_PLAIN,
	PLACE_QUOTED,
	PLACE_QUOTE, /* a quote within a quoted field: its end, or the first of two */
	PLACE_CR,    /* a carriage return that must be followed by a line feed */
	PLACE_DONE,
};

static enum err refill(struct csv *c, struct why *why)
{
	ssize_t n;

	do
		n = read(c->fd, c->window, WINDOW);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return why_set(why, ERR_IO, "%s: %s", c->path, strerror(errno));
	c->at = 0;
	c->end = (size_t)n;
	return OK;
}

enum err csv_open(struct csv *c, const char *path, struct why *why)
{
	enum err e;

	memset(c, 0, sizeof(*c));
	buf_init(&c->text, CSV_LINE_MAX + CSV_FIELDS_MAX);
	c->fd = -1;
	c->path = strdup(path);
	c->window = malloc(WINDOW);
	if (!c->path || !c->window)
		return why_set(why, ERR_MEMORY, "out of memory");
	c->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (c->fd < 0)
		return why_set(why, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path,
		               strerror(errno));
	c->next = 1;
	e = refill(c, why);
	if (!e && c->end >= BOM_BYTES && !memcmp(c->window, BOM, BOM_BYTES))
		c->at = BOM_BYTES;
	return e;
}

void csv_close(struct csv *c)
{
	if (c->fd >= 0)
		close(c->fd);
	free(c->path);
	free(c->window);
	buf_free(&c->text);
	c->fd = -1;
	c->path = NULL;
	c->window = NULL;
}

static int next_byte(struct csv *c, struct why *why)
{
	if (c->at == c->end && refill(c, why))
		return AT_ERROR;
	return c->end ? c->window[c->at++] : AT_END;
}

static enum err wrong(const struct csv *c, enum err e, struct why *why, const char *what)
{
	return why_set(why, e, "%s:%llu: %s", c->path, (unsigned long long)c->line, what);
}

static enum err begin_field(struct csv *c, struct why *why)
{
	if (c->fields == CSV_FIELDS_MAX)
		return wrong(c, ERR_TOO_LARGE, why, "more than 64 columns");
	c->start[c->fields++] = c->text.len;
	return OK;
}

static enum err end_field(struct csv *c, struct why *why)
{
	const char *field = c->text.data ? c->text.data + c->start[c->fields - 1] : "";
	size_t len = c->text.len - c->start[c->fields - 1];

	if (!utf8_valid(field, len))
		return wrong(c, ERR_FORMAT, why,
		             "not UTF-8: export the file again with the encoding UTF-8");
	buf_addc(&c->text, 0);
	return OK;
}

static enum err add_byte(struct csv *c, int byte, struct why *why)
{
	if (!byte)
		return wrong(c, ERR_FORMAT, why, "a zero byte: this is not a text file");
	if (c->text.len - c->start[c->fields - 1] == CSV_FIELD_MAX)
		return wrong(c, ERR_TOO_LARGE, why, "a field of more than 1,000 bytes");
	buf_addc(&c->text, (char)byte);
	return OK;
}

/* A byte that may end a field. */
static enum err take_break(struct csv *c, enum place *place, int byte, struct why *why)
{
	enum err e = OK;

	if (byte == '\r') {
		*place = PLACE_CR;
		return OK;
	}
	e = end_field(c, why);
	if (!e && byte == ',') {
		*place = PLACE_START;
		return begin_field(c, why);
	}
	*place = PLACE_DONE;
	return e;
}

static bool breaks(int byte)
{
	return byte == ',' || byte == '\n' || byte == '\r' || byte == AT_END;
}

static enum err take_byte(struct csv *c, enum place *place, int byte, struct why *why)
{
	switch (*place) {
	case PLACE_START:
		if (byte == '"') {
			*place = PLACE_QUOTED;
			return OK;
		}
		*place = PLACE_PLAIN;
		/* fall through */
	case PLACE_PLAIN:
		if (breaks(byte))
			return take_break(c, place, byte, why);
		if (byte == '"')
			return wrong(c, ERR_FORMAT, why,
			             "a quote within a field that does not begin with one");
		return add_byte(c, byte, why);
	case PLACE_QUOTED:
		if (byte == AT_END)
			return wrong(c, ERR_FORMAT, why, "a quote that is never closed");
		if (byte != '"')
			return add_byte(c, byte, why);
		*place = PLACE_QUOTE;
		return OK;
	case PLACE_QUOTE:
		if (breaks(byte))
			return take_break(c, place, byte, why);
		if (byte != '"')
			return wrong(c, ERR_FORMAT, why, "text after a closing quote");
		*place = PLACE_QUOTED;
		return add_byte(c, byte, why);
	case PLACE_CR:
		if (byte != '\n' && byte != AT_END)
			return wrong(c, ERR_FORMAT, why, "a carriage return without a line feed");
		return take_break(c, place, '\n', why);
	case PLACE_DONE:
		break;
	}
	return OK;
}

/* One record as it stands, empty or not; `*bytes` tells how long it was. */
static enum err read_record(struct csv *c, size_t *bytes, struct why *why)
{
	enum place place = PLACE_START;
	enum err e;

	buf_clear(&c->text);
	c->fields = 0;
	c->line = c->next;
	*bytes = 0;
	e = begin_field(c, why);
	while (!e && place != PLACE_DONE) {
		int byte = next_byte(c, why);

		if (byte == AT_ERROR)
			return ERR_IO;
		if (byte == AT_END && !*bytes)
			return ERR_NOT_FOUND;
		*bytes += byte != AT_END && byte != '\r' && byte != '\n';
		if (*bytes > CSV_LINE_MAX)
			return wrong(c, ERR_TOO_LARGE, why, "a line of more than 65,536 bytes");
		c->next += byte == '\n';
		e = take_byte(c, &place, byte, why);
	}
	return e ? e : buf_err(&c->text);
}

enum err csv_next(struct csv *c, struct why *why)
{
	size_t bytes;
	enum err e;

	do
		e = read_record(c, &bytes, why);
	while (!e && !bytes);
	return e;
}

const char *csv_field(const struct csv *c, unsigned i)
{
	return i < c->fields ? c->text.data + c->start[i] : "";
}

static bool begins_formula(const char *text)
{
	text += strspn(text, " \"");
	return *text && strchr("=+-@", *text);
}

void csv_add_field(struct buf *row, const char *text)
{
	const bool quoted = strpbrk(text, ",;\"\t\r\n") != NULL;

	if (quoted)
		buf_addc(row, '"');
	if (*text && strchr("=+-@\t\r", *text))
		buf_addc(row, '\'');
	for (; *text; text++) {
		if (*text == '"')
			buf_addc(row, '"');
		buf_addc(row, *text);
		/* In some countries a field ends there, whatever stands round it. */
		if (strchr(";\t\r\n", *text) && begins_formula(text + 1))
			buf_addc(row, '\'');
	}
	if (quoted)
		buf_addc(row, '"');
	buf_addc(row, ',');
}
