/* SPDX-License-Identifier: MIT */
#include "receiver/parser/charset.h"

#include <string.h>

#include "tests/support.h"

static struct buf text;

static enum err decode(const char *name, const char *bytes, size_t len)
{
	buf_clear(&text);
	return charset_decode(&text, name, bytes, len);
}

static void assert_decodes(const char *name, const char *bytes, const char *want)
{
	enum err e = decode(name, bytes, strlen(bytes));

	if (e || strcmp(buf_text(&text), want) != 0)
		fail_msg("%s: error %d, \"%s\" for \"%s\"", name, (int)e, buf_text(&text), want);
}

static void assert_refuses(const char *name, const char *bytes)
{
	if (decode(name, bytes, strlen(bytes)) != ERR_FORMAT)
		fail_msg("%s reads \"%s\" as \"%s\"", name, bytes, buf_text(&text));
}

static void each_charset_reads_what_it_writes(void **state)
{
	(void)state;
	assert_decodes("utf-8", "tr\303\250s", "tr\303\250s");
	assert_decodes("UTF8", "\342\202\254", "\342\202\254");
	assert_decodes(NULL, "tr\303\250s", "tr\303\250s");
	assert_decodes("", "A", "A");
	assert_decodes("us-ascii", "A", "A");
	assert_decodes("ANSI_X3.4-1968", "A", "A");
	assert_decodes("iso-8859-1", "tr\350s", "tr\303\250s");
	assert_decodes("ISO_8859-15", "\244", "\342\202\254");
	assert_decodes("latin1", "\351", "\303\251");
	assert_decodes("windows-1252", "\200", "\342\202\254");
	assert_decodes("cp1251", "\304\340", "\320\224\320\260");
	assert_decodes("koi8-r", "\344\301", "\320\224\320\260");
	assert_decodes("koi8-u", "\247", "\321\227");
	assert_decodes("ISO-8859-8-I", "\351", "\327\231");
	assert_decodes("iso-8859-6", "\307", "\330\247");
	assert_decodes("windows-1255", "\371", "\327\251");
	assert_decodes("gb2312", "\272\303", "\345\245\275");
	assert_decodes("gb2312", "\x81\x39\xEE\x39", "\343\220\200"); /* only in GB18030 */
	assert_decodes("big5", "\246n", "\345\245\275");
	assert_decodes("euc-kr", "\301\301", "\354\242\213");
	assert_decodes("ks_c_5601-1987", "\301\301", "\354\242\213");
	assert_decodes("euc-jp", "\244\350", "\343\202\210");
	assert_decodes("shift_jis", "\202\346", "\343\202\210");
	assert_decodes("iso-2022-jp", "\033$B$h\033(BA", "\343\202\210A");
	assert_decodes("utf-7", "tr+AOg-s", "tr\303\250s");
	assert_decodes("unicode-1-1-utf-7", "+AEE-", "A");
	assert_decodes("x-unknown", "A", "A");
	assert_int_equal(decode("utf-16le", "A\0\350\0", 4), OK);
	assert_string_equal(text.data, "A\303\250");
}

static void what_does_not_belong_is_refused_never_dropped(void **state)
{
	(void)state;
	assert_refuses("us-ascii", "A\361");
	assert_refuses("utf-8", "A\361");
	assert_refuses("utf-8", "\300\201");
	assert_refuses("utf-8", "\355\240\200");
	assert_refuses("utf-8", "tr\303");
	assert_refuses(NULL, "A\361");
	assert_refuses("windows-1252", "A\201");
	assert_refuses("iso-8859-6", "\241");
	assert_refuses("gb18030", "A\377");
	assert_refuses("big5", "\246");
	assert_refuses("shift_jis", "\202");
	assert_refuses("euc-kr", "\301\x01");
	assert_refuses("iso-2022-jp", "\033$B\176\176");
	assert_int_equal(decode("utf-16le", "A\0\330", 3), ERR_FORMAT);
}

static void a_name_that_nobody_knows_is_said(void **state)
{
	(void)state;
	assert_int_equal(decode("x-klingon", "A", 1), ERR_NOT_FOUND);
	assert_int_equal(decode("iso", "A", 1), ERR_NOT_FOUND);
	assert_int_equal(decode("-", "A", 1), ERR_NOT_FOUND);
	assert_int_equal(decode("8859", "A", 1), ERR_NOT_FOUND);
	assert_int_equal(decode("utf-8//IGNORE", "A", 1), ERR_NOT_FOUND);
	assert_int_equal(decode("0123456789012345678901234567890123456789012345", "A", 1),
	                 ERR_NOT_FOUND);
}

static void one_mail_leaves_nothing_for_the_next(void **state)
{
	(void)state;
	assert_int_equal(decode("iso-2022-jp", "\033$B$h", 5), OK);
	assert_decodes("iso-2022-jp", "A", "A");
	assert_refuses("big5", "\246");
	assert_decodes("big5", "nA", "nA");
}

static void long_texts_come_through_whole(void **state)
{
	struct buf in = BUF_INIT(100000);
	unsigned i;

	(void)state;
	for (i = 0; i < 20000; i++)
		buf_adds(&in, "\272\303");
	assert_int_equal(decode("gbk", in.data, in.len), OK);
	assert_int_equal(text.len, 60000);
	buf_free(&in);
}

static int setup(void **state)
{
	(void)state;
	buf_init(&text, 1u << 20);
	charset_load();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_free(&text);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_charset_reads_what_it_writes),
		cmocka_unit_test(what_does_not_belong_is_refused_never_dropped),
		cmocka_unit_test(a_name_that_nobody_knows_is_said),
		cmocka_unit_test(one_mail_leaves_nothing_for_the_next),
		cmocka_unit_test(long_texts_come_through_whole),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
