/* SPDX-License-Identifier: MIT */
#include "receiver/rehearsal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "receiver/programs.h"
#include "tests/election.h"
#include "tests/support.h"
#include "tests/unit/temp.h"

/* A test election that was run to its count, the election that it rehearsed, and one of another
 * definition. */
static struct election test, real, other;
static struct head first; /* over the test's board before any ballot */

static int set_up(void **state)
{
	struct election_shape shape = {
		.threshold = 1, .trustees = 1, .voters = { 4, 0 }, .min_ballots = 1
	};

	(void)state;
	election_init(&real, &shape);
	shape.grades = true;
	election_init(&other, &shape);
	shape.grades = false;
	election_init_test(&test, &shape);
	election_issue(&test);
	election_accept(&test);
	election_head(&test, &first, ELECTION_OPENS - 60);
	election_time(&test, ELECTION_OPENS);
	election_vote(&test, 0, 0);
	election_vote(&test, 1, 1);
	election_close(&test);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	election_release(&test);
	election_release(&real);
	election_release(&other);
	return 0;
}

/* What `open` knows before it looks at a rehearsal. */
static struct opening asked(const struct manifest *m)
{
	struct opening o = { 0 };
	struct why why = { 0 };

	assert_int_equal(opening_definition(o.definition, m), OK);
	assert_ok(programs_digest(o.program, &why), &why);
	return o;
}

static struct opening tests_own(void)
{
	struct opening o = asked(test.m);

	o.at = ELECTION_OPENS - 60;
	o.head = first;
	return o;
}

static void put_opening(const char *dir, const struct opening *o, const struct election *by)
{
	struct buf line = BUF_INIT(OPENING_MAX);

	opening_write(&line, o, by->m, by->receiver_secret);
	buf_addc(&line, '\n');
	election_file(dir, OPENING_FILE, line.data, line.len);
	buf_free(&line);
}

/* A whole record in a folder of its own. */
static const char *record(void **state)
{
	const char *dir = temp_path(state, "record");
	struct opening o = tests_own();

	assert_true(mkdir(dir, 0700) == 0 || file_there(dir));
	election_write(&test, dir, true);
	election_write_result(&test, dir);
	put_opening(dir, &o, &test);
	return dir;
}

static void accepted(const char *dir)
{
	struct opening o = asked(real.m);
	unsigned char root[HASH_BYTES];
	struct why why = { 0 };

	assert_ok(rehearsal_read(&o, dir, real.m, &why), &why);
	election_root(&test, root);
	assert_true(o.rehearsed);
	assert_memory_equal(o.rehearsal, test.m->id, HASH_BYTES);
	assert_memory_equal(o.rehearsal_root, root, HASH_BYTES);
}

static void refused_for(const char *dir, const struct manifest *m, const char *words)
{
	struct opening o = asked(m);
	struct why why = { 0 };

	assert_int_not_equal(rehearsal_read(&o, dir, m, &why), OK);
	if (!strstr(why.text, words) || !strstr(why.text, dir))
		print_error("wanted \"%s\", got: %s\n", words, why.text);
	assert_non_null(strstr(why.text, words));
	assert_non_null(strstr(why.text, dir));
	assert_false(o.rehearsed);
}

static void refused(const char *dir, const char *words)
{
	refused_for(dir, real.m, words);
}

static void a_counted_test_of_the_same_definition_is_a_rehearsal(void **state)
{
	accepted(record(state));
}

static void another_definition_is_named(void **state)
{
	refused_for(record(state), other.m, "its `questions` is not that of the election: digest ");
}

static void a_real_election_is_no_rehearsal(void **state)
{
	const char *dir = record(state);

	election_write(&real, dir, false);
	refused(dir, "its election is no test");
}

static void each_of_the_files_must_be_there(void **state)
{
	static const char *const names[] = { "board.ndjson", "head.json", OPENING_FILE };
	struct buf path = BUF_INIT(4096);

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *dir = record(state);

		assert_int_equal(unlink(file_path(&path, dir, names[i])), 0);
		refused(dir, names[i]);
	}
	record(state);
	assert_int_equal(unlink(file_path(&path, temp_path(state, "record"), "result.json")), 0);
	refused(temp_path(state, "record"), "it was not counted");
	buf_free(&path);
	refused(temp_path(state, "nowhere"), "board.ndjson");
}

static void other_programs_are_named_with_their_digests(void **state)
{
	const char *dir = record(state);
	struct opening o = tests_own();

	memset(o.program[PROGRAM_PARSER], 0xab, PROGRAM_BYTES);
	put_opening(dir, &o, &test);
	refused(dir, "votepost-parser is another program now: SHA-256 abababab");
	o = tests_own();
	o.program[PROGRAM_RECEIVER][31] ^= 1;
	put_opening(dir, &o, &test);
	refused(dir, "votepost-receiver is another program now");
}

static void an_opening_of_somebody_else_is_refused(void **state)
{
	const char *dir = record(state);
	struct opening o = tests_own();
	struct buf line = BUF_INIT(OPENING_MAX);

	opening_write(&line, &o, test.m, real.receiver_secret);
	buf_addc(&line, '\n');
	election_file(dir, OPENING_FILE, line.data, line.len);
	refused(dir, "the receiver did not sign");
	o.head.size++;
	head_sign(&o.head, test.m, test.receiver_secret);
	put_opening(dir, &o, &test);
	refused(dir, OPENING_FILE " is of another board");
	o.head.size = 1000;
	head_sign(&o.head, test.m, test.receiver_secret);
	put_opening(dir, &o, &test);
	refused(dir, OPENING_FILE " is of a longer board");
	buf_free(&line);
}

static void put_head(const char *dir, const struct head *head)
{
	struct buf line = BUF_INIT(4096);

	head_write(&line, head);
	buf_addc(&line, '\n');
	election_file(dir, "head.json", line.data, line.len);
	buf_free(&line);
}

static void the_head_must_be_of_this_board(void **state)
{
	const char *dir = record(state);
	struct head head;

	put_head(dir, &first);
	refused(dir, "head.json covers");
	election_head(&test, &head, ELECTION_CLOSES);
	put_head(dir, &head);
	accepted(dir);
	head_sign(&head, test.m, real.receiver_secret);
	put_head(dir, &head);
	refused(dir, "the receiver did not sign this head");
	head.root.bytes[0] ^= 1;
	head_sign(&head, test.m, test.receiver_secret);
	put_head(dir, &head);
	refused(dir, "head.json is of another board: its root is ");
}

static void the_board_must_be_whole_and_closed(void **state)
{
	const char *dir = record(state);
	const char *text = test.board.data, *last = text + test.board.len - 1;

	while (last[-1] != '\n')
		last--;
	election_file(dir, "board.ndjson", text, (size_t)(last - text));
	refused(dir, "it was not run to its end");
	election_file(dir, "board.ndjson", text, test.board.len - 1);
	refused(dir, "it has no line feed");
	election_file(dir, "board.ndjson", "", 0);
	refused(dir, "it is empty");
}

static void the_result_must_name_this_board(void **state)
{
	const char *dir = record(state);
	struct buf path = BUF_INIT(4096), line = BUF_INIT(65536);
	struct why why = { 0 };
	char *at;

	assert_ok(file_read(&line, file_path(&path, dir, "result.json"), &why), &why);
	at = strstr(line.data, "\"head\":\"") + 9;
	*at = *at == 'A' ? 'B' : 'A';
	election_file(dir, "result.json", line.data, line.len);
	refused(dir, "result.json is of another board");
	election_file(dir, "result.json", "{}\n", 3);
	refused(dir, "result");
	buf_free(&path);
	buf_free(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(a_counted_test_of_the_same_definition_is_a_rehearsal),
		TEMP_TEST(another_definition_is_named),
		TEMP_TEST(a_real_election_is_no_rehearsal),
		TEMP_TEST(each_of_the_files_must_be_there),
		TEMP_TEST(other_programs_are_named_with_their_digests),
		TEMP_TEST(an_opening_of_somebody_else_is_refused),
		TEMP_TEST(the_head_must_be_of_this_board),
		TEMP_TEST(the_board_must_be_whole_and_closed),
		TEMP_TEST(the_result_must_name_this_board),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
