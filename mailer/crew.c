/* SPDX-License-Identifier: MIT */
#include "mailer/crew.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/monotime.h"

/* Claims kept ready: a thread takes more than one while the disk works; and however few threads,
 * the disk is asked less often. */
#define READY_EACH 2
#define READY_MIN  16

/* Remember the first failure; `r->lock` is held. */
void crew_fail(struct crew *r, enum err e, const struct why *why)
{
	r->ending = true;
	pthread_cond_broadcast(&r->calm);
	if (r->e)
		return;
	r->e = e;
	r->why = *why;
}

/* Until the relay has taken a letter we go step by step: it may not want us at all. */
unsigned crew_depth(const struct crew *r)
{
	return r->s->sent[SEND_ACCEPTED] ? r->depth : r->able;
}

/* The next claim, waited for; false at the end. */
static bool take_claim(struct crew *r, struct claim *claim)
{
	bool taken = false;

	pthread_mutex_lock(&r->lock);
	while (!r->over && (!r->readies || r->ending))
		pthread_cond_wait(&r->work, &r->lock);
	if (!r->over) {
		*claim = r->ready[--r->readies];
		r->busy++;
		taken = true;
		if (!r->readies)
			pthread_cond_signal(&r->asked);
	}
	pthread_mutex_unlock(&r->lock);
	return taken;
}

static void hand_in(struct crew *r, const struct crew_member *w, enum err e, const struct why *why)
{
	const struct outcome *o = &w->postman.outcome;

	pthread_mutex_lock(&r->lock);
	if (!r->dones)
		r->first_done_ms = monotime_ms();
	r->done[r->dones++] = *o;
	r->busy--;
	if (e)
		crew_fail(r, e, why);
	if (!o->tried)
		memcpy(r->trouble, o->answer.text, sizeof(r->trouble));
	r->able -= w->postman.troubles >= CREW_TROUBLES_MAX;
	/* The committer looks every few milliseconds; it is woken where somebody waits for it. */
	if (!r->readies || !r->busy || r->e || r->dones >= (crew_depth(r) + 1) / 2)
		pthread_cond_signal(&r->asked);
	pthread_mutex_unlock(&r->lock);
}

/* After trouble with the relay: 1, 2 seconds, unless the run ends. */
static void rest(const struct crew_member *w)
{
	uint64_t until = monotime_ms() + ((uint64_t)1000 << (w->postman.troubles - 1));
	struct timespec at = monotime_in(until - monotime_ms());
	struct crew *r = w->crew;

	pthread_mutex_lock(&r->lock);
	while (!r->ending && !r->over && monotime_ms() < until)
		pthread_cond_timedwait(&r->calm, &r->lock, &at);
	pthread_mutex_unlock(&r->lock);
}

static void *work(void *context)
{
	struct crew_member *w = context;
	struct claim claim;

	while (w->postman.troubles < CREW_TROUBLES_MAX && take_claim(w->crew, &claim)) {
		struct why why = { 0 };
		enum err e = postman_serve(&w->postman, &claim, &why);

		hand_in(w->crew, w, e, &why);
		if (w->postman.troubles && w->postman.troubles < CREW_TROUBLES_MAX)
			rest(w);
	}
	return NULL;
}

enum err crew_open(struct crew *r, struct sender *s, struct why *why)
{
	unsigned n = (unsigned)s->conf->connections;
	enum err e = OK;

	*r = (struct crew){ .s = s, .workers = n, .able = n, .started_ms = monotime_ms() };
	pthread_mutex_init(&r->lock, NULL);
	monotime_cond(&r->work);
	monotime_cond(&r->calm);
	monotime_cond(&r->asked);
	r->depth = n * READY_EACH > READY_MIN ? n * READY_EACH : READY_MIN;
	r->worker = calloc(n, sizeof(*r->worker));
	r->ready = calloc(r->depth, sizeof(*r->ready));
	r->fresh = calloc(r->depth, sizeof(*r->fresh));
	r->place = calloc(r->depth, sizeof(*r->place));
	r->done = calloc((size_t)2 * (n + r->depth), sizeof(*r->done));
	r->noting = calloc((size_t)2 * (n + r->depth), sizeof(*r->noting));
	if (!r->worker || !r->ready || !r->fresh || !r->place || !r->done || !r->noting)
		return why_set(why, ERR_MEMORY, "out of memory");
	for (; !e && r->opened < n; ++r->opened) {
		r->worker[r->opened].crew = r;
		e = postman_open(&r->worker[r->opened].postman, s, why);
	}
	return e;
}

void crew_close(struct crew *r)
{
	for (unsigned i = 0; i < r->opened; i++)
		postman_close(&r->worker[i].postman);
	pthread_cond_destroy(&r->work);
	pthread_cond_destroy(&r->calm);
	pthread_cond_destroy(&r->asked);
	pthread_mutex_destroy(&r->lock);
	free(r->worker);
	free(r->ready);
	free(r->fresh);
	free(r->place);
	free(r->done);
	free(r->noting);
}

enum err crew_start(struct crew *r, struct why *why)
{
	for (unsigned i = 0; i < r->workers; i++) {
		if (pthread_create(&r->worker[i].thread, NULL, work, &r->worker[i]))
			return why_set(why, ERR_AGAIN, "no more threads can be made now");
		r->started++;
	}
	return OK;
}

void crew_home(struct crew *r)
{
	pthread_mutex_lock(&r->lock);
	r->over = true;
	pthread_cond_broadcast(&r->calm);
	pthread_cond_broadcast(&r->work);
	pthread_mutex_unlock(&r->lock);
	for (unsigned i = 0; i < r->started; i++)
		pthread_join(r->worker[i].thread, NULL);
}
