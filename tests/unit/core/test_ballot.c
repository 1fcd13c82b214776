/* SPDX-License-Identifier: MIT */
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

#include "core/ballot.h"
#include "core/credential.h"
#include "core/json.h"
#include "core/text.h"

static const char *const good[] = { "one-question", "three-questions", "edges", "rotated" };

/* All ballots of a worked example, one after the other, with their trackers in order. */
static void check_board(const char *name)
{
	struct manifest *m = support_manifest(name);
	struct board_text b;
	struct why why = { 0 };
	char path[256], tracker[TRACKER_TEXT];
	json_t *secrets, *trackers;
	size_t i, seen = 0;

	snprintf(path, sizeof(path), "vectors/%s/board.ndjson", name);
	support_board(&b, path);
	snprintf(path, sizeof(path), "vectors/%s/secrets.json", name);
	secrets = support_json(path);
	trackers = json_object_get(secrets, "trackers");
	for (i = 1; i < b.n; i++) {
		struct ballot ballot;

		if (strncmp(b.line[i], "{\"type\":\"ballot\"", 16) != 0)
			continue;
		assert_ok(ballot_read(&ballot, m, b.line[i], b.len[i], &why), &why);
		assert_ok(ballot_check_signature(&ballot, m, &why), &why);
		assert_ok(ballot_check_proofs(&ballot, m, &why), &why);
		assert_int_equal(ballot_line_bytes(m, ballot.channel), b.len[i]);
		ballot_tracker(tracker, b.line[i], b.len[i]);
		assert_string_equal(tracker, json_string_value(json_array_get(trackers, seen++)));
		ballot_release(&ballot);
	}
	assert_true(seen > 0);
	assert_int_equal(seen, json_array_size(trackers));
	json_decref(secrets);
	support_board_free(&b);
	manifest_free(m);
}

static void every_worked_ballot_holds(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		check_board(good[i]);
}

/* Random cells that fit the manifest. */
static void draw_cells(unsigned char *cells, const struct manifest *m, uint64_t *seed)
{
	unsigned r, c;

	memset(cells, 0, CELLS_MAX);
	for (r = 0; r < m->rows; r++) {
		const struct row *row = &m->row[r];
		unsigned options = row->cells - (row->blank ? 1 : 0);
		unsigned want =
			row->lo + (unsigned)(support_random(seed) % (row->hi - row->lo + 1));

		if (row->blank && support_random(seed) % 4 == 0) {
			cells[row->first_cell + options] = 1;
			continue;
		}
		while (want) {
			c = (unsigned)(support_random(seed) % options);
			want -= cells[row->first_cell + c] ? 0 : 1;
			cells[row->first_cell + c] = 1;
		}
	}
	assert_true(manifest_cells_fit(m, cells));
}

static void what_we_make_holds_for_every_choice(void **state)
{
	unsigned char cells[CELLS_MAX];
	uint64_t seed = support_seed();
	struct why why = { 0 };
	size_t i;
	int round;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct manifest *m = support_manifest(good[i]);
		unsigned channel = m->channel[CHANNEL_LINK] ? CHANNEL_LINK : CHANNEL_SEALED_REPLY;

		for (round = 0; round < 12; round++) {
			struct buf line = BUF_INIT(1 << 20);
			struct scalar secret;
			struct ballot b;

			draw_cells(cells, m, &seed);
			scalar_random(&secret);
			assert_ok(ballot_make(&line, m, channel, &secret, cells), NULL);
			assert_ok(ballot_read(&b, m, line.data, line.len, &why), &why);
			assert_ok(ballot_check_signature(&b, m, &why), &why);
			assert_ok(ballot_check_proofs(&b, m, &why), &why);
			ballot_release(&b);
			buf_free(&line);
		}
		manifest_free(m);
	}
}

/* Decrypt with the election's whole secret, which only a test can have. */
static void a_ballot_holds_what_was_chosen(void **state)
{
	struct manifest *m = support_manifest("one-question");
	json_t *secrets = support_json("vectors/one-question/secrets.json");
	const char *hex = json_string_value(json_array_get(
		json_array_get(json_object_get(secrets, "trustee_polynomials"), 0), 0));
	unsigned char cells[CELLS_MAX] = { 0, 0, 1, 0 }, raw[32];
	struct buf line = BUF_INIT(1 << 20);
	struct scalar secret, key, one;
	struct ballot b;
	struct why why = { 0 };
	unsigned i;

	(void)state;
	json_t *wrap = json_pack("{s:s}", "x", hex);
	support_hex(raw, 32, wrap, "x");
	json_decref(wrap);
	assert_ok(scalar_read(&key, raw), NULL);
	scalar_random(&secret);
	scalar_from(&one, 1);
	assert_ok(ballot_make(&line, m, CHANNEL_LINK, &secret, cells), NULL);
	assert_ok(ballot_read(&b, m, line.data, line.len, &why), &why);
	for (i = 0; i < m->row[0].cells; i++) {
		struct point alpha, beta, mask, g;

		ballot_cell(&alpha, &beta, &b, m, 0, i);
		assert_ok(point_mul(&mask, &key, &alpha), NULL);
		assert_ok(point_sub(&beta, &beta, &mask), NULL);
		point_base(&g, &one);
		assert_int_equal(point_is_identity(&beta), !cells[i]);
		assert_int_equal(point_equal(&beta, &g), cells[i]);
	}
	ballot_release(&b);
	buf_free(&line);
	json_decref(secrets);
	manifest_free(m);
}

/* Flip one bit anywhere in the body or signature: something must refuse it. */
static void no_bit_of_a_ballot_can_change(void **state)
{
	struct manifest *m = support_manifest("one-question");
	unsigned char cells[CELLS_MAX] = { 1 }, *body;
	size_t bytes = ballot_body_bytes(m), at;
	struct buf line = BUF_INIT(1 << 20), again = BUF_INIT(1 << 20);
	uint64_t seed = support_seed();
	struct scalar secret;
	int round;

	(void)state;
	scalar_random(&secret);
	assert_ok(ballot_make(&line, m, CHANNEL_LINK, &secret, cells), NULL);
	body = malloc(bytes);
	assert_non_null(body);
	for (round = 0; round < 300; round++) {
		char *start = strstr(line.data, "\"body\":\"") + 8;
		struct ballot b;
		enum err e;

		assert_ok(b64_read(body, bytes, start, B64_LEN(bytes)), NULL);
		at = (size_t)(support_random(&seed) % bytes);
		body[at] ^= (unsigned char)(1u << (support_random(&seed) % 8));
		buf_clear(&again);
		buf_add(&again, line.data, (size_t)(start - line.data));
		b64_add(&again, body, bytes);
		buf_adds(&again, start + B64_LEN(bytes));
		e = ballot_read(&b, m, again.data, again.len, NULL);
		if (!e)
			e = ballot_check_proofs(&b, m, NULL);
		assert_int_not_equal(e, OK);
		if (b.body)
			assert_int_not_equal(ballot_check_signature(&b, m, NULL), OK);
		ballot_release(&b);
	}
	free(body);
	buf_free(&again);
	buf_free(&line);
	manifest_free(m);
}

/* The same ciphertexts under another credential prove nothing: a ballot cannot be copied. */
static void a_ballot_cannot_be_copied(void **state)
{
	struct manifest *m = support_manifest("one-question");
	unsigned char cells[CELLS_MAX] = { 1 };
	struct buf line = BUF_INIT(1 << 20);
	struct scalar mine, other;
	struct ballot b;
	struct why why = { 0 };

	(void)state;
	scalar_random(&mine);
	scalar_random(&other);
	assert_ok(ballot_make(&line, m, CHANNEL_LINK, &mine, cells), NULL);
	assert_ok(ballot_read(&b, m, line.data, line.len, NULL), NULL);
	point_base(&b.credential, &other);
	assert_int_equal(ballot_check_proofs(&b, m, &why), ERR_INVALID);
	assert_string_equal(why.check, "cell proof");
	ballot_release(&b);
	buf_free(&line);
	manifest_free(m);
}

static void a_sealed_block_comes_back(void **state)
{
	struct board_text b;
	struct buf block = BUF_INIT(1 << 20), line = BUF_INIT(1 << 20), quoted = BUF_INIT(1 << 20);
	size_t i, inside;
	const char *at;

	(void)state;
	support_board(&b, "vectors/one-question/board.ndjson");
	for (i = 0; strncmp(b.line[i], "{\"type\":\"ballot\"", 16) != 0; i++)
		;
	armour_write(&block, b.line[i], b.len[i]);
	assert_ok(buf_err(&block), NULL);
	/* As a client quotes it. */
	for (at = block.data; *at; at++) {
		if (at == block.data || at[-1] == '\n')
			buf_adds(&quoted, "> ");
		if (*at == '\n')
			buf_addc(&quoted, '\r');
		buf_addc(&quoted, *at);
	}
	at = strstr(quoted.data, ARMOUR_BEGIN) + strlen(ARMOUR_BEGIN);
	inside = (size_t)(strstr(quoted.data, ARMOUR_END) - at);
	assert_ok(armour_read(&line, at, inside), NULL);
	assert_int_equal(line.len, b.len[i]);
	assert_memory_equal(line.data, b.line[i], line.len);
	buf_clear(&line);
	assert_int_equal(armour_read(&line, "QUJ", 3), ERR_FORMAT);
	assert_int_equal(armour_read(&line, "QUJ_", 4), ERR_FORMAT);
	assert_int_equal(armour_read(&line, "QUJ\xC3", 4), ERR_FORMAT);
	assert_int_equal(armour_read(&line, "", 0), ERR_FORMAT);
	buf_free(&quoted);
	buf_free(&line);
	buf_free(&block);
	support_board_free(&b);
}

/* sealed.txt is the first ballot of one-question as its protocol prints it. */
static void the_worked_block_is_what_we_print(void **state)
{
	struct board_text text, b;
	struct buf block = BUF_INIT(1 << 20), whole = BUF_INIT(1 << 20);
	size_t i;

	(void)state;
	support_board(&text, "vectors/sealed.txt");
	support_board(&b, "vectors/one-question/board.ndjson");
	for (i = 0; strncmp(b.line[i], "{\"type\":\"ballot\"", 16) != 0; i++)
		;
	armour_write(&block, b.line[i], b.len[i]);
	for (i = 0; i < text.n; i++) {
		buf_add(&whole, text.line[i], text.len[i]);
		buf_addc(&whole, '\n');
	}
	assert_string_equal(block.data, whole.data);
	buf_free(&whole);
	buf_free(&block);
	support_board_free(&b);
	support_board_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_worked_ballot_holds),
		cmocka_unit_test(what_we_make_holds_for_every_choice),
		cmocka_unit_test(a_ballot_holds_what_was_chosen),
		cmocka_unit_test(no_bit_of_a_ballot_can_change),
		cmocka_unit_test(a_ballot_cannot_be_copied),
		cmocka_unit_test(a_sealed_block_comes_back),
		cmocka_unit_test(the_worked_block_is_what_we_print),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
