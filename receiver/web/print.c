/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/err.h"

/*
 * print - snprintf for what core and Jansson write: %s with a precision, whole numbers, nothing
 * else. The C library's own would bring floating point, wide characters and streams, a fifth
 * of the voting page's module, and with the streams the calls of a system.
 */
struct out {
	char *at;
	size_t room, len; /* len: what would have been written */
};

static void put(struct out *o, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++, o->len++)
		if (o->len + 1 < o->room)
			o->at[o->len] = text[i];
}

struct spec {
	size_t width; /* zeroes on the left, of a number */
	size_t precision;
	char length; /* 'l' for long long, 'z', or none */
	char kind;
};

static size_t read_number(const char **format)
{
	size_t n = 0;

	while (**format >= '0' && **format <= '9')
		n = n * 10 + (size_t)(*(*format)++ - '0');
	return n;
}

static struct spec read_spec(const char **format, va_list *args)
{
	struct spec s = { .precision = SIZE_MAX };

	s.width = read_number(format);
	if (**format == '.') {
		++*format;
		s.precision = read_number(format);
		if (**format == '*') {
			++*format;
			s.precision = (size_t)va_arg(*args, int);
		}
	}
	for (; **format == 'l' || **format == 'z'; ++*format)
		s.length = **format;
	s.kind = *(*format)++;
	return s;
}

static void put_number(struct out *o, const struct spec *s, uint64_t n, bool minus)
{
	unsigned base = s->kind == 'd' || s->kind == 'u' ? 10 : 16;
	char digits[24], *at = digits + sizeof(digits);

	do
		*--at = (s->kind == 'X' ? "0123456789ABCDEF" : "0123456789abcdef")[n % base];
	while (n /= base);
	while (digits + sizeof(digits) - at < (ptrdiff_t)s->width && at > digits + 1)
		*--at = '0';
	if (minus)
		*--at = '-';
	put(o, at, (size_t)(digits + sizeof(digits) - at));
}

static void put_signed(struct out *o, const struct spec *s, va_list *args)
{
	int64_t n = s->length == 'l' ? va_arg(*args, long long) : va_arg(*args, int);

	put_number(o, s, n < 0 ? -(uint64_t)n : (uint64_t)n, n < 0);
}

static void put_unsigned(struct out *o, const struct spec *s, va_list *args)
{
	uint64_t n;

	if (s->length == 'l')
		n = va_arg(*args, unsigned long long);
	else if (s->length == 'z' || s->kind == 'p')
		n = va_arg(*args, size_t);
	else
		n = va_arg(*args, unsigned);
	put_number(o, s, n, false);
}

static void put_spec(struct out *o, const struct spec *s, va_list *args)
{
	const char *text;

	switch (s->kind) {
	case 's':
		text = va_arg(*args, const char *);
		put(o, text, strnlen(text, s->precision));
		break;
	case 'd':
		put_signed(o, s, args);
		break;
	case 'u':
	case 'x':
	case 'X':
	case 'p':
		put_unsigned(o, s, args);
		break;
	default:
		bug("a format that this printer does not know");
	}
}

int vsnprintf(char *restrict text, size_t room, const char *restrict format, va_list given)
{
	struct out o = { .at = text, .room = room };
	const char *at = format;
	struct spec s;
	va_list args;

	va_copy(args, given);
	while (*at) {
		if (*at++ != '%') {
			put(&o, at - 1, 1);
			continue;
		}
		s = read_spec(&at, &args);
		put_spec(&o, &s, &args);
	}
	va_end(args);
	if (room)
		text[o.len < room ? o.len : room - 1] = '\0';
	return (int)o.len;
}

int snprintf(char *restrict text, size_t room, const char *restrict format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, room, format, args);
	va_end(args);
	return n;
}
