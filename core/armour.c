/* SPDX-License-Identifier: MIT */
#include "core/ballot.h"

#include <string.h>

#include <sodium.h>

#define ARMOUR_LINE    60
#define ARMOUR_VARIANT sodium_base64_VARIANT_ORIGINAL

void armour_write(struct buf *out, const char *line, size_t len)
{
	size_t room = sodium_base64_ENCODED_LEN(len, ARMOUR_VARIANT), at, n;
	struct buf text = BUF_INIT(room);
	char *base64 = buf_extend(&text, room);

	if (base64)
		sodium_bin2base64(base64, room, (const unsigned char *)line, len, ARMOUR_VARIANT);
	else if (!out->e)
		out->e = buf_err(&text);
	buf_adds(out, ARMOUR_BEGIN "\n");
	for (at = 0; base64 && at < room - 1; at += n) {
		n = room - 1 - at < ARMOUR_LINE ? room - 1 - at : ARMOUR_LINE;
		buf_add(out, base64 + at, n);
		buf_addc(out, '\n');
	}
	buf_adds(out, ARMOUR_END "\n");
	buf_free(&text);
}

enum err armour_read(struct buf *line, const char *inside, size_t len)
{
	struct buf text = BUF_INIT(len);
	size_t i, got = 0;
	char *at;
	enum err e;

	e = OK;
	for (i = 0; i < len; i++) {
		/* libsodium 1.0.18 takes each byte from 0x80 on for a letter of the alphabet. */
		if ((unsigned char)inside[i] >= 0x80)
			e = ERR_FORMAT;
		if (!strchr("> \t\r\n", inside[i]) || !inside[i])
			buf_addc(&text, inside[i]);
	}
	if (!e)
		e = buf_err(&text);
	if (!e && (text.len == 0 || text.len % 4))
		e = ERR_FORMAT;
	if (e)
		goto done;
	at = buf_extend(line, text.len / 4 * 3);
	if (!at) {
		e = buf_err(line);
		goto done;
	}
	line->len -= text.len / 4 * 3;
	if (sodium_base642bin((unsigned char *)at, text.len / 4 * 3, text.data, text.len, NULL,
	                      &got, NULL, ARMOUR_VARIANT))
		e = ERR_FORMAT;
	else
		line->len += got;
	line->data[line->len] = '\0';
done:
	buf_free(&text);
	return e;
}
