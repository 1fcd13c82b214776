/* SPDX-License-Identifier: MIT */
#include "mailer/sender.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/monotime.h"
#include "mailer/postman.h"
#include "mailer/weigh.h"

#define TROUBLES_MAX 3    /* a thread's, in a row, before it gives up */
#define TRIM_AFTER   250  /* letters between giving pages back: a member read maps 64 KiB */
#define LOOK_UP_MS   250  /* how often the committer looks for a stop */
#define TELL_MS      2000 /* how often it says how long the rest takes */
#define GATHER_MS    5    /* how long a done letter waits for others before it is noted */
#define READY_MIN    16   /* claims kept ready, however few threads: the disk is asked less often */

struct worker {
	struct run *run;
	pthread_t thread;
	struct postman postman;
};

/* What the threads and the committer share, under the lock. Claims are on disk as in flight
 * before they stand in `ready`; there is one in hand and at least one ready for each thread, so
 * that no thread waits for the disk. After a crash so many letters may go out twice. */
struct run {
	struct sender *s;
	pthread_mutex_t lock;
	pthread_cond_t work;  /* the threads wait here for a claim, or for the end */
	pthread_cond_t asked; /* the committer waits here */
	struct worker *worker;
	unsigned workers, able, busy; /* able: those that have not given up */
	struct claim *ready;          /* [depth] */
	struct outcome *done;         /* [2 * (workers + depth)] */
	unsigned depth, readies, dones;
	uint64_t first_done_ms; /* when the oldest of `done` came */
	bool ending, over;      /* ending: no more claims; over: the threads go home */
	/* The committer's own */
	bool held;       /* no claims for now */
	uint32_t *place; /* [depth] */
	struct claim *fresh;
	struct outcome *noting;
	uint64_t claimed, started_ms, looked_ms, told_ms, next_trim;
	struct weigh weigh;
	char trouble[256]; /* the last thing a relay that takes no mail has said */
	enum err e;        /* the first failure */
	struct why why;
};

static uint64_t run_ms(const struct run *r)
{
	return monotime_ms() - r->started_ms;
}

/* Remember the first failure; `r->lock` is held. */
static void fail(struct run *r, enum err e, const struct why *why)
{
	r->ending = true;
	pthread_cond_broadcast(&r->work);
	if (r->e)
		return;
	r->e = e;
	r->why = *why;
}

/* The next claim, waited for; false at the end. */
static bool take_claim(struct run *r, struct claim *claim)
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

static void hand_in(struct run *r, const struct worker *w, enum err e, const struct why *why)
{
	const struct outcome *o = &w->postman.outcome;

	pthread_mutex_lock(&r->lock);
	if (!r->dones)
		r->first_done_ms = monotime_ms();
	r->done[r->dones++] = *o;
	r->busy--;
	if (e)
		fail(r, e, why);
	if (!o->tried)
		memcpy(r->trouble, o->answer.text, sizeof(r->trouble));
	r->able -= w->postman.troubles >= TROUBLES_MAX;
	pthread_cond_signal(&r->asked);
	pthread_mutex_unlock(&r->lock);
}

/* After trouble with the relay: 1, 2 seconds, unless the run ends. */
static void rest(const struct worker *w)
{
	uint64_t until = monotime_ms() + ((uint64_t)1000 << (w->postman.troubles - 1));
	struct timespec at = monotime_in(until - monotime_ms());
	struct run *r = w->run;

	pthread_mutex_lock(&r->lock);
	while (!r->ending && !r->over && monotime_ms() < until)
		pthread_cond_timedwait(&r->work, &r->lock, &at);
	pthread_mutex_unlock(&r->lock);
}

static void *work(void *context)
{
	struct worker *w = context;
	struct claim claim;

	while (w->postman.troubles < TROUBLES_MAX && take_claim(w->run, &claim)) {
		struct why why = { 0 };
		enum err e = postman_serve(&w->postman, &claim, &why);

		hand_in(w->run, w, e, &why);
		if (w->postman.troubles && w->postman.troubles < TROUBLES_MAX)
			rest(w);
	}
	return NULL;
}

/* What an outcome means for the run as a whole; `r->lock` is held. */
static void weigh(struct run *r, const struct outcome *o)
{
	struct sender *s = r->s;
	struct why why = { 0 };
	enum err e = weigh_outcome(&r->weigh, o, &s->conf->relay, &why);

	memcpy(s->sent, r->weigh.sent, sizeof(s->sent));
	if (o->tried && s->step && o->state != SEND_DEFERRED && o->state != SEND_UNCERTAIN)
		s->step(s->context, 1);
	if (!e && lanes_done(s->lanes, o, run_ms(r)))
		e = why_set(&why, ERR_MEMORY, "out of memory");
	if (e)
		fail(r, e, &why);
}

/* Until the relay has taken a letter we go step by step: it may not want us at all. */
static unsigned depth(const struct run *r)
{
	return r->s->sent[SEND_ACCEPTED] ? r->depth : r->able;
}

/* How long until a letter may be claimed, in milliseconds: 0 for now. */
static uint64_t lanes_free_in(struct run *r)
{
	uint64_t wait;

	if (lanes_wait(r->s->lanes, run_ms(r), &wait)) {
		struct why why = { 0 };

		fail(r, why_set(&why, ERR_MEMORY, "out of memory"), &why);
	}
	return wait;
}

/* How many claims to ask for: all that may be ready, within the limit. */
static unsigned claims_wanted(struct run *r)
{
	const struct sender *s = r->s;
	uint64_t most = depth(r) > r->readies ? depth(r) - r->readies : 0;

	if (r->ending || r->held || !r->able || !most || lanes_free_in(r))
		return 0;
	if (s->limit && s->limit - r->claimed < most)
		most = s->limit - r->claimed;
	return (unsigned)most;
}

/* What nobody will serve any more goes back as it was. */
static void give_back(struct run *r)
{
	while (r->readies) {
		struct claim claim = r->ready[--r->readies];

		r->done[r->dones++] = (struct outcome){ .claim = claim, .state = claim.before };
		r->claimed--;
	}
}

/* Outcomes in, claims out, in one transaction; the lock is let go while the disk works. */
static void exchange(struct run *r, unsigned wanted)
{
	unsigned outcomes = r->dones, claims = wanted;
	struct why why = { 0 };
	enum err e = OK;

	for (unsigned i = 0; i < outcomes; i++)
		weigh(r, &r->done[i]);
	memcpy(r->noting, r->done, outcomes * sizeof(*r->done));
	r->dones = 0;
	if (r->ending)
		claims = 0;
	if (claims && lanes_take(r->s->lanes, run_ms(r), r->place, &claims))
		e = why_set(&why, ERR_MEMORY, "out of memory");
	pthread_mutex_unlock(&r->lock);
	if (!e)
		e = outbox_exchange(r->s->outbox, r->noting, outcomes, r->place, r->fresh, claims,
		                    &why);
	pthread_mutex_lock(&r->lock);
	if (e) {
		fail(r, e, &why);
		return;
	}
	memcpy(r->ready + r->readies, r->fresh, claims * sizeof(*r->fresh));
	r->readies += claims;
	r->claimed += claims;
	if (claims)
		pthread_cond_broadcast(&r->work);
}

/* Nothing is under way: is there something to wait for? In milliseconds; 0 ends the run. */
static uint64_t worth_waiting(struct run *r)
{
	const struct sender *s = r->s;
	uint64_t wait;

	if (r->ending || !r->able || (s->limit && r->claimed >= s->limit))
		return 0;
	wait = lanes_free_in(r);
	if (wait == LANES_NEVER || (!s->stay && wait > s->conf->wait_at_most * 1000))
		return 0;
	if (r->held)
		return LOOK_UP_MS;
	return wait < LOOK_UP_MS ? wait + 1 : LOOK_UP_MS;
}

static void trim(struct run *r)
{
	if (r->claimed < r->next_trim)
		return;
	roll_trim(r->s->roll);
	outbox_trim(r->s->outbox);
	r->next_trim = r->claimed + TRIM_AFTER;
}

/* Is it worth a transaction now, or may more gather? */
static bool time_to_commit(const struct run *r, unsigned wanted)
{
	if (!r->readies && wanted)
		return true;
	return r->dones && (r->ending || !r->busy || r->dones >= (depth(r) + 1) / 2 ||
	                    monotime_ms() - r->first_done_ms >= GATHER_MS);
}

static void wait_ms(struct run *r, uint64_t ms)
{
	struct timespec until = monotime_in(ms);

	pthread_cond_timedwait(&r->asked, &r->lock, &until);
}

/* Has somebody, or the time, something to say about the whole run? And the run about itself. */
static void look_up(struct run *r)
{
	struct sender *s = r->s;
	uint64_t now = run_ms(r);

	if (s->stop && *s->stop && !r->ending)
		r->ending = s->stopped = true;
	if (now < r->looked_ms)
		return;
	r->looked_ms = now + LOOK_UP_MS;
	r->held = s->held && s->held(s->context);
	if (s->until && (uint64_t)time(NULL) >= s->until && !r->ending)
		r->ending = s->over = true;
	if (!s->left || now < r->told_ms)
		return;
	r->told_ms = now + TELL_MS;
	s->left(s->context, lanes_forecast(s->lanes, now) / 1000);
}

/* Until nothing is left that can be done now. */
static void commit_all(struct run *r)
{
	uint64_t wait;

	pthread_mutex_lock(&r->lock);
	for (;;) {
		unsigned wanted;

		look_up(r);
		wanted = claims_wanted(r);
		if (r->ending || r->held || !r->able)
			give_back(r);
		if (time_to_commit(r, wanted)) {
			exchange(r, wanted);
			trim(r);
		} else if (r->dones) {
			wait_ms(r, GATHER_MS);
		} else if (r->busy || r->readies) {
			wait = r->readies ? LOOK_UP_MS : lanes_free_in(r);
			wait_ms(r, wait < LOOK_UP_MS ? wait + 1 : LOOK_UP_MS);
		} else {
			wait = worth_waiting(r);
			if (!wait)
				break;
			wait_ms(r, wait);
		}
	}
	pthread_mutex_unlock(&r->lock);
}

static void send_home(struct run *r)
{
	pthread_mutex_lock(&r->lock);
	r->over = true;
	pthread_cond_broadcast(&r->work);
	pthread_mutex_unlock(&r->lock);
}

static enum err start_workers(struct run *r, unsigned *started, struct why *why)
{
	for (unsigned i = 0; i < r->workers; i++) {
		if (pthread_create(&r->worker[i].thread, NULL, work, &r->worker[i]))
			return why_set(why, ERR_AGAIN, "no more threads can be made now");
		++*started;
	}
	return OK;
}

/* The relay has worn out every thread: that is an end, too. */
static void check_gave_up(struct run *r)
{
	const struct relay *relay = &r->s->conf->relay;
	struct why why = { 0 };

	if (r->able || r->s->stopped)
		return;
	fail(r,
	     why_set(&why, ERR_AGAIN,
	             "the relay %s:%u does not take mail now: %s; nothing was lost: send again "
	             "later",
	             relay->host, relay->port, r->trouble),
	     &why);
}

static enum err open_run(struct run *r, struct sender *s, unsigned *opened, struct why *why)
{
	unsigned n = (unsigned)s->conf->connections;
	enum err e = OK;

	*r = (struct run){ .s = s, .workers = n, .able = n, .started_ms = monotime_ms() };
	pthread_mutex_init(&r->lock, NULL);
	monotime_cond(&r->work);
	monotime_cond(&r->asked);
	r->depth = n > READY_MIN ? n : READY_MIN;
	r->worker = calloc(n, sizeof(*r->worker));
	r->ready = calloc(r->depth, sizeof(*r->ready));
	r->fresh = calloc(r->depth, sizeof(*r->fresh));
	r->place = calloc(r->depth, sizeof(*r->place));
	r->done = calloc((size_t)2 * (n + r->depth), sizeof(*r->done));
	r->noting = calloc((size_t)2 * (n + r->depth), sizeof(*r->noting));
	if (!r->worker || !r->ready || !r->fresh || !r->place || !r->done || !r->noting)
		return why_set(why, ERR_MEMORY, "out of memory");
	for (; !e && *opened < n; ++*opened) {
		r->worker[*opened].run = r;
		e = postman_open(&r->worker[*opened].postman, s, why);
	}
	return e;
}

static void close_run(struct run *r, unsigned opened)
{
	for (unsigned i = 0; i < opened; i++)
		postman_close(&r->worker[i].postman);
	pthread_cond_destroy(&r->work);
	pthread_cond_destroy(&r->asked);
	pthread_mutex_destroy(&r->lock);
	free(r->worker);
	free(r->ready);
	free(r->fresh);
	free(r->place);
	free(r->done);
	free(r->noting);
}

struct gather sender_orders(const struct sender *s)
{
	return (struct gather){
		.conf = s->conf,
		.roll = s->roll,
		.amend = s->amend,
		.outbox = s->outbox,
		.kind = s->mailing.kind,
		.only = s->only,
		.refused = s->refused,
		.retry = s->retry,
		.now = (uint64_t)time(NULL),
	};
}

enum err sender_gather(struct sender *s, struct why *why)
{
	struct gather g;

	if (!s->retry.after)
		s->retry = (struct retry){ s->conf->retry_after, RETRY_FOREVER, RETRY_FOREVER };
	g = sender_orders(s);
	return gather_letters(&s->lanes, &g, why);
}

enum err sender_run(struct sender *s, struct why *why)
{
	unsigned opened = 0, started = 0;
	struct run r = { 0 };
	enum err e = s->lanes ? OK : sender_gather(s, why);

	memset(s->sent, 0, sizeof(s->sent));
	s->stopped = s->over = false;
	if (e)
		return e;
	e = open_run(&r, s, &opened, why);
	if (!e)
		e = start_workers(&r, &started, why);
	if (!e)
		commit_all(&r);
	send_home(&r);
	for (unsigned i = 0; i < started; i++)
		pthread_join(r.worker[i].thread, NULL);
	if (!e) {
		check_gave_up(&r);
		e = r.e;
		if (e && why)
			*why = r.why;
	}
	close_run(&r, opened);
	lanes_free(s->lanes);
	s->lanes = NULL;
	return e;
}
