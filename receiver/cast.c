/* SPDX-License-Identifier: MIT */
#include "receiver/cast.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define GROUP_MAX       512         /* jobs in one commit */
#define GROUP_BYTES_MAX (32u << 20) /* and what their lines may come to */
#define CLOSE_PATIENCE  120         /* seconds for mails that came before the closing */
#define DAY             86400

struct cast {
	struct box *box;
	struct clock *clock;
	cast_trouble *trouble;
	void *ctx;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work;     /* something waits, or stop */
	pthread_cond_t departed; /* a mail has */
	struct cast_job *first, **last;
	struct cast_arrival *arrivals;
	bool stop;
};

static enum verdict verdict_of(enum entry entry)
{
	switch (entry) {
	case ENTRY_DONE:
		return VERDICT_COUNTED;
	case ENTRY_USED:
		return VERDICT_USED;
	case ENTRY_REPLACED:
		return VERDICT_REPLACED;
	case ENTRY_EARLY:
		return VERDICT_EARLY;
	case ENTRY_LATE:
		return VERDICT_LATE;
	case ENTRY_UNKNOWN:
		return VERDICT_UNKNOWN_TOKEN;
	case ENTRY_ALREADY:
	case ENTRY_KNOWN:
	case ENTRY_INVALID:
	case ENTRIES:
		break;
	}
	bug("what a ballot cannot come to");
}

/* Was this very mail taken before? Then its verdict stands, and an answer is owed only where
 * the first one never left. */
static bool seen_before(struct box_txn *t, struct cast_job *job)
{
	struct box_seen seen;
	enum err e;

	job->already = false;
	if (!job->mark)
		return false;
	e = box_seen(t, job->mark, &seen);
	if (e == ERR_NOT_FOUND)
		return false;
	if (e) {
		txn_fail(&t->txn, e);
		return true;
	}
	job->already = true;
	job->verdict = seen.verdict;
	job->answer = !seen.answered;
	return true;
}

/* Count the mail under its verdict, and remember it. */
static void settle_mail(struct box_txn *t, struct cast_job *job)
{
	struct box_seen seen = { .verdict = job->verdict };

	if (!job->mark)
		return;
	t->state.verdict[job->verdict]++;
	/* A receipt is always sent; everything else has its share of a day. */
	if (job->answer && job->verdict != VERDICT_COUNTED && job->quota)
		job->answer = box_quota(t, job->quota);
	seen.answered = !job->answer;
	box_seen_put(t, job->mark, &seen);
}

static void do_ballot(struct box_txn *t, struct cast_job *job, uint64_t now)
{
	if (seen_before(t, job))
		return;
	job->entry = enter_ballot(t, &job->credential, job->channel, job->line, job->len,
	                          job->arrived, now, &job->index);
	job->verdict = verdict_of(job->entry);
	settle_mail(t, job);
}

static void do_mail(struct box_txn *t, struct cast_job *job)
{
	if (!seen_before(t, job))
		settle_mail(t, job);
}

static void do_answered(struct box_txn *t, struct cast_job *job)
{
	struct box_seen seen;
	enum err e = box_seen(t, job->mark, &seen);

	if (e == ERR_NOT_FOUND)
		return;
	if (e) {
		txn_fail(&t->txn, e);
		return;
	}
	seen.answered = true;
	box_seen_put(t, job->mark, &seen);
}

static void do_job(struct box_txn *t, struct cast_job *job, uint64_t now)
{
	switch (job->kind) {
	case CAST_BALLOT:
		do_ballot(t, job, now);
		break;
	case CAST_MAIL:
		do_mail(t, job);
		break;
	case CAST_ANSWERED:
		do_answered(t, job);
		break;
	case CAST_CHANGE:
		job->entry = enter_change(t, job->change, job->line, job->len, now);
		break;
	case CAST_CLOSE:
		job->entry = enter_closed(t, now);
		break;
	case CAST_HOUSEKEEP:
		box_quota_old(t, now / DAY);
		break;
	}
}

/* One group, one commit. */
static void write_group(struct cast *c, struct cast_job *group)
{
	struct why why = { 0 }, flat_why = { 0 };
	struct box_txn t;
	uint64_t now = 0;
	enum err e;

	e = clock_now(c->clock, &now, &why);
	if (!e) {
		box_begin(&t, c->box);
		for (struct cast_job *j = group; j; j = j->next)
			do_job(&t, j, now);
		e = box_commit(&t, &why, &flat_why);
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
	size_t n = 0, bytes = 0;

	while (*at && n < GROUP_MAX && bytes < GROUP_BYTES_MAX) {
		n++;
		bytes += (*at)->len;
		at = &(*at)->next;
	}
	c->first = *at;
	if (!c->first)
		c->last = &c->first;
	*at = NULL;
	return group;
}

static void *writer(void *arg)
{
	struct cast *c = arg;
	struct cast_job *group, *next;

	pthread_mutex_lock(&c->lock);
	for (;;) {
		while (!c->first && !c->stop)
			pthread_cond_wait(&c->work, &c->lock);
		if (!c->first)
			break;
		group = take_group(c);
		pthread_mutex_unlock(&c->lock);
		write_group(c, group);
		pthread_mutex_lock(&c->lock);
		/* A job may be gone as soon as it is marked done. */
		for (; group; group = next) {
			next = group->next;
			group->done = true;
			if (group->own)
				free(group);
			else
				pthread_cond_signal(&group->finished);
		}
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
	pthread_cond_init(&c->work, NULL);
	pthread_cond_init(&c->departed, NULL);
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
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += CLOSE_PATIENCE;
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

static void queue(struct cast *c, struct cast_job *job)
{
	if (c->stop)
		bug("a job after the end");
	*c->last = job;
	c->last = &job->next;
	pthread_cond_signal(&c->work);
}

void cast_answered(struct cast *c, const unsigned char mark[SEEN_BYTES])
{
	struct cast_job *job = calloc(1, sizeof(*job));

	if (!job)
		return; /* it may be answered twice, then */
	job->kind = CAST_ANSWERED;
	job->own = true;
	memcpy(job->own_mark, mark, SEEN_BYTES);
	job->mark = job->own_mark;
	pthread_mutex_lock(&c->lock);
	queue(c, job);
	pthread_mutex_unlock(&c->lock);
}

enum err cast_submit(struct cast *c, struct cast_job *job, struct why *why)
{
	enum err e = OK;

	if (job->kind == CAST_CLOSE)
		e = await_earlier(c, why);
	if (e)
		return e;
	job->done = false;
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
