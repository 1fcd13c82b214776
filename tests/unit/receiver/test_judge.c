/* SPDX-License-Identifier: MIT */
#include "receiver/judge.h"

#include "tests/unit/receiver/boxed.h"

#define MUTATIONS 10000

static int setup(void **state)
{
	struct poll_plan plan = { .opens = 1796126400, .closes = 1796126400 + 86400, .link = true };
	struct boxed *b = calloc(1, sizeof(*b));

	boxed_open(b, &plan);
	*state = b;
	return 0;
}

static enum verdict verdict_of(struct boxed *b, const char *line, size_t len, uint64_t at)
{
	struct why why = { 0 };
	struct judgement j;
	enum verdict verdict;

	assert_ok(judge_post(&j, b->box, line, len, at, &why), &why);
	verdict = j.verdict;
	if (verdict == VERDICT_INVALID)
		assert_true(why.check[0] != '\0');
	judgement_release(&j);
	return verdict;
}

/* A byte set, two swapped, some left out or doubled, or the end cut off. */
static void mutate(struct buf *out, const struct buf *line, uint64_t *seed)
{
	size_t at = support_random(seed) % line->len, n = support_random(seed) % 40;
	size_t other = support_random(seed) % line->len;
	char kept;

	buf_clear(out);
	switch (support_random(seed) % 4) {
	case 0:
		buf_add(out, line->data, line->len);
		out->data[at] = (char)support_random(seed);
		break;
	case 1:
		buf_add(out, line->data, line->len);
		kept = out->data[at];
		out->data[at] = out->data[other];
		out->data[other] = kept;
		break;
	case 2:
		n = n < line->len - at ? n : line->len - at;
		buf_add(out, line->data, at);
		buf_add(out, line->data + at + n, line->len - at - n);
		break;
	default:
		n = n < line->len - at ? n : line->len - at;
		buf_add(out, line->data, at + n);
		buf_add(out, line->data + at, line->len - at);
	}
}

static void of_ten_thousand_changed_ballots_none_counts(void **state)
{
	struct buf line = BUF_INIT(1u << 20), other = BUF_INIT(1u << 20);
	uint64_t seed = support_seed(), at;
	struct boxed *b = *state;
	unsigned tried = 0;

	at = b->e.m->opens + 5;
	poll_ballot(&line, &b->e, 1, CHANNEL_LINK, 0);
	while (tried < MUTATIONS) {
		mutate(&other, &line, &seed);
		if (other.len == line.len && memcmp(other.data, line.data, line.len) == 0)
			continue;
		assert_int_not_equal(verdict_of(b, buf_text(&other), other.len, at),
		                     VERDICT_COUNTED);
		tried++;
	}
	assert_int_equal(verdict_of(b, buf_text(&line), line.len, at), VERDICT_COUNTED);
	buf_free(&line);
	buf_free(&other);
}

static void what_json_lets_through_elsewhere_is_no_ballot_here(void **state)
{
	struct buf line = BUF_INIT(1u << 20), other = BUF_INIT(1u << 22);
	struct boxed *b = *state;
	uint64_t at = b->e.m->opens + 5;

	poll_ballot(&line, &b->e, 1, CHANNEL_LINK, 0);
	/* A key twice, one too many, white space, a line feed, deep and endless nesting. */
	buf_addf(&other, "{\"type\":\"ballot\",%s", buf_text(&line) + 1);
	assert_int_equal(verdict_of(b, buf_text(&other), other.len, at), VERDICT_INVALID);
	buf_clear(&other);
	buf_addf(&other, "%.*s,\"x\":1}", (int)line.len - 1, buf_text(&line));
	assert_int_equal(verdict_of(b, buf_text(&other), other.len, at), VERDICT_INVALID);
	buf_clear(&other);
	buf_addf(&other, " %s", buf_text(&line));
	assert_int_equal(verdict_of(b, buf_text(&other), other.len, at), VERDICT_INVALID);
	buf_clear(&other);
	buf_addf(&other, "%s\n", buf_text(&line));
	assert_int_equal(verdict_of(b, buf_text(&other), other.len, at), VERDICT_INVALID);
	buf_clear(&other);
	for (unsigned i = 0; i < 100000; i++)
		buf_addc(&other, '[');
	assert_int_equal(verdict_of(b, buf_text(&other), other.len, at), VERDICT_INVALID);
	assert_int_equal(verdict_of(b, "", 0, at), VERDICT_INVALID);
	buf_free(&line);
	buf_free(&other);
}

static void what_is_cheap_to_tell_is_told_first(void **state)
{
	struct buf line = BUF_INIT(1u << 20);
	struct boxed *b = *state;
	char *signature;

	poll_ballot(&line, &b->e, 2, CHANNEL_LINK, 0);
	/* Too early and badly signed: nobody looks at the signature. */
	signature = strstr(line.data, "\"signature\":\"") + 13;
	signature[2] = signature[2] == 'A' ? 'B' : 'A';
	assert_int_equal(verdict_of(b, buf_text(&line), line.len, b->e.m->opens - 1),
	                 VERDICT_EARLY);
	assert_int_equal(verdict_of(b, buf_text(&line), line.len, b->e.m->closes), VERDICT_LATE);
	assert_int_equal(verdict_of(b, buf_text(&line), line.len, b->e.m->opens), VERDICT_INVALID);
	buf_free(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(of_ten_thousand_changed_ballots_none_counts, setup,
		                                boxed_teardown),
		cmocka_unit_test_setup_teardown(what_json_lets_through_elsewhere_is_no_ballot_here,
		                                setup, boxed_teardown),
		cmocka_unit_test_setup_teardown(what_is_cheap_to_tell_is_told_first, setup,
		                                boxed_teardown),
	};

	group_init();
	return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
