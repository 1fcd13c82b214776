/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "scrutineer/record.h"
#include "scrutineer/words.h"
#include "tests/support.h"
#include "tests/unit/audited.h"
#include "tests/unit/temp.h"

static void a_finding_is_one_line_with_its_place_and_name(void **state)
{
	struct finding f = { .file = RECORD_BOARD, .has_line = true, .line = 12, .fails = true };
	struct buf out = BUF_INIT(4096);

	(void)state;
	why_check(&f.why, "ballot late", "a \"late\" ballot");
	words_finding(&out, &f);
	assert_string_equal(out.data, "board.ndjson line 12: ballot late: a \"late\" ballot\n");
	buf_clear(&out);
	words_finding_json(&out, &f);
	assert_string_equal(out.data,
	                    "{\"file\":\"board.ndjson\",\"line\":12,\"check\":\"ballot late\","
	                    "\"text\":\"a \\\"late\\\" ballot\"}");
	buf_clear(&out);
	f.has_line = false;
	words_finding(&out, &f);
	assert_string_equal(out.data, "board.ndjson: ballot late: a \"late\" ballot\n");
	buf_free(&out);
}

static void any_bytes_make_good_json(void **state)
{
	static const char hostile[] = "\x1b[2J\xff\xc3\xe2\x80\xae\\\"\n\xed\xa0\x80 é";
	struct buf out = BUF_INIT(4096);
	json_t *value;

	(void)state;
	words_json_text(&out, hostile);
	value = json_loadb(out.data, out.len, JSON_DECODE_ANY, NULL);
	assert_non_null(value);
	assert_non_null(strstr(json_string_value(value), "\\\"?"));
	assert_non_null(strstr(json_string_value(value), " é"));
	assert_null(strchr(json_string_value(value), '\x1b'));
	json_decref(value);
	buf_free(&out);
}

/* A record may come from anyone: no byte of it steers the terminal of whoever verifies it. */
static void no_finding_carries_a_control_character(void **state)
{
	const struct temp *temp = *state;
	static const char line[] = "{\"type\":\"manifest\",\"\xe2\x80\xae\x1b[31m\":1}\n";
	struct audited t = { 0 };

	temp_file(state, RECORD_BOARD, line, sizeof(line) - 1);
	audited_run(&t, temp->dir);
	assert_int_equal(t.n, 1);
	for (const char *p = t.finding[0].why.text; *p; p++)
		assert_true((unsigned char)*p >= 0x20);
	audit_release(&t.a);
}

static void counts_stand_beside_their_options_in_each_language(void **state)
{
	struct manifest *m = support_manifest("three-questions");
	uint64_t counts[CELLS_MAX];
	struct buf out = BUF_INIT(65536);

	(void)state;
	for (unsigned c = 0; c < m->cells; c++)
		counts[c] = 100 + c;
	words_counts(&out, m, counts, manifest_language(m, "en"));
	assert_non_null(strstr(out.data, "Orientation text\n         100  Text 1\n"));
	assert_non_null(strstr(out.data, "         103  (blank)\n"));
	assert_non_null(strstr(out.data, "  Plan B\n         113  Good\n"));
	buf_clear(&out);
	words_counts(&out, m, counts, manifest_language(m, "fr"));
	assert_non_null(strstr(out.data, "         115  À rejeter\n"));
	buf_clear(&out);
	words_counts_json(&out, m, counts);
	assert_string_equal(out.data, "[[100,101,102,103],[104,105,106,107,108,109],"
	                              "[110,111,112],[113,114,115]]");
	buf_free(&out);
	manifest_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_finding_is_one_line_with_its_place_and_name),
		cmocka_unit_test(any_bytes_make_good_json),
		TEMP_TEST(no_finding_carries_a_control_character),
		cmocka_unit_test(counts_stand_beside_their_options_in_each_language),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
