/* SPDX-License-Identifier: MIT */
#include "tests/support.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "core/board.h"
#include "core/ledger.h"

static const char *const good[] = { "one-question", "three-questions", "edges", "rotated",
	                            "nobody-voted" };

/* The signing key of a worked example, from its seed. */
static void sign_key(unsigned char secret[SIGN_SECRET_BYTES], const char *name, const char *who)
{
	unsigned char seed[32], key[32];
	json_t *secrets;
	char path[128];

	snprintf(path, sizeof(path), "vectors/%s/secrets.json", name);
	secrets = support_json(path);
	support_hex(seed, sizeof(seed), secrets, who);
	crypto_sign_seed_keypair(key, secret, seed);
	json_decref(secrets);
}

/* Read a line, check what it is signed with, print it again: the same bytes. Ed25519 is
 * deterministic, so that even signatures come out the same. */
static void print_again(const struct line *line, const struct manifest *m,
                        const unsigned char secret[SIGN_SECRET_BYTES], const char *text)
{
	struct buf out = BUF_INIT(1 << 20);

	switch (line->type) {
	case LINE_ISSUED:
		issued_write(&out, m, line->u.issued.weight, line->u.issued.credential,
		             line->u.issued.n, secret);
		break;
	case LINE_ACCEPTED:
		accepted_write(&out, line->u.accepted.trustee, &line->u.accepted.r,
		               &line->u.accepted.z);
		break;
	case LINE_TIME:
		time_line_write(&out, line->u.time);
		break;
	case LINE_REPLACED:
		replaced_write(&out, m, &line->u.replaced.old,
		               line->u.replaced.revoked ? NULL : &line->u.replaced.by, secret);
		break;
	case LINE_EXTENDED:
		extended_write(&out, m, line->u.closes, secret);
		break;
	case LINE_CLOSED:
		closed_write(&out, line->u.closed.ballots, line->u.closed.issued,
		             line->u.closed.replaced);
		break;
	case LINE_BALLOT:
		return;
	}
	assert_string_equal(buf_text(&out), text);
	buf_free(&out);
}

static void worked_lines_are_read_and_printed_again(void **state)
{
	unsigned char secret[SIGN_SECRET_BYTES];
	unsigned types = 0;
	char path[128];
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct manifest *m = support_manifest(good[i]);
		struct board_text b;

		sign_key(secret, good[i], "mailer_seed");
		snprintf(path, sizeof(path), "vectors/%s/board.ndjson", good[i]);
		support_board(&b, path);
		for (j = 1; j < b.n; j++) {
			struct why why = { 0 };
			struct line line;

			assert_true(b.len[j] <= line_max(m));
			assert_ok(line_read(&line, m, b.line[j], b.len[j], &why), &why);
			assert_ok(line_check_signature(&line, m, &why), &why);
			print_again(&line, m, secret, b.line[j]);
			types |= 1u << line.type;
			line_release(&line);
		}
		support_board_free(&b);
		manifest_free(m);
	}
	assert_int_equal(types, (1u << (LINE_CLOSED + 1)) - 1);
}

static void worked_heads_cover_their_boards(void **state)
{
	unsigned char secret[SIGN_SECRET_BYTES];
	char path[128];
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct manifest *m = support_manifest(good[i]);
		struct board_text b, h;
		struct merkle tree = { 0 };
		struct node node;
		struct head head, again;
		struct buf out = BUF_INIT(1024);
		struct why why = { 0 };

		snprintf(path, sizeof(path), "vectors/%s/board.ndjson", good[i]);
		support_board(&b, path);
		snprintf(path, sizeof(path), "vectors/%s/head.json", good[i]);
		support_board(&h, path);
		for (j = 0; j < b.n; j++) {
			merkle_leaf(&node, b.line[j], b.len[j]);
			merkle_append(&tree, &node, NULL, NULL);
		}
		merkle_root(&node, &tree);
		assert_ok(head_read(&head, h.line[0], h.len[0], &why), &why);
		assert_ok(head_check(&head, m, &why), &why);
		assert_int_equal(head.size, tree.size);
		assert_memory_equal(&head.root, &node, sizeof(node));
		again = head;
		sign_key(secret, good[i], "receiver_seed");
		head_sign(&again, m, secret);
		head_write(&out, &again);
		assert_string_equal(out.data, h.line[0]);
		again.time++;
		assert_int_equal(head_check(&again, m, &why), ERR_INVALID);
		assert_string_equal(why.check, "head signature");
		buf_free(&out);
		support_board_free(&b);
		support_board_free(&h);
		manifest_free(m);
	}
}

static void the_worked_receipt_holds_for_its_ballot_alone(void **state)
{
	struct manifest *m = support_manifest("one-question");
	struct board_text b, r;
	struct receipt receipt;
	struct buf out = BUF_INIT(8192);
	struct why why = { 0 };
	size_t i;

	(void)state;
	support_board(&b, "vectors/one-question/board.ndjson");
	support_board(&r, "vectors/receipt.json");
	assert_ok(receipt_read(&receipt, r.line[0], r.len[0], &why), &why);
	receipt_write(&out, &receipt);
	assert_string_equal(out.data, r.line[0]);
	for (i = 1; i < b.n; i++) {
		enum err e = receipt_check(&receipt, m, b.line[i], b.len[i], &why);

		assert_int_equal(e, i == receipt.index ? OK : ERR_INVALID);
	}
	receipt.index++;
	assert_int_equal(receipt_check(&receipt, m, b.line[receipt.index - 1],
	                               b.len[receipt.index - 1], &why),
	                 ERR_INVALID);
	assert_string_equal(why.check, "receipt proof");
	buf_free(&out);
	support_board_free(&b);
	support_board_free(&r);
	manifest_free(m);
}

static void handles_ascend_and_are_signed(void **state)
{
	struct manifest *m = support_manifest("one-question");
	unsigned char secret[SIGN_SECRET_BYTES], other[SIGN_SECRET_BYTES];
	static const char sorted[] = "1gcjwmgv8ymvr9ax5v5w30p6xm",
			  back[] = "9ax5v5w30p6xm1gcjwmgv8ymvr";
	struct buf line = BUF_INIT(1024), out = BUF_INIT(1024);
	struct why why = { 0 };

	(void)state;
	sign_key(secret, "one-question", "mailer_seed");
	sign_key(other, "one-question", "receiver_seed");
	handles_write(&line, m, sorted, 2, secret);
	assert_ok(handles_read(&out, m, line.data, line.len, &why), &why);
	assert_string_equal(out.data, sorted);
	buf_clear(&line);
	handles_write(&line, m, back, 2, secret);
	assert_int_equal(handles_read(&out, m, line.data, line.len, &why), ERR_INVALID);
	assert_string_equal(why.check, "handles");
	buf_clear(&line);
	handles_write(&line, m, sorted, 2, other);
	assert_int_equal(handles_read(&out, m, line.data, line.len, &why), ERR_INVALID);
	assert_string_equal(why.check, "handles signature");
	assert_false(handle_ok("9ax5v5w30p6xn"));
	assert_false(handle_ok("9ax5v5w30p6xM"));
	buf_free(&line);
	buf_free(&out);
	manifest_free(m);
}

/* Such a credential could never vote: the box must not open with it. */
static void issued_credentials_are_points(void **state)
{
	struct manifest *m = support_manifest("one-question");
	unsigned char secret[SIGN_SECRET_BYTES];
	struct point credentials[2] = { group_base };
	struct buf text = BUF_INIT(4096);
	struct why why = { 0 };
	struct line line;
	int bad;

	(void)state;
	sign_key(secret, "one-question", "mailer_seed");
	for (bad = 0; bad < 2; bad++) {
		memset(&credentials[1], bad ? 0xff : 0, sizeof(credentials[1]));
		buf_clear(&text);
		issued_write(&text, m, 1, credentials, 2, secret);
		assert_int_equal(line_read(&line, m, text.data, text.len, &why), ERR_INVALID);
		assert_string_equal(why.check, "issued credentials");
		line_release(&line);
	}
	buf_free(&text);
	manifest_free(m);
}

static void the_ledger_is_bound_to_every_line_before(void **state)
{
	struct manifest *m = support_manifest("one-question");
	unsigned char secret[SIGN_SECRET_BYTES];
	struct journal_line journal = { .n = 7,
		                        .at = 1796335200,
		                        .event = "send",
		                        .purpose = "first \"send-out\"",
		                        .counts = 1 },
			    back;
	struct ledger_totals totals = { .at = 1796335200, .issued = 12, .state = { 2, 0, 10 } },
			     got;
	struct ledger_hash hash;
	struct buf line = BUF_INIT(JOURNAL_LINE_MAX), last = BUF_INIT(JOURNAL_LINE_MAX);
	struct why why = { 0 };

	(void)state;
	memcpy(journal.count[0].name, "accepted", 9);
	journal.count[0].n = 10;
	sign_key(secret, "one-question", "mailer_seed");
	journal_line_write(&line, &journal);
	assert_ok(journal_line_read(&back, line.data, line.len, &why), &why);
	assert_memory_equal(&back, &journal, sizeof(back));
	ledger_hash_begin(&hash);
	ledger_hash_line(&hash, line.data, line.len);
	ledger_totals_write(&last, &totals, m, &hash, secret);
	assert_ok(ledger_totals_read(&got, last.data, last.len, m, &hash, &why), &why);
	assert_memory_equal(&got, &totals, sizeof(got));
	line.data[line.len - 2] ^= 1;
	ledger_hash_begin(&hash);
	ledger_hash_line(&hash, line.data, line.len);
	assert_int_equal(ledger_totals_read(&got, last.data, last.len, m, &hash, &why),
	                 ERR_INVALID);
	assert_string_equal(why.check, "ledger signature");
	buf_free(&line);
	buf_free(&last);
	manifest_free(m);
}

static void the_funnel_is_signed_by_the_receiver(void **state)
{
	struct manifest *m = support_manifest("one-question");
	unsigned char secret[SIGN_SECRET_BYTES];
	struct funnel f = { .size = 17, .verdict = { 9, 1 }, .channel = { 9 } }, got;
	struct buf line = BUF_INIT(4096);
	struct why why = { 0 };

	(void)state;
	sign_key(secret, "one-question", "receiver_seed");
	funnel_write(&line, &f, m, secret);
	assert_ok(funnel_read(&got, m, line.data, line.len, &why), &why);
	assert_memory_equal(&got, &f, sizeof(f));
	buf_clear(&line);
	sign_key(secret, "one-question", "mailer_seed");
	funnel_write(&line, &f, m, secret);
	assert_int_equal(funnel_read(&got, m, line.data, line.len, &why), ERR_INVALID);
	assert_string_equal(why.check, "funnel signature");
	buf_free(&line);
	manifest_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(worked_lines_are_read_and_printed_again),
		cmocka_unit_test(worked_heads_cover_their_boards),
		cmocka_unit_test(the_worked_receipt_holds_for_its_ballot_alone),
		cmocka_unit_test(handles_ascend_and_are_signed),
		cmocka_unit_test(issued_credentials_are_points),
		cmocka_unit_test(the_ledger_is_bound_to_every_line_before),
		cmocka_unit_test(the_funnel_is_signed_by_the_receiver),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
