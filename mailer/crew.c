/* SPDX-License-Identifier: MIT */
#include "mailer/crew.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/monotime.h"

/* Claims kept ready: a thread takes more than one while the disk works; and however few threads,
 * the disk is asked less often. */
#define READY_EACH 2
#define READY_MIN  32
#define DONE_MIN   8 /* letters that are done with before they are noted */
#define RESTS      6 /* doublings of a rest: from a second to a minute */

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

/* Until the relay has taken a letter we go step by step: it may not want us at all. And so while
 * there is trouble. */
unsigned crew_depth(const struct crew *r)
{
	return r->s->sent[SEND_ACCEPTED] && r->able == r->workers ? r->depth : r->able;
}

bool crew_many_done(const struct crew *r)
{
	return r->dones >= DONE_MIN && r->dones >= r->workers / 2;
}

bool crew_gave_up(const struct crew *r)
{
	const struct sender *s = r->s;

	if (r->worn < r->workers)
		return false;
	return !r->worked ||
	       (!s->stay && monotime_ms() - r->away_ms >= s->conf->wait_at_most * 1000);
}

/* The next claim, waited for; false at the end. */
static bool take_claim(struct crew_member *w, struct claim *claim)
{
	struct crew *r = w->crew;
	bool taken = false;

	pthread_mutex_lock(&r->lock);
	while (!r->over && (!r->readies || r->ending))
		pthread_cond_wait(&r->work, &r->lock);
	if (!r->over) {
		*claim = r->ready[--r->readies];
		w->left = r->heard;
		r->busy++;
		taken = true;
		if (!r->readies)
			pthread_cond_signal(&r->asked);
	}
	pthread_mutex_unlock(&r->lock);
	return taken;
}

/* After a letter: is the relay there? The lock is held. */
static void note_troubles(struct crew *r, struct crew_member *w)
{
	unsigned n = w->postman.troubles;

	r->worn -= w->troubles >= CREW_TROUBLES_MAX;
	r->worn += n >= CREW_TROUBLES_MAX;
	r->able -= n != 0;
	w->troubles = n;
	if (!n) {
		r->worked = true;
		r->away_ms = 0;
	} else if (!r->away_ms) {
		r->away_ms = monotime_ms();
	}
}

static void note_words(struct crew *r, const struct smtp_answer *a)
{
	char code[16] = "";

	if (a->code)
		snprintf(code, sizeof(code), "%u ", a->code);
	snprintf(r->trouble, sizeof(r->trouble), "%s%s", code, a->text);
}

static void hand_in(struct crew *r, struct crew_member *w, enum err e, const struct why *why)
{
	struct outcome *o = &w->postman.outcome;

	pthread_mutex_lock(&r->lock);
	if (!r->dones)
		r->first_done_ms = monotime_ms();
	o->left = w->left;
	o->heard = ++r->heard;
	r->done[r->dones++] = *o;
	r->busy--;
	if (e)
		crew_fail(r, e, why);
	if (!o->tried)
		note_words(r, &o->answer);
	note_troubles(r, w);
	/* The committer looks every few milliseconds; it is woken where somebody waits for it. */
	if (!r->readies || !r->busy || r->e || crew_many_done(r))
		pthread_cond_signal(&r->asked);
	pthread_mutex_unlock(&r->lock);
}

/* After trouble with the relay, unless the run ends. */
static void rest(const struct crew_member *w)
{
	unsigned times = w->troubles <= RESTS ? w->troubles - 1 : RESTS;
	uint64_t until = monotime_ms() + ((uint64_t)1000 << times);
	struct timespec at = monotime_in(until - monotime_ms());
	struct crew *r = w->crew;

	pthread_mutex_lock(&r->lock);
	while (!r->ending && !r->over && monotime_ms() < until)
		pthread_cond_timedwait(&r->calm, &r->lock, &at);
	r->able++;
	pthread_cond_signal(&r->asked);
	pthread_mutex_unlock(&r->lock);
}

static void *work(void *context)
{
	struct crew_member *w = context;
	struct claim claim;

	while (take_claim(w, &claim)) {
		struct why why = { 0 };
		enum err e = postman_serve(&w->postman, &claim, &why);

		hand_in(w->crew, w, e, &why);
		if (w->troubles)
			rest(w);
	}
	return NULL;
}

enum err crew_open(struct crew *r, struct sender *s, struct why *why)
{
	unsigned n = (unsigned)s->conf->connections;
	uint64_t earlier[SEND_STATES];
	enum err e = outbox_counts(s->outbox, roll_summary(s->roll)->members, earlier, why);

	*r = (struct crew){ .s = s, .workers = n, .able = n, .started_ms = monotime_ms() };
	pthread_mutex_init(&r->lock, NULL);
	monotime_cond(&r->work);
	monotime_cond(&r->calm);
	monotime_cond(&r->asked);
	r->depth = n * READY_EACH > READY_MIN ? n * READY_EACH : READY_MIN;
	r->weigh.lanes = lanes_count(s->lanes);
	r->weigh.threads = n;
	r->weigh.accepted = earlier[SEND_ACCEPTED] != 0;
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
