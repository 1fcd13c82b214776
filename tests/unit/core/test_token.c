/* SPDX-License-Identifier: MIT */
#include "tests/support.h"

#include <stdio.h>
#include <string.h>

#include "core/credential.h"
#include "core/token.h"

static const char *const worked[] = { "one-question", "three-questions", "edges", "rotated" };

static void check_one(const json_t *row, const unsigned char election[HASH_BYTES])
{
	unsigned char want[TOKEN_BYTES], secret[32], credential[32];
	const char *text = json_string_value(json_object_get(row, "written"));
	char written[TOKEN_TEXT_MAX];
	struct token token;
	struct scalar s;
	struct point c;

	support_hex(want, sizeof(want), row, "token");
	support_hex(secret, sizeof(secret), row, "secret");
	support_hex(credential, sizeof(credential), row, "credential");
	assert_ok(token_read(&token, text, strlen(text)), NULL);
	assert_memory_equal(token.bytes, want, sizeof(want));
	token_write(written, &token);
	assert_string_equal(written, text);
	credential_secret(&s, election, &token, NULL);
	assert_memory_equal(s.bytes, secret, sizeof(secret));
	point_base(&c, &s);
	assert_memory_equal(c.bytes, credential, sizeof(credential));
}

static void worked_tokens_and_credentials(void **state)
{
	unsigned char election[HASH_BYTES];
	char path[128];
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(worked) / sizeof(*worked); i++) {
		json_t *secrets, *tokens;

		snprintf(path, sizeof(path), "vectors/%s/secrets.json", worked[i]);
		secrets = support_json(path);
		tokens = json_object_get(secrets, "tokens");
		support_hex(election, sizeof(election), secrets, "election");
		assert_true(json_array_size(tokens) > 0);
		for (j = 0; j < json_array_size(tokens); j++)
			check_one(json_array_get(tokens, j), election);
		json_decref(secrets);
	}
}

static void a_token_is_read_as_people_type_it(void **state)
{
	static const char text[] = "JWFZ-PTC5-MN1C-SK7C-KTG2-W3D3-PEKJ";
	static const char *const forms[] = {
		"jwfzptc5mn1csk7cktg2w3d3pekj",
		"  jwfz ptc5 mnLc sk7c-ktg2--w3d3 pekj ",
		"JWFZ-PTC5-MNIC-SK7C-KTG2-W3D3-PEKJ",
		"J-W-F-Z-PTC5-MN1C-SK7C-KTG2-W3D3-PEKJ",
	};
	struct token want, got;
	size_t i;

	(void)state;
	assert_ok(token_read(&want, text, strlen(text)), NULL);
	for (i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		assert_ok(token_read(&got, forms[i], strlen(forms[i])), NULL);
		assert_memory_equal(&want, &got, sizeof(got));
	}
}

/* Twelve check bits: one changed character passes in one case of 4,096 at the most, and none
 * does here. */
static void a_mistyped_token_is_refused(void **state)
{
	static const char text[] = "JWFZPTC5MN1CSK7CKTG2W3D3PEKJ";
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	struct token token, none = { { 0 } };
	unsigned passed = 0;
	char typed[32];
	size_t i, j;

	(void)state;
	for (i = 0; i < TOKEN_CHARS; i++) {
		for (j = 0; j < 32; j++) {
			memcpy(typed, text, sizeof(text));
			if (typed[i] == digits[j])
				continue;
			typed[i] = digits[j];
			if (token_read(&token, typed, TOKEN_CHARS) == OK)
				passed++;
			else
				assert_memory_equal(&token, &none, sizeof(none));
		}
	}
	assert_true(passed <= 2);
	assert_int_equal(token_read(&token, text, TOKEN_CHARS - 1), ERR_FORMAT);
	assert_int_equal(token_read(&token, "JWFZPTC5MN1CSK7CKTG2W3D3PEKJ0", 29), ERR_FORMAT);
	assert_int_equal(token_read(&token, "JWFZPTC5MN1CSK7CKTG2W3D3PEKU", 28), ERR_FORMAT);
	assert_int_equal(token_read(&token, "", 0), ERR_FORMAT);
}

static void the_worked_second_factor(void **state)
{
	json_t *f = support_json("vectors/factor.json");
	const char *typed = json_string_value(json_object_get(f, "typed"));
	unsigned char election[32], factor[32], want[32], got[32];
	char text[FACTOR_TEXT_MAX];
	struct token token;
	struct scalar s;
	struct point c;

	(void)state;
	support_hex(election, 32, f, "election");
	support_hex(token.bytes, TOKEN_BYTES, f, "token");
	assert_ok(credential_factor_text(text, typed, strlen(typed)), NULL);
	assert_string_equal(text, json_string_value(json_object_get(f, "password")));
	assert_ok(credential_factor(factor, election, &token, typed, strlen(typed)), NULL);
	support_hex(want, 32, f, "factor");
	assert_memory_equal(factor, want, 32);
	credential_secret(&s, election, &token, factor);
	support_hex(want, 32, f, "secret");
	assert_memory_equal(s.bytes, want, 32);
	point_base(&c, &s);
	support_hex(got, 32, f, "credential");
	assert_memory_equal(c.bytes, got, 32);
	json_decref(f);
}

static void a_second_factor_has_4_to_64_plain_characters(void **state)
{
	char text[FACTOR_TEXT_MAX], many[66];

	(void)state;
	memset(many, 'a', sizeof(many));
	assert_int_equal(credential_factor_text(text, "a.b-c", 5), ERR_FORMAT);
	assert_ok(credential_factor_text(text, "a.b-c d", 7), NULL);
	assert_string_equal(text, "ABCD");
	assert_int_equal(credential_factor_text(text,
	                                        "ab\xc3\xa9"
	                                        "d",
	                                        5),
	                 ERR_FORMAT);
	assert_ok(credential_factor_text(text, many, 64), NULL);
	assert_int_equal(credential_factor_text(text, many, 65), ERR_FORMAT);
	assert_int_equal(strlen(text), 0);
}

/* One factor and the secret that it makes, for what somebody typed. */
static void derive(struct scalar *secret, const unsigned char election[HASH_BYTES],
                   const struct token *token, const char *typed)
{
	unsigned char factor[HASH_BYTES];

	assert_ok(credential_factor(factor, election, token, typed, strlen(typed)), NULL);
	credential_secret(secret, election, token, factor);
}

/* Section 3.2: the fold makes ways of typing one password the same, and nothing else the same. */
static void a_second_factor_is_part_of_the_credential(void **state)
{
	unsigned char election[HASH_BYTES] = { 1 }, other[HASH_BYTES] = { 2 };
	struct token token = { { 3 } }, second = { { 4 } };
	struct scalar want, got;

	(void)state;
	derive(&want, election, &token, "31.12.1984");
	derive(&got, election, &token, " 3112-1984 ");
	assert_memory_equal(&got, &want, sizeof(got));
	derive(&got, election, &token, "31121985");
	assert_memory_not_equal(&got, &want, sizeof(got));
	derive(&got, election, &second, "31121984");
	assert_memory_not_equal(&got, &want, sizeof(got));
	derive(&got, other, &token, "31121984");
	assert_memory_not_equal(&got, &want, sizeof(got));
	credential_secret(&got, election, &token, NULL);
	assert_memory_not_equal(&got, &want, sizeof(got));
}

static void what_is_no_second_factor_is_refused(void **state)
{
	static const char *const bad[] = {
		"",       "...",         " - . - ", "abc",
		"a b c",  "abc\xc3\xa9", "ab_cd",   "abc!",
		"ab,c",   "ab/cd",       "ab\tc",   "\xef\xbc\xa1 BCD", /* a full-width A */
		"abcd\n",
	};
	unsigned char election[HASH_BYTES] = { 1 }, factor[HASH_BYTES];
	struct token token = { { 3 } };
	char text[FACTOR_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		memset(text, 'x', sizeof(text));
		assert_int_equal(credential_factor_text(text, bad[i], strlen(bad[i])), ERR_FORMAT);
		assert_string_equal(text, "");
		assert_int_equal(
			credential_factor(factor, election, &token, bad[i], strlen(bad[i])),
			ERR_FORMAT);
	}
	/* A NUL in the middle ends nothing. */
	assert_int_equal(credential_factor_text(text, "abcd\0e", 6), ERR_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(worked_tokens_and_credentials),
		cmocka_unit_test(a_token_is_read_as_people_type_it),
		cmocka_unit_test(a_mistyped_token_is_refused),
		cmocka_unit_test(the_worked_second_factor),
		cmocka_unit_test(a_second_factor_has_4_to_64_plain_characters),
		cmocka_unit_test(a_second_factor_is_part_of_the_credential),
		cmocka_unit_test(what_is_no_second_factor_is_refused),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
