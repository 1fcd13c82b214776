/* SPDX-License-Identifier: MIT */
#include "mailer/issue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/board.h"
#include "mailer/home.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/kit.h"

#define MEMBERS 2100 /* more than two lines of 1,024 */

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, GROUP_BYTES);
}

/* The credentials that the keys make, sorted. */
static struct point *minted(const struct kit *k)
{
	struct point *all = calloc(MEMBERS, sizeof(*all));

	assert_non_null(all);
	for (unsigned i = 0; i < MEMBERS; i++) {
		struct token token;
		char id[12];

		snprintf(id, sizeof(id), "M%u", i);
		mint_token(&token, k->keys.token[0], k->m->id, 1, id, strlen(id));
		mint_credential(&all[i], k->m->id, &token, NULL);
	}
	qsort(all, MEMBERS, sizeof(*all), by_bytes);
	return all;
}

static void what_is_issued_is_signed_sorted_and_everyone_s(void **state)
{
	const char *home = ((struct temp *)*state)->dir;
	unsigned seen = 0, lines = 0;
	struct lines file;
	struct why why = { 0 };
	struct point *want;
	struct kit k;

	kit_open(&k, state, KIT_DEFINITION, MEMBERS);
	assert_ok(issue_write(home, k.m, k.roll, &k.keys, NULL, NULL, &why), &why);
	want = minted(&k);
	assert_ok(lines_open(&file, temp_path(state, HOME_ISSUED), line_max(k.m), &why), &why);
	while (!lines_next(&file, &why)) {
		struct line line;

		assert_ok(line_read(&line, k.m, file.line.data, file.line.len, &why), &why);
		assert_int_equal(line.type, LINE_ISSUED);
		assert_ok(line_check_signature(&line, k.m, &why), &why);
		assert_int_equal(line.u.issued.weight, 1);
		for (unsigned i = 0; i < line.u.issued.n; i++)
			assert_memory_equal(line.u.issued.credential[i].bytes, want[seen + i].bytes,
			                    GROUP_BYTES);
		seen += line.u.issued.n;
		lines++;
		line_release(&line);
	}
	lines_close(&file);
	assert_int_equal(seen, MEMBERS);
	assert_int_equal(lines, 3);
	free(want);
	kit_close(&k);
}

static void handles_are_sorted_and_signed(void **state)
{
	const char *home = ((struct temp *)*state)->dir;
	struct buf line = BUF_INIT((size_t)1 << 20), handles = BUF_INIT((size_t)1 << 20);
	struct why why = { 0 };
	char handle[HANDLE_TEXT];
	struct kit k;

	kit_open(&k, state, KIT_DEFINITION, MEMBERS);
	assert_ok(issue_write(home, k.m, k.roll, &k.keys, NULL, NULL, &why), &why);
	assert_ok(file_read_line(&line, temp_path(state, HOME_HANDLES), &why), &why);
	assert_ok(handles_read(&handles, k.m, line.data, line.len, &why), &why);
	assert_int_equal(handles.len, (MEMBERS + 1) * HANDLE_CHARS);
	mint_handle(handle, k.keys.handle, k.m->id, "M7", 2);
	assert_non_null(strstr(handles.data, handle));
	buf_free(&line);
	buf_free(&handles);
	kit_close(&k);
}

static void it_may_be_repeated_and_the_same_comes_out(void **state)
{
	const char *home = ((struct temp *)*state)->dir;
	struct buf one = BUF_INIT((size_t)1 << 20), two = BUF_INIT((size_t)1 << 20);
	struct kit k;

	kit_open(&k, state, KIT_DEFINITION, MEMBERS);
	assert_int_equal(issue_write(home, k.m, k.roll, &k.keys, NULL, NULL, NULL), OK);
	assert_int_equal(file_read(&one, temp_path(state, HOME_ISSUED), NULL), OK);
	assert_int_equal(issue_write(home, k.m, k.roll, &k.keys, NULL, NULL, NULL), OK);
	assert_int_equal(file_read(&two, temp_path(state, HOME_ISSUED), NULL), OK);
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.data, two.data, one.len);
	buf_free(&one);
	buf_free(&two);
	kit_close(&k);
}

static void other_keys_than_the_manifest_s_issue_nothing(void **state)
{
	struct why why = { 0 };
	unsigned char public[32];
	struct kit k;

	kit_open(&k, state, KIT_DEFINITION, MEMBERS);
	crypto_sign_keypair(public, k.keys.sign);
	assert_int_equal(
		issue_write(((struct temp *)*state)->dir, k.m, k.roll, &k.keys, NULL, NULL, &why),
		ERR_STATE);
	assert_int_not_equal(access(temp_path(state, HOME_ISSUED), F_OK), 0);
	kit_close(&k);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, temp_setup, temp_teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_is_issued_is_signed_sorted_and_everyone_s),
		TEST(handles_are_sorted_and_signed),
		TEST(it_may_be_repeated_and_the_same_comes_out),
		TEST(other_keys_than_the_manifest_s_issue_nothing),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
