/* SPDX-License-Identifier: MIT */
#include "mailer/dkim.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "mailer/tags.h"
#include "tests/support.h"

static void tags_are_read_in_their_form(void **state)
{
	struct tags t;

	(void)state;
	assert_int_equal(tags_read(&t, "v=DKIM1; k = rsa ;p=a b=;"), OK);
	assert_int_equal(t.n, 3);
	assert_string_equal(tags_get(&t, "k"), "rsa");
	assert_string_equal(tags_get(&t, "p"), "a b=");
	assert_null(tags_get(&t, "K"));
	assert_int_equal(tags_read(&t, "p="), OK);
	assert_string_equal(tags_get(&t, "p"), "");
	assert_int_equal(tags_read(&t, ""), ERR_FORMAT);
	assert_int_equal(tags_read(&t, ";"), ERR_FORMAT);
	assert_int_equal(tags_read(&t, "a=1;;b=2"), ERR_FORMAT);
	assert_int_equal(tags_read(&t, "a=1;a=2"), ERR_FORMAT);
	assert_int_equal(tags_read(&t, "just words"), ERR_FORMAT);
	assert_int_equal(tags_read(&t, "=x"), ERR_FORMAT);
	assert_int_equal(tags_read(&t, "a-b=x"), ERR_FORMAT);
}

static void tags_have_caps(void **state)
{
	char text[TAGS_TEXT_MAX + 10] = "";
	struct tags t;

	(void)state;
	for (unsigned i = 0; i <= TAGS_MAX; i++)
		sprintf(text + strlen(text), "t%u=;", i);
	assert_int_equal(tags_read(&t, text), ERR_TOO_LARGE);
	memset(text, 'a', sizeof(text) - 1);
	text[1] = '=';
	assert_int_equal(tags_read(&t, text), ERR_TOO_LARGE);
}

/* SubjectPublicKeyInfo of an RSA key whose modulus has so many bits. */
static void rsa_record(char *out, size_t room, unsigned bits, const char *begin)
{
	const size_t n = bits / 8;
	unsigned char der[1200] = { 0x30, 0x82, 0,    0,    0x30, 0x0d, 0x06, 0x09, 0x2a,
		                    0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05,
		                    0x00, 0x03, 0x82, 0,    0,    0,    0x30, 0x82, 0,
		                    0,    0x02, 0x82, 0,    0,    0 };
	const size_t inner = 4 + 1 + n + 5, whole = 15 + 4 + 1 + 4 + inner;
	char b64[2000];

	der[2] = (unsigned char)(whole >> 8);
	der[3] = (unsigned char)whole;
	der[21] = (unsigned char)((inner + 5) >> 8);
	der[22] = (unsigned char)(inner + 5);
	der[26] = (unsigned char)(inner >> 8);
	der[27] = (unsigned char)inner;
	der[30] = (unsigned char)((n + 1) >> 8);
	der[31] = (unsigned char)(n + 1);
	memset(der + 33, 0xc3, n);
	memcpy(der + 33 + n, "\x02\x03\x01\x00\x01", 5);
	sodium_bin2base64(b64, sizeof(b64), der, whole + 4, sodium_base64_VARIANT_ORIGINAL);
	snprintf(out, room, "%sp=%s", begin, b64);
}

static void an_rsa_key_tells_its_length(void **state)
{
	static const unsigned bits[] = { 512, 1024, 2048, 4096 };
	struct why why = { 0 };
	struct dkim_key key;
	char text[3000];

	(void)state;
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		rsa_record(text, sizeof(text), bits[i], "v=DKIM1; k=rsa; t=y:s; ");
		assert_true(dkim_claimed(text));
		assert_ok(dkim_read(&key, text, &why), &why);
		assert_int_equal(key.kind, DKIM_RSA);
		assert_int_equal(key.bits, bits[i]);
		assert_true(key.testing);
		assert_false(key.revoked);
	}
	rsa_record(text, sizeof(text), 2048, "");
	assert_ok(dkim_read(&key, text, &why), &why);
	assert_int_equal(key.bits, 2048);
	text[200] = 0; /* as it is when somebody copies only the first line */
	assert_int_equal(dkim_read(&key, text, &why), ERR_FORMAT);
	assert_non_null(strstr(why.text, "cut"));
}

static void other_keys_are_told_apart(void **state)
{
	static const char ed[] =
		"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
	struct why why = { 0 };
	struct dkim_key key;

	(void)state;
	assert_ok(dkim_read(&key, ed, &why), &why);
	assert_int_equal(key.kind, DKIM_ED25519);
	assert_ok(dkim_read(&key, "v=DKIM1; p=", &why), &why);
	assert_true(key.revoked);
	assert_ok(dkim_read(&key, "k=new; p=AAAA; s=tlsrpt:email", &why), &why);
	assert_int_equal(key.kind, DKIM_UNKNOWN);
	assert_int_equal(dkim_read(&key, "v=DKIM2; p=AAAA", NULL), ERR_FORMAT);
	assert_int_equal(dkim_read(&key, "v=DKIM1; k=rsa", NULL), ERR_FORMAT);
	assert_int_equal(dkim_read(&key, "p=AAAA", NULL), ERR_FORMAT);
	assert_int_equal(dkim_read(&key, "k=ed25519; p=AAAA", NULL), ERR_FORMAT);
	assert_int_equal(dkim_read(&key, "p=!!", NULL), ERR_FORMAT);
	assert_int_equal(dkim_read(&key, "s=other; p=AAAA", NULL), ERR_FORMAT);
	assert_int_equal(dkim_read(&key, "v=spf1 -all", NULL), ERR_FORMAT);
	assert_false(dkim_claimed("v=spf1 -all"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_are_read_in_their_form),
		cmocka_unit_test(tags_have_caps),
		cmocka_unit_test(an_rsa_key_tells_its_length),
		cmocka_unit_test(other_keys_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
