/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <sodium.h>

#include "scrutineer/reconcile.h"
#include "tests/election.h"
#include "tests/support.h"
#include "tests/unit/audited.h"
#include "tests/unit/temp.h"

static const struct election_shape shape = { 1, 1, { 6, 0 }, 1, false };

/* An election of six, four of whom voted by link, with what the mailer and the receiver would
 * say of it. A test changes what it needs before anything is written. */
struct story {
	struct election e;
	struct ledger_totals totals;
	struct funnel funnel;
	struct accounts accounts;
	struct sums sums;
	uint64_t counts[CELLS_MAX];
};

static void tell(struct story *s)
{
	memset(s, 0, sizeof(*s));
	election_init(&s->e, &shape);
	election_open(&s->e);
	for (unsigned v = 0; v < 4; v++)
		election_vote(&s->e, v, 1);
	election_close(&s->e);
	s->totals.at = ELECTION_CLOSES;
	s->totals.issued = 6;
	s->totals.state[SEND_ACCEPTED] = 4;
	s->totals.state[SEND_UNCERTAIN] = 1;
	s->totals.state[SEND_REFUSED] = 1;
	s->funnel.size = s->e.tree.size;
	s->funnel.verdict[VERDICT_COUNTED] = 4;
	s->funnel.verdict[VERDICT_USED] = 2;
	s->funnel.channel[CHANNEL_LINK] = 4;
}

static void add_line(struct buf *out, struct ledger_hash *hash, unsigned char last[HASH_BYTES],
                     uint64_t n)
{
	struct journal_line line = { .n = n, .at = ELECTION_OPENS + n, .counts = 1 };
	struct buf text = BUF_INIT(JOURNAL_LINE_MAX);

	strcpy(line.event, "send");
	strcpy(line.purpose, "invitation");
	strcpy(line.count[0].name, "accepted");
	line.count[0].n = n;
	memcpy(line.previous, last, HASH_BYTES);
	journal_line_write(&text, &line);
	ledger_hash_line(hash, text.data, text.len);
	crypto_hash_sha256(last, (unsigned char *)text.data, text.len);
	buf_add(out, text.data, text.len);
	buf_addc(out, '\n');
	buf_free(&text);
}

static void write_ledger(struct buf *out, const struct story *s)
{
	struct ledger_totals totals = s->totals;
	unsigned char last[HASH_BYTES] = { 0 };
	struct ledger_hash hash;

	ledger_hash_begin(&hash);
	for (uint64_t n = 0; n < 3; n++)
		add_line(out, &hash, last, n);
	memcpy(totals.previous, last, HASH_BYTES);
	ledger_totals_write(out, &totals, s->e.m, &hash, s->e.mailer_secret);
	buf_addc(out, '\n');
}

static void compare(void **state, struct story *s)
{
	struct buf ledger = BUF_INIT(65536), funnel = BUF_INIT(65536);
	const struct temp *temp = *state;
	struct audited t = { .follow = true };
	struct why why = { 0 };

	s->accounts.m = s->e.m;
	write_ledger(&ledger, s);
	funnel_write(&funnel, &s->funnel, s->e.m, s->e.receiver_secret);
	buf_addc(&funnel, '\n');
	assert_ok(reconcile_ledger(&s->accounts,
	                           temp_file(state, "ledger.ndjson", ledger.data, ledger.len),
	                           &why),
	          &why);
	assert_ok(reconcile_funnel(&s->accounts,
	                           temp_file(state, "funnel.json", funnel.data, funnel.len), &why),
	          &why);
	election_write(&s->e, temp->dir, true);
	audited_run(&t, temp->dir);
	assert_int_equal(t.n, 0);
	reconcile_board(&s->accounts, &t.a, &t.course);
	assert_int_equal(reconcile_sums(&s->sums, &s->accounts), OK);
	audit_release(&t.a);
	course_release(&t.course);
	buf_free(&ledger);
	buf_free(&funnel);
}

static void one_story_reconciles(void **state)
{
	struct buf text = BUF_INIT(65536);
	static struct story s;
	json_t *object;

	tell(&s);
	compare(state, &s);
	assert_int_equal(s.sums.differences, 0);
	assert_int_equal(s.accounts.journal_lines, 3);
	assert_int_equal(s.accounts.issued, 6);
	assert_int_equal(s.accounts.unused, 2);
	reconcile_text(&text, &s.accounts, &s.sums);
	assert_non_null(strstr(text.data, "reconciled: every sum holds"));
	buf_clear(&text);
	reconcile_json(&text, &s.accounts, &s.sums);
	object = json_loads(text.data, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(object);
	assert_true(json_is_true(json_object_get(object, "good")));
	assert_int_equal(json_integer_value(json_object_get(object, "unused")), 2);
	json_decref(object);
	buf_free(&text);
	sums_release(&s.sums);
	reconcile_release(&s.accounts);
	election_release(&s.e);
}

static void expect_difference(void **state, struct story *s, const char *name)
{
	struct buf text = BUF_INIT(65536);
	char line[64];

	compare(state, s);
	assert_true(s->sums.differences > 0);
	reconcile_text(&text, &s->accounts, &s->sums);
	snprintf(line, sizeof(line), "difference: %s\n", name);
	if (!strstr(text.data, line))
		fail_msg("%s is not named: %s", name, text.data);
	assert_null(strstr(text.data, "reconciled"));
	buf_free(&text);
	sums_release(&s->sums);
	reconcile_release(&s->accounts);
	election_release(&s->e);
}

static void every_difference_is_named(void **state)
{
	static struct story s;

	tell(&s);
	s.totals.issued = 7;
	expect_difference(state, &s, "issued");
	tell(&s);
	s.totals.replaced = 1;
	expect_difference(state, &s, "replaced");
	tell(&s);
	s.totals.state[SEND_REFUSED] = 0;
	expect_difference(state, &s, "states");
	tell(&s);
	s.totals.state[SEND_ACCEPTED] = 2;
	s.totals.state[SEND_PLANNED] = 2;
	expect_difference(state, &s, "sent");
	tell(&s);
	s.funnel.verdict[VERDICT_COUNTED] = 5;
	expect_difference(state, &s, "used");
	tell(&s);
	s.funnel.channel[CHANNEL_LINK] = 3;
	s.funnel.channel[CHANNEL_REPLY] = 1;
	expect_difference(state, &s, "channel link");
	tell(&s);
	s.funnel.size++;
	expect_difference(state, &s, "size");
}

/* A number that is added to itself by some amount, of the many that the accounts hold. */
static uint64_t *pick(struct story *s, unsigned i)
{
	struct accounts *a = &s->accounts;
	uint64_t *const number[] = {
		&a->ledger.issued,
		&a->ledger.replaced,
		&a->ledger.state[SEND_PLANNED],
		&a->ledger.state[SEND_IN_FLIGHT],
		&a->ledger.state[SEND_ACCEPTED],
		&a->ledger.state[SEND_DEFERRED],
		&a->ledger.state[SEND_REFUSED],
		&a->ledger.state[SEND_UNCERTAIN],
		&a->chronicle.stood[REPLACE_LOST],
		&a->chronicle.stood[REPLACE_ROTATION],
		&a->chronicle.sealed_members,
		&a->chronicle.issued_credentials,
		&a->chronicle.voted,
		&a->funnel.size,
		&a->funnel.verdict[VERDICT_COUNTED],
		&a->funnel.channel[CHANNEL_REPLY],
		&a->funnel.channel[CHANNEL_SEALED_REPLY],
		&a->funnel.channel[CHANNEL_LINK],
		&a->lines,
		&a->ballots,
		&a->issued,
		&a->replaced,
		&a->renewed,
		&a->unused,
		&a->weight,
		&a->class_weight,
		&a->channel[CHANNEL_REPLY],
		&a->channel[CHANNEL_SEALED_REPLY],
		&a->channel[CHANNEL_LINK],
		&s->counts[0],
		&s->counts[1],
		&s->counts[2],
	};

	return i < sizeof(number) / sizeof(*number) ? number[i] : NULL;
}

/* Whatever number is wrong, by whatever amount, at least one named sum does not hold. */
static void no_wrong_number_goes_unnoticed(void **state)
{
	uint64_t seed = support_seed(), *number;
	static struct story s;

	tell(&s);
	compare(state, &s);
	assert_int_equal(s.sums.differences, 0);
	s.accounts.counts = s.counts;
	memcpy(s.counts, s.e.counts, s.e.m->cells * sizeof(*s.counts));
	s.accounts.chronicle.sealed = s.accounts.chronicle.issued = true;
	s.accounts.chronicle.attended = s.accounts.chronicle.attended_after = true;
	s.accounts.chronicle.sealed_members = s.accounts.chronicle.issued_credentials = 6;
	s.accounts.chronicle.voted = 4;
	for (unsigned i = 0; (number = pick(&s, i)); i++) {
		for (unsigned round = 0; round < 40; round++) {
			uint64_t kept = *number, by = support_random(&seed);

			/* Small steps, great ones, and those that wrap. */
			*number += round % 3 == 0 ? 1 : round % 3 == 1 ? (uint64_t)-1 : by | 1;
			sums_release(&s.sums);
			assert_int_equal(reconcile_sums(&s.sums, &s.accounts), OK);
			if (!s.sums.differences)
				fail_msg("number %u may be %llu instead of %llu", i,
				         (unsigned long long)*number, (unsigned long long)kept);
			*number = kept;
		}
	}
	sums_release(&s.sums);
	assert_int_equal(reconcile_sums(&s.sums, &s.accounts), OK);
	assert_int_equal(s.sums.differences, 0);
	sums_release(&s.sums);
	reconcile_release(&s.accounts);
	election_release(&s.e);
}

/* A ledger with one byte changed, a line taken out or a line put in does not stand. */
static void a_changed_ledger_is_refused(void **state)
{
	struct buf good = BUF_INIT(65536);
	static struct story s;
	const char *second;

	tell(&s);
	s.accounts.m = s.e.m;
	write_ledger(&good, &s);
	for (size_t i = 0; i < good.len; i += 5) {
		good.data[i] ^= 1;
		assert_int_not_equal(
			reconcile_ledger(&s.accounts,
		                         temp_file(state, "ledger", good.data, good.len), NULL),
			OK);
		good.data[i] ^= 1;
	}
	second = strchr(good.data, '\n') + 1;
	assert_int_not_equal(reconcile_ledger(&s.accounts,
	                                      temp_file(state, "ledger", second,
	                                                good.len - (size_t)(second - good.data)),
	                                      NULL),
	                     OK);
	assert_int_not_equal(
		reconcile_ledger(&s.accounts, temp_file(state, "ledger", good.data, 0), NULL), OK);
	assert_int_not_equal(reconcile_ledger(&s.accounts,
	                                      temp_file(state, "ledger", good.data, good.len - 1),
	                                      NULL),
	                     OK);
	assert_int_equal(reconcile_ledger(&s.accounts,
	                                  temp_file(state, "ledger", good.data, good.len), NULL),
	                 OK);
	buf_free(&good);
	reconcile_release(&s.accounts);
	election_release(&s.e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(one_story_reconciles),
		TEMP_TEST(every_difference_is_named),
		TEMP_TEST(no_wrong_number_goes_unnoticed),
		TEMP_TEST(a_changed_ledger_is_refused),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
