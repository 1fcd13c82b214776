/* SPDX-License-Identifier: MIT */
#include "core/text.h"

#include <string.h>

#include <sodium.h>

static const char B64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char B32[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void b64_add(struct buf *out, const void *bytes, size_t len)
{
	const unsigned char *in = bytes;
	char *at = buf_extend(out, B64_LEN(len));
	uint32_t bits = 0;
	int have = 0;

	if (!at)
		return;
	while (len--) {
		bits = bits << 8 | *in++;
		for (have += 8; have >= 6; have -= 6)
			*at++ = B64[bits >> (have - 6) & 63];
	}
	if (have)
		*at = B64[bits << (6 - have) & 63];
}

enum err b64_read(void *out, size_t want, const char *text, size_t len)
{
	size_t got, i;

	if (len != B64_LEN(want))
		return ERR_FORMAT;
	/* libsodium 1.0.18 takes each byte from 0x80 on for a letter of the alphabet. */
	for (i = 0; i < len; i++)
		if ((unsigned char)text[i] >= 0x80)
			return ERR_FORMAT;
	if (sodium_base642bin(out, want, text, len, NULL, &got, NULL,
	                      sodium_base64_VARIANT_URLSAFE_NO_PADDING))
		return ERR_FORMAT;
	return got == want ? OK : ERR_FORMAT;
}

enum err b64_read_buf(struct buf *out, const char *text, size_t len)
{
	size_t bytes = len / 4 * 3 + (len % 4 ? len % 4 - 1 : 0);
	void *at;

	if (len % 4 == 1)
		return ERR_FORMAT;
	at = buf_extend(out, bytes);
	if (!at)
		return buf_err(out);
	return b64_read(at, bytes, text, len);
}

void b32_write(char *out, const unsigned char *bytes, size_t bits)
{
	size_t at, bit;
	unsigned value;

	for (at = 0; at < bits; at += 5) {
		value = 0;
		for (bit = at; bit < at + 5; bit++) {
			value <<= 1;
			if (bit < bits)
				value |= bytes[bit / 8] >> (7 - bit % 8) & 1;
		}
		*out++ = B32[value];
	}
	*out = '\0';
}

int b32_value(char c)
{
	const char *at;

	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		c = '0';
	if (c == 'I' || c == 'L')
		c = '1';
	if (c == '\0')
		return -1;
	at = strchr(B32, c);
	return at ? (int)(at - B32) : -1;
}

void text_group(char *out, const char *in, size_t groups, size_t size)
{
	while (groups--) {
		memcpy(out, in, size);
		out += size;
		in += size;
		*out++ = groups ? '-' : '\0';
	}
}

enum err number_read(uint64_t *out, const char *text, size_t len)
{
	uint64_t n = 0;
	size_t i;

	if (len == 0 || len > 16 || (len > 1 && text[0] == '0'))
		return ERR_FORMAT;
	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return ERR_FORMAT;
		n = n * 10 + (uint64_t)(text[i] - '0');
	}
	if (n > NUMBER_MAX)
		return ERR_FORMAT;
	*out = n;
	return OK;
}

static unsigned days_in_month(unsigned year, unsigned month)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

/* Days from 1970-01-01, counting years from March so that the leap day comes last. */
static uint64_t days_from_date(unsigned year, unsigned month, unsigned day)
{
	uint64_t y = year - (month <= 2);
	uint64_t m = month > 2 ? month - 3 : month + 9;

	return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
}

static bool digits(unsigned *out, const char *text, size_t len)
{
	unsigned n = 0;

	while (len--) {
		if (*text < '0' || *text > '9')
			return false;
		n = n * 10 + (unsigned)(*text++ - '0');
	}
	*out = n;
	return true;
}

static bool time_marks(const char *text, size_t len)
{
	return len == TIME_TEXT - 1 && text[4] == '-' && text[7] == '-' && text[10] == 'T' &&
	       text[13] == ':' && text[16] == ':' && text[19] == 'Z';
}

static bool date_exists(unsigned year, unsigned month, unsigned day)
{
	return year >= 1970 && month >= 1 && month <= 12 && day >= 1 &&
	       day <= days_in_month(year, month);
}

enum err time_read(uint64_t *seconds, const char *text, size_t len)
{
	unsigned year, month, day, hour, minute, second;

	if (!time_marks(text, len))
		return ERR_FORMAT;
	if (!digits(&year, text, 4) || !digits(&month, text + 5, 2) || !digits(&day, text + 8, 2) ||
	    !digits(&hour, text + 11, 2) || !digits(&minute, text + 14, 2) ||
	    !digits(&second, text + 17, 2))
		return ERR_FORMAT;
	if (!date_exists(year, month, day) || hour > 23 || minute > 59 || second > 59)
		return ERR_FORMAT;
	*seconds = days_from_date(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
	return OK;
}

static char *two(char *at, uint64_t value, char end)
{
	*at++ = (char)('0' + value / 10 % 10);
	*at++ = (char)('0' + value % 10);
	*at++ = end;
	return at;
}

void time_write(char out[TIME_TEXT], uint64_t seconds)
{
	uint64_t day = seconds / 86400, rest = seconds % 86400;
	unsigned year = 1970, month = 1;
	char *at = out;

	while (days_from_date(year + 1, 1, 1) <= day)
		year++;
	if (year > 9999)
		bug("a time beyond the year 9999");
	day -= days_from_date(year, 1, 1);
	while (day >= days_in_month(year, month))
		day -= days_in_month(year, month++);
	at = two(at, year / 100, '0') - 1;
	at = two(at, year % 100, '-');
	at = two(at, month, '-');
	at = two(at, day + 1, 'T');
	at = two(at, rest / 3600, ':');
	at = two(at, rest / 60 % 60, ':');
	at = two(at, rest % 60, 'Z');
	*at = '\0';
}

size_t utf8_next(uint32_t *c, const char *text, size_t len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *in = (const unsigned char *)text;
	size_t n, i;
	uint32_t code;

	if (len == 0)
		return 0;
	if (in[0] < 0x80) {
		*c = in[0];
		return 1;
	}
	n = in[0] >= 0xF0 ? 4 : in[0] >= 0xE0 ? 3 : in[0] >= 0xC0 ? 2 : 0;
	if (n == 0 || in[0] >= 0xF8 || n > len)
		return 0;
	code = in[0] & (0x7Fu >> n);
	for (i = 1; i < n; i++) {
		if ((in[i] & 0xC0) != 0x80)
			return 0;
		code = code << 6 | (in[i] & 0x3F);
	}
	if (code < least[n] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
		return 0;
	*c = code;
	return n;
}

bool utf8_valid(const char *text, size_t len)
{
	uint32_t c;
	size_t n;

	for (; len; text += n, len -= n) {
		n = utf8_next(&c, text, len);
		if (n == 0)
			return false;
	}
	return true;
}

static bool forbidden(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x61C || c == 0x200E || c == 0x200F ||
	       (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

bool text_clean(const char *text, size_t len)
{
	uint32_t c;
	size_t n;

	for (; len; text += n, len -= n) {
		n = utf8_next(&c, text, len);
		if (n == 0 || forbidden(c))
			return false;
	}
	return true;
}

/* Unicode white space. */
static bool text_space(uint32_t c)
{
	return c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
	       (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
	       c == 0x205F || c == 0x3000;
}

bool text_blank(const char *text, size_t len)
{
	uint32_t c;
	size_t n;

	for (; len; text += n, len -= n) {
		n = utf8_next(&c, text, len);
		if (n == 0 || !text_space(c))
			return false;
	}
	return true;
}
