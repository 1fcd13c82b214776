/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/secret.h"
#include "scrutineer/audit.h"
#include "scrutineer/checkpoint.h"
#include "scrutineer/mark.h"
#include "scrutineer/record.h"
#include "scrutineer/trusteehome.h"
#include "tests/election.h"
#include "tests/refuse.h"
#include "tests/support.h"
#include "tests/unit/temp.h"

/*
 * memory_record - a scrutineer whose memory runs out, at each of its allocations: verify never
 * calls a good record bad or a bad one good, a trustee's home is whole, no mark is lost.
 */
static const struct election_shape shape = { 1, 1, { 2, 1 }, 1, false };

#define FINDINGS_MAX 8
struct found {
	unsigned n;
	struct {
		char file[32], check[48];
		uint64_t line;
		bool fails;
	} is[FINDINGS_MAX];
};

struct record {
	char dir[256], key[300];
	struct found want; /* what verify finds with memory enough */
	enum stage stage;
	const struct checkpoint *from;
	struct election e;
};

static void keep(void *ctx, const struct finding *f)
{
	struct found *found = ctx;
	unsigned n = found->n++;

	assert_true(n < FINDINGS_MAX);
	snprintf(found->is[n].file, sizeof(found->is[n].file), "%s", f->file);
	snprintf(found->is[n].check, sizeof(found->is[n].check), "%s", f->why.check);
	found->is[n].line = f->line;
	found->is[n].fails = f->fails;
}

static enum err verify(struct audit *a, struct found *found, const struct record *r,
                       struct why *why)
{
	const struct audit_options o = {
		.record = r->dir, .from = r->from, .threads = 1, .found = keep, .ctx = found
	};

	memset(found, 0, sizeof(*found));
	return audit_run(a, &o, why);
}

static enum err verify_op(void *ctx, struct why *why)
{
	const struct record *r = ctx;
	struct found found;
	struct audit a;
	enum err e = verify(&a, &found, r, why);

	if (!e) {
		assert_int_equal(a.stage, r->stage);
		assert_int_equal(found.n, r->want.n);
		assert_memory_equal(&found, &r->want, sizeof(found));
		assert_int_equal(a.counts != NULL,
		                 a.stage == STAGE_COUNTED && !a.board_failures &&
		                         a.good_shares >= a.m->trustees.threshold);
	}
	/* Cut short it may have told less, never anything else. */
	for (unsigned i = 0; i < found.n; i++)
		assert_memory_equal(&found.is[i], &r->want.is[i], sizeof(found.is[i]));
	audit_release(&a);
	return e;
}

/* Sweep over this record; with memory enough it has just these `failures`. */
static void sweep(struct record *r, const char *name, unsigned failures)
{
	struct why why = { 0 };
	struct audit a;

	assert_ok(verify(&a, &r->want, r, &why), &why);
	r->stage = a.stage;
	if (a.failures != failures)
		fail_msg("%s: %llu failures, the first %s", name, (unsigned long long)a.failures,
		         r->want.is[0].check);
	audit_release(&a);
	refuse_each(name, verify_op, r, 100);
}

static void begin(struct record *r, void **state)
{
	const struct temp *t = *state;

	memset(r, 0, sizeof(*r));
	snprintf(r->dir, sizeof(r->dir), "%s", t->dir);
	assert_int_equal(setenv("VOTEPOST_KEY_DIR", t->dir, 1), 0);
	election_init(&r->e, &shape);
	election_open(&r->e);
	election_vote(&r->e, 0, 1);
	election_vote(&r->e, 2, 3);
}

/* Closed, with its share, the result and a witness's head. */
static void count(struct record *r)
{
	struct buf line = BUF_INIT(4096);
	struct head head;

	election_head(&r->e, &head, ELECTION_OPENS + 1);
	head_write(&line, &head);
	buf_addc(&line, '\n');
	election_file(r->dir, RECORD_HEADS, line.data, line.len);
	election_close(&r->e);
	election_write(&r->e, r->dir, true);
	election_write_share(&r->e, r->dir, 1);
	election_write_result(&r->e, r->dir);
	buf_free(&line);
}

static void drop(const struct record *r, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	assert_int_equal(unlink(path), 0);
}

static void a_good_record_is_never_called_bad(void **state)
{
	struct record r;

	begin(&r, state);
	election_write(&r.e, r.dir, true);
	sweep(&r, "an open record", 0);
	count(&r);
	sweep(&r, "a counted record", 0);
	election_release(&r.e);
}

static void a_bad_record_is_never_called_good(void **state)
{
	struct record r;

	begin(&r, state);
	count(&r);
	r.e.counts[0] += 1;
	r.e.counts[1] -= 1;
	election_write_result(&r.e, r.dir);
	sweep(&r, "counts that were moved", 2);
	drop(&r, "share-1.json");
	sweep(&r, "a result without shares enough", 1);
	drop(&r, RECORD_RESULT);
	drop(&r, RECORD_HEAD);
	sweep(&r, "a closed board without its head", 1);
	election_release(&r.e);
}

static void a_bad_ballot_or_head_is_never_called_good(void **state)
{
	struct buf line = BUF_INIT(1 << 20);
	struct record r;
	char *body;

	begin(&r, state);
	election_ballot(&r.e, &line, 1, 0);
	body = strstr(line.data, "\"body\":\"") + 8 + 300;
	*body = *body == 'A' ? 'B' : 'A';
	election_line(&r.e, &line);
	r.e.ballots++;
	count(&r);
	drop(&r, RECORD_RESULT);
	election_file(r.dir, RECORD_HEADS, "{}\n", 3);
	sweep(&r, "a bad ballot and a bad head", 3);
	buf_free(&line);
	election_release(&r.e);
}

static enum err checkpoint_op(void *ctx, struct why *why)
{
	struct record *r = ctx;
	struct checkpoint from = { 0 };
	struct found found;
	struct audit a;
	char path[300];
	enum err e;

	snprintf(path, sizeof(path), "%s/checkpoint", r->dir);
	e = verify(&a, &found, r, why);
	if (!e)
		e = checkpoint_write(path, &a, why);
	if (!e)
		e = checkpoint_read(&from, path, why);
	if (!e)
		assert_int_equal(from.size, a.tree.size);
	checkpoint_release(&from);
	audit_release(&a);
	return e;
}

static void a_checkpoint_is_whole_or_not_there(void **state)
{
	struct checkpoint from = { 0 };
	struct record r;
	char path[300];

	begin(&r, state);
	election_write(&r.e, r.dir, true);
	refuse_each("a checkpoint", checkpoint_op, &r, 100);
	snprintf(path, sizeof(path), "%s/checkpoint", r.dir);
	count(&r);
	assert_ok(checkpoint_read(&from, path, NULL), NULL);
	r.from = &from;
	sweep(&r, "a counted record from a checkpoint", 0);
	checkpoint_release(&from);
	election_release(&r.e);
}

/* A home that was made opens. */
static enum err home_op(void *ctx, struct why *why)
{
	static unsigned n;
	const struct trustee_place place = { "spring", "Ada", 1, 1, 1 };
	const struct passphrase pass = { .len = 4, .text = "pass" };
	const struct temp *t = *(void **)ctx;
	struct trusteehome h = { 0 };
	char home[300], words[300];
	enum err e;

	snprintf(home, sizeof(home), "%s/home-%u", t->dir, n++);
	snprintf(words, sizeof(words), "%s/pw", t->dir);
	e = trusteehome_create(home, &place, &pass, why);
	if (!e)
		e = trusteehome_open(&h, home, words, why);
	if (!e)
		assert_int_equal(h.number, 1);
	trusteehome_close(&h);
	return e;
}

static void a_trustees_home_is_whole_or_refused(void **state)
{
	sealed_cost.opslimit = 1;
	sealed_cost.memlimit = 8192;
	temp_text(state, "pw", "pass\n");
	refuse_each("a trustee's home", home_op, state, 20);
}

/* Whatever fails, once the mark is on disk no other board passes. */
static enum err mark_op(void *ctx, struct why *why)
{
	const struct record *r = ctx;
	unsigned char root[HASH_BYTES];

	election_root(&r->e, root);
	return mark_board(r->key, r->e.m, root, why);
}

static enum err other_mark_op(void *ctx, struct why *why)
{
	const struct record *r = ctx;
	unsigned char root[HASH_BYTES] = { 1 };
	enum err e = mark_board(r->key, r->e.m, root, why);

	assert_int_not_equal(e, OK);
	/* Refused for its reason, the one right answer, or for want of memory. */
	if (e == ERR_INVALID && why)
		*why = (struct why){ 0 };
	return e == ERR_INVALID ? OK : e;
}

static void a_mark_is_never_lost(void **state)
{
	struct record r;

	begin(&r, state);
	snprintf(r.key, sizeof(r.key), "%s/decrypted", r.dir);
	refuse_each("a mark", mark_op, &r, 2);
	refuse_each("another board's mark", other_mark_op, &r, 2);
	election_release(&r.e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(a_good_record_is_never_called_bad),
		TEMP_TEST(a_bad_record_is_never_called_good),
		TEMP_TEST(a_bad_ballot_or_head_is_never_called_good),
		TEMP_TEST(a_checkpoint_is_whole_or_not_there),
		TEMP_TEST(a_trustees_home_is_whole_or_refused),
		TEMP_TEST(a_mark_is_never_lost),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
