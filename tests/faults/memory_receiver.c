/* SPDX-License-Identifier: MIT */
#include "receiver/programs.h"
#include "receiver/statement.h"
#include "tests/refuse.h"
#include "tests/support.h"

#include "tests/unit/receiver/boxed.h"

/*
 * memory_receiver - the ballot box with each of our own allocations refused: it opens whole or
 * not at all, and a ballot is in it, or is not, as the caller was told.
 */
static enum err open_op(void *ctx, struct why *why)
{
	const struct boxed *b = ctx;
	struct box *box = NULL;
	struct box_txn t;
	enum err e = box_open(&box, b->dir, BOX_READ, BOXED_MAP, why);

	if (!e) {
		assert_memory_equal(box->m->id, b->e.m->id, HASH_BYTES);
		e = box_look(&t, box);
		if (!e)
			box_abort(&t);
	}
	box_close(box);
	return e;
}

static enum err mend_op(void *ctx, struct why *why)
{
	struct boxed *b = ctx;

	return enter_mend(b->box, false, why);
}

struct vote {
	struct boxed *b;
	struct buf line;
	bool stands;
};

/* Told DONE and OK it stands; told anything else it must not be lost the next time. */
static enum err cast_op(void *ctx, struct why *why)
{
	struct vote *v = ctx;
	const struct point *c = &v->b->e.member[0].credential;
	struct why flat_why = { 0 };
	struct box_txn t;
	uint64_t index, now = v->b->e.m->opens + 5;
	enum entry entry;
	enum err e;

	box_begin(&t, v->b->box);
	entry = enter_ballot(&t, c, CHANNEL_SEALED_REPLY, v->line.data, v->line.len, now, now,
	                     &index);
	e = box_commit(&t, why, &flat_why);
	if (e)
		return e;
	assert_int_equal(entry, v->stands ? ENTRY_USED : ENTRY_DONE);
	v->stands = true;
	return OK;
}

/* What stood at the opening, written and held against the programs that run. */
static enum err opened_op(void *ctx, struct why *why)
{
	struct boxed *b = ctx;
	const uint64_t now = b->e.m->opens + 9;
	struct opening o = { 0 };
	struct signer *signer = NULL;
	enum err e = signer_open(&signer, b->dir, why);

	if (!e)
		e = programs_digest(o.program, why);
	if (!e)
		e = opening_definition(o.definition, b->e.m);
	o.program[PROGRAM_PARSER][0] ^= 1;
	if (!e)
		e = statement_write(b->box, signer, &o, b->e.m->opens, why);
	if (!e)
		e = statement_check(b->box, signer, &now, why);
	if (!e)
		e = statement_check(b->box, signer, NULL, why);
	signer_free(signer);
	return e;
}

static void a_box_is_whole_whatever_memory_there_is(void **state)
{
	struct vote v = { .b = *state, .line = BUF_INIT((size_t)1 << 20) };

	poll_ballot(&v.line, &v.b->e, 0, CHANNEL_SEALED_REPLY, 1);
	/* LMDB allows one process one environment a file. */
	box_close(v.b->box);
	v.b->box = NULL;
	refuse_each("opening the box", open_op, v.b, 5);
	assert_ok(box_open(&v.b->box, v.b->dir, BOX_WRITE, BOXED_MAP, NULL), NULL);
	refuse_each("mending the flat board", mend_op, v.b, 1);
	refuse_each("a ballot", cast_op, &v, 1);
	refuse_each("an opening", opened_op, v.b, 10);
	assert_true(v.stands);
	assert_ok(enter_mend(v.b->box, false, NULL), NULL);
	boxed_verify(v.b, false);
	buf_free(&v.line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_box_is_whole_whatever_memory_there_is,
		                                boxed_setup, boxed_teardown),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
