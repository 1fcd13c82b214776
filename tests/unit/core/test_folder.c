/* SPDX-License-Identifier: MIT */
#include "core/mail/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void a_name_is_written_as_imap_wants_it(void **state)
{
	/* The last one is RFC 3501's own. */
	static const char *const names[][3] = {
		{ "INBOX", "INBOX", "INBOX" },
		{ "INBOX/a b", "INBOX/a b", "INBOX%2Fa%20b" },
		{ "Réponses", "R&AOk-ponses", "R%26AOk-ponses" },
		{ "Tom & Jerry", "Tom &- Jerry", "Tom%20%26-%20Jerry" },
		{ "x;UID=1?y#z", "x;UID=1?y#z", "x%3BUID%3D1%3Fy%23z" },
		{ "~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-",
		  "%7Epeter%2Fmail%2F%26U%2CBTFw-%2F%26ZeVnLIqe-" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct buf out = BUF_INIT(2000);

		assert_int_equal(folder_write(&out, names[i][0], NULL), OK);
		assert_string_equal(buf_text(&out), names[i][1]);
		buf_clear(&out);
		assert_int_equal(folder_url(&out, names[i][0], NULL), OK);
		assert_string_equal(buf_text(&out), names[i][2]);
		buf_free(&out);
	}
}

static void the_longest_name_is_written_whole(void **state)
{
	struct buf out = BUF_INIT(4000);
	char name[FOLDER_MAX + 2] = "";

	(void)state;
	while (strlen(name) + 3 <= FOLDER_MAX)
		strcat(name, "é.");
	assert_int_equal(folder_write(&out, name, NULL), OK);
	assert_int_equal(out.len, 85 * 6);
	memset(name, 'x', FOLDER_MAX + 1);
	assert_int_equal(folder_write(&out, name, NULL), ERR_SETTINGS);
	buf_free(&out);
}

static void no_name_holds_a_command(void **state)
{
	static const char *const names[] = { "",
		                             "a\r\nA9 DELETE b",
		                             "a\nb",
		                             "a\"b",
		                             "a\\b",
		                             "%0d%0a",
		                             "a*",
		                             "\xc3",
		                             "a\x7f"
		                             "b",
		                             "a\u202e"
		                             "b" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct buf out = BUF_INIT(2000);
		struct why why = { 0 };

		assert_int_equal(folder_write(&out, names[i], &why), ERR_SETTINGS);
		assert_int_equal(folder_url(&out, names[i], &why), ERR_SETTINGS);
		assert_int_equal(out.len, 0);
		assert_true(why.text[0] != 0);
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_written_as_imap_wants_it),
		cmocka_unit_test(the_longest_name_is_written_whole),
		cmocka_unit_test(no_name_holds_a_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
