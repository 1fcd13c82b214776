/* SPDX-License-Identifier: MIT */
#include "core/opening.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "tests/support.h"
#include "tests/unit/temp.h"

static struct manifest *m;
static unsigned char receiver[SIGN_SECRET_BYTES], mailer[SIGN_SECRET_BYTES];

static void take_key(unsigned char secret[SIGN_SECRET_BYTES], const char *who)
{
	json_t *secrets = support_json("vectors/one-question/secrets.json");
	unsigned char seed[32], key[32];

	support_hex(seed, sizeof(seed), secrets, who);
	crypto_sign_seed_keypair(key, secret, seed);
	json_decref(secrets);
}

static int set_up(void **state)
{
	(void)state;
	m = support_manifest("one-question");
	take_key(receiver, "receiver_seed");
	take_key(mailer, "mailer_seed");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	manifest_free(m);
	return 0;
}

static struct opening an_opening(bool rehearsed)
{
	struct opening o = { .at = m->opens - 60, .rehearsed = rehearsed };

	assert_int_equal(opening_definition(o.definition, m), OK);
	memset(o.program[PROGRAM_PARSER], 7, PROGRAM_BYTES);
	memset(o.program[PROGRAM_RECEIVER], 8, PROGRAM_BYTES);
	if (rehearsed) {
		memset(o.rehearsal, 9, HASH_BYTES);
		memset(o.rehearsal_root, 10, HASH_BYTES);
	}
	o.head.size = 4;
	o.head.time = o.at;
	head_sign(&o.head, m, receiver);
	return o;
}

static void read_same(bool rehearsed)
{
	struct opening o = an_opening(rehearsed), got;
	struct buf line = BUF_INIT(OPENING_MAX), again = BUF_INIT(OPENING_MAX);
	struct why why = { 0 };

	opening_write(&line, &o, m, receiver);
	assert_int_equal(buf_err(&line), OK);
	assert_ok(opening_read(&got, m, buf_text(&line), line.len, &why), &why);
	opening_write(&again, &got, m, receiver);
	assert_string_equal(buf_text(&line), buf_text(&again));
	assert_int_equal(got.rehearsed, rehearsed);
	assert_memory_equal(got.program, o.program, sizeof(o.program));
	assert_memory_equal(got.rehearsal_root, o.rehearsal_root, HASH_BYTES);
	buf_free(&line);
	buf_free(&again);
}

static void an_opening_is_read_as_it_was_written(void **state)
{
	(void)state;
	read_same(true);
	read_same(false);
}

static void refused(const char *line, size_t len, const struct manifest *of, const char *check)
{
	struct opening got;
	struct why why = { 0 };

	assert_int_not_equal(opening_read(&got, of, line, len, &why), OK);
	if (check)
		assert_string_equal(why.check, check);
}

static void another_key_or_election_is_refused(void **state)
{
	struct manifest *other = support_manifest("three-questions");
	struct opening o = an_opening(true);
	struct buf line = BUF_INIT(OPENING_MAX);

	(void)state;
	opening_write(&line, &o, m, mailer);
	refused(buf_text(&line), line.len, m, "opening signature");
	buf_clear(&line);
	opening_write(&line, &o, m, receiver);
	refused(buf_text(&line), line.len, other, "opening election");
	buf_free(&line);
	manifest_free(other);
}

static void one_changed_byte_anywhere_is_refused(void **state)
{
	struct opening o = an_opening(true);
	struct buf line = BUF_INIT(OPENING_MAX);

	(void)state;
	opening_write(&line, &o, m, receiver);
	assert_true(line.len > 600);
	for (size_t i = 0; i < line.len; i++) {
		line.data[i] ^= 1;
		refused(buf_text(&line), line.len, m, NULL);
		line.data[i] ^= 1;
	}
	refused(buf_text(&line), line.len - 1, m, NULL);
	buf_free(&line);
}

/* `from` in a good line becomes `to`. */
static void changed(const char *from, const char *to, const char *check)
{
	struct opening o = an_opening(true);
	struct buf line = BUF_INIT(OPENING_MAX), bad = BUF_INIT(OPENING_MAX);
	const char *at;

	opening_write(&line, &o, m, receiver);
	at = strstr(buf_text(&line), from);
	assert_non_null(at);
	buf_add(&bad, buf_text(&line), (size_t)(at - buf_text(&line)));
	buf_adds(&bad, to);
	buf_adds(&bad, at + strlen(from));
	refused(buf_text(&bad), bad.len, m, check);
	buf_free(&line);
	buf_free(&bad);
}

static void an_opening_of_another_form_is_refused(void **state)
{
	(void)state;
	changed("\"votepost-parser\":", "\"votepost-receiver\":", "json duplicate key");
	changed("\"votepost-parser\":", "\"votepost-zebra\":", "json keys");
	changed("\"type\":\"opening\"", "\"type\":\"openings\"", NULL);
	changed("\"type\":\"head\"", "\"type\":\"tail\"", NULL);
	changed("\"head\":{", "\"head\":\"\",\"tail\":{", NULL);
	changed("\"rehearsal\":\"CQ", "\"rehearsal\":\"\",\"x\":\"CQ", "json keys");
	changed("\"at\":\"2", "\"at\":\"x", NULL);
}

static void programs_out_of_order_are_refused(void **state)
{
	struct opening o = an_opening(true);
	struct buf line = BUF_INIT(OPENING_MAX), bad = BUF_INIT(OPENING_MAX);
	const char *parser, *receiver_at, *end;

	(void)state;
	opening_write(&line, &o, m, receiver);
	parser = strstr(buf_text(&line), "\"votepost-parser\"");
	receiver_at = strstr(buf_text(&line), "\"votepost-receiver\"");
	assert_true(parser && receiver_at);
	end = strchr(receiver_at, '}');
	buf_add(&bad, buf_text(&line), (size_t)(parser - buf_text(&line)));
	buf_add(&bad, receiver_at, (size_t)(end - receiver_at));
	buf_addc(&bad, ',');
	buf_add(&bad, parser, (size_t)(receiver_at - parser) - 1);
	buf_adds(&bad, end);
	assert_int_equal(bad.len, line.len);
	refused(buf_text(&bad), bad.len, m, "json keys");
	buf_free(&line);
	buf_free(&bad);
}

static void a_head_of_somebody_else_is_refused(void **state)
{
	struct opening o = an_opening(false);
	struct buf line = BUF_INIT(OPENING_MAX);

	(void)state;
	head_sign(&o.head, m, mailer);
	opening_write(&line, &o, m, receiver);
	refused(buf_text(&line), line.len, m, "opening head");
	buf_free(&line);
}

static void a_rehearsal_goes_with_its_root(void **state)
{
	/* Judged before the signature. */
	struct opening o = an_opening(true);
	struct buf line = BUF_INIT(OPENING_MAX), bad = BUF_INIT(OPENING_MAX);
	const char *at, *end;

	(void)state;
	opening_write(&line, &o, m, receiver);
	at = strstr(buf_text(&line), "\"rehearsal_root\":\"");
	assert_non_null(at);
	at += strlen("\"rehearsal_root\":\"");
	end = strchr(at, '"');
	buf_add(&bad, buf_text(&line), (size_t)(at - buf_text(&line)));
	buf_adds(&bad, end);
	refused(buf_text(&bad), bad.len, m, "opening rehearsal");
	buf_free(&line);
	buf_free(&bad);
}

/* A file of these openings. */
static enum err read_file(void **state, struct openings *got, const struct opening *list,
                          unsigned n, const char *after, struct why *why)
{
	struct buf text = BUF_INIT(1u << 20);
	enum err e;

	for (unsigned i = 0; i < n; i++) {
		opening_write(&text, &list[i], m, receiver);
		buf_adds(&text, i + 1 < n ? "\n" : after);
	}
	memset(why, 0, sizeof(*why));
	e = openings_read(got, m, temp_file(state, OPENING_FILE, buf_text(&text), text.len), why);
	buf_free(&text);
	return e;
}

static void a_later_line_may_change_the_programs_alone(void **state)
{
	struct openings *got = calloc(1, sizeof(*got));
	struct opening line[2] = { an_opening(true), an_opening(true) };
	struct why why;

	assert_non_null(got);
	assert_ok(read_file(state, got, line, 1, "\n", &why), &why);
	assert_int_equal(got->n, 1);
	line[1].at += 5;
	line[1].program[PROGRAM_PARSER][0] = 99;
	line[1].head.size = 9;
	head_sign(&line[1].head, m, receiver);
	assert_ok(read_file(state, got, line, 2, "\n", &why), &why);
	assert_int_equal(got->n, 2);
	assert_int_equal(got->line[1].program[PROGRAM_PARSER][0], 99);
	assert_int_equal(got->line[0].program[PROGRAM_PARSER][0], 7);

	assert_int_equal(read_file(state, got, line, 2, "", &why), ERR_INVALID);
	assert_string_equal(why.check, "line not canonical");
	assert_int_equal(read_file(state, got, line, 0, "", &why), ERR_INVALID);
	line[1].at = line[0].at - 1;
	assert_int_equal(read_file(state, got, line, 2, "\n", &why), ERR_INVALID);
	assert_string_equal(why.check, "opening order");
	line[1].at = line[0].at;
	line[1].rehearsal[0]++;
	assert_int_equal(read_file(state, got, line, 2, "\n", &why), ERR_INVALID);
	assert_string_equal(why.check, "opening order");
	assert_int_equal(openings_read(got, m, "/nonexistent/opening.json", &why), ERR_NOT_FOUND);
	free(got);
}

static void a_file_has_an_end(void **state)
{
	struct openings *got = calloc(1, sizeof(*got));
	struct opening line[OPENINGS_MAX + 1];
	struct why why;

	assert_non_null(got);
	for (unsigned i = 0; i <= OPENINGS_MAX; i++)
		line[i] = an_opening(false);
	assert_ok(read_file(state, got, line, OPENINGS_MAX, "\n", &why), &why);
	assert_int_equal(got->n, OPENINGS_MAX);
	assert_int_equal(read_file(state, got, line, OPENINGS_MAX + 1, "\n", &why), ERR_INVALID);
	free(got);
}

/* The manifest's line with one text in place of another, as an election of its own. */
static void definition_with(unsigned char out[HASH_BYTES], const char *from, const char *to)
{
	const char *at = strstr(m->line, from);
	struct buf line = BUF_INIT(MANIFEST_MAX);
	struct manifest *other = NULL;
	struct why why = { 0 };

	assert_non_null(at);
	buf_add(&line, m->line, (size_t)(at - m->line));
	buf_adds(&line, to);
	buf_adds(&line, at + strlen(from));
	assert_ok(manifest_read(&other, buf_text(&line), line.len, &why), &why);
	assert_memory_not_equal(other->id, m->id, HASH_BYTES);
	assert_int_equal(opening_definition(out, other), OK);
	manifest_free(other);
	buf_free(&line);
}

static void the_definition_is_what_voters_read(void **state)
{
	unsigned char real[HASH_BYTES], got[HASH_BYTES];
	char test[32];

	(void)state;
	snprintf(test, sizeof(test), "\"test\":%s", m->test ? "false" : "true");
	assert_int_equal(opening_definition(real, m), OK);
	definition_with(got, m->test ? "\"test\":true" : "\"test\":false", test);
	assert_memory_equal(got, real, HASH_BYTES);
	definition_with(got, "\"closes\":\"2026-12-02", "\"closes\":\"2026-12-03");
	assert_memory_equal(got, real, HASH_BYTES);
	definition_with(got, "\"organiser\":\"", "\"organiser\":\"x");
	assert_memory_not_equal(got, real, HASH_BYTES);
	definition_with(got, "\"options\":[{\"fr\":\"", "\"options\":[{\"fr\":\"x");
	assert_memory_not_equal(got, real, HASH_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_opening_is_read_as_it_was_written),
		cmocka_unit_test(another_key_or_election_is_refused),
		cmocka_unit_test(one_changed_byte_anywhere_is_refused),
		cmocka_unit_test(an_opening_of_another_form_is_refused),
		cmocka_unit_test(programs_out_of_order_are_refused),
		cmocka_unit_test(a_head_of_somebody_else_is_refused),
		cmocka_unit_test(a_rehearsal_goes_with_its_root),
		TEMP_TEST(a_later_line_may_change_the_programs_alone),
		TEMP_TEST(a_file_has_an_end),
		cmocka_unit_test(the_definition_is_what_voters_read),
	};

	group_init();
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
