/* SPDX-License-Identifier: MIT */
#include "mailer/sender.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mailer/pace.h"
#include "mailer/postman.h"

#define TROUBLES_MAX 3    /* a thread's, in a row, before it gives up */
#define REFUSALS_MAX 20   /* in a row from the start: this is no list of dead mailboxes */
#define TRIM_AFTER   5000 /* letters between giving pages back */
#define LOOK_UP_MS   250  /* how often the committer looks for a stop */

/* A thread's place at the committer's counter. */
enum turn {
	TURN_WORKING,
	TURN_ASKING, /* has an outcome where has_outcome; waits for a claim */
	TURN_CLAIM,  /* `claim` is filled */
	TURN_END,    /* go home */
	TURN_GONE,
};

struct worker {
	struct run *run;
	pthread_t thread;
	pthread_cond_t wake;
	enum turn turn;
	bool has_outcome, parked; /* parked: asked, and there was nothing to give */
	struct claim claim;
	struct postman postman;
};

struct run {
	struct sender *s;
	pthread_mutex_t lock;
	pthread_cond_t asked; /* the committer waits here */
	struct worker *worker;
	unsigned workers;
	struct choice choice;
	uint64_t claimed, started_ms, next_trim;
	bool ending; /* no more claims */
	enum err e;  /* the first failure */
	struct why why;
};

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static struct timespec in_ms(uint64_t ms)
{
	uint64_t at = now_ms() + ms;

	return (struct timespec){ .tv_sec = (time_t)(at / 1000),
		                  .tv_nsec = (long)(at % 1000) * 1000000 };
}

static void init_cond(pthread_cond_t *cond)
{
	pthread_condattr_t clock;

	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &clock);
	pthread_condattr_destroy(&clock);
}

/* Remember the first failure; `r->lock` is held. */
static void fail(struct run *r, enum err e, const struct why *why)
{
	r->ending = true;
	if (r->e)
		return;
	r->e = e;
	r->why = *why;
}

/* Ask the committer; true where there is a claim to serve. */
static bool ask(struct worker *w, bool has_outcome)
{
	struct run *r = w->run;
	bool claim;

	pthread_mutex_lock(&r->lock);
	w->has_outcome = has_outcome;
	w->turn = TURN_ASKING;
	pthread_cond_signal(&r->asked);
	while (w->turn == TURN_ASKING)
		pthread_cond_wait(&w->wake, &r->lock);
	claim = w->turn == TURN_CLAIM;
	if (claim)
		w->turn = TURN_WORKING;
	pthread_mutex_unlock(&r->lock);
	return claim;
}

/* After trouble with the relay: 1, 2, 4 seconds, unless the run ends. */
static void rest(struct worker *w)
{
	struct timespec until = in_ms((uint64_t)1000 << (w->postman.troubles - 1));
	struct run *r = w->run;

	pthread_mutex_lock(&r->lock);
	while (!r->ending && !pthread_cond_timedwait(&w->wake, &r->lock, &until))
		;
	pthread_mutex_unlock(&r->lock);
}

static void *work(void *context)
{
	struct worker *w = context;
	struct run *r = w->run;
	bool has_outcome = false;

	while (ask(w, has_outcome)) {
		struct why why = { 0 };
		enum err e = postman_serve(&w->postman, &w->claim, &why);

		has_outcome = true;
		if (e) {
			pthread_mutex_lock(&r->lock);
			fail(r, e, &why);
			pthread_mutex_unlock(&r->lock);
		} else if (w->postman.troubles && w->postman.troubles < TROUBLES_MAX &&
		           w->postman.outcome.answer.outcome != SMTP_BROKEN) {
			rest(w);
		}
	}
	return NULL;
}

/* What the outcomes mean for the run as a whole; `r->lock` is held. */
static void weigh(struct run *r, const struct worker *w)
{
	const struct outcome *o = &w->postman.outcome;
	const struct relay *relay = &r->s->conf->relay;
	struct sender *s = r->s;
	struct why why = { 0 };

	if (o->tried) {
		s->sent[o->state]++;
		if (s->step && o->state != SEND_DEFERRED && o->state != SEND_UNCERTAIN)
			s->step(s->context, 1);
	}
	if (o->answer.outcome == SMTP_BROKEN && !o->tried && o->at)
		fail(r,
		     why_set(&why, ERR_SETTINGS,
		             "the relay %s:%u cannot be used: %s%s%s; nothing was lost: mend "
		             "[relay], then send again",
		             relay->host, relay->port, o->answer.status,
		             *o->answer.status ? " " : "", o->answer.text),
		     &why);
	if (s->sent[SEND_REFUSED] >= REFUSALS_MAX && !s->sent[SEND_ACCEPTED])
		fail(r,
		     why_set(&why, ERR_SETTINGS,
		             "the relay %s:%u has refused the first %d letters: %u %s; see to the "
		             "cause, then send again with --refused",
		             relay->host, relay->port, REFUSALS_MAX, o->answer.code,
		             o->answer.text),
		     &why);
}

/* How many claims may be given now: what the limit and the pace leave. */
static unsigned claims_allowed(const struct run *r, unsigned wanted)
{
	const struct sender *s = r->s;
	uint64_t pace = pace_allowed(s->conf, now_ms() - r->started_ms, r->claimed);
	uint64_t most = pace < wanted ? pace : wanted;

	if (r->ending)
		return 0;
	if (s->limit && s->limit - r->claimed < most)
		most = s->limit - r->claimed;
	return (unsigned)most;
}

/* Those at the counter: their outcomes in, claims out. `r->lock` is held, and let go while the
 * disk works. */
static void exchange(struct run *r, struct worker **asking, unsigned n)
{
	struct outcome *outcome = calloc(n, sizeof(*outcome));
	struct claim *claim = calloc(n, sizeof(*claim));
	unsigned outcomes = 0, claims = 0, given = 0;
	struct why why = { 0 };
	enum err e = ERR_MEMORY;

	if (outcome && claim) {
		for (unsigned i = 0; i < n; i++) {
			if (!asking[i]->has_outcome)
				continue;
			weigh(r, asking[i]);
			outcome[outcomes++] = asking[i]->postman.outcome;
		}
		for (unsigned i = 0; i < n; i++)
			claims += asking[i]->postman.troubles < TROUBLES_MAX;
		claims = claims_allowed(r, claims);
		r->choice.now = (uint64_t)time(NULL);
		pthread_mutex_unlock(&r->lock);
		e = outbox_exchange(r->s->outbox, outcome, outcomes, &r->choice, claim, &claims,
		                    &why);
		pthread_mutex_lock(&r->lock);
	}
	if (e)
		fail(r, e, &why);
	r->claimed += e ? 0 : claims;
	for (unsigned i = 0; i < n; i++) {
		struct worker *w = asking[i];

		w->has_outcome = false;
		w->parked = true;
		if (e || given == claims || w->postman.troubles >= TROUBLES_MAX)
			continue;
		w->claim = claim[given++];
		w->parked = false;
		w->turn = TURN_CLAIM;
		pthread_cond_signal(&w->wake);
	}
	free(outcome);
	free(claim);
}

/* Nobody works and nobody got anything: is there something to wait for? In milliseconds. */
static uint64_t worth_waiting(struct run *r)
{
	const struct sender *s = r->s;
	uint64_t due = outbox_next_due(s->outbox), now = (uint64_t)time(NULL);
	unsigned able = 0;

	for (unsigned i = 0; i < r->workers; i++)
		able += r->worker[i].turn != TURN_GONE &&
		        r->worker[i].postman.troubles < TROUBLES_MAX;
	if (r->ending || !able || (s->limit && r->claimed >= s->limit))
		return 0;
	if (!claims_allowed(r, 1))
		return LOOK_UP_MS / 10; /* the pace alone holds us */
	if (!due || due > now + s->conf->wait_at_most)
		return 0;
	if (due > now)
		return LOOK_UP_MS;
	outbox_rewind(s->outbox);
	r->choice.first = false;
	return 1;
}

static unsigned gather(struct run *r, struct worker **asking, unsigned *working)
{
	unsigned n = 0;

	*working = 0;
	for (unsigned i = 0; i < r->workers; i++) {
		struct worker *w = &r->worker[i];

		*working += w->turn == TURN_WORKING || w->turn == TURN_CLAIM;
		if (w->turn == TURN_ASKING && (!w->parked || w->has_outcome))
			asking[n++] = w;
	}
	return n;
}

static void unpark(struct run *r)
{
	for (unsigned i = 0; i < r->workers; i++)
		r->worker[i].parked = false;
}

static void trim(struct run *r)
{
	if (r->claimed < r->next_trim)
		return;
	roll_trim(r->s->roll);
	outbox_trim(r->s->outbox);
	r->next_trim = r->claimed + TRIM_AFTER;
}

/* Until nothing is left that can be done now. */
static void commit_all(struct run *r, struct worker **asking)
{
	pthread_mutex_lock(&r->lock);
	for (;;) {
		struct timespec until = in_ms(LOOK_UP_MS);
		unsigned working, n = gather(r, asking, &working);
		uint64_t wait;

		if (r->s->stop && *r->s->stop && !r->ending)
			r->ending = r->s->stopped = true;
		if (n) {
			exchange(r, asking, n);
			trim(r);
			continue;
		}
		if (working) {
			pthread_cond_timedwait(&r->asked, &r->lock, &until);
			if (r->s->conf->per_minute)
				unpark(r);
			continue;
		}
		wait = worth_waiting(r);
		if (!wait)
			break;
		until = in_ms(wait);
		pthread_cond_timedwait(&r->asked, &r->lock, &until);
		unpark(r);
	}
	r->ending = true;
	pthread_mutex_unlock(&r->lock);
}

static enum err open_worker(struct worker *w, struct run *r, struct why *why)
{
	w->run = r;
	w->turn = TURN_GONE;
	init_cond(&w->wake);
	return postman_open(&w->postman, r->s, why);
}

static void close_worker(struct worker *w)
{
	postman_close(&w->postman);
	pthread_cond_destroy(&w->wake);
}

static void end_workers(struct run *r)
{
	pthread_mutex_lock(&r->lock);
	for (unsigned i = 0; i < r->workers; i++)
		if (r->worker[i].turn != TURN_GONE) {
			r->worker[i].turn = TURN_END;
			pthread_cond_signal(&r->worker[i].wake);
		}
	pthread_mutex_unlock(&r->lock);
}

static enum err start_workers(struct run *r, unsigned *started, struct why *why)
{
	for (unsigned i = 0; i < r->workers; i++) {
		struct worker *w = &r->worker[i];

		w->turn = TURN_WORKING;
		if (pthread_create(&w->thread, NULL, work, w)) {
			w->turn = TURN_GONE;
			return why_set(why, ERR_AGAIN, "no more threads can be made now");
		}
		++*started;
	}
	return OK;
}

/* The relay has worn out every thread: that is an end, too. */
static void all_gave_up(struct run *r)
{
	const struct relay *relay = &r->s->conf->relay;
	const struct worker *tired = NULL;
	struct why why = { 0 };

	for (unsigned i = 0; i < r->workers; i++) {
		if (r->worker[i].postman.troubles < TROUBLES_MAX)
			return;
		tired = &r->worker[i];
	}
	if (tired && !r->s->stopped)
		fail(r,
		     why_set(&why, ERR_AGAIN,
		             "the relay %s:%u does not take mail now: %s; nothing was lost: send "
		             "again later",
		             relay->host, relay->port, tired->postman.outcome.answer.text),
		     &why);
}

enum err sender_run(struct sender *s, struct why *why)
{
	unsigned n = (unsigned)s->conf->connections, opened = 0, started = 0;
	struct worker **asking = calloc(n, sizeof(struct worker *));
	struct run r = { .s = s,
		         .workers = n,
		         .worker = calloc(n, sizeof(struct worker)),
		         .started_ms = now_ms(),
		         .choice = { .first = true, .refused = s->refused } };
	enum err e = asking && r.worker ? OK : why_set(why, ERR_MEMORY, "out of memory");

	memset(s->sent, 0, sizeof(s->sent));
	pthread_mutex_init(&r.lock, NULL);
	init_cond(&r.asked);
	for (; !e && opened < n; opened++)
		e = open_worker(&r.worker[opened], &r, why);
	if (!e)
		e = start_workers(&r, &started, why);
	if (!e)
		commit_all(&r, asking);
	end_workers(&r);
	for (unsigned i = 0; i < started; i++)
		pthread_join(r.worker[i].thread, NULL);
	if (!e) {
		all_gave_up(&r);
		e = r.e;
		if (e && why)
			*why = r.why;
	}
	for (unsigned i = 0; i < opened; i++)
		close_worker(&r.worker[i]);
	pthread_cond_destroy(&r.asked);
	pthread_mutex_destroy(&r.lock);
	free(r.worker);
	free(asking);
	return e;
}
