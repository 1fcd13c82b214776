/* SPDX-License-Identifier: MIT */
#include "core/mail/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <gmime/gmime.h>

#include "core/mail/address.h"

#define CAP   ((size_t)1 << 20)
#define TOKEN "KDDE-15J4-KZ4R-WX4P-P8QF-JJRE-4R3G"

static struct message plain(void)
{
	return (struct message){
		.from = "vote@example.org",
		.to = "member@example.org",
		.subject = "Your vote",
		.message_id = "a.1@example.org",
		.auto_submitted = "auto-generated",
		.date = 1796126400,
		.text = "Hello\n",
	};
}

static void compose(struct buf *out, const struct message *m)
{
	struct why why = { 0 };

	buf_init(out, CAP);
	assert_int_equal(message_write(out, m, &why), OK);
}

/* An independent reader. */
static GMimeMessage *read_back(const struct buf *b)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(b->data, b->len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *m = g_mime_parser_construct_message(parser, NULL);

	g_object_unref(parser);
	g_object_unref(stream);
	assert_non_null(m);
	return m;
}

static char *part_text(GMimeObject *part)
{
	assert_true(GMIME_IS_TEXT_PART(part));
	return g_mime_text_part_get_text(GMIME_TEXT_PART(part));
}

/* CR LF everywhere, seven bits, 76 characters, nothing that a mailbox file would change. */
static void check_lines(const struct buf *b)
{
	size_t column = 0;

	for (size_t i = 0; i < b->len; i++) {
		unsigned char c = (unsigned char)b->data[i];

		assert_true(c < 0x80);
		assert_true(column || strncmp(b->data + i, "From ", 5) != 0);
		if (c == '\n') {
			assert_true(i && b->data[i - 1] == '\r');
			column = 0;
		} else if (c == '\r') {
			assert_true(b->data[i + 1] == '\n');
		} else {
			assert_true(++column <= 76);
		}
	}
}

static void a_short_ascii_text_travels_as_it_is(void **state)
{
	struct message m = plain();
	struct buf out;

	(void)state;
	compose(&out, &m);
	assert_non_null(strstr(buf_text(&out), "Content-Transfer-Encoding: 7bit\r\n\r\nHello\r\n"));
	assert_non_null(strstr(buf_text(&out), "Date: Tue, 1 Dec 2026 12:00:00 +0000\r\n"));
	assert_non_null(strstr(buf_text(&out), "Message-ID: <a.1@example.org>\r\n"));
	check_lines(&out);
	buf_free(&out);
}

static void automatic_mail_says_so(void **state)
{
	struct message m = plain();
	struct buf out;

	(void)state;
	compose(&out, &m);
	assert_non_null(strstr(buf_text(&out), "\r\nAuto-Submitted: auto-generated\r\n"));
	assert_non_null(strstr(buf_text(&out),
	                       "\r\nX-Auto-Response-Suppress: OOF, AutoReply, RN, NRN\r\n"));
	assert_null(strcasestr(buf_text(&out), "List-Unsubscribe"));
	assert_null(strcasestr(buf_text(&out), "Precedence"));
	buf_free(&out);
}

static void headers_come_back_as_they_were(void **state)
{
	static const char subject[] = "Votre vote à l’étranger : « Congrès » de la fédération des "
				      "Françaises et des Français établis hors de France ÿ 投票";
	static const char name[] =
		"Amélie “O’Brien” du Très-Long-Nom de la Tour d’Auvergne-Lauraguais";
	struct message m = plain();
	InternetAddressList *to;
	GMimeMessage *back;
	struct buf out;

	(void)state;
	m.subject = subject;
	m.to_name = name;
	m.from_name = "Vote, \"Bureau\" \\ 1";
	m.reply_to = "vote+abcdefghjkmnp@example.org";
	m.in_reply_to = "x@y";
	compose(&out, &m);
	check_lines(&out);
	back = read_back(&out);
	assert_string_equal(g_mime_message_get_subject(back), subject);
	to = g_mime_message_get_to(back);
	assert_int_equal(internet_address_list_length(to), 1);
	assert_string_equal(internet_address_get_name(internet_address_list_get_address(to, 0)),
	                    name);
	assert_string_equal(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(
				    internet_address_list_get_address(to, 0))),
	                    "member@example.org");
	assert_string_equal(internet_address_get_name(internet_address_list_get_address(
				    g_mime_message_get_from(back), 0)),
	                    m.from_name);
	assert_string_equal(g_mime_object_get_header(GMIME_OBJECT(back), "In-Reply-To"), "<x@y>");
	g_object_unref(back);
	buf_free(&out);
}

static void both_parts_come_back_byte_for_byte(void **state)
{
	static const char text[] =
		"Bonjour à toutes,\n\n.\nFrom here\n a line of spaces  \n"
		"averyveryveryveryveryveryveryveryveryveryveryveryverylongword"
		"withoutanyplacetobreakitéàùanditgoesonandonandon = =41\n\ttab\n";
	static const char html[] = "<p>é &amp; <a href=\"mailto:a@b?subject=x&amp;body=y\">x</a>\n";
	struct message m = plain();
	GMimeMessage *back;
	GMimeMultipart *both;
	struct buf out;
	char *got;

	(void)state;
	m.text = text;
	m.html = html;
	compose(&out, &m);
	check_lines(&out);
	assert_null(strstr(buf_text(&out), "\r\nFrom here"));
	assert_null(strstr(buf_text(&out), "\r\n.\r\n"));
	back = read_back(&out);
	assert_true(GMIME_IS_MULTIPART(g_mime_message_get_mime_part(back)));
	both = GMIME_MULTIPART(g_mime_message_get_mime_part(back));
	assert_int_equal(g_mime_multipart_get_count(both), 2);
	for (int i = 0; i < 2; i++) {
		const char *want = i ? html : text;
		size_t n = 0;

		got = part_text(g_mime_multipart_get_part(both, i));
		for (char *p = got; *p; p++) /* the reader keeps CR LF */
			if (*p != '\r')
				got[n++] = *p;
		got[n] = 0;
		/* The line feed before the boundary is the boundary's. */
		assert_true(!strncmp(got, want, strlen(want)));
		assert_true(strlen(got) <= strlen(want) + 1);
		g_free(got);
	}
	g_object_unref(back);
	buf_free(&out);
}

static void a_token_is_never_cut(void **state)
{
	struct message m = plain();
	char text[512];
	struct buf out;

	(void)state;
	m.text = text;
	for (int before = 0; before < 120; before++) {
		snprintf(text, sizeof(text), "%.*sé %s and more words after it é\n", before,
		         "word word word word word word word word word word word word word word "
		         "word "
		         "word word word word word word word word word word word word word word ",
		         TOKEN);
		compose(&out, &m);
		check_lines(&out);
		assert_non_null(strstr(buf_text(&out), TOKEN));
		buf_free(&out);
	}
}

/* Wherever a line is broken: between words, or in one. */
static void no_line_begins_as_a_mail_does(void **state)
{
	static const char spaced[] =
		"word word word word word word word word word word word word word "
		"word word word word word word word word word word word word ";
	struct message m = plain();
	char text[512], want[512];
	struct buf out;

	(void)state;
	m.text = text;
	for (int before = 0; before < 240; before++) {
		GMimeMessage *back;
		char *got;

		if (before % 2)
			snprintf(text, sizeof(text), "%.*sFrom here é\n", before / 2, spaced);
		else
			snprintf(text, sizeof(text), "%0*dFrom here é\n", before / 2 + 1, 0);
		compose(&out, &m);
		check_lines(&out);
		back = read_back(&out);
		got = part_text(g_mime_message_get_mime_part(back));
		snprintf(want, sizeof(want), "%.*s\r\n", (int)strcspn(text, "\n"), text);
		assert_string_equal(got, want);
		g_free(got);
		g_object_unref(back);
		buf_free(&out);
	}
}

static void any_text_keeps_to_the_rules_of_the_road(void **state)
{
	unsigned seed = (unsigned)time(NULL);
	struct message m = plain();
	char text[2000];
	struct buf out;

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 400; round++) {
		static const char *const bits[] = { " ",  "\n", "a",   "é", "=", ".",    "From ",
			                            "\t", "投", "xyz", "-", "/", "-- \n" };
		size_t n = 0;

		text[0] = 0;
		for (int i = rand() % 300; i > 0; i--) {
			const char *bit = bits[(size_t)rand() % (sizeof(bits) / sizeof(bits[0]))];

			memcpy(text + n, bit, strlen(bit) + 1);
			n += strlen(bit);
		}
		m.text = text;
		m.html = round % 2 ? text : NULL;
		compose(&out, &m);
		check_lines(&out);
		buf_free(&out);
	}
}

static void a_control_character_in_a_header_is_refused(void **state)
{
	static const char evil[] = "a\r\nBcc: x@y";
	struct buf out = BUF_INIT(CAP);
	struct message m;

	(void)state;
#define REFUSED(field)                                                                             \
	m = plain();                                                                               \
	m.field = evil;                                                                            \
	assert_int_equal(message_write(&out, &m, NULL), ERR_FORMAT)
	REFUSED(subject);
	REFUSED(to_name);
	REFUSED(from_name);
	REFUSED(to);
	REFUSED(from);
	REFUSED(reply_to);
	REFUSED(message_id);
	REFUSED(in_reply_to);
	REFUSED(language);
#undef REFUSED
	m = plain();
	m.text = "a\rb";
	assert_int_equal(message_write(&out, &m, NULL), ERR_FORMAT);
	m.text = "\xff";
	assert_int_equal(message_write(&out, &m, NULL), ERR_FORMAT);
	assert_int_equal(out.len, 0);
	buf_free(&out);
}

static void an_address_that_would_be_a_command_is_no_address(void **state)
{
	static const char *const bad[] = {
		"",       "a",     "@b",    "a@",       "a@b@c", "a b@c", "a@b\r\nRCPT TO:<x@y>",
		"<a@b>",  "a@b>",  "a@b c", "\"a\" @b", "a@-b",  "a@b-",  "a@b..c",
		"a@.b",   "a\\@b", "a,b@c", "a;b@c",    "a@b_c", "a\t@b", "a@b\x7f",
		"\xff@b", "(x)a@b"
	};
	static const char *const good[] = { "a@b",
		                            "a.b+c=d@example.org",
		                            "o'brien@b.example",
		                            "a@xn--bcher-kva.example",
		                            "a@bücher.example",
		                            "é@example.org" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(address_ok(bad[i]));
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(address_ok(good[i]));
	assert_false(address_ok(NULL));
	assert_false(address_ascii("é@example.org"));
	assert_true(address_ascii("a@bücher.example"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_ascii_text_travels_as_it_is),
		cmocka_unit_test(automatic_mail_says_so),
		cmocka_unit_test(headers_come_back_as_they_were),
		cmocka_unit_test(both_parts_come_back_byte_for_byte),
		cmocka_unit_test(a_token_is_never_cut),
		cmocka_unit_test(no_line_begins_as_a_mail_does),
		cmocka_unit_test(any_text_keeps_to_the_rules_of_the_road),
		cmocka_unit_test(a_control_character_in_a_header_is_refused),
		cmocka_unit_test(an_address_that_would_be_a_command_is_no_address),
	};

	g_mime_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
