/* SPDX-License-Identifier: MIT */
#include "scrutineer/crew.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#define WORKERS_MAX 256

struct hand {
	struct crew *crew;
	unsigned worker;
	pthread_t thread;
};

struct crew {
	pthread_mutex_t lock;
	pthread_cond_t begin, end;
	unsigned workers; /* the caller included */
	unsigned busy;    /* hands that have not finished this run */
	unsigned long run;
	bool leave;
	crew_work *work;
	void *ctx;
	size_t n;
	atomic_size_t next;
	struct hand hand[];
};

static void work_on(struct crew *c, unsigned worker)
{
	size_t i;

	while ((i = atomic_fetch_add(&c->next, 1)) < c->n)
		c->work(c->ctx, worker, i);
}

static void *hand_main(void *arg)
{
	struct hand *hand = arg;
	struct crew *c = hand->crew;
	unsigned long seen = 0;

	pthread_mutex_lock(&c->lock);
	for (;;) {
		while (c->run == seen && !c->leave)
			pthread_cond_wait(&c->begin, &c->lock);
		if (c->leave)
			break;
		seen = c->run;
		pthread_mutex_unlock(&c->lock);
		work_on(c, hand->worker);
		pthread_mutex_lock(&c->lock);
		if (--c->busy == 0)
			pthread_cond_signal(&c->end);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

static unsigned processors(void)
{
	cpu_set_t set;
	int n = 0;

	if (!sched_getaffinity(0, sizeof(set), &set))
		n = CPU_COUNT(&set);
	return n < 1 ? 1 : (unsigned)n;
}

enum err crew_new(struct crew **out, unsigned threads)
{
	unsigned workers = threads ? threads : processors();
	struct crew *c;

	*out = NULL;
	if (workers > WORKERS_MAX)
		workers = WORKERS_MAX;
	c = calloc(1, sizeof(*c) + workers * sizeof(c->hand[0]));
	if (!c)
		return ERR_MEMORY;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->begin, NULL);
	pthread_cond_init(&c->end, NULL);
	c->workers = 1;
	while (c->workers < workers) {
		struct hand *hand = &c->hand[c->workers];

		hand->crew = c;
		hand->worker = c->workers;
		if (pthread_create(&hand->thread, NULL, hand_main, hand))
			break;
		c->workers++;
	}
	*out = c;
	return OK;
}

void crew_free(struct crew *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->leave = true;
	pthread_cond_broadcast(&c->begin);
	pthread_mutex_unlock(&c->lock);
	for (unsigned i = 1; i < c->workers; i++)
		pthread_join(c->hand[i].thread, NULL);
	pthread_cond_destroy(&c->end);
	pthread_cond_destroy(&c->begin);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

unsigned crew_workers(const struct crew *c)
{
	return c->workers;
}

void crew_run(struct crew *c, crew_work *work, void *ctx, size_t n)
{
	pthread_mutex_lock(&c->lock);
	c->work = work;
	c->ctx = ctx;
	c->n = n;
	atomic_store(&c->next, 0);
	c->busy = c->workers - 1;
	c->run++;
	pthread_cond_broadcast(&c->begin);
	pthread_mutex_unlock(&c->lock);
	work_on(c, 0);
	pthread_mutex_lock(&c->lock);
	while (c->busy)
		pthread_cond_wait(&c->end, &c->lock);
	pthread_mutex_unlock(&c->lock);
}
