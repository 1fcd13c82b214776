/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "scrutineer/cmd.h"
#include "tests/support.h"
#include "tests/unit/capture.h"

struct request {
	const char *record;
	bool json;
};

static int run(void *arg)
{
	const struct request *r = arg;
	char name[] = "verify", flag[] = "--json";
	char *words[] = { name, (char *)(uintptr_t)r->record, r->json ? flag : NULL, NULL };

	return cmd_verify(r->json ? 3 : 2, words);
}

/* `verify RECORD` as the program runs it. */
static void verify(struct capture *c, const char *record, bool json)
{
	struct request r = { record, json };

	capture(c, run, &r);
}

static void expect_good(const char *name, const char *stage)
{
	struct capture c;
	char path[128], line[64];

	snprintf(path, sizeof(path), "vectors/%s", name);
	snprintf(line, sizeof(line), "stage: %s\n", stage);
	verify(&c, path, false);
	assert_int_equal(c.status, 0);
	assert_non_null(strstr(c.out, line));
	assert_non_null(strstr(c.out, "verified: "));
	assert_null(strstr(c.out, "FAILS"));
}

static void every_good_record_verifies(void **state)
{
	(void)state;
	expect_good("one-question", "counted");
	expect_good("three-questions", "counted");
	expect_good("rotated", "counted");
	expect_good("nobody-voted", "counted");
	expect_good("edges", "counted");
}

static void a_bad_share_is_named_and_left_out(void **state)
{
	struct capture c;

	(void)state;
	expect_good("one-share-forged-enough-left", "counted");
	verify(&c, "vectors/one-share-forged-enough-left", false);
	assert_int_equal(c.status, 0);
	assert_non_null(strstr(c.out, "note   share-2.json: share proof: "));
}

static void read_check(char *out, size_t cap, const char *name)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "vectors/bad/%s/check.txt", name);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(out, (int)cap, f));
	out[strcspn(out, "\n")] = '\0';
	fclose(f);
}

static void expect_bad(const char *name)
{
	struct capture c;
	char path[512], check[64], wanted[96];
	json_error_t error;
	json_t *answer;

	read_check(check, sizeof(check), name);
	snprintf(path, sizeof(path), "vectors/bad/%s", name);
	snprintf(wanted, sizeof(wanted), ": %s: ", check);
	verify(&c, path, false);
	if (c.status != 1 || !strstr(c.out, wanted))
		fail_msg("%s: refused under \"%s\"? It said: %s", name, check, c.out);
	/* The same for a program. */
	verify(&c, path, true);
	assert_int_equal(c.status, 1);
	answer = json_loads(c.out, 0, &error);
	assert_non_null(answer);
	assert_true(json_is_false(json_object_get(answer, "good")));
	snprintf(wanted, sizeof(wanted), "\"check\":\"%s\"", check);
	assert_non_null(strstr(c.out, wanted));
	json_decref(answer);
}

static void every_bad_record_is_refused_by_name(void **state)
{
	DIR *dir = opendir("vectors/bad");
	struct dirent *entry;
	unsigned n = 0;

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		expect_bad(entry->d_name);
		n++;
	}
	closedir(dir);
	assert_true(n >= 62);
}

static void a_record_that_is_not_there_is_refused(void **state)
{
	struct capture c;

	(void)state;
	verify(&c, "vectors/no-such-record", false);
	assert_int_equal(c.status, 1);
	assert_non_null(strstr(c.out, ": board missing: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_good_record_verifies),
		cmocka_unit_test(a_bad_share_is_named_and_left_out),
		cmocka_unit_test(every_bad_record_is_refused_by_name),
		cmocka_unit_test(a_record_that_is_not_there_is_refused),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
