/* SPDX-License-Identifier: MIT */
#include "mailer/sender.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/monotime.h"
#include "mailer/control.h"
#include "mailer/crew.h"

#define TRIM_AFTER 160  /* letters between giving pages back: a member read maps 64 KiB */
#define LOOK_UP_MS 250  /* how often the committer looks for a stop */
#define TELL_MS    2000 /* how often it says how long the rest takes */
#define GATHER_MS  5    /* how long a done letter waits for others before it is noted */

static uint64_t run_ms(const struct crew *r)
{
	return monotime_ms() - r->started_ms;
}

/* What an outcome means for the run as a whole; `r->lock` is held. */
static void weigh(struct crew *r, const struct outcome *o)
{
	struct sender *s = r->s;
	struct why why = { 0 };
	uint32_t lane = lanes_of(s->lanes, o->claim.place);
	enum err e = weigh_outcome(&r->weigh, o, lane, &s->conf->relay, &why);

	s->sent[o->claim.before]--;
	s->sent[o->state]++;
	/* Nothing was done for the limit. */
	r->claimed -= !o->tried && o->at;
	if (o->tried && s->step && o->state != SEND_DEFERRED && o->state != SEND_UNCERTAIN)
		s->step(s->context, 1);
	if (!e && lanes_done(s->lanes, o, run_ms(r)))
		e = why_set(&why, ERR_MEMORY, "out of memory");
	if (e)
		crew_fail(r, e, &why);
}

/* How long until a letter may be claimed, in milliseconds: 0 for now. */
static uint64_t lanes_free_in(struct crew *r)
{
	uint64_t wait;

	if (lanes_wait(r->s->lanes, run_ms(r), &wait)) {
		struct why why = { 0 };

		crew_fail(r, why_set(&why, ERR_MEMORY, "out of memory"), &why);
	}
	return wait;
}

/* How many claims to ask for: all that may be ready, within the limit. */
static unsigned claims_wanted(struct crew *r)
{
	const struct sender *s = r->s;
	uint64_t most = crew_depth(r) > r->readies ? crew_depth(r) - r->readies : 0;

	if (r->ending || r->held || r->weigh.doubt || !r->able || !most || lanes_free_in(r))
		return 0;
	if (s->limit && s->limit - r->claimed < most)
		most = s->limit - r->claimed;
	return (unsigned)most;
}

/* What nobody will serve any more goes back as it was. */
static void give_back(struct crew *r)
{
	while (r->readies) {
		struct claim claim = r->ready[--r->readies];

		r->done[r->dones++] = (struct outcome){ .claim = claim, .state = claim.before };
		r->claimed--;
	}
}

/* Is the row what it says? Nothing is under way, so any thread's connection is free to ask over;
 * the lock is let go meanwhile. */
static void settle_doubt(struct crew *r)
{
	struct sender *s = r->s;
	enum control control = CONTROL_SILENT;
	struct smtp_answer answer;
	uint64_t left = r->heard;
	struct why why = { 0 };
	enum err e;

	pthread_mutex_unlock(&r->lock);
	e = control_draw(&r->weigh, s->outbox, &why);
	if (!e)
		e = control_ask(&control, &answer, &r->weigh, &r->worker[0].postman, &why);
	pthread_mutex_lock(&r->lock);
	if (!e && s->stop && *s->stop)
		return;
	if (!e)
		e = weigh_control(&r->weigh, control, &answer, left, &s->conf->relay, &why);
	if (e)
		crew_fail(r, e, &why);
}

/* Outcomes in, claims out, in one transaction; the lock is let go while the disk works. */
static void exchange(struct crew *r, unsigned wanted)
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
		crew_fail(r, e, &why);
		return;
	}
	memcpy(r->ready + r->readies, r->fresh, claims * sizeof(*r->fresh));
	r->readies += claims;
	r->claimed += claims;
	/* One thread for each; to wake them all would be for nothing. */
	for (unsigned i = 0; i < claims; i++)
		pthread_cond_signal(&r->work);
}

/* Nothing is under way: is there something to wait for? In milliseconds; 0 ends the run. */
static uint64_t worth_waiting(struct crew *r)
{
	const struct sender *s = r->s;
	uint64_t wait;

	if (r->ending || (s->limit && r->claimed >= s->limit))
		return 0;
	if (!r->able)
		return LOOK_UP_MS;
	wait = lanes_free_in(r);
	if (wait == LANES_NEVER || (!s->stay && wait > s->conf->wait_at_most * 1000))
		return 0;
	if (r->held)
		return LOOK_UP_MS;
	return wait < LOOK_UP_MS ? wait + 1 : LOOK_UP_MS;
}

static void trim(struct crew *r)
{
	if (r->claimed < r->next_trim)
		return;
	roll_trim(r->s->roll);
	outbox_trim(r->s->outbox);
	r->next_trim = r->claimed + TRIM_AFTER;
}

/* Is it worth a transaction now, or may more gather? */
static bool time_to_commit(const struct crew *r, unsigned wanted)
{
	if (!r->readies && wanted)
		return true;
	return r->dones && (r->ending || !r->busy || crew_many_done(r) ||
	                    monotime_ms() - r->first_done_ms >= GATHER_MS);
}

static void wait_ms(struct crew *r, uint64_t ms)
{
	struct timespec until = monotime_in(ms);

	pthread_cond_timedwait(&r->asked, &r->lock, &until);
}

/* Is the relay there? One that never was is told of by the end of the run. */
static void look_for_relay(struct crew *r)
{
	struct sender *s = r->s;
	bool away = r->worked && r->worn == r->workers;

	if (!r->ending && crew_gave_up(r))
		r->ending = r->gave_up = true;
	if (away != r->away && !r->ending && s->away)
		s->away(s->context, away ? r->trouble : NULL);
	r->away = away;
}

/* Has somebody, or the time, something to say about the whole run? And the run about itself. */
static void look_up(struct crew *r)
{
	struct sender *s = r->s;
	uint64_t now = run_ms(r);

	if (s->stop && *s->stop && !r->ending) {
		r->ending = s->stopped = true;
		pthread_cond_broadcast(&r->calm);
	}
	look_for_relay(r);
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
static void commit_all(struct crew *r)
{
	uint64_t wait;

	pthread_mutex_lock(&r->lock);
	for (;;) {
		unsigned wanted;

		look_up(r);
		wanted = claims_wanted(r);
		if (r->ending || r->held || r->weigh.doubt || !r->able)
			give_back(r);
		if (time_to_commit(r, wanted)) {
			exchange(r, wanted);
			trim(r);
		} else if (r->dones || r->busy || r->readies) {
			wait_ms(r, GATHER_MS);
		} else if (r->weigh.doubt && !r->ending) {
			settle_doubt(r);
		} else {
			wait = worth_waiting(r);
			if (!wait)
				break;
			wait_ms(r, wait);
		}
	}
	pthread_mutex_unlock(&r->lock);
}

/* The run has come to its own end: was that the relay's word? The threads are gone. */
static void check_end(struct crew *r)
{
	const struct sender *s = r->s;
	struct why why = { 0 };
	enum err e;

	if (s->stopped || s->over || r->gave_up || r->e)
		return;
	e = weigh_end(&r->weigh, &s->conf->relay, &why);
	pthread_mutex_lock(&r->lock);
	if (e)
		crew_fail(r, e, &why);
	else if (r->weigh.doubt)
		settle_doubt(r);
	pthread_mutex_unlock(&r->lock);
}

/* Does the run leave letters behind since the relay takes none, for now or by a limit of its own?
 * Then that is what a person must hear. */
static void check_gave_up(struct crew *r)
{
	const struct sender *s = r->s;
	const struct relay *relay = &s->conf->relay;
	bool enough = s->limit && r->claimed >= s->limit;
	struct why why = { 0 };

	if (s->stopped || s->over)
		return;
	if (!r->gave_up && (enough || !r->weigh.put_off || !lanes_letters(s->lanes)))
		return;
	crew_fail(
		r,
		why_set(&why, ERR_AGAIN,
	                "the relay %s:%u does not take mail now: %s; nothing was lost: send again "
	                "later",
	                relay->host, relay->port, r->trouble),
		&why);
}

/* What a relay has refused that refuses everyone says nothing of those members: they are planned
 * again. */
static enum err take_back(struct crew *r, struct why *why)
{
	struct sender *s = r->s;
	uint32_t serial[WEIGH_ROW];
	unsigned n = weigh_doubtful(&r->weigh, s->stopped || r->gave_up || r->e, serial);
	enum err e = outbox_take_back(s->outbox, serial, n, why);

	if (!e) {
		s->sent[SEND_REFUSED] -= n;
		s->sent[SEND_PLANNED] += n;
	}
	return e;
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
	return gather_letters(&s->lanes, s->sent, &g, why);
}

enum err sender_run(struct sender *s, struct why *why)
{
	struct crew r = { 0 };
	enum err e = s->lanes ? OK : sender_gather(s, why);

	s->stopped = s->over = false;
	if (e)
		return e;
	e = crew_open(&r, s, why);
	if (!e)
		e = crew_start(&r, why);
	if (!e)
		commit_all(&r);
	crew_home(&r);
	if (!e) {
		check_end(&r);
		check_gave_up(&r);
		e = take_back(&r, why);
	}
	if (!e) {
		e = r.e;
		if (e && why)
			*why = r.why;
	}
	crew_close(&r);
	lanes_free(s->lanes);
	s->lanes = NULL;
	return e;
}
