/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "core/board.h"
#include "core/count.h"
#include "core/file.h"
#include "core/funnel.h"
#include "core/ledger.h"
#include "core/opening.h"
#include "core/rules.h"
#include "core/secret.h"
#include "core/tally.h"
#include "core/template.h"
#include "core/text.h"
#include "tests/election.h"
#include "tests/refuse.h"
#include "tests/support.h"

/*
 * memory_core - every reader and writer of core/ with each of its allocations refused: it says
 * that memory is short, or answers rightly. In a build with ASan nothing may leak either.
 *
 * A line is a row of `operations`; each reads what was written with memory enough and compares.
 */
#define LINE_CAP ((size_t)1 << 20)

struct world {
	struct election e;
	struct share share[2];
	struct head head;
	struct buf ballot, head_line, receipt, commitment, reveal, deal, share_line, result;
	struct buf funnel, handles, journal, ledger, receiver, opening;
	struct ledger_hash before;
	unsigned char root[HASH_BYTES];
};

/* What a writer made is whole, or its buffer says that it is not. */
static enum err same(struct buf *made, const struct buf *want)
{
	enum err e = buf_err(made);

	if (!e) {
		assert_int_equal(made->len, want->len);
		assert_memory_equal(made->data, want->data, want->len);
	}
	buf_free(made);
	return e;
}

static enum err manifest_op(void *ctx, struct why *why)
{
	const struct world *w = ctx;
	struct manifest *m = NULL;
	enum err e = manifest_read(&m, w->e.m->line, w->e.m->len, why);

	if (!e)
		assert_memory_equal(m->id, w->e.m->id, HASH_BYTES);
	manifest_free(m);
	return e;
}

/* The whole board: each line's form and signature, and the rules. */
static enum err board_op(void *ctx, struct why *why)
{
	const struct world *w = ctx;
	const char *at = w->e.board.data, *end;
	struct rules r;
	enum err e = rules_init(&r, w->e.m);

	for (at += w->e.m->len + 1; at < w->e.board.data + w->e.board.len && !e; at = end + 1) {
		struct line line;

		end = strchr(at, '\n');
		e = line_read(&line, w->e.m, at, (size_t)(end - at), why);
		if (!e)
			e = line_check_signature(&line, w->e.m, why);
		if (!e)
			e = rules_take(&r, &line, NULL, why);
		line_release(&line);
	}
	if (!e)
		e = rules_end(&r, true, why);
	if (!e)
		assert_int_equal(r.ballots, w->e.ballots);
	rules_release(&r);
	return e;
}

static enum err ballot_make_op(void *ctx, struct why *why)
{
	const struct world *w = ctx;
	struct buf line = BUF_INIT(LINE_CAP);
	unsigned char cells[CELLS_MAX];
	enum err e;

	(void)why;
	election_cells(&w->e, cells, 1);
	e = ballot_make(&line, w->e.m, CHANNEL_LINK, &w->e.voter[0].secret, cells);
	if (!e)
		assert_int_equal(line.len, ballot_line_bytes(w->e.m, CHANNEL_LINK));
	buf_free(&line);
	return e;
}

static enum err ballot_check_op(void *ctx, struct why *why)
{
	const struct world *w = ctx;
	struct ballot b;
	enum err e = ballot_read(&b, w->e.m, w->ballot.data, w->ballot.len, why);

	if (!e)
		e = ballot_check_signature(&b, w->e.m, why);
	if (!e)
		e = ballot_check_proofs(&b, w->e.m, why);
	ballot_release(&b);
	return e;
}

static enum err armour_op(void *ctx, struct why *why)
{
	const struct world *w = ctx;
	struct buf armour = BUF_INIT(LINE_CAP), line = BUF_INIT(LINE_CAP);
	enum err e;

	(void)why;
	armour_write(&armour, w->ballot.data, w->ballot.len);
	e = buf_err(&armour);
	if (!e)
		e = armour_read(&line, armour.data + sizeof(ARMOUR_BEGIN),
		                armour.len - 1 - sizeof(ARMOUR_BEGIN) - sizeof(ARMOUR_END));
	buf_free(&armour);
	if (!e)
		return same(&line, &w->ballot);
	buf_free(&line);
	return e;
}

static enum err head_op(void *ctx, struct why *why)
{
	const struct world *w = ctx;
	struct buf again = BUF_INIT(LINE_CAP);
	struct head head;
	enum err e = head_read(&head, w->head_line.data, w->head_line.len, why);

	if (!e)
		e = head_check(&head, w->e.m, why);
	if (e)
		return e;
	head_write(&again, &head);
	return same(&again, &w->head_line);
}

static enum err receipt_op(void *ctx, struct why *why)
{
	const struct world *w = ctx;
	struct buf again = BUF_INIT(LINE_CAP);
	struct receipt receipt;
	enum err e = receipt_read(&receipt, w->receipt.data, w->receipt.len, why);

	if (e)
		return e;
	receipt_write(&again, &receipt);
	return same(&again, &w->receipt);
}

static enum err commitment_op(void *ctx, struct why *why)
{
	const struct world *w = ctx;
	struct buf again = BUF_INIT(LINE_CAP);
	struct commitment c;
	enum err e = commitment_read(&c, w->commitment.data, w->commitment.len, why);

	if (!e) {
		commitment_write(&again, c.ceremony, c.trustee, c.threshold, c.count, c.hash);
		e = same(&again, &w->commitment);
	}
	commitment_release(&c);
	return e;
}

static enum err reveal_op(void *ctx, struct why *why)
{
	const struct world *w = ctx;
	struct buf again = BUF_INIT(LINE_CAP);
	struct reveal r;
	enum err e = reveal_read(&r, w->reveal.data, w->reveal.len, why);

	if (!e) {
		reveal_write(&again, r.ceremony, r.trustee, r.threshold, r.count, &r.entry);
		e = same(&again, &w->reveal);
	}
	reveal_release(&r);
	return e;
}

static enum err deal_op(void *ctx, struct why *why)
{
	const struct world *w = ctx;
	struct buf again = BUF_INIT(LINE_CAP);
	struct scalar sum = { { 0 } };
	struct deal deal;
	enum err e = deal_read(&deal, w->deal.data, w->deal.len, why);

	if (!e)
		e = trustee_open(&sum, &w->e.trustee[1], w->e.m, &deal, why);
	if (e)
		return e;
	deal_write(&again, &deal);
	return same(&again, &w->deal);
}

static enum err accept_op(void *ctx, struct why *why)
{
	const struct world *w = ctx;
	struct trustee_secret secret = w->e.trustee[0];
	struct buf text = BUF_INIT(LINE_CAP);
	struct line line = { 0 };
	enum err e = trustee_accept(&text, &secret, w->e.m, 1, &w->e.trustee[0].share, why);

	if (!e)
		e = line_read(&line, w->e.m, text.data, text.len, why);
	if (!e)
		e = line_check_signature(&line, w->e.m, why);
	line_release(&line);
	buf_free(&text);
	return e;
}

static enum err decrypt_op(void *ctx, struct why *why)
{
	const struct world *w = ctx;
	struct buf text = BUF_INIT(LINE_CAP);
	struct share share = { 0 };
	enum err e = trustee_decrypt(&text, &w->e.trustee[0], w->e.m, 1, w->root, &w->e.tally, why);

	if (!e)
		e = share_read(&share, w->e.m, text.data, text.len, why);
	if (!e)
		e = share_check(&share, w->e.m, &w->e.tally, w->root, why);
	share_release(&share);
	buf_free(&text);
	return e;
}

static enum err add_both(struct tally *a, struct tally *b, const struct world *w, struct why *why)
{
	struct ballot ballot;
	enum err e = ballot_read(&ballot, w->e.m, w->ballot.data, w->ballot.len, why);

	if (!e)
		e = tally_add(a, &ballot, 1);
	if (!e)
		e = tally_add(b, &ballot, 3);
	if (!e)
		e = tally_merge(a, b);
	if (!e)
		e = tally_total(a);
	ballot_release(&ballot);
	return e;
}

static enum err tally_op(void *ctx, struct why *why)
{
	const struct world *w = ctx;
	struct tally a, b;
	enum err e;

	tally_init(&a, w->e.m);
	tally_init(&b, w->e.m);
	e = add_both(&a, &b, w, why);
	if (!e)
		assert_int_equal(a.weight, 4);
	tally_release(&a);
	tally_release(&b);
	return e;
}

static enum err counts_op(void *ctx, struct why *why)
{
	const struct world *w = ctx;
	const struct share *both[] = { &w->share[0], &w->share[1] };
	uint64_t counts[CELLS_MAX];
	enum err e = tally_counts(counts, &w->e.tally, both, 2, why);

	if (!e)
		assert_memory_equal(counts, w->e.counts, w->e.m->cells * sizeof(*counts));
	return e;
}

static enum err result_op(void *ctx, struct why *why)
{
	const struct world *w = ctx;
	struct buf again = BUF_INIT(LINE_CAP);
	unsigned char head[HASH_BYTES];
	uint64_t counts[CELLS_MAX];
	enum err e = result_read(head, counts, w->e.m, w->result.data, w->result.len, why);

	if (e)
		return e;
	result_write(&again, w->e.m, head, counts);
	return same(&again, &w->result);
}

static enum err funnel_op(void *ctx, struct why *why)
{
	const struct world *w = ctx;
	struct buf again = BUF_INIT(LINE_CAP);
	struct funnel f;
	enum err e = funnel_read(&f, w->e.m, w->funnel.data, w->funnel.len, why);

	if (e)
		return e;
	funnel_write(&again, &f, w->e.m, w->e.receiver_secret);
	return same(&again, &w->funnel);
}

static enum err opening_op(void *ctx, struct why *why)
{
	const struct world *w = ctx;
	struct buf again = BUF_INIT(LINE_CAP);
	unsigned char definition[HASH_BYTES];
	const char *member;
	struct opening o;
	enum err e = opening_definition(definition, w->e.m);

	if (!e)
		e = opening_difference(&member, w->e.m, w->e.m);
	if (!e)
		assert_null(member);
	if (!e)
		e = opening_read(&o, w->e.m, w->opening.data, w->opening.len, why);
	if (e)
		return e;
	assert_memory_equal(o.definition, definition, HASH_BYTES);
	opening_write(&again, &o, w->e.m, w->e.receiver_secret);
	return same(&again, &w->opening);
}

static enum err handles_op(void *ctx, struct why *why)
{
	const struct world *w = ctx;
	struct buf list = BUF_INIT(LINE_CAP), again = BUF_INIT(LINE_CAP);
	enum err e = handles_read(&list, w->e.m, w->handles.data, w->handles.len, why);

	if (!e) {
		handles_write(&again, w->e.m, list.data, list.len / HANDLE_CHARS,
		              w->e.mailer_secret);
		e = same(&again, &w->handles);
	}
	buf_free(&list);
	return e;
}

static enum err journal_op(void *ctx, struct why *why)
{
	const struct world *w = ctx;
	struct buf again = BUF_INIT(LINE_CAP);
	struct journal_line line;
	enum err e = journal_line_read(&line, w->journal.data, w->journal.len, why);

	if (e)
		return e;
	journal_line_write(&again, &line);
	return same(&again, &w->journal);
}

static enum err ledger_op(void *ctx, struct why *why)
{
	const struct world *w = ctx;
	struct buf again = BUF_INIT(LINE_CAP);
	struct ledger_totals t;
	enum err e = ledger_totals_read(&t, w->ledger.data, w->ledger.len, w->e.m, &w->before, why);

	if (e)
		return e;
	ledger_totals_write(&again, &t, w->e.m, &w->before, w->e.mailer_secret);
	return same(&again, &w->ledger);
}

static enum err receiver_key_op(void *ctx, struct why *why)
{
	const struct world *w = ctx;
	struct buf again = BUF_INIT(LINE_CAP);
	unsigned char key[32];
	enum err e = receiver_key_read(key, w->receiver.data, w->receiver.len, why);

	if (e)
		return e;
	receiver_key_write(&again, key);
	return same(&again, &w->receiver);
}

static enum err registry_op(void *ctx, struct why *why)
{
	struct registry *r = NULL;
	enum err e = registry_new(&r, 1);

	(void)ctx, (void)why;
	for (unsigned i = 0; i < 2000 && !e; i++) {
		struct point p = { { (unsigned char)i, (unsigned char)(i >> 8) } };

		e = registry_add(r, &p, 1);
		assert_int_equal(registry_get(r, &p, NULL, NULL), e ? ERR_NOT_FOUND : OK);
	}
	registry_free(r);
	return e;
}

static enum err file_op(void *ctx, struct why *why)
{
	struct buf path = BUF_INIT(4096), there = BUF_INIT(LINE_CAP);
	enum err e;

	(void)ctx;
	e = file_read_line(&there, file_path(&path, "vectors/one-question", "head.json"), why);
	buf_free(&there);
	buf_free(&path);
	return e;
}

static enum err lines_op(void *ctx, struct why *why)
{
	struct buf path = BUF_INIT(4096);
	struct lines lines;
	unsigned n = 0;
	enum err e = lines_open(&lines, file_path(&path, "vectors/one-question", "board.ndjson"),
	                        LINE_CAP, why);

	(void)ctx;
	for (; !e; n++)
		e = lines_next(&lines, why);
	assert_true(e != ERR_NOT_FOUND || n > 10);
	lines_close(&lines);
	buf_free(&path);
	return e == ERR_NOT_FOUND && n ? OK : e;
}

struct operation {
	const char *name;
	refuse_run *run;
	unsigned long least; /* allocations that it makes at the least */
};

static const struct operation operations[] = {
	{ "manifest", manifest_op, 50 },
	{ "board and rules", board_op, 100 },
	{ "making a ballot", ballot_make_op, 2 },
	{ "checking a ballot", ballot_check_op, 5 },
	{ "a ballot in armour", armour_op, 2 },
	{ "head", head_op, 5 },
	{ "receipt", receipt_op, 5 },
	{ "commitment", commitment_op, 5 },
	{ "reveal", reveal_op, 5 },
	{ "deal", deal_op, 5 },
	{ "accepted", accept_op, 5 },
	{ "share", decrypt_op, 5 },
	{ "tally", tally_op, 5 },
	{ "counts", counts_op, 1 },
	{ "result", result_op, 5 },
	{ "funnel", funnel_op, 5 },
	{ "opening", opening_op, 5 },
	{ "handles", handles_op, 5 },
	{ "journal", journal_op, 5 },
	{ "ledger", ledger_op, 5 },
	{ "receiver's key", receiver_key_op, 5 },
	{ "registry", registry_op, 4 },
	{ "a file of one line", file_op, 2 },
	{ "a file of lines", lines_op, 3 },
};

/* What the operations read. */

static void write_ceremony(struct world *w)
{
	const struct trustees *t = &w->e.m->trustees;
	unsigned char hash[HASH_BYTES];
	struct deal deal;

	assert_int_equal(
		ceremony_commitment(hash, &t->entry[0], t->ceremony, 1, t->threshold, t->count),
		OK);
	commitment_write(&w->commitment, t->ceremony, 1, t->threshold, t->count, hash);
	reveal_write(&w->reveal, t->ceremony, 1, t->threshold, t->count, &t->entry[0]);
	assert_int_equal(trustee_deal(&deal, &w->e.trustee[0], w->e.m, 1, 2, NULL), OK);
	deal_write(&w->deal, &deal);
}

static void write_account(struct world *w)
{
	struct funnel funnel = { .size = 5, .verdict = { 3 }, .channel = { 1, 2, 0 } };
	struct journal_line line = { .n = 1, .at = ELECTION_OPENS, .event = "issue", .counts = 1 };
	struct ledger_totals totals = { .at = ELECTION_OPENS, .issued = 5 };
	unsigned char key[32] = { 9 };

	funnel_write(&w->funnel, &funnel, w->e.m, w->e.receiver_secret);
	handles_write(&w->handles, w->e.m, "00000000000000000000000002", 2, w->e.mailer_secret);
	memcpy(line.purpose, "once", 5);
	memcpy(line.count[0].name, "issued", 7);
	journal_line_write(&w->journal, &line);
	ledger_hash_begin(&w->before);
	ledger_totals_write(&w->ledger, &totals, w->e.m, &w->before, w->e.mailer_secret);
	receiver_key_write(&w->receiver, key);
}

static void write_opening(struct world *w)
{
	struct opening o = { .at = ELECTION_OPENS, .rehearsed = true, .head = w->head };

	assert_int_equal(opening_definition(o.definition, w->e.m), OK);
	opening_write(&w->opening, &o, w->e.m, w->e.receiver_secret);
}

static void write_receipt(struct world *w)
{
	struct receipt receipt = { .index = 3, .head = w->head, .proof = { .len = 2 } };

	ballot_tracker(receipt.tracker, w->ballot.data, w->ballot.len);
	receipt.credential = w->e.voter[0].credential;
	receipt_write(&w->receipt, &receipt);
}

static int setup(void **state)
{
	const struct election_shape shape = { 2, 2, { 3, 2 }, 1, true };
	struct world *w = calloc(1, sizeof(*w));
	struct buf *all[] = { &w->ballot,   &w->head_line,  &w->receipt, &w->commitment,
		              &w->reveal,   &w->deal,       &w->result,  &w->funnel,
		              &w->handles,  &w->share_line, &w->journal, &w->ledger,
		              &w->receiver, &w->opening };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		buf_init(all[i], LINE_CAP);
	election_init(&w->e, &shape);
	election_open(&w->e);
	for (unsigned v = 0; v < w->e.voters; v++)
		election_vote(&w->e, v, v % 4);
	election_close(&w->e);
	election_root(&w->e, w->root);
	election_head(&w->e, &w->head, ELECTION_CLOSES);
	head_write(&w->head_line, &w->head);
	election_ballot(&w->e, &w->ballot, 0, 1);
	result_write(&w->result, w->e.m, w->root, w->e.counts);
	for (unsigned j = 0; j < 2; j++) {
		buf_clear(&w->share_line);
		election_share(&w->e, &w->share_line, j + 1);
		assert_int_equal(share_read(&w->share[j], w->e.m, w->share_line.data,
		                            w->share_line.len, NULL),
		                 OK);
	}
	write_ceremony(w);
	write_account(w);
	write_opening(w);
	write_receipt(w);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	struct buf *all[] = { &w->ballot,   &w->head_line,  &w->receipt, &w->commitment,
		              &w->reveal,   &w->deal,       &w->result,  &w->funnel,
		              &w->handles,  &w->share_line, &w->journal, &w->ledger,
		              &w->receiver, &w->opening };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		buf_free(all[i]);
	for (unsigned j = 0; j < 2; j++)
		share_release(&w->share[j]);
	election_release(&w->e);
	free(w);
	return 0;
}

static void want_of_memory_is_told_as_that(void **state)
{
	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
		refuse_each(operations[i].name, operations[i].run, *state, operations[i].least);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(want_of_memory_is_told_as_that) };

	group_init();
	return cmocka_run_group_tests(tests, setup, teardown);
}
