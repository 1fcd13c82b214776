/* SPDX-License-Identifier: MIT */
#include "mailer/mint.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support.h"

/* Every token, handle and credential of a worked example. */
static void check_example(const char *path)
{
	unsigned char key[2][32], handle_key[32], election[32], want[32];
	json_t *root = support_json(path), *list = json_object_get(root, "tokens");
	size_t i;
	json_t *one;

	support_hex(key[0], 32, root, "token_key");
	support_hex(key[1], 32, root, "token_key_2");
	support_hex(handle_key, 32, root, "handle_key");
	support_hex(election, 32, root, "election");
	assert_true(json_array_size(list) > 0);
	json_array_foreach(list, i, one)
	{
		const char *id = json_string_value(json_object_get(one, "member_id"));
		const char *which = json_string_value(json_object_get(one, "key"));
		char handle[HANDLE_TEXT], written[TOKEN_TEXT_MAX];
		struct point credential;
		struct token token;

		mint_token(&token, key[!strcmp(which, "token_key_2")], election,
		           (uint32_t)json_integer_value(json_object_get(one, "generation")), id,
		           strlen(id));
		support_hex(want, TOKEN_BYTES, one, "token");
		assert_memory_equal(token.bytes, want, TOKEN_BYTES);
		token_write(written, &token);
		assert_string_equal(written, json_string_value(json_object_get(one, "written")));
		mint_handle(handle, handle_key, election, id, strlen(id));
		assert_string_equal(handle, json_string_value(json_object_get(one, "handle")));
		mint_credential(&credential, election, &token, NULL);
		support_hex(want, 32, one, "credential");
		assert_memory_equal(credential.bytes, want, 32);
	}
	json_decref(root);
}

static void what_is_minted_is_what_the_examples_hold(void **state)
{
	(void)state;
	check_example("vectors/one-question/secrets.json");
	check_example("vectors/three-questions/secrets.json");
	check_example("vectors/rotated/secrets.json");
	check_example("vectors/edges/secrets.json");
}

static void a_handle_never_ends_in_a_one_bit_and_reads_as_one(void **state)
{
	char handle[HANDLE_TEXT];
	struct token token;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		mint_dummy(&token, handle);
		assert_true(handle_ok(handle));
	}
}

static void a_dummy_token_is_well_formed_and_new_each_time(void **state)
{
	char handle[HANDLE_TEXT], text[TOKEN_TEXT_MAX];
	struct token one, two, back;

	(void)state;
	mint_dummy(&one, handle);
	mint_dummy(&two, handle);
	assert_memory_not_equal(one.bytes, two.bytes, TOKEN_BYTES);
	token_write(text, &one);
	assert_int_equal(token_read(&back, text, strlen(text)), OK);
	assert_memory_equal(back.bytes, one.bytes, TOKEN_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_minted_is_what_the_examples_hold),
		cmocka_unit_test(a_handle_never_ends_in_a_one_bit_and_reads_as_one),
		cmocka_unit_test(a_dummy_token_is_well_formed_and_new_each_time),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
