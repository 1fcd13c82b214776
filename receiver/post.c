/* SPDX-License-Identifier: MIT */
#include "receiver/post.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

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

/* A refusal that everybody's answer would meet: before the recipient was named, or of the kind that
 * a relay may give then, too (RFC 3463: the sender's address, its domain, its quota). */
static bool about_us(const struct smtp_answer *a)
{
	return !a->considered || !strcmp(a->status, "5.1.7") || !strcmp(a->status, "5.1.8") ||
	       !strcmp(a->status, "5.4.5") || strcasestr(a->text, "sender address rejected");
}

static enum err judge(const struct smtp_answer *a, struct why *why)
{
	if (a->outcome == SMTP_ACCEPTED)
		return OK;
	if (a->outcome != SMTP_REFUSED)
		return why_set(why, ERR_AGAIN, "the relay did not take an answer: %u %s", a->code,
		               a->text);
	if (!about_us(a))
		return why_set(why, ERR_INVALID, "the relay refuses an answer: %u %s", a->code,
		               a->text);
	return why_set(why, ERR_AGAIN,
	               "the relay refuses every answer: %u %s; answers have no sender (MAIL "
	               "FROM:<>): ask its provider to allow that, or name another in [relay]",
	               a->code, a->text);
}

enum err post_send(struct post *p, const char *to, const void *message, size_t len, struct why *why)
{
	struct smtp_answer answer;
	struct smtp *s = borrow(p);

	smtp_send(s, "", to, message, len, &answer);
	give_back(p, s);
	return judge(&answer, why);
}

enum err post_ask(struct post *p, const char *to, struct why *why)
{
	struct smtp_answer answer;
	struct smtp *s = borrow(p);

	smtp_ask(s, "", to, &answer);
	give_back(p, s);
	return judge(&answer, why);
}
