/* SPDX-License-Identifier: MIT */
#include "mailer/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "tests/unit/temp.h"

/* The records of a text, fields joined by '|', records by a line feed; then the error. */
static void expect(void **state, const char *text, const char *records, enum err end,
                   const char *says)
{
	struct buf got = BUF_INIT(4096);
	struct why why = { 0 };
	struct csv c;
	enum err e;

	assert_int_equal(csv_open(&c, temp_text(state, "a.csv", text), &why), OK);
	while (!(e = csv_next(&c, &why))) {
		for (unsigned i = 0; i < c.fields; i++)
			buf_addf(&got, "%s%s", i ? "|" : "", csv_field(&c, i));
		buf_addc(&got, '\n');
	}
	assert_int_equal(e, end);
	assert_string_equal(buf_text(&got), records);
	if (says)
		assert_non_null(strstr(why.text, says));
	csv_close(&c);
	buf_free(&got);
}

static void rfc_4180_is_read(void **state)
{
	expect(state, "a,b\r\n1,2\r\n", "a|b\n1|2\n", ERR_NOT_FOUND, NULL);
	expect(state, "a,b\n1,2", "a|b\n1|2\n", ERR_NOT_FOUND, NULL);
	expect(state, "\"a,\"\"b\"\"\",\"\"\n", "a,\"b\"|\n", ERR_NOT_FOUND, NULL);
	expect(state, "\"two\nlines\",x\n", "two\nlines|x\n", ERR_NOT_FOUND, NULL);
	expect(state, ",,\n", "||\n", ERR_NOT_FOUND, NULL);
	expect(state, "", "", ERR_NOT_FOUND, NULL);
	expect(state, "\n\r\n\na\n\n", "a\n", ERR_NOT_FOUND, NULL);
}

static void a_byte_order_mark_is_no_text(void **state)
{
	expect(state, "\xef\xbb\xbfid,b\n", "id|b\n", ERR_NOT_FOUND, NULL);
}

static void mistakes_are_named_with_their_line(void **state)
{
	expect(state, "a\n\n\"b\nc", "a\n", ERR_FORMAT, "a.csv:3: a quote that is never closed");
	expect(state, "a\nb\"c\n", "a\n", ERR_FORMAT, "a.csv:2: a quote within a field");
	expect(state, "\"a\"b\n", "", ERR_FORMAT, "a.csv:1: text after a closing quote");
	expect(state, "a\rb\n", "", ERR_FORMAT, "a.csv:1: a carriage return");
	expect(state, "a\nb\xe9\n", "a\n", ERR_FORMAT, "a.csv:2: not UTF-8");
}

static void a_line_after_one_of_two_is_counted_right(void **state)
{
	expect(state, "\"a\nb\"\nc\"\n", "a\nb\n", ERR_FORMAT, "a.csv:3: ");
}

static void a_zero_byte_is_refused(void **state)
{
	struct why why = { 0 };
	struct csv c;

	assert_int_equal(csv_open(&c, temp_file(state, "a.csv", "a\0b\n", 4), &why), OK);
	assert_int_equal(csv_next(&c, &why), ERR_FORMAT);
	csv_close(&c);
}

static void caps_are_kept(void **state)
{
	char *text = malloc(CSV_LINE_MAX + 100);

	assert_non_null(text);
	memset(text, 'a', CSV_FIELD_MAX);
	text[CSV_FIELD_MAX] = 0;
	expect(state, text, strcat(strcpy(text + 2000, text), "\n"), ERR_NOT_FOUND, NULL);
	strcat(text, "a");
	expect(state, text, "", ERR_TOO_LARGE, "a.csv:1: a field of more than 1,000 bytes");
	memset(text, ',', 64);
	text[64] = 0;
	expect(state, text, "", ERR_TOO_LARGE, "a.csv:1: more than 64 columns");
	free(text);
}

/* 100 MB of one line: refused after a thousand bytes, never held. */
static void a_line_of_100_mb_is_never_held(void **state)
{
	const char *path = temp_path(state, "huge.csv");
	FILE *f = fopen(path, "w");
	char *piece = malloc((size_t)1 << 20);
	struct why why = { 0 };
	struct csv c;

	assert_non_null(f);
	assert_non_null(piece);
	/* Many short quoted fields would go over the line's cap, too. */
	memset(piece, 'a', (size_t)1 << 20);
	for (int i = 0; i < 100; i++)
		assert_int_equal(fwrite(piece, 1, (size_t)1 << 20, f), (size_t)1 << 20);
	fclose(f);
	free(piece);
	assert_int_equal(csv_open(&c, path, &why), OK);
	assert_int_equal(csv_next(&c, &why), ERR_TOO_LARGE);
	assert_true(c.text.room <= 2048);
	csv_close(&c);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, temp_setup, temp_teardown)
	const struct CMUnitTest tests[] = {
		TEST(rfc_4180_is_read),
		TEST(a_byte_order_mark_is_no_text),
		TEST(mistakes_are_named_with_their_line),
		TEST(a_line_after_one_of_two_is_counted_right),
		TEST(a_zero_byte_is_refused),
		TEST(caps_are_kept),
		TEST(a_line_of_100_mb_is_never_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
