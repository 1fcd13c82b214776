/* SPDX-License-Identifier: MIT */
#include "receiver/crowd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define PRESSED_SHARE  4   /* of `most`: with less than a fourth left, room is short */
#define PRESSED_SHORT  3   /* and the time to ask is a third */
#define ANSWER_SECONDS 120 /* to take an answer where room is short */
#define NOWHERE        CROWD_SLOTS

struct slot {
	uint32_t connections;
	uint32_t asked;  /* what was taken from the bucket and has not yet run in again */
	int64_t counted; /* when `asked` was */
};
struct guest {
	int fd;
	crowd_source source;
	enum guest_state state;
	int64_t since;
	struct guest *next, *previous;
};
struct crowd {
	struct crowd_plan plan;
	unsigned char key[crypto_shorthash_KEYBYTES];
	pthread_mutex_t lock;
	unsigned present;
	struct guest *guests;
	struct slot slot[CROWD_SLOTS];
};

enum err crowd_new(struct crowd **out, const struct crowd_plan *plan, struct why *why)
{
	struct crowd *c = calloc(1, sizeof(*c));

	*out = c;
	if (!c)
		return why_set(why, ERR_MEMORY, "no memory to count connections in");
	c->plan = *plan;
	crypto_shorthash_keygen(c->key);
	pthread_mutex_init(&c->lock, NULL);
	return OK;
}

void crowd_free(struct crowd *c)
{
	if (!c)
		return;
	if (c->guests)
		bug("a guest was left behind");
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static crowd_source source_of(const struct crowd *c, const void *bytes, size_t len)
{
	unsigned char hash[crypto_shorthash_BYTES];
	uint32_t n;

	crypto_shorthash(hash, bytes, len, c->key);
	memcpy(&n, hash, sizeof(n));
	return n % CROWD_SLOTS;
}

static crowd_source source_of_v6(const struct crowd *c, const struct in6_addr *a)
{
	return IN6_IS_ADDR_V4MAPPED(a) ? source_of(c, a->s6_addr + 12, 4)
	                               : source_of(c, a->s6_addr, 8);
}

crowd_source crowd_of(const struct crowd *c, const struct sockaddr *from)
{
	if (!c->plan.behind && from && from->sa_family == AF_INET)
		return source_of(c, &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
	if (!c->plan.behind && from && from->sa_family == AF_INET6)
		return source_of_v6(c,
		                    &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr);
	return NOWHERE;
}

crowd_source crowd_forwarded(const struct crowd *c, const char *header)
{
	char text[INET6_ADDRSTRLEN] = "";
	const char *last = strrchr(header, ',');
	struct in6_addr six;
	struct in_addr four;

	last = last ? last + 1 : header;
	last += strspn(last, " ");
	if (strlen(last) >= sizeof(text))
		return 0;
	memcpy(text, last, strlen(last));
	if (inet_pton(AF_INET, text, &four) == 1)
		return source_of(c, &four, 4);
	return inet_pton(AF_INET6, text, &six) == 1 ? source_of_v6(c, &six) : 0;
}

bool crowd_admits(struct crowd *c, const struct sockaddr *from)
{
	crowd_source s = crowd_of(c, from);
	bool yes;

	pthread_mutex_lock(&c->lock);
	yes = c->present < c->plan.most &&
	      (s == NOWHERE || c->slot[s].connections < c->plan.per_source);
	pthread_mutex_unlock(&c->lock);
	return yes;
}

struct guest *crowd_enter(struct crowd *c, int fd, const struct sockaddr *from, int64_t now)
{
	struct guest *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	*g = (struct guest){ .fd = fd, .source = crowd_of(c, from), .since = now };
	pthread_mutex_lock(&c->lock);
	g->next = c->guests;
	if (c->guests)
		c->guests->previous = g;
	c->guests = g;
	c->present++;
	if (g->source != NOWHERE)
		c->slot[g->source].connections++;
	pthread_mutex_unlock(&c->lock);
	return g;
}

void crowd_leave(struct crowd *c, struct guest *g)
{
	if (!g)
		return;
	pthread_mutex_lock(&c->lock);
	if (g->previous)
		g->previous->next = g->next;
	else
		c->guests = g->next;
	if (g->next)
		g->next->previous = g->previous;
	c->present--;
	if (g->source != NOWHERE)
		c->slot[g->source].connections--;
	pthread_mutex_unlock(&c->lock);
	free(g);
}

void crowd_set(struct crowd *c, struct guest *g, enum guest_state state, int64_t now)
{
	if (!g)
		return;
	pthread_mutex_lock(&c->lock);
	g->state = state;
	g->since = now;
	pthread_mutex_unlock(&c->lock);
}

static bool too_slow(const struct crowd *c, const struct guest *g, int64_t now)
{
	bool pressed = c->present > c->plan.most - c->plan.most / PRESSED_SHARE;
	int64_t seconds = c->plan.seconds;

	if (g->state == GUEST_WAITS || (g->state == GUEST_ANSWERED && !pressed))
		return false;
	if (g->state == GUEST_ANSWERED)
		seconds = ANSWER_SECONDS;
	else if (pressed)
		seconds = seconds / PRESSED_SHORT + 1;
	return now - g->since > seconds * 1000;
}

/* A shutdown, not a close: the descriptor stays its owner's, who sees the end of the connection
 * as if the other side had gone. */
void crowd_sweep(struct crowd *c, int64_t now)
{
	pthread_mutex_lock(&c->lock);
	for (struct guest *g = c->guests; g; g = g->next)
		if (too_slow(c, g, now))
			(void)shutdown(g->fd, SHUT_RDWR);
	pthread_mutex_unlock(&c->lock);
}

bool crowd_may(struct crowd *c, crowd_source source, int64_t now)
{
	struct slot *s;
	int64_t back;
	bool yes;

	if (source == NOWHERE)
		return true;
	pthread_mutex_lock(&c->lock);
	s = &c->slot[source];
	back = (now - s->counted) * CROWD_A_SECOND / 1000;
	if (back > 0) {
		s->asked = back >= (int64_t)s->asked ? 0 : s->asked - (uint32_t)back;
		s->counted = now;
	}
	yes = s->asked < CROWD_AT_ONCE;
	if (yes)
		s->asked++;
	pthread_mutex_unlock(&c->lock);
	return yes;
}
