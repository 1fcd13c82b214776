/* SPDX-License-Identifier: MIT */
#include "receiver/cast.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/monotime.h"
#include "receiver/job.h"

#define GROUP_MAX       512         /* jobs in one commit */
#define GROUP_BYTES_MAX (32u << 20) /* and what their lines may come to */
/* A commit costs the same for one job as for twenty: the first waits a little for others, and a
 * mere note that an answer has left, for which nobody waits, waits longer. */
#define GATHER_MS      5
#define GATHER_ENOUGH  64
#define NOTE_MS        500
#define CLOSE_PATIENCE 120 /* seconds for mails that came before the closing */

struct cast {
	struct box *box;
	struct clock *clock;
	cast_trouble *trouble;
	void *ctx;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work;     /* enough waits, or the first comes, or stop */
	pthread_cond_t departed; /* a mail has */
	struct cast_job *first, **last;
	unsigned queued;
	uint64_t since;    /* ms: when the first of them came, or the first that somebody awaits */
	uint64_t patience; /* ms: how long they may wait for others */
	struct cast_arrival *arrivals;
	_Atomic uint64_t counted[VERDICTS]; /* cast_count: not yet in the box */
	bool stop;
};

/* What was counted meanwhile goes into the state, or back where the commit fails. */
static void take_counts(struct cast *c, uint64_t took[VERDICTS], struct box_txn *t)
{
	for (unsigned v = 0; v < VERDICTS; v++) {
		took[v] = atomic_exchange(&c->counted[v], 0);
		t->state.verdict[v] += took[v];
	}
}

static void return_counts(struct cast *c, const uint64_t took[VERDICTS])
{
	for (unsigned v = 0; v < VERDICTS; v++)
		c->counted[v] += took[v];
}

/* One group, one commit. */
static void write_group(struct cast *c, struct cast_job *group)
{
	struct why why = { 0 }, flat_why = { 0 };
	uint64_t now = 0, took[VERDICTS];
	struct box_txn t;
	enum err e;

	e = clock_now(c->clock, &now, &why);
	if (!e) {
		box_begin(&t, c->box);
		take_counts(c, took, &t);
		for (struct cast_job *j = group; j; j = j->next)
			job_do(&t, j, now);
		e = box_commit(&t, &why, &flat_why);
		if (e)
			return_counts(c, took);
	}
	if (flat_why.text[0])
		c->trouble(c->ctx, CAST_FLAT_LAGS, &flat_why);
	if (e == ERR_IO || e == ERR_FORMAT)
		c->trouble(c->ctx, CAST_BOX_BROKEN, &why);
	for (struct cast_job *j = group; j; j = j->next) {
		j->e = e;
		if (e)
			j->why = why;
	}
}

/* With the lock held: everything that waits, up to a group's size. */
static struct cast_job *take_group(struct cast *c)
{
	struct cast_job *group = c->first, **at = &group;
	unsigned n = 0;
	size_t bytes = 0;

	while (*at && n < GROUP_MAX && bytes < GROUP_BYTES_MAX) {
		n++;
		bytes += (*at)->len;
		at = &(*at)->next;
	}
	c->first = *at;
	if (!c->first)
		c->last = &c->first;
	*at = NULL;
	c->queued -= n; /* what is left over has waited long enough */
	c->patience = c->first ? GATHER_MS : NOTE_MS;
	return group;
}

/* With the lock held: in how many ms is a commit due? 0: now. */
static uint64_t due_in(const struct cast *c)
{
	uint64_t waited = monotime_ms() - c->since;

	if (c->stop || c->queued >= GATHER_ENOUGH || waited >= c->patience)
		return 0;
	return c->patience - waited;
}

/* A job may be gone as soon as it is marked done, or told. */
static void tell_group(struct cast *c, struct cast_job *group)
{
	struct cast_job *next, *waited = NULL;

	for (; group; group = next) {
		next = group->next;
		if (group->told) {
			group->told(group->told_ctx, group);
			continue;
		}
		group->next = waited;
		waited = group;
	}
	pthread_mutex_lock(&c->lock);
	for (; waited; waited = next) {
		next = waited->next;
		waited->done = true;
		pthread_cond_signal(&waited->finished);
	}
	pthread_mutex_unlock(&c->lock);
}

static void wait_for_more(struct cast *c)
{
	struct timespec until;
	uint64_t ms;

	while ((ms = due_in(c)) > 0) {
		until = monotime_in(ms);
		pthread_cond_timedwait(&c->work, &c->lock, &until);
	}
}

static void *writer(void *arg)
{
	struct cast *c = arg;
	struct cast_job *group;

	pthread_mutex_lock(&c->lock);
	for (;;) {
		while (!c->first && !c->stop)
			pthread_cond_wait(&c->work, &c->lock);
		if (!c->first)
			break;
		wait_for_more(c);
		group = take_group(c);
		pthread_mutex_unlock(&c->lock);
		write_group(c, group);
		tell_group(c, group);
		pthread_mutex_lock(&c->lock);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

enum err cast_start(struct cast **out, struct box *box, struct clock *clock, cast_trouble *trouble,
                    void *ctx, struct why *why)
{
	struct cast *c = calloc(1, sizeof(*c));
	int rc;

	*out = NULL;
	if (!c)
		return ERR_MEMORY;
	c->box = box;
	c->clock = clock;
	c->trouble = trouble;
	c->ctx = ctx;
	c->last = &c->first;
	pthread_mutex_init(&c->lock, NULL);
	monotime_cond(&c->work);
	monotime_cond(&c->departed);
	rc = pthread_create(&c->thread, NULL, writer, c);
	if (rc) {
		free(c);
		return why_set(why, ERR_AGAIN, "no thread for the writer: %s", strerror(rc));
	}
	*out = c;
	return OK;
}

void cast_stop(struct cast *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_cond_signal(&c->work);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	pthread_cond_destroy(&c->work);
	pthread_cond_destroy(&c->departed);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

/* With the lock held: are there mails in hand that came before `closes`? */
static bool earlier_in_hand(const struct cast *c, uint64_t closes)
{
	for (const struct cast_arrival *a = c->arrivals; a; a = a->next)
		if (a->at < closes)
			return true;
	return false;
}

/* Whoever came in time is let in before the box is closed. */
static enum err await_earlier(struct cast *c, struct why *why)
{
	struct timespec until;
	struct box_txn t;
	uint64_t closes;
	enum err e;

	e = box_look(&t, c->box);
	closes = t.state.closes;
	box_abort(&t);
	if (e)
		return why_set(why, e, "%s: %s", c->box->folder, err_text(e));
	until = monotime_in((uint64_t)CLOSE_PATIENCE * 1000);
	pthread_mutex_lock(&c->lock);
	while (!e && earlier_in_hand(c, closes))
		if (pthread_cond_timedwait(&c->departed, &c->lock, &until) == ETIMEDOUT)
			e = why_set(
				why, ERR_AGAIN,
				"mails that came before the closing time are still being read; try "
				"again in a minute");
	pthread_mutex_unlock(&c->lock);
	return e;
}

/* A file of changes comes line after line, the next when the last is done: nothing to wait for. */
static uint64_t patience_of(enum cast_kind kind)
{
	return kind == CAST_ANSWERED ? NOTE_MS : kind == CAST_CHANGE ? 0 : GATHER_MS;
}

static void queue(struct cast *c, struct cast_job *job)
{
	uint64_t patience = patience_of(job->kind);

	if (c->stop)
		bug("a job after the end");
	*c->last = job;
	c->last = &job->next;
	if (!c->queued++ || patience < c->patience) {
		c->since = monotime_ms();
		c->patience = patience;
		pthread_cond_signal(&c->work);
	} else if (c->queued == GATHER_ENOUGH) {
		pthread_cond_signal(&c->work);
	}
}

void cast_queue(struct cast *c, struct cast_job *job, cast_told *told, void *ctx)
{
	job->told = told;
	job->told_ctx = ctx;
	job->next = NULL;
	pthread_mutex_lock(&c->lock);
	queue(c, job);
	pthread_mutex_unlock(&c->lock);
}

static void free_job(void *ctx, struct cast_job *job)
{
	(void)ctx;
	free(job);
}

void cast_answered(struct cast *c, const unsigned char mark[SEEN_BYTES])
{
	struct cast_job *job = calloc(1, sizeof(*job));

	if (!job)
		return; /* it may be answered twice, then */
	job->kind = CAST_ANSWERED;
	memcpy(job->own_mark, mark, SEEN_BYTES);
	job->mark = job->own_mark;
	cast_queue(c, job, free_job, NULL);
}

void cast_count(struct cast *c, enum verdict verdict)
{
	c->counted[verdict]++;
}

enum err cast_flush(struct cast *c, struct why *why)
{
	struct cast_job job = { .kind = CAST_COUNTS };

	for (unsigned v = 0; v < VERDICTS; v++)
		if (c->counted[v])
			return cast_submit(c, &job, why);
	return OK;
}

enum err cast_submit(struct cast *c, struct cast_job *job, struct why *why)
{
	enum err e = OK;

	if (job->kind == CAST_CLOSE)
		e = await_earlier(c, why);
	if (e)
		return e;
	job->done = false;
	job->told = NULL;
	job->next = NULL;
	pthread_cond_init(&job->finished, NULL);
	pthread_mutex_lock(&c->lock);
	queue(c, job);
	while (!job->done)
		pthread_cond_wait(&job->finished, &c->lock);
	pthread_mutex_unlock(&c->lock);
	pthread_cond_destroy(&job->finished);
	if (job->e && why)
		*why = job->why;
	return job->e;
}

enum err cast_arrive(struct cast *c, struct cast_arrival *arrival, uint64_t received,
                     struct why *why)
{
	enum err e;

	/* Under the lock: a close that has looked at the list has a later time. */
	pthread_mutex_lock(&c->lock);
	e = clock_now(c->clock, &arrival->now, why);
	if (!e) {
		arrival->at = received && received < arrival->now ? received : arrival->now;
		arrival->previous = NULL;
		arrival->next = c->arrivals;
		if (c->arrivals)
			c->arrivals->previous = arrival;
		c->arrivals = arrival;
	}
	pthread_mutex_unlock(&c->lock);
	return e;
}

void cast_depart(struct cast *c, struct cast_arrival *arrival)
{
	pthread_mutex_lock(&c->lock);
	if (arrival->previous)
		arrival->previous->next = arrival->next;
	else
		c->arrivals = arrival->next;
	if (arrival->next)
		arrival->next->previous = arrival->previous;
	pthread_cond_broadcast(&c->departed);
	pthread_mutex_unlock(&c->lock);
}
