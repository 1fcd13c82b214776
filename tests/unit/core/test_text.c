/* SPDX-License-Identifier: MIT */
#include "tests/support.h"

#include <string.h>

#include "core/group.h"
#include "core/text.h"

static void base64_has_one_form(void **state)
{
	static const char *const bad[] = { "A",
		                           "AA=",
		                           "AB",
		                           "A A",
		                           "AA\n",
		                           "A+",
		                           "A/",
		                           "A=",
		                           "AAB",
		                           "\x80"
		                           "A",
		                           "A\xC3",
		                           "\xD2\xAD",
		                           "\xC3\xA9"
		                           "A" };
	unsigned char byte[2];
	struct buf out = BUF_INIT(64);
	size_t i;

	(void)state;
	assert_ok(b64_read(byte, 1, "AA", 2), NULL);
	assert_ok(b64_read(byte, 2, "__8", 3), NULL);
	assert_int_equal(byte[0], 0xff);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(b64_read(byte, 1, bad[i], strlen(bad[i])), ERR_FORMAT);
		buf_clear(&out);
		assert_int_equal(b64_read_buf(&out, bad[i], strlen(bad[i])), ERR_FORMAT);
	}
	buf_free(&out);
}

static void base64_comes_back(void **state)
{
	uint64_t seed = support_seed();
	unsigned char in[100];
	size_t len, i;

	(void)state;
	for (len = 0; len <= sizeof(in); len++) {
		struct buf text = BUF_INIT(200), back = BUF_INIT(200);

		for (i = 0; i < len; i++)
			in[i] = (unsigned char)support_random(&seed);
		b64_add(&text, in, len);
		assert_int_equal(text.len, B64_LEN(len));
		assert_ok(b64_read_buf(&back, buf_text(&text), text.len), NULL);
		assert_int_equal(back.len, len);
		if (len)
			assert_memory_equal(back.data, in, len);
		buf_free(&text);
		buf_free(&back);
	}
}

static void numbers_are_plain(void **state)
{
	static const char *const bad[] = { "",
		                           "01",
		                           "+1",
		                           "-1",
		                           "1.0",
		                           "1e3",
		                           " 1",
		                           "0x1",
		                           "9007199254740992",
		                           "99999999999999999" };
	uint64_t n;
	size_t i;

	(void)state;
	assert_ok(number_read(&n, "0", 1), NULL);
	assert_ok(number_read(&n, "9007199254740991", 16), NULL);
	assert_true(n == (UINT64_C(1) << 53) - 1);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(number_read(&n, bad[i], strlen(bad[i])), ERR_FORMAT);
}

static void times_exist(void **state)
{
	static const char *const bad[] = {
		"2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
		"2026-12-01T24:00:00Z", "2026-12-01T12:60:00Z", "2026-12-01T12:00:60Z",
		"1969-12-31T23:59:59Z", "2026-12-01 12:00:00Z", "2026-12-01T12:00:00z",
		"2026-12-01T12:00:00+", "2026-12-1T12:00:00Z",  "2100-02-29T00:00:00Z",
	};
	uint64_t t, want, seed = support_seed();
	char text[TIME_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(time_read(&t, bad[i], strlen(bad[i])), ERR_FORMAT);
	assert_ok(time_read(&t, "1970-01-01T00:00:00Z", 20), NULL);
	assert_true(t == 0);
	assert_ok(time_read(&t, "2000-02-29T12:34:56Z", 20), NULL);
	assert_true(t == 951827696);
	assert_ok(time_read(&t, "9999-12-31T23:59:59Z", 20), NULL);
	assert_true(t == UINT64_C(253402300799));
	for (i = 0; i < 2000; i++) {
		want = support_random(&seed) % UINT64_C(253402300800);
		time_write(text, want);
		assert_ok(time_read(&t, text, strlen(text)), NULL);
		assert_true(t == want);
	}
}

static void strings_hold_no_hidden_signs(void **state)
{
	static const char clean[] = "Fédération « d’essai » 投票 \xf0\x9f\x97\xb3";
	static const char *const bad[] = {
		"a\nb",         "\x7f",         "\xc2\x80", "\xe2\x80\xae",     "\xe2\x81\xa6",
		"\xd8\x9c",     "\xed\xa0\x80", "\xc0\xaf", "\xf4\x90\x80\x80", "\xe2\x80",
		"\xe2\x80\x8f", "\xff",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(text_clean(bad[i], strlen(bad[i])));
	assert_false(text_clean("a\0b", 3));
	assert_true(text_clean(clean, strlen(clean)));
	assert_true(text_blank(" \xc2\xa0\xe3\x80\x80", 6));
	assert_false(text_blank("  x", 3));
}

static void a_buffer_keeps_its_first_failure(void **state)
{
	struct buf b = BUF_INIT(4);

	(void)state;
	buf_adds(&b, "abc");
	buf_adds(&b, "de");
	buf_adds(&b, "f");
	assert_int_equal(buf_err(&b), ERR_TOO_LARGE);
	assert_string_equal(buf_text(&b), "abc");
	buf_clear(&b);
	buf_addf(&b, "%d", 1234);
	assert_ok(buf_err(&b), NULL);
	assert_string_equal(buf_text(&b), "1234");
	buf_free(&b);
	assert_string_equal(buf_text(&b), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_has_one_form),
		cmocka_unit_test(base64_comes_back),
		cmocka_unit_test(numbers_are_plain),
		cmocka_unit_test(times_exist),
		cmocka_unit_test(strings_hold_no_hidden_signs),
		cmocka_unit_test(a_buffer_keeps_its_first_failure),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
