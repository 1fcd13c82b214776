/* SPDX-License-Identifier: MIT */
#include "receiver/parser/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/text.h"

#define NAME_MAX_LEN 40
#define CHUNK        4096

/* The C library's name, and the names that mail uses: lower case, letters and digits alone,
 * each between spaces. One byte a character: read from a table, so that a parser's process
 * carries no code for them. */
static struct bytes_charset {
	const char *name, *aliases;
	bool known;
	uint16_t to[256]; /* 0 for a byte that is no character, but for byte 0 */
} BYTES[] = {
	{ .name = "ISO-8859-1",
	  .aliases = " iso88591 latin1 l1 iso885911987 cp819 ibm819 csisolatin1 " },
	{ .name = "ISO-8859-2", .aliases = " iso88592 latin2 l2 csisolatin2 " },
	{ .name = "ISO-8859-3", .aliases = " iso88593 latin3 l3 csisolatin3 " },
	{ .name = "ISO-8859-4", .aliases = " iso88594 latin4 l4 csisolatin4 " },
	{ .name = "ISO-8859-5", .aliases = " iso88595 cyrillic csisolatincyrillic " },
	{ .name = "ISO-8859-6",
	  .aliases = " iso88596 iso88596i iso88596e arabic csisolatinarabic " },
	{ .name = "ISO-8859-7", .aliases = " iso88597 greek greek8 csisolatingreek " },
	{ .name = "ISO-8859-8",
	  .aliases = " iso88598 iso88598i iso88598e hebrew csisolatinhebrew logical " },
	{ .name = "ISO-8859-9", .aliases = " iso88599 latin5 l5 csisolatin5 " },
	{ .name = "ISO-8859-10", .aliases = " iso885910 latin6 l6 csisolatin6 " },
	{ .name = "ISO-8859-11", .aliases = " iso885911 " },
	{ .name = "ISO-8859-13", .aliases = " iso885913 latin7 l7 " },
	{ .name = "ISO-8859-14", .aliases = " iso885914 latin8 l8 " },
	{ .name = "ISO-8859-15", .aliases = " iso885915 latin9 l9 " },
	{ .name = "ISO-8859-16", .aliases = " iso885916 latin10 l10 " },
	{ .name = "CP1250", .aliases = " windows1250 cp1250 ms1250 win1250 " },
	{ .name = "CP1251", .aliases = " windows1251 cp1251 ms1251 win1251 " },
	{ .name = "CP1252", .aliases = " windows1252 cp1252 ms1252 win1252 ansi " },
	{ .name = "CP1253", .aliases = " windows1253 cp1253 ms1253 win1253 " },
	{ .name = "CP1254", .aliases = " windows1254 cp1254 ms1254 win1254 " },
	{ .name = "CP1255", .aliases = " windows1255 cp1255 ms1255 win1255 " },
	{ .name = "CP1256", .aliases = " windows1256 cp1256 ms1256 win1256 " },
	{ .name = "CP1257", .aliases = " windows1257 cp1257 ms1257 win1257 " },
	{ .name = "CP1258", .aliases = " windows1258 cp1258 ms1258 win1258 " },
	{ .name = "CP874", .aliases = " windows874 cp874 tis620 " },
	{ .name = "CP437", .aliases = " ibm437 cp437 437 " },
	{ .name = "CP850", .aliases = " ibm850 cp850 850 " },
	{ .name = "CP852", .aliases = " ibm852 cp852 852 " },
	{ .name = "CP866", .aliases = " ibm866 cp866 866 " },
	{ .name = "MACINTOSH", .aliases = " macintosh mac macroman csmacintosh " },
	{ .name = "KOI8-R", .aliases = " koi8r koi8 cskoi8r " },
	{ .name = "KOI8-U", .aliases = " koi8u koi8ru " },
	{ .name = "VISCII", .aliases = " viscii csviscii " },
};

/* Those that the C library reads. */
static struct charset {
	const char *name, *aliases;
	bool known;
	iconv_t from;
} CHARSETS[] = {
	{ .name = "GB18030",
	  .aliases = " gb18030 gb2312 gbk euccn gb231280 cp936 ms936 windows936 csgb2312 "
	             "gb23121980 xgbk " },
	{ .name = "BIG5-HKSCS",
	  .aliases = " big5 big5hkscs csbig5 cp950 ms950 windows950 cnbig5 " },
	{ .name = "UHC",
	  .aliases = " euckr ksc56011987 ksc5601 cp949 uhc ms949 windows949 cseuckr ksc56011989 " },
	{ .name = "ISO-2022-KR", .aliases = " iso2022kr csiso2022kr " },
	{ .name = "EUC-JP-MS", .aliases = " eucjp eucjpms cseucpkdfmtjapanese ujis " },
	{ .name = "CP932",
	  .aliases = " shiftjis sjis mskanji windows31j cp932 ms932 csshiftjis cswindows31j " },
	{ .name = "ISO-2022-JP-3",
	  .aliases = " iso2022jp iso2022jp1 iso2022jp2 iso2022jp3 csiso2022jp iso2022jpms " },
	{ .name = "ISO-2022-CN-EXT", .aliases = " iso2022cn iso2022cnext " },
	{ .name = "UTF-7", .aliases = " utf7 unicode11utf7 csunicode11utf7 unicode20utf7 " },
	{ .name = "UTF-16", .aliases = " utf16 unicode ucs2 iso10646ucs2 csunicode " },
	{ .name = "UTF-16LE", .aliases = " utf16le " },
	{ .name = "UTF-16BE", .aliases = " utf16be " },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Read by our own code; and names that name nothing, as some programs write them. */
static const char UTF8[] = " utf8 unicode11utf8 utf8mb4 unicode20utf8 ";
static const char ASCII[] = " usascii ascii ansix341968 ansix341986 iso646us iso646irv1991 646 us "
			    "cp367 ibm367 csascii ";
static const char NONE[] = " unknown8bit xunknown unknown default none xuserdefined 8bit 7bit ";

static void load_bytes(struct bytes_charset *charset)
{
	iconv_t from = iconv_open("UTF-16LE", charset->name);
	unsigned char byte, code[8];
	char *in, *to;
	size_t left, room;
	unsigned i;

	if (from == (iconv_t)-1)
		return;
	for (i = 0; i < 256; i++) {
		byte = (unsigned char)i;
		in = (char *)&byte;
		to = (char *)code;
		left = 1;
		room = sizeof(code);
		iconv(from, NULL, NULL, NULL, NULL);
		if (iconv(from, &in, &left, &to, &room) == 0)
			iconv(from, NULL, NULL, &to, &room);
		if (room == sizeof(code) - 2)
			charset->to[i] = (uint16_t)(code[0] | code[1] << 8);
	}
	iconv_close(from);
	charset->known = true;
}

void charset_load(void)
{
	size_t i;

	for (i = 0; i < COUNT(BYTES); i++)
		if (!BYTES[i].known)
			load_bytes(&BYTES[i]);
	for (i = 0; i < COUNT(CHARSETS); i++) {
		if (CHARSETS[i].known)
			continue;
		CHARSETS[i].from = iconv_open("UTF-8", CHARSETS[i].name);
		CHARSETS[i].known = CHARSETS[i].from != (iconv_t)-1;
	}
}

/* " name ", lower case, letters and digits alone; "  " for one too long to be any. */
static void normal_name(char out[NAME_MAX_LEN + 3], const char *name)
{
	size_t n = 0;
	char c;

	out[n++] = ' ';
	for (; *name; name++) {
		c = *name >= 'A' && *name <= 'Z' ? (char)(*name - 'A' + 'a') : *name;
		if ((c < 'a' || c > 'z') && (c < '0' || c > '9'))
			continue;
		if (n > NAME_MAX_LEN) {
			n = 1;
			out[n++] = ' ';
			break;
		}
		out[n++] = c;
	}
	out[n++] = ' ';
	out[n] = '\0';
}

static void add_utf8(struct buf *out, unsigned c)
{
	if (c < 0x80) {
		buf_addc(out, (char)c);
		return;
	}
	if (c < 0x800) {
		buf_addc(out, (char)(0xC0 | c >> 6));
	} else {
		buf_addc(out, (char)(0xE0 | c >> 12));
		buf_addc(out, (char)(0x80 | (c >> 6 & 0x3F)));
	}
	buf_addc(out, (char)(0x80 | (c & 0x3F)));
}

static enum err look_up(struct buf *out, const struct bytes_charset *charset, const void *bytes,
                        size_t len)
{
	const unsigned char *in = bytes;
	size_t i;

	for (i = 0; i < len; i++) {
		if (in[i] && !charset->to[in[i]])
			return ERR_FORMAT;
		add_utf8(out, charset->to[in[i]]);
	}
	return buf_err(out);
}

static enum err convert(struct buf *out, iconv_t from, const void *bytes, size_t len)
{
	char chunk[CHUNK], *in = (char *)(size_t)bytes, *to;
	size_t left = len, room, rc;

	iconv(from, NULL, NULL, NULL, NULL);
	do {
		to = chunk;
		room = sizeof(chunk);
		rc = iconv(from, &in, &left, &to, &room);
		if (rc == (size_t)-1 && errno != E2BIG)
			return ERR_FORMAT;
		buf_add(out, chunk, sizeof(chunk) - room);
	} while (rc == (size_t)-1 && !buf_err(out));
	to = chunk; /* some hold a last character back until they hear of the end */
	room = sizeof(chunk);
	if (iconv(from, NULL, NULL, &to, &room) == (size_t)-1)
		return ERR_FORMAT;
	buf_add(out, chunk, sizeof(chunk) - room);
	return buf_err(out);
}

static enum err plain(struct buf *out, const void *bytes, size_t len, bool ascii)
{
	const unsigned char *in = bytes;
	size_t i;

	for (i = 0; ascii && i < len; i++)
		if (in[i] >= 0x80)
			return ERR_FORMAT;
	if (!utf8_valid(bytes, len))
		return ERR_FORMAT;
	buf_add(out, bytes, len);
	return buf_err(out);
}

enum err charset_decode(struct buf *out, const char *name, const void *bytes, size_t len)
{
	char normal[NAME_MAX_LEN + 3];
	size_t i;

	normal_name(normal, name ? name : "");
	if (!strcmp(normal, "  ") && (!name || !*name))
		return plain(out, bytes, len, false);
	if (strstr(UTF8, normal) || strstr(NONE, normal))
		return plain(out, bytes, len, false);
	if (strstr(ASCII, normal))
		return plain(out, bytes, len, true);
	for (i = 0; i < COUNT(BYTES); i++)
		if (BYTES[i].known && strstr(BYTES[i].aliases, normal))
			return look_up(out, &BYTES[i], bytes, len);
	for (i = 0; i < COUNT(CHARSETS); i++)
		if (CHARSETS[i].known && strstr(CHARSETS[i].aliases, normal))
			return convert(out, CHARSETS[i].from, bytes, len);
	return ERR_NOT_FOUND;
}
