/* SPDX-License-Identifier: MIT */
#include "receiver/submit.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/ballot.h"
#include "receiver/judge.h"

#define SPARE         1024 /* bytes that a post may have beside the ballot: room for a mistake */
#define LATER_MAX     2048 /* posts of busy sources that wait */
#define LATER_EVERY   4    /* and one of them after so many of the others */
#define LATER_SECONDS 2
#define THREADS_MAX   64

/* Three queues: what is on disk goes out first, then who has waited. */
enum line_up { TO_ANSWER, TO_CHECK, TO_CHECK_LATER, LINES_UP };

struct queue {
	struct submission *first, **last;
	unsigned n;
};
struct submit {
	struct site *site;
	struct cast *cast;
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct queue queue[LINES_UP];
	unsigned turn;
	unsigned in_hand; /* taken, and not yet told */
	bool stop;
	unsigned threads;
	pthread_t thread[THREADS_MAX];
};

size_t submit_max(const struct manifest *m)
{
	return ballot_line_bytes(m, CHANNEL_LINK) + SPARE;
}

static void push(struct submit *s, enum line_up where, struct submission *sub)
{
	struct queue *q = &s->queue[where];

	sub->next = NULL;
	*q->last = sub;
	q->last = &sub->next;
	q->n++;
	pthread_cond_signal(&s->work);
}

static struct submission *pop(struct submit *s, enum line_up where)
{
	struct queue *q = &s->queue[where];
	struct submission *sub = q->first;

	if (!sub)
		return NULL;
	q->first = sub->next;
	if (!q->first)
		q->last = &q->first;
	q->n--;
	return sub;
}

/* With the lock held. */
static struct submission *next(struct submit *s)
{
	struct submission *sub = pop(s, TO_ANSWER);

	if (!sub && ++s->turn % LATER_EVERY == 0)
		sub = pop(s, TO_CHECK_LATER);
	if (!sub)
		sub = pop(s, TO_CHECK);
	return sub ? sub : pop(s, TO_CHECK_LATER);
}

static void finish(struct submit *s, struct submission *sub)
{
	cast_depart(s->cast, &sub->arrival);
	sub->told(sub->ctx, sub);
	pthread_mutex_lock(&s->lock);
	if (!--s->in_hand && s->stop)
		pthread_cond_broadcast(&s->work);
	pthread_mutex_unlock(&s->lock);
}

/* From the writer's thread. */
static void written(void *ctx, struct cast_job *job)
{
	struct submit *s = ctx;
	struct submission *sub =
		(struct submission *)(void *)((char *)job - offsetof(struct submission, job));

	sub->written = true;
	pthread_mutex_lock(&s->lock);
	push(s, TO_ANSWER, sub);
	pthread_mutex_unlock(&s->lock);
}

/* What is wrong with a ballot, by the check that it fails. */
static void answer_invalid(struct served *out, const char *check)
{
	if (strcmp(check, "ballot signature") == 0)
		served_error(out, 400, "signature",
		             "This ballot is not signed with the token of this election.");
	else if (strcmp(check, "cell proof") == 0 || strcmp(check, "row proof") == 0 ||
	         strcmp(check, "point") == 0)
		served_error(out, 400, "proof", "This ballot does not prove what it holds.");
	else
		served_error(out, 400, "format", "This is not a ballot of this election.");
}

static void answer(struct submit *s, struct submission *sub, enum verdict verdict, bool stands,
                   const struct point *credential, const char *check)
{
	struct served *out = &sub->served;

	switch (verdict) {
	case VERDICT_COUNTED:
		site_receipt(s->site, credential, 201, out);
		return;
	case VERDICT_USED:
		if (stands)
			site_receipt(s->site, credential, 200, out);
		else
			site_used(s->site, credential, out);
		return;
	case VERDICT_REPLACED:
		served_error(out, 410, "replaced",
		             "This token was replaced by a new one: use the newest mail.");
		return;
	case VERDICT_UNKNOWN_TOKEN:
		served_error(out, 404, "unknown", "This token is not one of this election.");
		return;
	case VERDICT_CHANNEL:
		served_error(out, 403, "channel", "A ballot cannot be cast here in this way.");
		return;
	case VERDICT_EARLY:
		served_error(out, 403, "early", "The vote has not opened yet.");
		return;
	case VERDICT_LATE:
		served_error(out, 403, "late", "The vote has closed.");
		return;
	default:
		answer_invalid(out, check);
	}
}

static void check(struct submit *s, struct submission *sub)
{
	struct why why = { 0 };
	struct judgement j;

	if (judge_post(&j, s->site->box, sub->line, sub->len, sub->arrival.at, &why)) {
		served_again(&sub->served);
		finish(s, sub);
	} else if (j.verdict == VERDICT_COUNTED) {
		sub->job = (struct cast_job){ .kind = CAST_BALLOT,
			                      .arrived = sub->arrival.at,
			                      .verdict = VERDICT_COUNTED,
			                      .line = sub->line,
			                      .len = sub->len,
			                      .credential = j.credential,
			                      .channel = CHANNEL_LINK };
		cast_queue(s->cast, &sub->job, written, s);
	} else {
		if (!j.stands)
			cast_count(s->cast, j.verdict);
		answer(s, sub, j.verdict, j.stands, &j.credential, why.check);
		finish(s, sub);
	}
	judgement_release(&j);
}

static void answer_written(struct submit *s, struct submission *sub)
{
	const struct cast_job *job = &sub->job;

	if (job->e)
		served_again(&sub->served);
	else
		answer(s, sub, job->verdict, job->already, &job->credential, "");
	finish(s, sub);
}

static void *worker(void *arg)
{
	struct submit *s = arg;
	struct submission *sub;

	for (;;) {
		pthread_mutex_lock(&s->lock);
		while (!(sub = next(s)) && (!s->stop || s->in_hand))
			pthread_cond_wait(&s->work, &s->lock);
		pthread_mutex_unlock(&s->lock);
		if (!sub)
			return NULL;
		if (sub->written)
			answer_written(s, sub);
		else
			check(s, sub);
	}
}

enum err submit_start(struct submit **out, struct site *site, struct cast *cast, unsigned threads,
                      struct why *why)
{
	struct submit *s = calloc(1, sizeof(*s));
	int rc;

	*out = s;
	if (!s)
		return why_set(why, ERR_MEMORY, "no memory for the posts");
	s->site = site;
	s->cast = cast;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->work, NULL);
	for (unsigned i = 0; i < LINES_UP; i++)
		s->queue[i].last = &s->queue[i].first;
	threads = threads < 1 ? 1 : threads > THREADS_MAX ? THREADS_MAX : threads;
	for (; s->threads < threads; s->threads++) {
		rc = pthread_create(&s->thread[s->threads], NULL, worker, s);
		if (rc)
			return why_set(why, ERR_AGAIN, "no thread for the posts: %s", strerror(rc));
	}
	return OK;
}

void submit_stop(struct submit *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_cond_broadcast(&s->work);
	pthread_mutex_unlock(&s->lock);
	while (s->threads)
		pthread_join(s->thread[--s->threads], NULL);
	pthread_cond_destroy(&s->work);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* One of the few lengths that a ballot of this election can have? */
static bool right_length(const struct manifest *m, size_t len)
{
	for (unsigned c = 0; c < CHANNELS; c++)
		if (len == ballot_line_bytes(m, (enum channel)c))
			return true;
	return false;
}

bool submit_take(struct submit *s, struct submission *sub)
{
	bool taken;

	sub->written = false;
	if (!right_length(s->site->box->m, sub->len)) {
		answer_invalid(&sub->served, "");
		cast_count(s->cast, VERDICT_INVALID);
		return false;
	}
	if (cast_arrive(s->cast, &sub->arrival, 0, NULL)) {
		served_again(&sub->served);
		return false;
	}
	pthread_mutex_lock(&s->lock);
	taken = !sub->later || s->queue[TO_CHECK_LATER].n < LATER_MAX;
	s->in_hand += taken;
	if (taken)
		push(s, sub->later ? TO_CHECK_LATER : TO_CHECK, sub);
	pthread_mutex_unlock(&s->lock);
	if (taken)
		return true;
	cast_depart(s->cast, &sub->arrival);
	served_error(&sub->served, 429, "slow-down", "Too many at once: try again in a moment.");
	sub->served.retry = LATER_SECONDS;
	return false;
}
