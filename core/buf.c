/* SPDX-License-Identifier: MIT */
#include "core/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

void buf_init(struct buf *b, size_t cap)
{
	*b = BUF_INIT(cap);
}

/* Make room for `more` bytes and the NUL. realloc would leave a copy of a secret behind. */
static int grow(struct buf *b, size_t more)
{
	size_t need, room;
	char *data;

	if (b->e)
		return 0;
	if (more > b->cap - b->len) {
		b->e = ERR_TOO_LARGE;
		return 0;
	}
	need = b->len + more + 1;
	if (need <= b->room)
		return 1;
	room = b->room ? b->room * 2 : 64;
	if (room < need)
		room = need;
	if (room > b->cap + 1)
		room = b->cap + 1;
	data = malloc(room);
	if (!data) {
		b->e = ERR_MEMORY;
		return 0;
	}
	if (b->data) {
		memcpy(data, b->data, b->len);
		sodium_memzero(b->data, b->used);
		free(b->data);
	}
	b->used = b->len;
	data[b->len] = '\0';
	b->data = data;
	b->room = room;
	return 1;
}

static void count_in(struct buf *b, size_t more)
{
	b->len += more;
	if (b->used < b->len)
		b->used = b->len;
}

void *buf_extend(struct buf *b, size_t len)
{
	char *start;

	if (!grow(b, len))
		return NULL;
	start = b->data + b->len;
	count_in(b, len);
	b->data[b->len] = '\0';
	return start;
}

void buf_add(struct buf *b, const void *bytes, size_t len)
{
	void *at = buf_extend(b, len);

	if (at && len)
		memcpy(at, bytes, len);
}

void buf_adds(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_addf(struct buf *b, const char *format, ...)
{
	va_list args, again;
	int n;

	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, args);
	if (n < 0)
		bug("a format that cannot be printed");
	if (grow(b, (size_t)n)) {
		vsnprintf(b->data + b->len, (size_t)n + 1, format, again);
		count_in(b, (size_t)n);
	}
	va_end(again);
	va_end(args);
}

enum err buf_err(const struct buf *b)
{
	return b->e;
}

const char *buf_text(const struct buf *b)
{
	return b->data ? b->data : "";
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->e = OK;
	if (b->data)
		b->data[0] = '\0';
}

void buf_wipe(struct buf *b)
{
	if (b->data)
		sodium_memzero(b->data, b->used);
	b->used = 0;
	buf_clear(b);
}

void buf_free(struct buf *b)
{
	size_t cap = b->cap;

	buf_wipe(b);
	free(b->data);
	buf_init(b, cap);
}
