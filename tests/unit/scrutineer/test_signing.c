/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "core/file.h"
#include "core/secret.h"
#include "scrutineer/signing.h"
#include "tests/support.h"
#include "tests/unit/scrutineer/told.h"
#include "tests/unit/temp.h"

#define PEOPLE 3 /* the last has no key */

struct room {
	struct told t;
	const char *dir, *key[PEOPLE];
	struct passphrase *passphrase;
	struct signed_minutes minutes;
};

/* Two people make keys, the bureau's file names them, the minutes are made. */
static void gather(void **state, struct room *r)
{
	static const char *const ids[PEOPLE] = { "chair", "secretary", "third" };
	struct buf conf = BUF_INIT(4096);
	struct why why = { 0 };
	unsigned char key[32];
	struct minutes mi;

	sealed_cost = (struct sealed_cost){ crypto_pwhash_OPSLIMIT_MIN, 1 << 16 };
	told_make(state, &r->t);
	r->passphrase = secret_alloc(sizeof(*r->passphrase));
	r->passphrase->len = 5;
	memcpy(r->passphrase->text, "horse", 5);
	buf_adds(&conf, "[bureau]\nplace = here\n");
	for (unsigned i = 0; i < PEOPLE; i++) {
		buf_addf(&conf, "[member %s]\nname = Person %u\nrole = member\n", ids[i], i);
		if (i == PEOPLE - 1)
			break;
		r->key[i] = temp_path(state, ids[i]);
		assert_ok(signing_key_create(key, r->key[i], r->passphrase, &why), &why);
		buf_adds(&conf, "key = ");
		b64_add(&conf, key, sizeof(key));
		buf_adds(&conf, "\n");
	}
	r->t.source.bureau = temp_text(state, "people.conf", conf.data);
	r->dir = temp_path(state, "minutes");
	assert_ok(minutes_gather(&mi, &r->t.source, &why), &why);
	assert_ok(minutes_write(&mi, TOLD_FONTS, r->dir, &why), &why);
	minutes_release(&mi);
	assert_ok(signing_read(&r->minutes, r->dir, &why), &why);
	assert_int_equal(r->minutes.signers, PEOPLE);
	buf_free(&conf);
}

static void leave(struct room *r)
{
	secret_free(r->passphrase);
	told_release(&r->t);
}

static void sign(struct room *r, unsigned who)
{
	const struct signer *signer;
	struct why why = { 0 };

	assert_ok(signing_sign(&r->minutes, &signer, r->dir, r->key[who], r->passphrase, &why),
	          &why);
	assert_ptr_equal(signer, &r->minutes.signer[who]);
}

static enum err check(struct room *r, unsigned who, const char *name)
{
	struct why why = { 0 };
	enum err e = signing_check(&r->minutes, &r->minutes.signer[who], r->dir, &why);

	if (name)
		assert_string_equal(why.check, name);
	return e;
}

static void each_signs_for_themselves(void **state)
{
	static struct room r;

	gather(state, &r);
	assert_int_equal(check(&r, 0, NULL), ERR_NOT_FOUND);
	sign(&r, 0);
	assert_int_equal(check(&r, 0, NULL), OK);
	assert_int_equal(check(&r, 1, NULL), ERR_NOT_FOUND);
	sign(&r, 1);
	assert_int_equal(check(&r, 1, NULL), OK);
	assert_int_equal(check(&r, 2, NULL), ERR_NOT_FOUND);
	leave(&r);
}

static void a_file_that_changed_is_named(void **state)
{
	static const char *const files[] = { MINUTES_TEXT, MINUTES_HTML, MINUTES_PDF,
		                             MINUTES_JSON };
	static struct room r;
	struct why why = { 0 };

	gather(state, &r);
	sign(&r, 0);
	for (unsigned i = 0; i < SIGNED_FILES; i++) {
		r.minutes.digest[i][7] ^= 1;
		assert_int_equal(signing_check(&r.minutes, &r.minutes.signer[0], r.dir, &why),
		                 ERR_INVALID);
		assert_string_equal(why.check, "minutes changed");
		assert_non_null(strstr(why.text, files[i]));
		r.minutes.digest[i][7] ^= 1;
	}
	r.minutes.election[0] ^= 1;
	assert_int_equal(check(&r, 0, "minutes election"), ERR_INVALID);
	leave(&r);
}

static void no_byte_of_a_signature_can_change(void **state)
{
	struct buf line = BUF_INIT(SIGNING_MAX);
	static struct room r;
	struct why why = { 0 };

	gather(state, &r);
	sign(&r, 0);
	assert_ok(file_read_line(&line, temp_path(state, "minutes/minutes-chair.sig"), &why), &why);
	assert_int_equal(
		signing_check_line(&r.minutes, &r.minutes.signer[0], line.data, line.len, NULL),
		OK);
	for (size_t i = 0; i < line.len; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			line.data[i] = (char)(line.data[i] ^ 1 << bit);
			if (signing_check_line(&r.minutes, &r.minutes.signer[0], line.data,
			                       line.len, NULL) == OK)
				fail_msg("bit %u of byte %zu is not covered", bit, i);
			line.data[i] = (char)(line.data[i] ^ 1 << bit);
		}
		assert_int_not_equal(
			signing_check_line(&r.minutes, &r.minutes.signer[0], line.data, i, NULL),
			OK);
	}
	buf_free(&line);
	leave(&r);
}

static void nobody_signs_for_another(void **state)
{
	const struct signer *who;
	struct buf line = BUF_INIT(SIGNING_MAX);
	struct why why = { 0 };
	static struct room r;

	gather(state, &r);
	sign(&r, 0);
	/* The chair's signature under the secretary's name, and for who has no key. */
	assert_ok(file_read(&line, temp_path(state, "minutes/minutes-chair.sig"), &why), &why);
	temp_file(state, "minutes/minutes-secretary.sig", line.data, line.len);
	assert_int_equal(check(&r, 1, "minutes member"), ERR_INVALID);
	strcpy(r.minutes.signer[2].id, "chair");
	assert_int_equal(check(&r, 2, "minutes signature"), ERR_INVALID);
	/* A key that the minutes do not name. */
	r.minutes.signer[0].key[0] ^= 1;
	assert_int_equal(signing_sign(&r.minutes, &who, r.dir, r.key[0], r.passphrase, &why),
	                 ERR_INVALID);
	assert_string_equal(why.check, "minutes signer");
	assert_int_equal(check(&r, 0, "minutes signature"), ERR_INVALID);
	buf_free(&line);
	leave(&r);
}

static void a_wrong_passphrase_signs_nothing(void **state)
{
	const struct signer *who;
	static struct room r;

	gather(state, &r);
	r.passphrase->text[0] = 'H';
	assert_int_equal(signing_sign(&r.minutes, &who, r.dir, r.key[0], r.passphrase, NULL),
	                 ERR_INVALID);
	assert_int_equal(check(&r, 0, NULL), ERR_NOT_FOUND);
	leave(&r);
}

static void minutes_that_are_none_are_refused(void **state)
{
	static struct room r;

	gather(state, &r);
	temp_text(state, "minutes/minutes.json", "{\"type\":\"minutes\"}\n");
	assert_int_equal(signing_read(&r.minutes, r.dir, NULL), ERR_INVALID);
	temp_text(state, "minutes/minutes.json", "");
	assert_int_not_equal(signing_read(&r.minutes, r.dir, NULL), OK);
	remove(temp_path(state, "minutes/minutes.pdf"));
	assert_int_equal(signing_read(&r.minutes, r.dir, NULL), ERR_NOT_FOUND);
	leave(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(each_signs_for_themselves),
		TEMP_TEST(a_file_that_changed_is_named),
		TEMP_TEST(no_byte_of_a_signature_can_change),
		TEMP_TEST(nobody_signs_for_another),
		TEMP_TEST(a_wrong_passphrase_signs_nothing),
		TEMP_TEST(minutes_that_are_none_are_refused),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
