/* SPDX-License-Identifier: MIT */
#include "core/mail/header.h"

#include <stdbool.h>
#include <string.h>

#include "core/text.h"

#define LINE_WIDTH 76
#define WORD_START "=?utf-8?q?"
#define WORD_END   "?="
#define WORD_MAX   75 /* an encoded word, RFC 2047 section 2 */
#define PHRASE_MAX 40 /* a longer name is encoded, since encoded words can be folded */

static bool ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

static bool alnum(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Where a line of the header stands; `column` characters are on it already. */
struct folding {
	struct buf *out;
	size_t column;
};

static void fold_begin(struct folding *f, struct buf *out, const char *name)
{
	f->out = out;
	f->column = strlen(name) + 1;
	buf_adds(out, name);
	buf_addc(out, ':');
}

/* A word that stays in one piece, a space before it, on the next line where this one is full. */
static void fold_word(struct folding *f, const char *word, size_t len)
{
	if (f->column + 1 + len > LINE_WIDTH && f->column > 1) {
		buf_adds(f->out, "\r\n");
		f->column = 0;
	}
	buf_addc(f->out, ' ');
	buf_add(f->out, word, len);
	f->column += 1 + len;
}

static void fold_end(struct folding *f)
{
	buf_adds(f->out, "\r\n");
}

static void fold_words(struct folding *f, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, " ");

		if (len)
			fold_word(f, text, len);
		text += len;
		text += *text == ' ';
	}
}

/* One character of UTF-8, as it stands within an encoded word. */
static size_t encode_character(char out[12], const char *bytes, size_t len)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (alnum(c)) {
			out[n++] = (char)c;
		} else if (c == ' ') {
			out[n++] = '_';
		} else {
			out[n++] = '=';
			out[n++] = hex[c >> 4];
			out[n++] = hex[c & 15];
		}
	}
	return n;
}

/* The whole text as encoded words, each filling the line that it stands on. */
static void fold_encoded(struct folding *f, const char *text)
{
	const size_t frame = strlen(WORD_START) + strlen(WORD_END);
	size_t left = strlen(text);

	while (left) {
		size_t room = LINE_WIDTH - 1 - f->column;
		char word[WORD_MAX + 1];
		size_t n = strlen(WORD_START);

		if (f->column > LINE_WIDTH / 2 || room < frame + 12)
			room = LINE_WIDTH - 1;
		if (room > WORD_MAX)
			room = WORD_MAX;
		memcpy(word, WORD_START, n);
		while (left) {
			char piece[12];
			uint32_t c;
			size_t len = utf8_next(&c, text, left);
			size_t size = encode_character(piece, text, len);

			if (n + size + strlen(WORD_END) > room)
				break;
			memcpy(word + n, piece, size);
			n += size;
			text += len;
			left -= len;
		}
		memcpy(word + n, WORD_END, strlen(WORD_END));
		fold_word(f, word, n + strlen(WORD_END));
	}
}

void header_text(struct buf *out, const char *name, const char *text)
{
	struct folding f;

	fold_begin(&f, out, name);
	if (ascii(text) && !strstr(text, "=?"))
		fold_words(&f, text);
	else
		fold_encoded(&f, text);
	fold_end(&f);
}

/* A display name: as it is, in quotes, or encoded. */
static void fold_name(struct folding *f, const char *name)
{
	char quoted[2 * PHRASE_MAX + 3];
	size_t n = 0;
	bool plain = true;

	for (const char *p = name; *p; p++)
		plain = plain && (alnum((unsigned char)*p) || *p == ' ' || *p == '-');
	if (!ascii(name) || strlen(name) > PHRASE_MAX || strstr(name, "=?")) {
		fold_encoded(f, name);
		return;
	}
	if (plain) {
		fold_words(f, name);
		return;
	}
	quoted[n++] = '"';
	for (const char *p = name; *p; p++) {
		if (*p == '"' || *p == '\\')
			quoted[n++] = '\\';
		quoted[n++] = *p;
	}
	quoted[n++] = '"';
	fold_word(f, quoted, n);
}

void header_address(struct buf *out, const char *header, const char *name, const char *address)
{
	struct buf angle = BUF_INIT(512);
	struct folding f;

	fold_begin(&f, out, header);
	if (name && *name)
		fold_name(&f, name);
	buf_addf(&angle, name && *name ? "<%s>" : "%s", address);
	fold_word(&f, buf_text(&angle), angle.len);
	fold_end(&f);
	buf_free(&angle);
}
