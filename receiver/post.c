/* SPDX-License-Identifier: MIT */
#include "receiver/post.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/mail/refusal.h"

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

/* For whatever is not surely the recipient's doing; a login asked for at RCPT is no better. */
static bool keeps_back(const struct smtp_answer *a)
{
	return (a->outcome == SMTP_BROKEN && a->considered) ||
	       (a->outcome == SMTP_REFUSED && !refusal_of_it(a));
}

static enum err refuses_all(const struct smtp_answer *a, struct why *why)
{
	return why_set(why, ERR_AGAIN,
	               "the relay refuses every answer: %u %s; answers have no sender (MAIL "
	               "FROM:<>) and go to any domain: ask its provider to allow that, or name "
	               "another in [relay]",
	               a->code, a->text);
}

static enum err judge(const struct smtp_answer *a, struct why *why)
{
	if (a->outcome == SMTP_ACCEPTED)
		return OK;
	if (a->outcome != SMTP_REFUSED)
		return why_set(why, ERR_AGAIN, "the relay did not take an answer: %u %s", a->code,
		               a->text);
	if (refusal_of_it(a))
		return why_set(why, ERR_INVALID, "the relay refuses an answer: %u %s", a->code,
		               a->text);
	return refuses_all(a, why);
}

/* It was refused for whatever is not surely the recipient's doing. Is it the recipient that is
 * refused, not the message, and would an answer to somebody else be taken? Then it may be the
 * recipient's own server that says so, through a relay that asks it; and for ever. */
static enum err weigh(struct smtp *s, const char *to, const struct smtp_answer *a, uint64_t waited,
                      struct why *why)
{
	struct smtp_answer alone, other;

	if (a->outcome == SMTP_BROKEN)
		return refuses_all(a, why);
	smtp_ask(s, "", POST_STRANGER, &other);
	if (keeps_back(&other))
		return refuses_all(a, why);
	smtp_ask(s, "", to, &alone);
	if (waited > POST_PATIENCE && keeps_back(&alone) &&
	    (other.outcome == SMTP_ACCEPTED || refusal_of_it(&other)))
		return why_set(why, ERR_INVALID, "the relay refuses an answer, and no other: %u %s",
		               a->code, a->text);
	return why_set(why, ERR_AGAIN,
	               "the relay refuses this answer, but may take others: %u %s; it is tried "
	               "again",
	               a->code, a->text);
}

enum err post_send(struct post *p, const char *to, const void *message, size_t len, uint64_t waited,
                   struct why *why)
{
	struct smtp_answer answer;
	struct smtp *s = borrow(p);
	enum err e;

	smtp_send(s, "", to, message, len, &answer);
	e = answer.considered && keeps_back(&answer) ? weigh(s, to, &answer, waited, why)
	                                             : judge(&answer, why);
	give_back(p, s);
	return e;
}

enum err post_try(struct post *p, const char *own, struct why *why)
{
	struct smtp_answer answer;
	struct smtp *s = borrow(p);
	enum err e;

	smtp_ask(s, "", own, &answer);
	e = judge(&answer, why);
	if (!e)
		smtp_ask(s, "", POST_STRANGER, &answer);
	give_back(p, s);
	if (!e && keeps_back(&answer))
		e = why_set(why, ERR_AGAIN,
		            "the relay takes answers to our own domain alone, it seems: to "
		            "%s it says %u %s; ask its provider, or name another in [relay]",
		            POST_STRANGER, answer.code, answer.text);
	return e;
}
