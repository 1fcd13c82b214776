/* SPDX-License-Identifier: MIT */
#include "mailer/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <sodium.h>

#include "core/file.h"
#include "tests/unit/temp.h"

static const char *dir(void **state)
{
	return ((struct temp *)*state)->dir;
}

static void fill(void **state, unsigned n)
{
	const struct journal_count counts[] = { { "accepted", 3 }, { "in flight", 1 } };

	for (unsigned i = 0; i < n; i++)
		assert_int_equal(journal_add(dir(state), "send", "letters", counts, 2, NULL), OK);
}

static enum err read_all(void **state, struct buf *out, struct why *why)
{
	unsigned char last[HASH_BYTES];
	struct ledger_hash hash;

	buf_init(out, (size_t)1 << 20);
	return journal_read(dir(state), out, &hash, last, why);
}

static unsigned lines_in(const struct buf *b)
{
	unsigned n = 0;

	for (size_t i = 0; i < b->len; i++)
		n += b->data[i] == '\n';
	return n;
}

static void each_line_holds_the_hash_of_the_one_before(void **state)
{
	unsigned char previous[HASH_BYTES] = { 0 };
	struct buf all;
	char *line;

	fill(state, 5);
	assert_int_equal(read_all(state, &all, NULL), OK);
	assert_int_equal(lines_in(&all), 5);
	line = all.data;
	for (unsigned i = 0; i < 5; i++) {
		size_t len = strcspn(line, "\n");
		struct journal_line read;

		assert_int_equal(journal_line_read(&read, line, len, NULL), OK);
		assert_int_equal(read.n, i);
		assert_string_equal(read.event, "send");
		assert_int_equal(read.counts, 2);
		assert_memory_equal(read.previous, previous, HASH_BYTES);
		crypto_hash_sha256(previous, (const unsigned char *)line, len);
		line += len + 1;
	}
	buf_free(&all);
}

static void a_line_cut_short_by_a_crash_is_taken_back(void **state)
{
	struct buf all;

	fill(state, 3);
	for (off_t cut = 1; cut < 60; cut += 7) {
		const char *path = temp_path(state, "journal.ndjson");
		struct stat st;

		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(truncate(path, st.st_size - cut), 0);
		fill(state, 1);
		assert_int_equal(read_all(state, &all, NULL), OK);
		assert_int_equal(lines_in(&all), 3);
		buf_free(&all);
	}
}

static void any_other_change_is_found_with_its_line(void **state)
{
	struct buf all = BUF_INIT((size_t)1 << 20), out;
	struct why why = { 0 };
	const char *path;
	char *at;

	fill(state, 4);
	path = temp_path(state, "journal.ndjson");
	assert_int_equal(file_read(&all, path, NULL), OK);
	/* The second line says another number. */
	at = strstr(strchr(all.data, '\n'), "\"accepted\":3");
	at[strlen("\"accepted\":")] = '4';
	temp_file(state, "journal.ndjson", all.data, all.len);
	assert_int_equal(read_all(state, &out, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "journal.ndjson:3: the chain of the journal is broken"));
	assert_int_equal(journal_add(dir(state), "send", "x", NULL, 0, &why), ERR_INVALID);
	buf_free(&out);
	buf_free(&all);
}

/* The lines in this order, by number; what is not named is taken out. */
static void write_lines(void **state, const struct buf *all, const unsigned *order, unsigned n)
{
	struct buf out = BUF_INIT((size_t)1 << 20);

	for (unsigned i = 0; i < n; i++) {
		const char *at = all->data, *end;

		for (unsigned skip = order[i]; skip; skip--)
			at = strchr(at, '\n') + 1;
		end = strchr(at, '\n') + 1;
		buf_add(&out, at, (size_t)(end - at));
	}
	temp_file(state, "journal.ndjson", out.data, out.len);
	buf_free(&out);
}

static void expect_broken(void **state, const struct buf *all, const unsigned *order, unsigned n,
                          unsigned line)
{
	struct why why = { 0 };
	char words[100];
	struct buf out;

	write_lines(state, all, order, n);
	assert_int_equal(read_all(state, &out, &why), ERR_INVALID);
	snprintf(words, sizeof(words), "journal.ndjson:%u: the chain of the journal is broken",
	         line);
	if (!strstr(why.text, words))
		fail_msg("\"%s\" does not say \"%s\"", why.text, words);
	buf_free(&out);
}

#define LINES 6

/* Each line taken out, each two exchanged, each one doubled. The last one alone can be taken out
 * unseen: that a ledger once held it is what shows it. */
static void no_line_is_removed_moved_or_doubled_unseen(void **state)
{
	struct buf all = BUF_INIT((size_t)1 << 20), out;
	unsigned order[LINES + 1];
	struct why why = { 0 };

	fill(state, LINES);
	assert_int_equal(file_read(&all, temp_path(state, "journal.ndjson"), NULL), OK);
	for (unsigned out_of = 0; out_of < LINES - 1; out_of++) {
		for (unsigned i = 0; i < LINES - 1; i++)
			order[i] = i + (i >= out_of);
		expect_broken(state, &all, order, LINES - 1, out_of + 1);
	}
	for (unsigned a = 0; a < LINES; a++)
		for (unsigned b = 0; b < a; b++) {
			for (unsigned i = 0; i < LINES; i++)
				order[i] = i == a ? b : i == b ? a : i;
			expect_broken(state, &all, order, LINES, b + 1);
		}
	for (unsigned twice = 0; twice < LINES; twice++) {
		for (unsigned i = 0; i <= LINES; i++)
			order[i] = i - (i > twice);
		expect_broken(state, &all, order, LINES + 1, twice + 2);
	}
	for (unsigned i = 0; i < LINES; i++)
		order[i] = i;
	write_lines(state, &all, order, LINES);
	assert_int_equal(read_all(state, &out, &why), OK);
	buf_free(&out);
	buf_free(&all);
}

static void the_lines_of_one_event_are_summed_up(void **state)
{
	const struct journal_count one[] = { { "lost", 2 }, { "used", 1 } },
				   two[] = { { "lost", 5 } };
	struct journal_count sum[] = { { "lost", 9 }, { "rotation", 9 } };
	uint64_t lines;

	assert_int_equal(journal_sum(dir(state), "stand", sum, 2, &lines, NULL), OK);
	assert_int_equal(lines, 0);
	assert_int_equal(journal_add(dir(state), "stand", "x", one, 2, NULL), OK);
	assert_int_equal(journal_add(dir(state), "send", "x", two, 1, NULL), OK);
	assert_int_equal(journal_add(dir(state), "stand", "x", two, 1, NULL), OK);
	assert_int_equal(journal_sum(dir(state), "stand", sum, 2, &lines, NULL), OK);
	assert_int_equal(lines, 2);
	assert_int_equal(sum[0].n, 7);
	assert_int_equal(sum[1].n, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, temp_setup, temp_teardown)
	const struct CMUnitTest tests[] = {
		TEST(each_line_holds_the_hash_of_the_one_before),
		TEST(a_line_cut_short_by_a_crash_is_taken_back),
		TEST(any_other_change_is_found_with_its_line),
		TEST(no_line_is_removed_moved_or_doubled_unseen),
		TEST(the_lines_of_one_event_are_summed_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
