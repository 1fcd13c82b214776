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
	struct lines *lines;
	struct buf text;
	struct job *job; /* [BATCH_LINES] */
	size_t jobs;
	struct tally *sum; /* [workers] */
	uint64_t stepped;  /* bytes of the board whose progress was told */
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
		p->a->o->step(p->a->o->ctx, p->lines->offset - p->stepped);
	p->stepped = p->lines->offset;
	return e;
}

/* The next lines into the batch; ERR_NOT_FOUND when the board has no more. */
static enum err fill_batch(struct pass *p, uint64_t *number, struct why *why)
{
	struct why found = { 0 };
	enum err e = OK;

	buf_clear(&p->text);
	p->jobs = 0;
	while (!e && p->jobs < BATCH_LINES && p->text.len < BATCH_BYTES) {
		struct job *job = &p->job[p->jobs];

		e = record_next(p->lines, &found);
		if (e)
			break;
		*job = (struct job){
			.start = p->text.len,
			.len = p->lines->line.len,
			.number = (*number)++,
			.whole = p->lines->ended_whole,
		};
		buf_add(&p->text, buf_text(&p->lines->line), job->len);
		e = buf_err(&p->text);
		p->jobs++;
	}
	if (e == ERR_INVALID) {
		audit_fails(p->a, RECORD_BOARD, (int64_t)*number, &found);
		p->a->cut = true;
		return ERR_NOT_FOUND;
	}
	if (e && e != ERR_NOT_FOUND && why)
		*why = found;
	return e;
}

static enum err all_batches(struct pass *p, struct why *why)
{
	uint64_t number = 1;
	enum err more = OK, e = OK;

	while (!more && !e) {
		more = fill_batch(p, &number, why);
		if (more && more != ERR_NOT_FOUND)
			return more;
		e = take_batch(p, why);
	}
	return e;
}

static enum err join_sums(struct pass *p, unsigned workers)
{
	enum err e = OK;

	if (p->a->o->from)
		e = checkpoint_tally(p->a->o->from, &p->a->tally);
	for (unsigned i = 0; i < workers && !e; i++)
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

static enum err run(struct pass *p, unsigned workers, struct why *why)
{
	struct audit *a = p->a;
	struct node leaf;
	enum err e = OK;

	for (unsigned i = 0; i < workers && !e; i++)
		e = tally_init(&p->sum[i], a->m);
	if (e)
		return why_set(why, e, "no memory for the sums");
	merkle_leaf(&leaf, a->m->line, a->m->len);
	audit_heads_pass(a);
	merkle_append(&a->tree, &leaf, NULL, NULL);
	audit_heads_pass(a);
	e = pass_checkpoint(p);
	if (!e)
		e = all_batches(p, why);
	if (e == ERR_INVALID) { /* another board than the checkpoint's: told */
		a->cut = true;
		return OK;
	}
	if (e)
		return e;
	check_reached(p);
	merkle_root(&a->root, &a->tree);
	if (a->board_failures)
		return OK;
	e = join_sums(p, workers);
	return e ? why_set(why, e, "the sums could not be joined") : OK;
}

enum err audit_board_run(struct audit *a, struct lines *lines, struct why *why)
{
	unsigned workers = crew_workers(a->crew);
	struct pass p = { .a = a, .lines = lines };
	enum err e;

	buf_init(&p.text, 2 * BATCH_BYTES);
	p.job = calloc(BATCH_LINES, sizeof(*p.job));
	p.sum = calloc(workers, sizeof(*p.sum));
	if (!p.job || !p.sum)
		e = why_set(why, ERR_MEMORY, "no memory for a batch of lines");
	else
		e = checkpoint_fits(&p) ? run(&p, workers, why) : OK;
	for (unsigned i = 0; p.sum && i < workers; i++)
		tally_release(&p.sum[i]);
	free(p.sum);
	free(p.job);
	buf_free(&p.text);
	return e;
}
