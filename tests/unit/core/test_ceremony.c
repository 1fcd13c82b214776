/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/ceremony.h"
#include "core/file.h"
#include "core/trustee.h"
#include "tests/election.h"
#include "tests/support.h"

#define TEXT_MAX 16384
#define FOLDER   "vectors/three-questions/"

static void read_text(struct buf *out, const char *path)
{
	struct why why = { 0 };

	assert_ok(file_read_line(out, path, &why), &why);
}

static void the_numbers_leave_no_two_quorums_apart(void **state)
{
	struct why why;

	(void)state;
	for (unsigned n = 0; n <= TRUSTEES_MAX + 1; n++) {
		for (unsigned k = 0; k <= n + 1; k++) {
			bool good = n >= 1 && n <= TRUSTEES_MAX && k >= 1 && k <= n && 2 * k > n;

			why = (struct why){ 0 };
			assert_int_equal(ceremony_numbers(k, n, &why), good ? OK : ERR_INVALID);
			assert_string_equal(why.check, good ? "" : "trustees threshold");
		}
	}
}

static void each_reveal_is_what_was_committed(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= 3; i++) {
		struct buf commit = BUF_INIT(TEXT_MAX), reveal = BUF_INIT(TEXT_MAX);
		struct buf again = BUF_INIT(TEXT_MAX);
		unsigned char hash[HASH_BYTES];
		struct commitment c;
		struct reveal r;
		struct why why = { 0 };
		char path[64];

		snprintf(path, sizeof(path), FOLDER "commit-%u.json", i);
		read_text(&commit, path);
		snprintf(path, sizeof(path), FOLDER "reveal-%u.json", i);
		read_text(&reveal, path);
		assert_ok(commitment_read(&c, commit.data, commit.len, &why), &why);
		assert_ok(reveal_read(&r, reveal.data, reveal.len, &why), &why);
		assert_int_equal(c.trustee, i);
		assert_int_equal(r.trustee, i);
		assert_ok(ceremony_commitment(hash, &r.entry, r.ceremony, i, r.threshold, r.count),
		          &why);
		assert_memory_equal(hash, c.hash, HASH_BYTES);
		assert_ok(ceremony_entry_check(&r.entry, r.ceremony, i, 2, 3, &why), &why);
		assert_int_not_equal(ceremony_entry_check(&r.entry, r.ceremony, i + 1, 2, 3, NULL),
		                     OK);
		assert_int_not_equal(ceremony_entry_check(&r.entry, "another", i, 2, 3, NULL), OK);
		/* Written again they are the same bytes. */
		commitment_write(&again, c.ceremony, i, 2, 3, c.hash);
		assert_string_equal(again.data, commit.data);
		buf_clear(&again);
		reveal_write(&again, r.ceremony, i, 2, 3, &r.entry);
		assert_string_equal(again.data, reveal.data);
		commitment_release(&c);
		reveal_release(&r);
		buf_free(&commit);
		buf_free(&reveal);
		buf_free(&again);
	}
}

/* X_j = x_j·G, and P = Σ a_i0·G, by the worked example's own secrets. */
static void the_public_shares_are_those_of_the_secrets(void **state)
{
	struct manifest *m = support_manifest("three-questions");
	json_t *secrets = support_json(FOLDER "secrets.json");
	const json_t *shares = json_object_get(secrets, "trustee_secrets");

	(void)state;
	for (unsigned j = 0; j < 3; j++) {
		json_t *one = json_pack("{s:O}", "x", json_array_get(shares, j));
		unsigned char bytes[GROUP_BYTES];
		struct scalar x;
		struct point p;

		support_hex(bytes, sizeof(bytes), one, "x");
		assert_int_equal(scalar_read(&x, bytes), OK);
		point_base(&p, &x);
		assert_true(point_equal(&p, &m->trustees.share[j]));
		json_decref(one);
	}
	json_decref(secrets);
	manifest_free(m);
}

static void expect(const char *text, const char *check)
{
	struct commitment c;
	struct why why = { 0 };

	assert_int_equal(commitment_read(&c, text, strlen(text), &why), ERR_INVALID);
	assert_string_equal(why.check, check);
	commitment_release(&c);
}

static void a_bad_commitment_is_refused(void **state)
{
#define HASH "_zCEJh7maJXyhCgXq7Or3TphJR5jUPBf1A4mfpsqCu4"
#define COMMITMENT(i, k, n, hash)                                                                  \
	"{\"type\":\"commitment\",\"ceremony\":\"c\",\"trustee\":" i ",\"threshold\":" k           \
	",\"trustees\":" n ",\"hash\":\"" hash "\"}"
	struct commitment c;
	struct why why = { 0 };
	const char *good = COMMITMENT("1", "2", "3", HASH);

	(void)state;
	assert_ok(commitment_read(&c, good, strlen(good), &why), &why);
	commitment_release(&c);
	expect(COMMITMENT("4", "2", "3", HASH), "trustees number");
	expect(COMMITMENT("1", "1", "3", HASH), "trustees threshold");
	expect(COMMITMENT("1", "4", "3", HASH), "trustees threshold");
	expect(COMMITMENT("1", "2", "3", "AAAA"), "commitment hash");
	expect("{}", "json keys");
	expect("", "json");
	expect(COMMITMENT("01", "2", "3", HASH), "json");
#undef COMMITMENT
#undef HASH
}

static void a_member_with_a_wrong_part_is_refused(void **state)
{
	static const struct {
		const char *from, *to, *check;
	} changes[] = {
		{ "Trustee 1", " ", "trustees name" },
		{ "\"sealing_key\":\"k", "\"sealing_key\":\"", "trustees sealing key" },
		/* the all-one encoding is no canonical point */
		{ "xOb5D8FFb54zd8XqM06p8CmGIIXp-Wn-t2AWbOG1C3g",
		  "__________________________________________8", "point" },
		{ ",\"AhlAuVt_qELLaAJQH5J17f-aIWEb0W_E8gVGOsNH-zE\"", "", "trustees commitments" },
		{ "PQlDPuYoTAA", "PQlDPuYoT_w", "scalar" },
	};
	struct buf text = BUF_INIT(TEXT_MAX);

	(void)state;
	read_text(&text, FOLDER "reveal-1.json");
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		struct buf bad = BUF_INIT(TEXT_MAX);
		const char *at = strstr(text.data, changes[i].from);
		struct reveal r;
		struct why why = { 0 };

		assert_non_null(at);
		buf_add(&bad, text.data, (size_t)(at - text.data));
		buf_adds(&bad, changes[i].to);
		buf_adds(&bad, at + strlen(changes[i].from));
		assert_int_equal(reveal_read(&r, bad.data, bad.len, &why), ERR_INVALID);
		assert_string_equal(why.check, changes[i].check);
		buf_free(&bad);
	}
	buf_free(&text);
}

static void an_acceptance_holds_for_its_own_trustee_and_election(void **state)
{
	const struct election_shape shape = { 2, 3, { 4, 0 }, 1, false };
	unsigned char other[HASH_BYTES] = { 1 };
	struct election e;
	struct line line;
	struct buf text = BUF_INIT(TEXT_MAX);
	struct scalar sum;
	struct why why = { 0 };

	(void)state;
	election_init(&e, &shape);
	sum = e.trustee[1].share;
	assert_ok(trustee_accept(&text, &e.trustee[1], e.m, 2, &sum, &why), &why);
	assert_ok(line_read(&line, e.m, text.data, text.len, &why), &why);
	assert_ok(ceremony_accepted_check(&e.m->trustees, e.m->id, 2, &line.u.accepted.r,
	                                  &line.u.accepted.z, &why),
	          &why);
	assert_int_equal(ceremony_accepted_check(&e.m->trustees, e.m->id, 1, &line.u.accepted.r,
	                                         &line.u.accepted.z, &why),
	                 ERR_INVALID);
	assert_string_equal(why.check, "accepted proof");
	assert_int_equal(ceremony_accepted_check(&e.m->trustees, other, 2, &line.u.accepted.r,
	                                         &line.u.accepted.z, NULL),
	                 ERR_INVALID);
	assert_int_equal(ceremony_accepted_check(&e.m->trustees, e.m->id, 4, &line.u.accepted.r,
	                                         &line.u.accepted.z, NULL),
	                 ERR_INVALID);
	line_release(&line);
	buf_free(&text);
	election_release(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_numbers_leave_no_two_quorums_apart),
		cmocka_unit_test(each_reveal_is_what_was_committed),
		cmocka_unit_test(the_public_shares_are_those_of_the_secrets),
		cmocka_unit_test(a_bad_commitment_is_refused),
		cmocka_unit_test(a_member_with_a_wrong_part_is_refused),
		cmocka_unit_test(an_acceptance_holds_for_its_own_trustee_and_election),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
