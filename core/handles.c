/* SPDX-License-Identifier: MIT */
#include "core/handles.h"

#include <string.h>

#include "core/json.h"

#define LABEL "votepost/1 handles"

void handles_write(struct buf *out, const struct manifest *m, const char *handles, size_t n,
                   const unsigned char secret[SIGN_SECRET_BYTES])
{
	const struct part part = { handles, n * HANDLE_CHARS };
	unsigned char signature[SIGNATURE_BYTES];

	sign_parts(signature, LABEL, m->id, &part, 1, secret);
	buf_adds(out, "{\"type\":\"handles\",\"handles\":");
	json_add_string(out, handles, n * HANDLE_CHARS);
	buf_adds(out, ",\"signature\":");
	json_add_b64(out, signature, sizeof(signature));
	buf_addc(out, '}');
}

/* 64 bits in 65: the last character's lowest bit is zero. */
bool handle_ok(const char *text)
{
	static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
	const char *at = NULL;
	size_t i;

	for (i = 0; i < HANDLE_CHARS; i++) {
		at = text[i] ? strchr(digits, text[i]) : NULL;
		if (!at)
			return false;
	}
	return (at - digits) % 2 == 0;
}

static enum err check_order(const char *text, size_t len, struct why *why)
{
	size_t at;

	if (len % HANDLE_CHARS)
		return why_check(why, "handles", "not a list of 13-character handles");
	for (at = 0; at < len; at += HANDLE_CHARS) {
		if (!handle_ok(text + at))
			return why_check(why, "handles", "handle %zu is not in its form",
			                 at / HANDLE_CHARS + 1);
		if (at && memcmp(text + at - HANDLE_CHARS, text + at, HANDLE_CHARS) >= 0)
			return why_check(why, "handles", "handle %zu is out of order",
			                 at / HANDLE_CHARS + 1);
	}
	return OK;
}

enum err handles_read(struct buf *handles, const struct manifest *m, const char *line, size_t len,
                      struct why *why)
{
	unsigned char signature[SIGNATURE_BYTES];
	struct part part;
	struct fields f;
	json_t *root;
	enum err e = json_read(&root, line, len, why);

	if (e)
		return e;
	fields_begin(&f, root, "handles", why);
	fields_literal(&f, "type", "handles");
	part.bytes = fields_string(&f, "handles", &part.len);
	fields_b64(&f, "signature", signature, sizeof(signature));
	e = fields_end(&f);
	if (!e)
		e = check_order(part.bytes, part.len, why);
	if (!e && sign_check(signature, LABEL, m->id, &part, 1, m->mailer_key))
		e = why_check(why, "handles signature", "the mailer did not sign these handles");
	if (!e) {
		buf_add(handles, part.bytes, part.len);
		e = buf_err(handles);
	}
	json_decref(root);
	return e;
}
