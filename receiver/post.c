/* SPDX-License-Identifier: MIT */
#include "receiver/post.h"

#include <pthread.h>
#include <stdlib.h>

struct post {
	pthread_mutex_t lock;
	pthread_cond_t returned;
	unsigned free;
	struct smtp **idle; /* [free] */
	unsigned connections;
};

enum err post_open(struct post **out, const struct relay *relay, unsigned connections,
                   struct why *why)
{
	struct post *p = calloc(1, sizeof(*p));
	enum err e = OK;

	*out = NULL;
	if (!p)
		return ERR_MEMORY;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->returned, NULL);
	p->connections = connections;
	p->idle = calloc(connections, sizeof(struct smtp *));
	if (!p->idle)
		e = ERR_MEMORY;
	while (!e && p->free < connections) {
		e = smtp_open(&p->idle[p->free], relay, why);
		if (!e)
			p->free++;
	}
	if (e) {
		post_close(p);
		return e;
	}
	*out = p;
	return OK;
}

void post_close(struct post *p)
{
	if (!p)
		return;
	for (unsigned i = 0; i < p->free; i++)
		smtp_close(p->idle[i]);
	free(p->idle);
	pthread_cond_destroy(&p->returned);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static struct smtp *borrow(struct post *p)
{
	struct smtp *s;

	pthread_mutex_lock(&p->lock);
	while (!p->free)
		pthread_cond_wait(&p->returned, &p->lock);
	s = p->idle[--p->free];
	pthread_mutex_unlock(&p->lock);
	return s;
}

static void give_back(struct post *p, struct smtp *s)
{
	pthread_mutex_lock(&p->lock);
	p->idle[p->free++] = s;
	pthread_cond_signal(&p->returned);
	pthread_mutex_unlock(&p->lock);
}

enum err post_send(struct post *p, const char *to, const void *message, size_t len, struct why *why)
{
	struct smtp_answer answer;
	struct smtp *s = borrow(p);

	smtp_send(s, "", to, message, len, &answer);
	give_back(p, s);
	switch (answer.outcome) {
	case SMTP_ACCEPTED:
		return OK;
	case SMTP_REFUSED:
		return why_set(why, ERR_INVALID, "the relay refuses an answer: %u %s", answer.code,
		               answer.text);
	case SMTP_DEFERRED:
	case SMTP_UNCERTAIN:
	case SMTP_BROKEN:
		break;
	}
	return why_set(why, ERR_AGAIN, "the relay did not take an answer: %u %s", answer.code,
	               answer.text);
}
