/* SPDX-License-Identifier: MIT */
#include "mailer/scrub.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "core/token.h"

static void becomes(const char *text, const char *wanted)
{
	char copy[2048];

	snprintf(copy, sizeof(copy), "%s", text);
	scrub_text(copy);
	assert_string_equal(copy, wanted);
}

static void words_stay(void **state)
{
	(void)state;
	becomes("550 5.1.1 <a.b@c.test>: Recipient address\r\n    rejected: User unknown",
	        "550 5.1.1 <a.b@c.test>: Recipient address rejected: User unknown");
	becomes("mail-inbound.example.net [192.0.2.25]", "mail-inbound.example.net [192.0.2.25]");
	becomes("Boîte pleine", "Boîte pleine");
	becomes("bounce+0123456789abc@vote.test", "bounce+0123456789abc@vote.test");
	becomes("this mail comes back", "this mail comes back");
	becomes("", "");
}

static void what_breaks_a_terminal_or_a_table_goes(void **state)
{
	(void)state;
	becomes("a\033[2Jb", "a?[2Jb");
	becomes("\xff\xfe x \n\n y", "?? x y");
	becomes("a\xe2\x80\xae"
	        "b",
	        "a?b");
}

/* Whatever stands around it, no beginning of it that is worth anything is left. */
static void no_token_is_left(void **state)
{
	static const char *const joints[] = { "-",        "",        " ",      "%2D",
		                              "=2D",      "_",       "- ",     "=\r\n",
		                              " - ",      ".",       "\\-",    "\xe2\x80\x91",
		                              "&#45;",    "&#8209;", "-<wbr>", ", ",
		                              "</b><b>-", "–" };
	const unsigned n_joints = sizeof(joints) / sizeof(joints[0]);
	unsigned char coded[200];
	char text[TOKEN_TEXT_MAX], line[600];
	struct token token;

	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		size_t n = 0;

		randombytes_buf(token.bytes, sizeof(token.bytes));
		token_write(text, &token);
		n += (size_t)snprintf(line, sizeof(line), "said: 550 VOTE ");
		for (unsigned g = 0; g < 7; g++)
			n += (size_t)snprintf(line + n, sizeof(line) - n, "%.4s%s", text + g * 5,
			                      joints[round % n_joints]);
		snprintf(line + n, sizeof(line) - n, ", end");
		scrub_text(line);
		for (unsigned g = 0; g < 3; g++) {
			char two[12];

			snprintf(two, sizeof(two), "%.4s", text + g * 5);
			if (strstr(line, two) && strlen(line) > 40)
				fail_msg("%s", line);
		}
		sodium_bin2base64((char *)coded, sizeof(coded), (unsigned char *)text, 34,
		                  sodium_base64_VARIANT_ORIGINAL);
		snprintf(line, sizeof(line), "x %s y", (char *)coded);
		scrub_text(line);
		assert_true(strlen(line) < 24);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_stay),
		cmocka_unit_test(what_breaks_a_terminal_or_a_table_goes),
		cmocka_unit_test(no_token_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
