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

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, temp_setup, temp_teardown)
	const struct CMUnitTest tests[] = {
		TEST(each_line_holds_the_hash_of_the_one_before),
		TEST(a_line_cut_short_by_a_crash_is_taken_back),
		TEST(any_other_change_is_found_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
