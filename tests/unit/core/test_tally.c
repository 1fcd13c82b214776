/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/count.h"
#include "core/tally.h"
#include "tests/election.h"
#include "tests/refuse.h"
#include "tests/support.h"

#define LINE_CAP 65536

static void read_share(struct share *out, const struct election *e, unsigned j)
{
	struct buf line = BUF_INIT(LINE_CAP);
	struct why why = { 0 };

	election_share(e, &line, j);
	assert_ok(share_read(out, e->m, line.data, line.len, &why), &why);
	buf_free(&line);
}

static void fill(struct election *e, uint64_t *seed)
{
	election_open(e);
	for (unsigned v = 0; v < e->voters; v++) {
		if (support_random(seed) % 4)
			election_vote(e, v, (unsigned)(support_random(seed) % 4));
	}
	election_close(e);
}

/* Whichever k shares, in whichever order, the counts are those of the ballots. */
static void any_k_shares_give_the_same_counts(void **state)
{
	uint64_t seed = support_seed();

	(void)state;
	for (unsigned n = 1; n <= 5; n += 2) {
		unsigned k = n / 2 + 1 + (unsigned)(support_random(&seed) % (n - n / 2));
		const struct election_shape shape = { k, n, { 3, 2 }, 1, true };
		struct share all[5];
		struct election e;
		uint64_t counts[CELLS_MAX];
		struct why why = { 0 };

		election_init(&e, &shape);
		fill(&e, &seed);
		for (unsigned j = 1; j <= n; j++)
			read_share(&all[j - 1], &e, j);
		for (unsigned round = 0; round < 4; round++) {
			const struct share *some[5];

			for (unsigned j = 0; j < n; j++)
				some[j] = &all[j];
			for (unsigned j = n; j > 1; j--) {
				unsigned with = (unsigned)(support_random(&seed) % j);
				const struct share *kept = some[with];

				some[with] = some[j - 1];
				some[j - 1] = kept;
			}
			assert_ok(tally_counts(counts, &e.tally, some, k, &why), &why);
			assert_memory_equal(counts, e.counts, e.m->cells * sizeof(*counts));
		}
		for (unsigned j = 0; j < n; j++)
			share_release(&all[j]);
		election_release(&e);
	}
}

/* Too few are refused; and where a threshold is feigned to be lower, what comes out is no count. */
static void k_minus_one_shares_give_nothing(void **state)
{
	const struct election_shape shape = { 3, 4, { 5, 0 }, 1, false };
	uint64_t seed = support_seed(), counts[CELLS_MAX];
	const struct share *some[3];
	struct share all[3];
	struct election e;
	struct why why = { 0 };

	(void)state;
	election_init(&e, &shape);
	election_open(&e);
	for (unsigned v = 0; v < e.voters; v++)
		election_vote(&e, v, (unsigned)(support_random(&seed) % 4));
	election_close(&e);
	for (unsigned j = 0; j < 3; j++) {
		read_share(&all[j], &e, j + 1);
		some[j] = &all[j];
	}
	assert_int_equal(tally_counts(counts, &e.tally, some, 2, &why), ERR_INVALID);
	assert_string_equal(why.check, "shares");
	e.m->trustees.threshold = 2;
	assert_int_equal(tally_counts(counts, &e.tally, some, 2, &why), ERR_INVALID);
	assert_string_equal(why.check, "result count");
	e.m->trustees.threshold = 3;
	for (unsigned j = 0; j < 3; j++)
		share_release(&all[j]);
	election_release(&e);
}

static void expect_bad(const struct share *s, const struct election *e,
                       const unsigned char root[HASH_BYTES], const char *check)
{
	struct why why = { 0 };

	assert_int_equal(share_check(s, e->m, &e->tally, root, &why), ERR_INVALID);
	assert_string_equal(why.check, check);
}

static void a_share_holds_for_its_own_board_and_trustee(void **state)
{
	const struct election_shape shape = { 2, 3, { 3, 2 }, 1, true };
	unsigned char root[HASH_BYTES], other[HASH_BYTES] = { 7 };
	uint64_t seed = support_seed();
	struct share s, t;
	struct election e;
	struct why why = { 0 };

	(void)state;
	election_init(&e, &shape);
	fill(&e, &seed);
	election_root(&e, root);
	read_share(&s, &e, 2);
	read_share(&t, &e, 3);
	assert_ok(share_check(&s, e.m, &e.tally, root, &why), &why);
	expect_bad(&s, &e, other, "share head");
	memcpy(s.head, other, HASH_BYTES);
	expect_bad(&s, &e, other, "share proof");
	memcpy(s.head, root, HASH_BYTES);
	s.trustee = 1;
	expect_bad(&s, &e, root, "share proof");
	s.trustee = 2;
	for (unsigned c = 0; c < e.m->cells; c++) {
		struct share_cell was = s.cell[c];

		s.cell[c].d = t.cell[c].d;
		expect_bad(&s, &e, root, "share proof");
		s.cell[c] = was;
		s.cell[c].a.bytes[0] ^= 1;
		expect_bad(&s, &e, root, "share proof");
		s.cell[c] = was;
		s.cell[c].z.bytes[3] ^= 1;
		expect_bad(&s, &e, root, "share proof");
		s.cell[c] = was;
	}
	assert_ok(share_check(&s, e.m, &e.tally, root, &why), &why);
	share_release(&s);
	share_release(&t);
	election_release(&e);
}

static void many_tallies_joined_are_one(void **state)
{
	const struct election_shape shape = { 1, 1, { 5, 3 }, 1, true };
	struct election e;
	struct tally part[3], joined;
	uint64_t seed = support_seed();

	(void)state;
	election_init(&e, &shape);
	for (unsigned i = 0; i < 3; i++)
		tally_init(&part[i], e.m);
	tally_init(&joined, e.m);
	election_open(&e);
	for (unsigned v = 0; v < e.voters; v++) {
		size_t from = e.board.len;
		struct ballot b;
		struct why why = { 0 };

		election_vote(&e, v, (unsigned)(support_random(&seed) % 4));
		assert_ok(ballot_read(&b, e.m, e.board.data + from, e.board.len - from - 1, &why),
		          &why);
		assert_int_equal(tally_add(&part[support_random(&seed) % 3], &b, e.voter[v].weight),
		                 OK);
		ballot_release(&b);
	}
	election_close(&e);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(tally_merge(&joined, &part[i]), OK);
		tally_release(&part[i]);
	}
	assert_int_equal(tally_total(&joined), OK);
	assert_int_equal(joined.ballots, 8);
	assert_int_equal(joined.weight, 14);
	assert_memory_equal(joined.total, e.tally.total, e.m->cells * sizeof(*joined.total));
	tally_release(&joined);
	election_release(&e);
}

/* Protocol section 2 allows a thousand weights and 512 cells: whoever writes a manifest must
 * not decide over a verifier's memory. */
static void however_many_weights_a_tally_stays_small(void **state)
{
	const struct election_shape shape = { 1, 1, { 2, 0 }, 1, true };
	struct roll_class class[WEIGHT_MAX];
	struct buf line = BUF_INIT(LINE_CAP);
	struct cell_total want, times;
	struct why why = { 0 };
	struct election e;
	struct manifest m;
	struct tally t;
	struct ballot b;

	(void)state;
	election_init(&e, &shape);
	m = *e.m;
	m.class = class;
	m.classes = WEIGHT_MAX;
	for (unsigned i = 0; i < WEIGHT_MAX; i++)
		class[i] = (struct roll_class){ .weight = i + 1, .members = 1 };
	election_ballot(&e, &line, 0, 1);
	assert_ok(ballot_read(&b, &m, line.data, line.len, &why), &why);
	tally_init(&t, &m);
	refuse_count();
	for (unsigned i = 0; i < WEIGHT_MAX; i++)
		assert_int_equal(tally_add(&t, &b, class[i].weight), OK);
	assert_true(refuse_bytes() <= TALLY_SUMS * m.cells * sizeof(struct cell_total));
	assert_int_equal(tally_total(&t), OK);
	assert_int_equal(t.weight, 500500);
	for (unsigned c = 0; c < m.row[0].cells; c++) {
		ballot_cell(&want.a, &want.b, &b, &m, 0, c);
		assert_int_equal(point_times(&times.a, t.weight, &want.a), OK);
		assert_int_equal(point_times(&times.b, t.weight, &want.b), OK);
		assert_memory_equal(&t.total[c], &times, sizeof(times));
	}
	tally_release(&t);
	ballot_release(&b);
	buf_free(&line);
	election_release(&e);
}

static void nobody_voted_is_a_result_too(void **state)
{
	const struct election_shape shape = { 2, 2, { 3, 0 }, 2, false };
	const struct share *both[2];
	uint64_t counts[CELLS_MAX];
	struct share s[2];
	struct election e;
	unsigned char root[HASH_BYTES];
	struct why why = { 0 };

	(void)state;
	election_init(&e, &shape);
	election_open(&e);
	election_close(&e);
	election_root(&e, root);
	for (unsigned j = 0; j < 2; j++) {
		read_share(&s[j], &e, j + 1);
		assert_ok(share_check(&s[j], e.m, &e.tally, root, &why), &why);
		both[j] = &s[j];
	}
	assert_ok(tally_counts(counts, &e.tally, both, 2, &why), &why);
	assert_memory_equal(counts, e.counts, e.m->cells * sizeof(*counts));
	share_release(&s[0]);
	share_release(&s[1]);
	election_release(&e);
}

static void a_result_comes_back_as_it_was_written(void **state)
{
	struct manifest *m = support_manifest("three-questions");
	const char *text = "{\"type\":\"result\",\"head\":"
			   "\"jwmlUzhyKdQOq5Rr0tWDvJi-EXDSROEwMSwbBdMs9to\",\"counts\":[[3,4,5,4],"
			   "[11,7,11,1,0,4],[3,5,8],[0,14,2]]}";
	static const char *const bad[] = {
		"[[3,4,5,4],[11,7,11,1,0,4],[3,5,8]]",
		"[[3,4,5],[11,7,11,1,0,4],[3,5,8],[0,14,2]]",
		"[[3,4,5,true],[11,7,11,1,0,4],[3,5,8],[0,14,2]]",
		"[3,4,5,4,11,7,11,1,0,4,3,5,8,0,14,2]",
		"{}",
	};
	struct buf again = BUF_INIT(LINE_CAP);
	unsigned char head[HASH_BYTES];
	uint64_t counts[CELLS_MAX];
	struct why why = { 0 };

	(void)state;
	assert_ok(result_read(head, counts, m, text, strlen(text), &why), &why);
	assert_int_equal(counts[4], 11);
	result_write(&again, m, head, counts);
	assert_string_equal(again.data, text);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		buf_clear(&again);
		buf_add(&again, text, (size_t)(strstr(text, "[[3") - text));
		buf_adds(&again, bad[i]);
		buf_addc(&again, '}');
		assert_int_equal(result_read(head, counts, m, again.data, again.len, &why),
		                 ERR_INVALID);
		assert_string_equal(why.check, "result counts");
	}
	buf_free(&again);
	manifest_free(m);
}

static void every_number_up_to_the_limit_is_found_and_none_beyond(void **state)
{
	uint64_t seed = support_seed();

	(void)state;
	for (uint64_t limit = 0; limit < 5000; limit = limit * 3 + 1) {
		struct count_table *t;

		assert_int_equal(count_table_new(&t, limit, 4), OK);
		for (unsigned i = 0; i < 40; i++) {
			uint64_t n = i == 0 ? limit : support_random(&seed) % (limit + 1), got;
			struct scalar s;
			struct point p;

			scalar_from(&s, n);
			point_base(&p, &s);
			assert_int_equal(count_find(&got, t, &p), OK);
			assert_int_equal(got, n);
			scalar_from(&s, limit + 1 + support_random(&seed) % 1000);
			point_base(&p, &s);
			assert_int_equal(count_find(&got, t, &p), ERR_NOT_FOUND);
		}
		count_table_free(t);
	}
}

/* The greatest total weight that a manifest allows, in a table of at most 16 MiB. */
static void a_count_near_2_to_the_32_is_found(void **state)
{
	struct count_table *t;
	struct scalar s;
	struct point p;
	uint64_t got;

	(void)state;
	assert_int_equal(count_table_new(&t, UINT64_C(0xffffffff), 1), OK);
	scalar_from(&s, UINT64_C(0xfffffffe));
	point_base(&p, &s);
	assert_int_equal(count_find(&got, t, &p), OK);
	assert_int_equal(got, UINT64_C(0xfffffffe));
	count_table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_k_shares_give_the_same_counts),
		cmocka_unit_test(k_minus_one_shares_give_nothing),
		cmocka_unit_test(a_share_holds_for_its_own_board_and_trustee),
		cmocka_unit_test(many_tallies_joined_are_one),
		cmocka_unit_test(however_many_weights_a_tally_stays_small),
		cmocka_unit_test(nobody_voted_is_a_result_too),
		cmocka_unit_test(a_result_comes_back_as_it_was_written),
		cmocka_unit_test(every_number_up_to_the_limit_is_found_and_none_beyond),
		cmocka_unit_test(a_count_near_2_to_the_32_is_found),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
