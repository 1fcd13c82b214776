/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "scrutineer/record.h"
#include "tests/election.h"
#include "tests/support.h"
#include "tests/unit/audited.h"
#include "tests/unit/temp.h"

static const struct election_shape small = { 2, 3, { 4, 3 }, 2, true };

static const char *folder(void **state)
{
	const struct temp *t = *state;

	return t->dir;
}

static void expect(void **state, enum stage stage, const char *check)
{
	struct audited t = { 0 };

	audited_expect(&t, folder(state), stage, check);
}

static void fill(struct election *e)
{
	election_init(e, &small);
	election_open(e);
	for (unsigned v = 0; v < 6; v++)
		election_vote(e, v, v % 4);
}

static void a_record_is_followed_through_all_its_stages(void **state)
{
	struct election e;

	fill(&e);
	election_write(&e, folder(state), false);
	expect(state, STAGE_OPEN, "");
	election_write(&e, folder(state), true);
	expect(state, STAGE_OPEN, "");
	election_close(&e);
	election_write(&e, folder(state), true);
	expect(state, STAGE_CLOSED, "");
	election_write_share(&e, folder(state), 3);
	expect(state, STAGE_CLOSED, "");
	election_write_share(&e, folder(state), 1);
	election_write_result(&e, folder(state));
	expect(state, STAGE_COUNTED, "");
	election_release(&e);
}

static void the_counts_are_the_ballots(void **state)
{
	struct audited t = { 0 };
	struct election e;

	fill(&e);
	election_close(&e);
	election_write(&e, folder(state), true);
	for (unsigned j = 1; j <= 3; j++)
		election_write_share(&e, folder(state), j);
	election_write_result(&e, folder(state));
	audited_run(&t, folder(state));
	assert_int_equal(t.n, 0);
	assert_int_equal(t.a.good_shares, 3);
	assert_memory_equal(t.a.counts, e.counts, e.m->cells * sizeof(*e.counts));
	assert_int_equal(t.a.class_ballots[0], 4);
	assert_int_equal(t.a.class_ballots[1], 2);
	assert_int_equal(t.a.channel_ballots[CHANNEL_LINK], 6);
	audit_release(&t.a);
	election_release(&e);
}

static void nothing_is_decrypted_before_the_close(void **state)
{
	struct election e;

	fill(&e);
	election_write(&e, folder(state), false);
	election_file(folder(state), "share-1.json", "{}\n", 3);
	expect(state, STAGE_OPEN, "not closed");
	election_release(&e);
}

static void too_few_ballots_are_never_decrypted(void **state)
{
	struct election e;

	election_init(&e, &small);
	election_open(&e);
	election_vote(&e, 0, 0);
	election_close(&e);
	election_write(&e, folder(state), true);
	expect(state, STAGE_TOO_FEW, "");
	election_write_share(&e, folder(state), 1);
	expect(state, STAGE_TOO_FEW, "too few ballots");
	election_release(&e);
}

static void a_closed_record_has_its_head(void **state)
{
	struct election e;
	char path[200];

	fill(&e);
	election_close(&e);
	election_write(&e, folder(state), true);
	expect(state, STAGE_CLOSED, "");
	snprintf(path, sizeof(path), "%s/head.json", folder(state));
	assert_int_equal(unlink(path), 0);
	expect(state, STAGE_CLOSED, "head missing");
	election_release(&e);
}

/* What our disk would not give is trouble of ours: a good record must not be called bad for it. */
static void what_cannot_be_read_is_no_finding(void **state)
{
	static const char *const names[] = { "share-1.json", "result.json", "head.json" };
	struct election e;

	fill(&e);
	election_close(&e);
	election_write(&e, folder(state), true);
	election_write_share(&e, folder(state), 1);
	election_write_share(&e, folder(state), 2);
	election_write_result(&e, folder(state));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct audit_options o = { .record = folder(state), .threads = 1 };
		const char *path = temp_path(state, names[i]), *aside = temp_path(state, "aside");
		struct why why = { 0 };
		struct audit a;

		assert_int_equal(rename(path, aside), 0);
		assert_int_equal(mkdir(path, 0700), 0);
		assert_int_equal(audit_run(&a, &o, &why), ERR_IO);
		assert_int_equal(a.failures, 0);
		audit_release(&a);
		assert_int_equal(rmdir(path), 0);
		assert_int_equal(rename(aside, path), 0);
	}
	expect(state, STAGE_COUNTED, "");
	election_release(&e);
}

static void add_head(struct buf *heads, const struct election *e, uint64_t time)
{
	struct head head;

	election_head(e, &head, time);
	head_write(heads, &head);
	buf_addc(heads, '\n');
}

/* Witnesses kept heads on the way, in any order; a board that differs from one is refused. */
static void every_kept_head_is_held_against_the_board(void **state)
{
	struct buf heads = BUF_INIT(65536), other = BUF_INIT(65536);
	struct audited t = { 0 };
	struct election e;
	struct head head;
	char path[200];

	election_init(&e, &small);
	add_head(&heads, &e, 1);
	election_open(&e);
	election_vote(&e, 0, 1);
	add_head(&heads, &e, ELECTION_OPENS + 9);
	election_vote(&e, 1, 1);
	election_vote(&e, 2, 2);
	election_close(&e);
	add_head(&heads, &e, ELECTION_CLOSES + 5);
	add_head(&heads, &e, ELECTION_CLOSES + 4);
	election_write(&e, folder(state), true);
	election_file(folder(state), "heads.ndjson", heads.data, heads.len);
	expect(state, STAGE_CLOSED, "");
	/* A head that the same key signed over another board. */
	election_head(&e, &head, ELECTION_CLOSES);
	head.size = 7;
	head_sign(&head, e.m, e.receiver_secret);
	head_write(&other, &head);
	buf_addc(&other, '\n');
	snprintf(path, sizeof(path), "%s/mine.ndjson", folder(state));
	election_file(folder(state), "mine.ndjson", other.data, other.len);
	t.o.heads = path;
	audited_expect(&t, folder(state), STAGE_CLOSED, "head root");
	/* One over more lines than there are: something was taken away. */
	head.size = e.tree.size + 1;
	head_sign(&head, e.m, e.receiver_secret);
	buf_clear(&other);
	head_write(&other, &head);
	buf_addc(&other, '\n');
	election_file(folder(state), "mine.ndjson", other.data, other.len);
	t = (struct audited){ .o.heads = path };
	audited_expect(&t, folder(state), STAGE_CLOSED, "head size");
	/* Over the whole board, yet older than its last time line. */
	buf_clear(&other);
	add_head(&other, &e, ELECTION_CLOSES - 1);
	election_file(folder(state), "mine.ndjson", other.data, other.len);
	t = (struct audited){ .o.heads = path };
	audited_expect(&t, folder(state), STAGE_CLOSED, "head time");
	buf_free(&heads);
	buf_free(&other);
	election_release(&e);
}

static void an_old_head_is_no_head_of_a_closed_record(void **state)
{
	struct buf line = BUF_INIT(4096);
	struct election e;

	fill(&e);
	add_head(&line, &e, ELECTION_CLOSES);
	election_close(&e);
	election_write(&e, folder(state), true);
	election_file(folder(state), "head.json", line.data, line.len);
	expect(state, STAGE_CLOSED, "head size");
	buf_free(&line);
	election_release(&e);
}

/* Several defects at once are all told, each with its line. */
static void every_failure_is_listed(void **state)
{
	struct audited t = { 0 };
	struct election e;
	struct buf line = BUF_INIT(65536);

	election_init(&e, &small);
	election_open(&e);
	election_ballot(&e, &line, 0, 1);
	line.data[line.len - 10] = line.data[line.len - 10] == 'A' ? 'B' : 'A';
	election_line(&e, &line); /* line 7 */
	election_vote(&e, 1, 1);
	buf_clear(&line);
	election_ballot(&e, &line, 1, 2);
	election_line(&e, &line); /* line 9 */
	buf_clear(&line);
	buf_adds(&line, "{\"type\":\"nonsense\"}");
	election_line(&e, &line); /* line 10 */
	election_write(&e, folder(state), false);
	audited_run(&t, folder(state));
	assert_int_equal(t.n, 3);
	assert_int_equal(t.finding[0].line, 7);
	assert_string_equal(t.finding[0].why.check, "ballot signature");
	assert_int_equal(t.finding[1].line, 9);
	assert_string_equal(t.finding[1].why.check, "ballot credential");
	assert_int_equal(t.finding[2].line, 10);
	assert_string_equal(t.finding[2].why.check, "line type");
	audit_release(&t.a);
	buf_free(&line);
	election_release(&e);
}

static void a_weight_that_nobody_has_is_refused_not_counted(void **state)
{
	struct audited t = { 0 };
	struct election e;
	struct buf line = BUF_INIT(65536);

	election_init(&e, &small);
	issued_write(&line, e.m, 2, &e.voter[0].credential, 1, e.mailer_secret);
	election_line(&e, &line);
	election_time(&e, ELECTION_OPENS);
	election_vote(&e, 0, 1);
	election_write(&e, folder(state), false);
	audited_run(&t, folder(state));
	assert_true(audited_has(&t, "issued roll"));
	assert_true(audited_has(&t, "accepted missing"));
	audit_release(&t.a);
	buf_free(&line);
	election_release(&e);
}

static void a_credential_that_is_no_point_is_refused(void **state)
{
	struct buf line = BUF_INIT(65536);
	struct point bad[4];
	struct election e;

	election_init(&e, &small);
	for (unsigned i = 0; i < 4; i++) {
		bad[i] = e.voter[i].credential;
		if (i == 3)
			memset(bad[i].bytes, 0xff, GROUP_BYTES);
	}
	issued_write(&line, e.m, 1, bad, 4, e.mailer_secret);
	election_line(&e, &line);
	election_write(&e, folder(state), false);
	expect(state, STAGE_OPEN, "issued credentials");
	buf_free(&line);
	election_release(&e);
}

static void a_board_that_ends_in_the_middle_is_refused(void **state)
{
	struct election e;

	fill(&e);
	election_file(folder(state), "board.ndjson", e.board.data, e.board.len - 1);
	expect(state, STAGE_OPEN, "line not canonical");
	election_file(folder(state), "board.ndjson", e.board.data, e.board.len - 200);
	expect(state, STAGE_OPEN, "line not canonical");
	election_file(folder(state), "board.ndjson", "", 0);
	expect(state, STAGE_UNKNOWN, "board missing");
	election_file(folder(state), "board.ndjson", "\n", 1);
	expect(state, STAGE_UNKNOWN, "json");
	election_release(&e);
}

static void a_line_without_end_is_refused_in_little_memory(void **state)
{
	size_t many = (size_t)8 << 20;
	char *text = malloc(many);
	struct election e;

	assert_non_null(text);
	memset(text, '{', many);
	fill(&e);
	memcpy(text, e.board.data, e.board.len);
	election_file(folder(state), "board.ndjson", text, many);
	expect(state, STAGE_UNKNOWN, "line length");
	memset(text, ' ', many);
	election_file(folder(state), "board.ndjson", text, many);
	expect(state, STAGE_UNKNOWN, "line length");
	free(text);
	election_release(&e);
}

/* Any byte of any file of a record, changed: refused. Where there are as many shares as the
 * threshold asks for, each of their bytes counts too. */
static void a_record_with_any_byte_changed_is_refused(void **state)
{
	static const char *const names[] = { "board.ndjson", "head.json",    "heads.ndjson",
		                             "share-1.json", "share-3.json", "result.json" };
	uint64_t seed = support_seed();
	struct buf heads = BUF_INIT(4096);
	struct election e;

	fill(&e);
	add_head(&heads, &e, ELECTION_OPENS + 7);
	election_close(&e);
	election_write(&e, folder(state), true);
	election_write_share(&e, folder(state), 1);
	election_write_share(&e, folder(state), 3);
	election_write_result(&e, folder(state));
	election_file(folder(state), "heads.ndjson", heads.data, heads.len);
	expect(state, STAGE_COUNTED, "");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct buf path = BUF_INIT(4096), file = BUF_INIT((size_t)1 << 20);
		struct why why = { 0 };
		unsigned samples = 60;

		assert_ok(file_read(&file, file_path(&path, folder(state), names[i]), &why), &why);
		for (unsigned s = 0; s < samples; s++) {
			size_t at = (size_t)(support_random(&seed) % file.len);
			char was = file.data[at];
			struct audited t = { 0 };

			/* Some of the changes are a bit, some any byte, the last is cut off. */
			if (s % 2)
				file.data[at] = (char)(was ^ (1 << (support_random(&seed) % 8)));
			else
				file.data[at] =
					(char)(was + 1 + (int)(support_random(&seed) % 255));
			election_file(folder(state), names[i], file.data,
			              s == 0 ? file.len - 1 : file.len);
			audited_run(&t, folder(state));
			if (!t.n)
				fail_msg("%s: byte %zu may be %02x", names[i], at,
				         (unsigned char)file.data[at]);
			audit_release(&t.a);
			file.data[at] = was;
		}
		election_file(folder(state), names[i], file.data, file.len);
		buf_free(&path);
		buf_free(&file);
	}
	expect(state, STAGE_COUNTED, "");
	buf_free(&heads);
	election_release(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(a_record_is_followed_through_all_its_stages),
		TEMP_TEST(the_counts_are_the_ballots),
		TEMP_TEST(nothing_is_decrypted_before_the_close),
		TEMP_TEST(too_few_ballots_are_never_decrypted),
		TEMP_TEST(a_closed_record_has_its_head),
		TEMP_TEST(what_cannot_be_read_is_no_finding),
		TEMP_TEST(every_kept_head_is_held_against_the_board),
		TEMP_TEST(an_old_head_is_no_head_of_a_closed_record),
		TEMP_TEST(every_failure_is_listed),
		TEMP_TEST(a_weight_that_nobody_has_is_refused_not_counted),
		TEMP_TEST(a_credential_that_is_no_point_is_refused),
		TEMP_TEST(a_board_that_ends_in_the_middle_is_refused),
		TEMP_TEST(a_line_without_end_is_refused_in_little_memory),
		TEMP_TEST(a_record_with_any_byte_changed_is_refused),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
