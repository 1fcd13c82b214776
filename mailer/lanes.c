/* SPDX-License-Identifier: MIT */
#include "mailer/lanes.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "core/list.h"
#include "mailer/chorus.h"
#include "mailer/heap.h"
#include "mailer/seen.h"
#include "mailer/throttle.h"

#define NONE     UINT32_MAX       /* no letter, no lane */
#define DELAYED  (UINT32_MAX - 1) /* of `next`, while letters are put */
#define TIME_MAX (UINT32_MAX - 1) /* as a key: seven weeks */

#define BEHIND (UINT32_C(1) << 31) /* of `lane_of`: after all that are not */

/* Where a lane stands: in one of the heaps, or in none, since nothing waits in it or too much of
 * it is under way. */
enum where { IDLE, OPEN, ASLEEP };

struct lane {
	uint64_t name; /* a keyed hash of the domain */
	const struct domain_rule *rule;
	struct pace pace;
	uint32_t head, tail, letters, under_way;
	uint32_t at_once; /* 0: no limit */
	uint32_t where;
};

struct lanes {
	const struct conf *conf;
	unsigned char key[crypto_shorthash_KEYBYTES];
	struct seen *names;
	struct lane *lane;
	unsigned n;
	uint32_t shared; /* the first of those that domains share, NONE before there is one */
	struct pace whole;
	struct chorus chorus;
	struct heap open, asleep; /* lanes: by their first letter's place; by time */
	struct heap delayed;      /* letters by time */
	uint64_t members, letters;
	uint32_t *lane_of, *next; /* by place */
};

enum err lanes_new(struct lanes **out, uint64_t members, const struct conf *conf, struct why *why)
{
	struct lanes *l = calloc(1, sizeof(*l));
	enum err e = ERR_MEMORY;

	if (l) {
		l->conf = conf;
		l->members = members;
		l->shared = NONE;
		l->lane_of = malloc((size_t)members * 2 * sizeof(*l->lane_of));
		pace_begin(&l->whole, &conf->whole, conf->per_minute);
		crypto_shorthash_keygen(l->key);
		e = seen_new(&l->names);
	}
	if (e || !l->lane_of) {
		lanes_free(l);
		return why_set(why, ERR_MEMORY, "out of memory");
	}
	memset(l->lane_of, 0xff, (size_t)members * 2 * sizeof(*l->lane_of));
	l->next = l->lane_of + members;
	*out = l;
	return OK;
}

void lanes_free(struct lanes *l)
{
	if (!l)
		return;
	heap_release(&l->open);
	heap_release(&l->asleep);
	heap_release(&l->delayed);
	seen_free(l->names);
	free(l->lane);
	free(l->lane_of);
	free(l);
}

static enum err add_lane(struct lanes *l, uint64_t name, const struct domain_rule *rule)
{
	const struct limits limits = rule ? rule->limits : l->conf->domain_limits;
	struct lane *lane = list_more(l->lane, l->n, sizeof(*lane));

	if (!lane)
		return ERR_MEMORY;
	l->lane = lane;
	lane += l->n++;
	*lane = (struct lane){ .name = name,
		               .rule = rule,
		               .head = NONE,
		               .tail = NONE,
		               .at_once = (uint32_t)limits.at_once };
	pace_begin(&lane->pace, &l->conf->each, limits.per_minute);
	return OK;
}

struct search {
	const struct lanes *l;
	uint64_t name;
};

static bool same_lane(void *context, uint32_t number)
{
	const struct search *s = context;

	return s->l->lane[number].name == s->name;
}

/* Beyond all bounds: a domain that is rare enough to come so late shares a lane. */
static enum err share_lane(struct lanes *l, uint64_t name, uint32_t *lane)
{
	if (l->shared == NONE)
		l->shared = l->n;
	while (l->n < l->shared + LANES_SHARED)
		if (add_lane(l, 0, NULL))
			return ERR_MEMORY;
	*lane = l->shared + (uint32_t)(name % LANES_SHARED);
	return OK;
}

/* The lane of a domain, made where it is new. */
static enum err find_lane(struct lanes *l, const char *domain, uint32_t *lane)
{
	const struct domain_rule *rule = domains_find(l->conf->domains, domain);
	unsigned char hash[crypto_shorthash_BYTES];
	struct search search = { .l = l };
	enum err e = OK;

	if (rule)
		domain = rule->name;
	crypto_shorthash(hash, (const unsigned char *)domain, strlen(domain), l->key);
	memcpy(&search.name, hash, sizeof(search.name));
	*lane = l->n;
	if (l->shared == NONE && l->n < LANES_MAX)
		e = seen_add(l->names, hash, sizeof(hash), l->n, same_lane, &search, lane);
	else
		e = seen_find(l->names, hash, sizeof(hash), same_lane, &search, lane);
	if (e == ERR_EXISTS)
		return OK;
	if (e == ERR_NOT_FOUND)
		return share_lane(l, search.name, lane);
	return e ? e : add_lane(l, search.name, rule);
}

enum err lanes_put(struct lanes *l, uint32_t place, const char *domain)
{
	enum err e = find_lane(l, domain, &l->lane_of[place]);

	l->letters += !e;
	return e;
}

void lanes_drop(struct lanes *l, uint32_t place)
{
	l->letters -= l->lane_of[place] != NONE;
	l->lane_of[place] = NONE;
}

bool lanes_has(const struct lanes *l, uint32_t place)
{
	return l->lane_of[place] != NONE;
}

uint32_t lanes_of(const struct lanes *l, uint32_t place)
{
	return l->lane_of[place] & ~BEHIND;
}

void lanes_behind(struct lanes *l, uint32_t place)
{
	l->lane_of[place] |= BEHIND;
}

static uint32_t time_key(uint64_t ms)
{
	return ms < TIME_MAX ? (uint32_t)ms : TIME_MAX;
}

enum err lanes_delay(struct lanes *l, uint32_t place, uint64_t until)
{
	l->next[place] = DELAYED;
	return heap_push(&l->delayed, time_key(until), place);
}

/* Put a lane where it belongs, unless it is in a heap already: then it is looked at when it comes
 * up there. */
static enum err settle(struct lanes *l, uint32_t number, uint64_t now)
{
	struct lane *lane = &l->lane[number];

	if (lane->where != IDLE || !lane->letters ||
	    (lane->at_once && lane->under_way >= lane->at_once))
		return OK;
	if (pace_next(&lane->pace) > now) {
		lane->where = ASLEEP;
		return heap_push(&l->asleep, time_key(pace_next(&lane->pace)), number);
	}
	lane->where = OPEN;
	return heap_push(&l->open, lane->head | (l->lane_of[lane->head] & BEHIND), number);
}

static void push_front(struct lanes *l, struct lane *lane, uint32_t place)
{
	l->next[place] = lane->head;
	lane->head = place;
	if (lane->tail == NONE)
		lane->tail = place;
	lane->letters++;
}

static void push_back(struct lanes *l, struct lane *lane, uint32_t place)
{
	l->next[place] = NONE;
	if (lane->tail == NONE)
		lane->head = place;
	else
		l->next[lane->tail] = place;
	lane->tail = place;
	lane->letters++;
}

static uint32_t pop_front(struct lanes *l, struct lane *lane)
{
	uint32_t place = lane->head;

	lane->head = l->next[place];
	if (lane->head == NONE)
		lane->tail = NONE;
	lane->letters--;
	return place;
}

enum err lanes_ready(struct lanes *l)
{
	enum err e = OK;

	/* From the last place on, so that each lane begins with its first; what is behind first. */
	for (uint64_t i = 2 * l->members; i-- > 0;) {
		uint32_t place = (uint32_t)(i % l->members);

		if (lanes_has(l, place) && l->next[place] != DELAYED &&
		    l->lane_of[place] / BEHIND == i / l->members)
			push_front(l, &l->lane[lanes_of(l, place)], place);
	}
	for (uint32_t i = 0; !e && i < l->n; i++)
		e = settle(l, i, 0);
	return e;
}

uint64_t lanes_letters(const struct lanes *l)
{
	return l->letters;
}

/* What has slept, or was put off, until now. */
static enum err wake(struct lanes *l, uint64_t now)
{
	const struct heap_item *top;
	enum err e = OK;

	while (!e && (top = heap_top(&l->delayed)) && top->key <= now) {
		uint32_t place = heap_pop(&l->delayed).value, number = lanes_of(l, place);

		push_back(l, &l->lane[number], place);
		e = settle(l, number, now);
	}
	while (!e && (top = heap_top(&l->asleep)) && top->key <= now) {
		uint32_t number = heap_pop(&l->asleep).value;

		l->lane[number].where = IDLE;
		e = settle(l, number, now);
	}
	return e;
}

static uint64_t sooner(const struct heap *h, uint64_t now, uint64_t wait)
{
	const struct heap_item *top = heap_top(h);

	return top && top->key - now < wait ? top->key - now : wait;
}

enum err lanes_wait(struct lanes *l, uint64_t now, uint64_t *wait)
{
	enum err e = wake(l, now);

	*wait = sooner(&l->delayed, now, sooner(&l->asleep, now, LANES_NEVER));
	if (heap_top(&l->open))
		*wait = pace_next(&l->whole) > now ? pace_next(&l->whole) - now : 0;
	return e;
}

enum err lanes_take(struct lanes *l, uint64_t now, uint32_t *place, unsigned *n)
{
	unsigned most = *n;
	enum err e = wake(l, now);

	*n = 0;
	while (!e && *n < most && heap_top(&l->open) && pace_next(&l->whole) <= now) {
		uint32_t number = heap_pop(&l->open).value;
		struct lane *lane = &l->lane[number];

		lane->where = IDLE;
		/* What has happened since it was put there may hold it back. */
		if (pace_next(&lane->pace) <= now) {
			place[(*n)++] = pop_front(l, lane);
			lane->under_way++;
			l->letters--;
			pace_take(&lane->pace, now);
			pace_take(&l->whole, now);
		}
		e = settle(l, number, now);
	}
	return e;
}

static void teach(struct lanes *l, uint32_t number, const struct outcome *o, uint64_t now)
{
	struct pace *pace = &l->lane[number].pace;

	l->chorus.letters += o->tried;
	if (o->tried && o->state == SEND_ACCEPTED) {
		pace_good(pace, &l->conf->each, now);
		pace_good(&l->whole, &l->conf->whole, now);
	} else if (o->tried && throttle_said(&o->answer)) {
		pace_bad(pace, &l->conf->each, now);
		if (chorus_said(&l->chorus, number, now))
			pace_bad(&l->whole, &l->conf->whole, now);
	} else if (!o->tried && o->at && throttle_all(&o->answer)) {
		pace_bad(&l->whole, &l->conf->whole, now);
	} else if (!o->tried && o->at && l->conf->start) {
		/* The relay's own trouble; where a whole run has a pace, it gets slower. */
		pace_hiccup(&l->whole, now);
	}
}

enum err lanes_done(struct lanes *l, const struct outcome *o, uint64_t now)
{
	uint32_t place = o->claim.place, number = lanes_of(l, place);
	uint64_t wait = o->next > o->at ? o->next - o->at : 0;
	struct lane *lane = &l->lane[number];
	enum err e = OK;

	lane->under_way--;
	teach(l, number, o, now);
	l->letters += !o->tried || o->next;
	if (o->next)
		e = heap_push(&l->delayed, time_key(now + wait * 1000), place);
	else if (!o->tried)
		push_front(l, lane, place);
	return e ? e : settle(l, number, now);
}

uint64_t lanes_forecast(const struct lanes *l, uint64_t now)
{
	uint64_t most = pace_forecast(&l->whole, &l->conf->whole, l->letters, now);
	const struct heap_item *next = heap_top(&l->delayed);

	if (next && next->key > now + most)
		most = next->key - now;
	for (unsigned i = 0; i < l->n; i++) {
		const struct lanes_view lane = lanes_look(l, i, now);

		if (lane.letters && lane.forecast > most)
			most = lane.forecast;
	}
	return most;
}

uint64_t lanes_all(const struct lanes *l)
{
	return pace_forecast(&l->whole, &l->conf->whole, l->letters, 0);
}

unsigned lanes_count(const struct lanes *l)
{
	return l->n;
}

struct lanes_view lanes_look(const struct lanes *l, unsigned i, uint64_t now)
{
	const struct lane *lane = &l->lane[i];

	return (struct lanes_view){
		.letters = lane->letters,
		.forecast = pace_forecast(&lane->pace, &l->conf->each, lane->letters, now),
		.limits = lane->rule ? lane->rule->limits : l->conf->domain_limits,
		.place = lane->head,
		.name = lane->rule ? lane->rule->name : NULL,
		.shared = i >= l->shared && i < l->shared + LANES_SHARED,
	};
}
