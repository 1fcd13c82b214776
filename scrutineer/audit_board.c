/* SPDX-License-Identifier: MIT */
#include "scrutineer/audit_board.h"

#include <stdlib.h>
#include <string.h>

#include "core/board.h"
#include "scrutineer/audit_heads.h"
#include "scrutineer/checkpoint.h"
#include "scrutineer/record.h"

/* A batch holds its lines twice, as text and read: both bounds together keep it near 10 MiB. */
#define BATCH_LINES 512
#define BATCH_BYTES ((size_t)4 << 20)

struct job {
	size_t start, len; /* in the batch's text */
	uint64_t number;
	bool whole; /* ended by a line feed */
	struct node leaf;
	struct line line;
	enum err form, signature, proofs;
	struct why why_form, why_signature, why_proofs;
	unsigned weight; /* of a ballot that counts, else 0 */
	enum err added;
};

struct pass {
	struct audit *a;
	struct buf text;
	struct job *job; /* [most] */
	size_t jobs, most;
	struct tally *sum; /* [workers] */
	unsigned workers;
	uint64_t number;   /* of the next line */
	uint64_t untold;   /* bytes of the board whose progress was not told */
	uint64_t verified; /* lines before this one were verified by an earlier run */
};

/* Everything about a line that does not depend on the ones before it. */
static void check_alone(void *ctx, unsigned worker, size_t i)
{
	struct pass *p = ctx;
	struct job *job = &p->job[i];
	const char *text = p->text.data + job->start;
	const struct manifest *m = p->a->m;

	(void)worker;
	merkle_leaf(&job->leaf, text, job->len);
	job->form = line_read(&job->line, m, text, job->len, &job->why_form);
	if (job->form || job->number < p->verified)
		return;
	job->signature = line_check_signature(&job->line, m, &job->why_signature);
	if (job->line.type == LINE_BALLOT)
		job->proofs = ballot_check_proofs(&job->line.u.ballot, m, &job->why_proofs);
}

static void add_ballot(void *ctx, unsigned worker, size_t i)
{
	struct pass *p = ctx;
	struct job *job = &p->job[i];

	if (job->weight)
		job->added = tally_add(&p->sum[worker], &job->line.u.ballot, job->weight);
}

/* The earlier run's word, or refusal: at its size the roots agree, or this is another board. */
static enum err pass_checkpoint(struct pass *p)
{
	const struct checkpoint *from = p->a->o->from;
	struct node root;
	struct why why;

	if (!from || p->a->tree.size != from->size)
		return OK;
	merkle_root(&root, &p->a->tree);
	if (memcmp(root.bytes, from->root.bytes, sizeof(root.bytes)) == 0)
		return OK;
	(void)why_check(&why, "checkpoint root",
	                "the first %llu lines are not those that were verified before",
	                (unsigned long long)from->size);
	audit_fails(p->a, RECORD_BOARD, -1, &why);
	return ERR_INVALID;
}

static void count_class(struct audit *a, unsigned weight)
{
	for (unsigned i = 0; i < a->m->classes; i++) {
		if (a->m->class[i].weight == weight)
			a->class_ballots[i]++;
	}
}

static enum err take_read(struct pass *p, struct job *job, struct why *why)
{
	struct audit *a = p->a;
	int64_t number = (int64_t)job->number;
	struct why found = { 0 };
	unsigned weight;
	enum err e = rules_take(&a->rules, &job->line, &weight, &found);

	if (e == ERR_MEMORY) {
		if (why)
			*why = found;
		return e;
	}
	if (e)
		audit_fails(a, RECORD_BOARD, number, &found);
	if (job->signature)
		audit_fails(a, RECORD_BOARD, number, &job->why_signature);
	if (job->proofs)
		audit_fails(a, RECORD_BOARD, number, &job->why_proofs);
	if (!e && a->o->took)
		a->o->took(a->o->ctx, a, &job->line);
	/* The sums of a board that failed are of no use, and its weights may be none. */
	if (a->board_failures || job->line.type != LINE_BALLOT)
		return OK;
	count_class(a, weight);
	a->channel_ballots[job->line.u.ballot.channel]++;
	if (job->number >= p->verified)
		job->weight = weight;
	return OK;
}

/* In the board's order, on one thread. */
static enum err take(struct pass *p, struct job *job, struct why *why)
{
	struct audit *a = p->a;
	enum err e;

	merkle_append(&a->tree, &job->leaf, NULL, NULL);
	audit_heads_pass(a);
	e = pass_checkpoint(p);
	if (e)
		return e;
	if (!job->whole) {
		struct why found;

		(void)why_check(&found, "line not canonical", "the last line has no line feed");
		audit_fails(a, RECORD_BOARD, (int64_t)job->number, &found);
	}
	if (job->form == ERR_MEMORY || job->signature == ERR_MEMORY || job->proofs == ERR_MEMORY)
		return why_set(why, ERR_MEMORY, "no memory for a line");
	if (!job->form)
		return take_read(p, job, why);
	audit_fails(a, RECORD_BOARD, (int64_t)job->number, &job->why_form);
	rules_skip(&a->rules);
	return OK;
}

static enum err take_batch(struct pass *p, struct why *why)
{
	enum err e = OK;
	size_t i;

	crew_run(p->a->crew, check_alone, p, p->jobs);
	for (i = 0; i < p->jobs && !e; i++)
		e = take(p, &p->job[i], why);
	if (!e)
		crew_run(p->a->crew, add_ballot, p, p->jobs);
	for (i = 0; i < p->jobs; i++) {
		if (!e && p->job[i].added)
			e = why_set(why, p->job[i].added, "a ballot could not be added");
		line_release(&p->job[i].line);
	}
	if (p->a->o->step)
		p->a->o->step(p->a->o->ctx, p->untold);
	p->untold = 0;
	p->jobs = 0;
	buf_clear(&p->text);
	return e;
}

static enum err join_sums(struct pass *p)
{
	enum err e = OK;

	if (p->a->o->from)
		e = checkpoint_tally(p->a->o->from, &p->a->tally);
	for (unsigned i = 0; i < p->workers && !e; i++)
		e = tally_merge(&p->a->tally, &p->sum[i]);
	return e;
}

/* A checkpoint of another election, or one that this board is too short for. */
static bool checkpoint_fits(struct pass *p)
{
	const struct checkpoint *from = p->a->o->from;
	struct why why;

	if (!from)
		return true;
	p->verified = from->size;
	if (memcmp(from->election, p->a->m->id, HASH_BYTES) == 0)
		return true;
	p->a->cut = true;
	(void)why_check(&why, "checkpoint election", "the checkpoint is of another election");
	audit_fails(p->a, RECORD_BOARD, -1, &why);
	return false;
}

static void check_reached(struct pass *p)
{
	struct why why;

	if (p->a->tree.size >= p->verified)
		return;
	(void)why_check(&why, "checkpoint size",
	                "the checkpoint covers %llu lines, the board has %llu",
	                (unsigned long long)p->verified, (unsigned long long)p->a->tree.size);
	audit_fails(p->a, RECORD_BOARD, -1, &why);
}

/* A batch that is full, or the last. A board that is another than the checkpoint's was told:
 * nothing more is said of it. */
static enum err finish_batch(struct pass *p, struct why *why)
{
	enum err e = take_batch(p, why);

	if (e != ERR_INVALID)
		return e;
	p->a->cut = true;
	return OK;
}

static enum err begin(struct pass *p)
{
	struct audit *a = p->a;
	struct node leaf;
	enum err e;

	for (unsigned i = 0; i < p->workers; i++)
		tally_init(&p->sum[i], a->m);
	if (!checkpoint_fits(p))
		return OK;
	merkle_leaf(&leaf, a->m->line, a->m->len);
	audit_heads_pass(a);
	merkle_append(&a->tree, &leaf, NULL, NULL);
	audit_heads_pass(a);
	p->number = 1;
	p->untold = a->m->len + 1;
	e = pass_checkpoint(p);
	a->cut = e != OK;
	return OK;
}

enum err audit_board_begin(struct audit *a, struct why *why)
{
	struct pass *p = calloc(1, sizeof(*p));

	a->pass = p;
	if (!p)
		return why_set(why, ERR_MEMORY, "no memory for the board");
	p->a = a;
	p->workers = crew_workers(a->crew);
	p->most = a->o->batch ? a->o->batch : BATCH_LINES;
	buf_init(&p->text, 2 * BATCH_BYTES);
	p->job = calloc(p->most, sizeof(*p->job));
	p->sum = calloc(p->workers, sizeof(*p->sum));
	if (!p->job || !p->sum)
		return why_set(why, ERR_MEMORY, "no memory for a batch of lines");
	return begin(p);
}

enum err audit_board_line(struct audit *a, const char *text, size_t len, bool whole,
                          struct why *why)
{
	struct pass *p = a->pass;
	enum err e;

	if (a->cut)
		return OK;
	p->job[p->jobs] = (struct job){
		.start = p->text.len,
		.len = len,
		.number = p->number++,
		.whole = whole,
	};
	buf_add(&p->text, text, len);
	e = buf_err(&p->text);
	if (e)
		return why_set(why, e, "no memory for a line");
	p->untold += len + 1;
	if (++p->jobs < p->most && p->text.len < BATCH_BYTES)
		return OK;
	return finish_batch(p, why);
}

enum err audit_board_cut(struct audit *a, const struct why *found, struct why *why)
{
	enum err e;

	if (a->cut)
		return OK;
	audit_fails(a, RECORD_BOARD, (int64_t)a->pass->number, found);
	e = finish_batch(a->pass, why);
	a->cut = true;
	return e;
}

enum err audit_board_end(struct audit *a, struct why *why)
{
	struct pass *p = a->pass;
	enum err e = a->cut ? OK : finish_batch(p, why);

	if (e)
		return e;
	if (!a->cut)
		check_reached(p);
	merkle_root(&a->root, &a->tree);
	if (a->cut || a->board_failures)
		return OK;
	e = join_sums(p);
	return e ? why_set(why, e, "the sums could not be joined") : OK;
}

void audit_board_release(struct audit *a)
{
	struct pass *p = a->pass;

	if (!p)
		return;
	for (unsigned i = 0; p->sum && i < p->workers; i++)
		tally_release(&p->sum[i]);
	free(p->sum);
	free(p->job);
	buf_free(&p->text);
	free(p);
	a->pass = NULL;
}
