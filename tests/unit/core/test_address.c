/* SPDX-License-Identifier: MIT */
#include "core/mail/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void a_quoted_part_keeps_to_its_grammar(void **state)
{
	static const char *const good[] = { "\"john doe\"@example.org",
		                            "\"a@b\"@example.org",
		                            "\"a<b>,;:\"@x",
		                            "\"\\\"\"@x",
		                            "\"\\\\\"@x",
		                            "\"..\"@x" };
	static const char *const bad[] = { "\"\"@x",      "\"a@x",        "\"a\"b@x",   "a\"b\"@x",
		                           "\"a\nb\"@x",  "\"a\\\nb\"@x", "\"a\tb\"@x", "\"é\"@x",
		                           "\"a\" @x",    "\"a\"",        "\"a\\\"@x",  "\"a\"@",
		                           "\"a\x7f\"@x", "\"\\é\"@x",    "\"a\"@\"b\"" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!address_ok(good[i]))
			fail_msg("%s is one", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (address_ok(bad[i]))
			fail_msg("%s is none", bad[i]);
}

static void sizes_are_those_of_the_envelope(void **state)
{
	char text[400];

	(void)state;
	snprintf(text, sizeof(text), "%064d@example.org", 0);
	assert_true(address_ok(text));
	snprintf(text, sizeof(text), "%065d@example.org", 0);
	assert_false(address_ok(text));
	snprintf(text, sizeof(text), "a@%063d.%063d.%063d.%060d", 0, 0, 0, 0);
	assert_true(address_ok(text));
	snprintf(text, sizeof(text), "a@%063d.%063d.%063d.%061d", 0, 0, 0, 0);
	assert_false(address_ok(text));
}

/* As registries have it since 2010: a sharp s is a letter of its own. */
static void a_domain_goes_out_in_its_ascii_form(void **state)
{
	static const char *const cases[][2] = {
		{ "a@Example.ORG", "a@example.org" },
		{ "A.b@bücher.example", "A.b@xn--bcher-kva.example" },
		{ "a@BÜCHER.example", "a@xn--bcher-kva.example" },
		{ "a@faß.example", "a@xn--fa-hia.example" },
		{ "a@почта.example", "a@xn--80a1acny.example" },
		{ "a@例え.テスト", "a@xn--r8jz45g.xn--zckzah" },
		{ "zoé@bücher.example", "zoé@xn--bcher-kva.example" },
		{ "\"a@b\"@Example.org", "\"a@b\"@example.org" },
	};
	char out[ADDRESS_BYTES + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(address_wire(out, cases[i][0]));
		assert_string_equal(out, cases[i][1]);
		assert_true(address_domain(out, cases[i][0]));
		assert_string_equal(out, strrchr(cases[i][1], '@') + 1);
	}
	assert_false(address_wire(out, "a@\xE2\x80\x8D.example"));
	assert_string_equal(out, "");
	assert_false(address_domain(out, "nobody"));
	assert_string_equal(out, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quoted_part_keeps_to_its_grammar),
		cmocka_unit_test(sizes_are_those_of_the_envelope),
		cmocka_unit_test(a_domain_goes_out_in_its_ascii_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
