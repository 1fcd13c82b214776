/* SPDX-License-Identifier: MIT */
#include "receiver/parser/unwrap.h"

#include <string.h>

#include "tests/support.h"

static void assert_flowed(const char *in, bool delsp, const char *want)
{
	struct buf out = BUF_INIT(10000);

	unwrap_flowed(&out, (struct span){ in, strlen(in) }, delsp);
	assert_string_equal(buf_text(&out), want);
	buf_free(&out);
}

static void soft_line_ends_are_joined(void **state)
{
	(void)state;
	assert_flowed("one \ntwo\nthree\n", false, "one two\nthree\n");
	assert_flowed("one \r\ntwo\r\n", false, "one two\n");
	assert_flowed("one \ntwo\n", true, "onetwo\n");
	assert_flowed("one \n\ntwo\n", false, "one \ntwo\n");
	assert_flowed("one ", false, "one \n");
	assert_flowed("", false, "");
}

static void quotes_are_joined_at_their_own_depth(void **state)
{
	(void)state;
	assert_flowed("> one \n> two\n", false, "> one two\n");
	assert_flowed("> one \ntwo\n", false, "> one \ntwo\n");
	assert_flowed(">> one \n> two\n", false, ">> one \n> two\n");
	assert_flowed(">>one \n>>two\n", true, ">> onetwo\n");
}

static void a_signature_line_is_never_joined(void **state)
{
	(void)state;
	assert_flowed("one\n-- \nAnna\n", false, "one\n-- \nAnna\n");
	assert_flowed("one \n-- \nAnna\n", false, "one \n-- \nAnna\n");
	assert_flowed("> -- \n> Anna\n", false, "> -- \n> Anna\n");
}

static void a_stuffed_space_goes(void **state)
{
	(void)state;
	assert_flowed(" From me\n  two\n", false, "From me\n two\n");
}

static void assert_signed(const char *in, const char *want)
{
	struct buf out = BUF_INIT(10000);

	unwrap_signature(&out, (struct span){ in, strlen(in) });
	assert_string_equal(buf_text(&out), want);
	buf_free(&out);
}

#define SIGNED    "-----BEGIN PGP SIGNED MESSAGE-----\n"
#define SIGNATURE "-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n"

static void a_clear_signature_comes_off(void **state)
{
	(void)state;
	assert_signed("A\n\nyours\n", "A\n\nyours\n");
	assert_signed(SIGNED "Hash: SHA256\n\nA\n- -- \nAnna\n" SIGNATURE, "A\n-- \nAnna\n");
	assert_signed("\n\n" SIGNED "\nA\n" SIGNATURE "B\n", "A\n> B\n");
	assert_signed("A\n" SIGNED "\nB\n" SIGNATURE, "A\n" SIGNED "\nB\n" SIGNATURE);
	assert_signed(SIGNED "Hash: SHA256\n", "");
}

static void an_encrypted_text_is_known_by_its_first_line(void **state)
{
	static const char yes[] = "\n -----BEGIN PGP MESSAGE-----\n",
			  no[] = "A\n-----BEGIN PGP MESSAGE-----\n";

	(void)state;
	assert_false(unwrap_is_encrypted((struct span){ yes, sizeof(yes) - 1 })); /* indented */
	assert_true(unwrap_is_encrypted((struct span){ yes + 2, sizeof(yes) - 3 }));
	assert_false(unwrap_is_encrypted((struct span){ no, sizeof(no) - 1 }));
	assert_false(unwrap_is_encrypted((struct span){ "", 0 }));
}

static void every_line_of_a_quotation_is_marked(void **state)
{
	struct buf out = BUF_INIT(1000);

	(void)state;
	unwrap_quote(&out, (struct span){ "A\n\n> B", 6 });
	assert_string_equal(buf_text(&out), "> A\n> \n> > B\n");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(soft_line_ends_are_joined),
		cmocka_unit_test(quotes_are_joined_at_their_own_depth),
		cmocka_unit_test(a_signature_line_is_never_joined),
		cmocka_unit_test(a_stuffed_space_goes),
		cmocka_unit_test(a_clear_signature_comes_off),
		cmocka_unit_test(an_encrypted_text_is_known_by_its_first_line),
		cmocka_unit_test(every_line_of_a_quotation_is_marked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
