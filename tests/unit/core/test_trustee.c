/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <sodium.h>

#include "core/trustee.h"
#include "tests/election.h"
#include "tests/support.h"

static const struct election_shape shape = { 2, 3, { 4, 0 }, 1, false };

/* The worked example's polynomials, dealt and opened by us, give its secrets. */
static void the_worked_polynomials_give_the_worked_secrets(void **state)
{
	struct manifest *m = support_manifest("three-questions");
	json_t *secrets = support_json("vectors/three-questions/secrets.json");
	struct trustee_secret dealer = { 0 }, holder = { 0 };
	unsigned char key[32];

	(void)state;
	/* Its sealing keys are not told: the boxes go to one of ours. */
	crypto_box_keypair(key, holder.sealing_secret);
	for (unsigned j = 1; j <= 3; j++) {
		unsigned char want[GROUP_BYTES];
		struct scalar sum = { { 0 } };
		struct why why = { 0 };
		json_t *one;

		memcpy(m->trustees.entry[j - 1].sealing_key, key, sizeof(key));
		for (unsigned i = 1; i <= 3; i++) {
			const json_t *list = json_array_get(
				json_object_get(secrets, "trustee_polynomials"), i - 1);
			struct deal deal;

			for (unsigned l = 0; l < 2; l++) {
				one = json_pack("{s:O}", "a", json_array_get(list, l));
				support_hex(dealer.coefficient[l].bytes, GROUP_BYTES, one, "a");
				json_decref(one);
			}
			assert_ok(trustee_deal(&deal, &dealer, m, i, j, &why), &why);
			assert_ok(trustee_open(&sum, &holder, m, &deal, &why), &why);
		}
		one = json_pack("{s:O}", "x",
		                json_array_get(json_object_get(secrets, "trustee_secrets"), j - 1));
		support_hex(want, sizeof(want), one, "x");
		json_decref(one);
		assert_memory_equal(sum.bytes, want, GROUP_BYTES);
	}
	json_decref(secrets);
	manifest_free(m);
}

static void a_box_goes_through_its_file(void **state)
{
	struct election e;
	struct deal deal, again;
	struct buf line = BUF_INIT(4096);
	struct scalar sum = { { 0 } };
	struct why why = { 0 };

	(void)state;
	election_init(&e, &shape);
	assert_ok(trustee_deal(&deal, &e.trustee[0], e.m, 1, 3, &why), &why);
	deal_write(&line, &deal);
	assert_ok(deal_read(&again, line.data, line.len, &why), &why);
	assert_memory_equal(&deal, &again, sizeof(deal));
	assert_ok(trustee_open(&sum, &e.trustee[2], e.m, &again, &why), &why);
	buf_free(&line);
	election_release(&e);
}

static void expect_box(const struct election *e, const struct deal *deal, unsigned j,
                       const char *check)
{
	struct scalar sum = { { 0 } };
	struct why why = { 0 };

	assert_int_equal(trustee_open(&sum, &e->trustee[j - 1], e->m, deal, &why), ERR_INVALID);
	assert_string_equal(why.check, check);
	assert_true(scalar_is_zero(&sum));
}

static void a_bad_box_adds_nothing(void **state)
{
	struct election e;
	struct deal good, bad;
	struct why why = { 0 };

	(void)state;
	election_init(&e, &shape);
	assert_ok(trustee_deal(&good, &e.trustee[0], e.m, 1, 2, &why), &why);
	for (size_t i = 0; i < sizeof(good.box); i += 7) {
		bad = good;
		bad.box[i] ^= 1;
		expect_box(&e, &bad, 2, "deal box");
	}
	bad = good;
	bad.from = 2; /* another dealer's commitments */
	expect_box(&e, &bad, 2, "deal share");
	bad = good;
	bad.from = 4;
	expect_box(&e, &bad, 2, "deal trustee");
	bad = good;
	bad.to = 3;
	expect_box(&e, &bad, 2, "deal trustee");
	expect_box(&e, &good, 3, "deal trustee");
	bad = good;
	bad.election[0] ^= 1;
	expect_box(&e, &bad, 2, "deal election");
	/* A value of q and above is no scalar, however well it is sealed. */
	bad = good;
	memset(bad.box, 0, sizeof(bad.box));
	{
		unsigned char huge[GROUP_BYTES];

		memset(huge, 0xff, sizeof(huge));
		assert_int_equal(crypto_box_seal(bad.box, huge, sizeof(huge),
		                                 e.m->trustees.entry[1].sealing_key),
		                 0);
	}
	expect_box(&e, &bad, 2, "scalar");
	election_release(&e);
}

static void a_key_that_nothing_can_be_sealed_to_is_named(void **state)
{
	struct election e;
	struct deal deal;
	struct why why = { 0 };

	(void)state;
	election_init(&e, &shape);
	memset(e.m->trustees.entry[1].sealing_key, 0, 32); /* of small order */
	assert_int_equal(trustee_deal(&deal, &e.trustee[0], e.m, 1, 2, &why), ERR_INVALID);
	assert_string_equal(why.check, "trustees sealing key");
	election_release(&e);
}

static void a_sum_that_is_not_the_share_is_not_accepted(void **state)
{
	struct election e;
	struct buf line = BUF_INIT(4096);
	struct scalar sum, one;
	struct why why = { 0 };

	(void)state;
	election_init(&e, &shape);
	scalar_from(&one, 1);
	scalar_add(&sum, &e.trustee[0].share, &one);
	assert_int_equal(trustee_accept(&line, &e.trustee[0], e.m, 1, &sum, &why), ERR_INVALID);
	assert_string_equal(why.check, "accepted share");
	assert_int_equal(line.len, 0);
	buf_free(&line);
	election_release(&e);
}

static void nobody_decrypts_with_a_share_that_is_not_theirs(void **state)
{
	struct election e;
	struct buf line = BUF_INIT(65536);
	unsigned char root[HASH_BYTES];
	struct why why = { 0 };

	(void)state;
	election_init(&e, &shape);
	election_open(&e);
	election_close(&e);
	election_root(&e, root);
	assert_int_equal(trustee_decrypt(&line, &e.trustee[0], e.m, 2, root, &e.tally, &why),
	                 ERR_INVALID);
	trustee_wipe(&e.trustee[0]);
	assert_true(sodium_is_zero((unsigned char *)&e.trustee[0], sizeof(e.trustee[0])));
	assert_int_equal(trustee_decrypt(&line, &e.trustee[0], e.m, 1, root, &e.tally, &why),
	                 ERR_INVALID);
	assert_int_equal(line.len, 0);
	buf_free(&line);
	election_release(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worked_polynomials_give_the_worked_secrets),
		cmocka_unit_test(a_box_goes_through_its_file),
		cmocka_unit_test(a_bad_box_adds_nothing),
		cmocka_unit_test(a_key_that_nothing_can_be_sealed_to_is_named),
		cmocka_unit_test(a_sum_that_is_not_the_share_is_not_accepted),
		cmocka_unit_test(nobody_decrypts_with_a_share_that_is_not_theirs),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
