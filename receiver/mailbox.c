/* SPDX-License-Identifier: MIT */
#include "receiver/mailbox.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/mail/imap.h"
#include "core/mail/words.h"
#include "core/monotime.h"

/* What only a person can mend is tried less often: a provider may lock out whoever comes with a
 * wrong password every few seconds. */
#define PAUSE_SECONDS 300
/* From a mail's first failure to its next try. */
#define AGAIN_SECONDS 10

static_assert(IMAP_MESSAGE_MAX == MAIL_MAX, "a mail is cut at the same length everywhere");

struct mailbox {
	const struct imap_account *account;
	struct intake *intake;
	uint64_t seconds;
	pthread_mutex_t deciding; /* one at a time, since its poll stops any other */
	pthread_mutex_t polling;  /* one poll at a time */
	bool verdict_alone;       /* in this one */
	struct imap_memory memory;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t woken;
	bool stop, now, hurry; /* end, look now, make room for a poll that cannot wait */
	struct imap *imap;     /* of the poll that is under way */
	/* The thread's */
	pthread_t thread;
	bool running;
	cast_trouble *trouble;
	void *ctx;
	struct why told; /* what went wrong last */
};

enum err mailbox_try(const struct options *o, struct why *why)
{
	struct imap *imap = NULL;
	enum err e;

	if (!o->imap.host[0])
		return OK;
	e = imap_open(&imap, &o->mailbox, why);
	if (!e)
		e = imap_try(imap, why);
	imap_close(imap);
	if (e)
		why_prefix(why, "[imap]");
	return e;
}

enum err mailbox_open(struct mailbox **out, const struct options *o, struct intake *in,
                      struct why *why)
{
	struct mailbox *m;
	struct imap *imap = NULL;
	enum err e;

	*out = NULL;
	if (!o->imap.host[0])
		return OK;
	/* Wrong settings are told at the start. Each poll reads the password anew. */
	e = imap_open(&imap, &o->mailbox, why);
	imap_close(imap);
	if (e) {
		why_prefix(why, "[imap]");
		return e;
	}
	m = calloc(1, sizeof(*m));
	if (!m)
		return why_set(why, ERR_MEMORY, "out of memory");
	m->account = &o->mailbox;
	m->intake = in;
	m->seconds = o->imap.seconds;
	imap_memory_init(&m->memory, AGAIN_SECONDS);
	pthread_mutex_init(&m->deciding, NULL);
	pthread_mutex_init(&m->polling, NULL);
	pthread_mutex_init(&m->lock, NULL);
	monotime_cond(&m->woken);
	*out = m;
	return OK;
}

void mailbox_stop(struct mailbox *m)
{
	if (!m)
		return;
	pthread_mutex_lock(&m->lock);
	m->stop = true;
	if (m->imap)
		imap_stop(m->imap);
	pthread_cond_signal(&m->woken);
	pthread_mutex_unlock(&m->lock);
}

void mailbox_close(struct mailbox *m)
{
	if (!m)
		return;
	mailbox_stop(m);
	if (m->running)
		pthread_join(m->thread, NULL);
	pthread_cond_destroy(&m->woken);
	pthread_mutex_destroy(&m->lock);
	pthread_mutex_destroy(&m->polling);
	pthread_mutex_destroy(&m->deciding);
	imap_memory_release(&m->memory);
	free(m);
}

static enum err take(void *context, const void *raw, size_t len, bool cut, uint64_t received,
                     struct why *why)
{
	struct mailbox *m = context;
	const struct intake_mail mail = {
		.raw = raw,
		.len = len,
		.cut = cut,
		.received = received,
		.fetched = true,
		.verdict_alone = m->verdict_alone,
	};
	enum verdict verdict;
	enum err e = intake_take(m->intake, &mail, &verdict, why);

	return e && verdict != VERDICTS ? ERR_EXISTS : e;
}

/* Whom a stop has to reach. */
static void under_way(struct mailbox *m, struct imap *imap)
{
	pthread_mutex_lock(&m->lock);
	m->imap = imap;
	if ((m->stop || m->hurry) && imap)
		imap_stop(imap);
	pthread_mutex_unlock(&m->lock);
}

/* A poll that is under way may wait for the relay, mail by mail. */
static void hurry(struct mailbox *m, bool on)
{
	pthread_mutex_lock(&m->lock);
	m->hurry = on;
	if (on && m->imap)
		imap_stop(m->imap);
	pthread_mutex_unlock(&m->lock);
}

/* With `decide` no answer is sent, each mail is tried, none is removed, and OK is that all verdicts
 * are on disk. */
static enum err poll_once(struct mailbox *m, bool decide, struct why *why)
{
	struct imap *imap = NULL;
	enum err e;

	pthread_mutex_lock(&m->polling);
	m->verdict_alone = m->memory.urgent = decide;
	if (decide)
		hurry(m, false);
	e = imap_open(&imap, m->account, why);
	if (!e) {
		imap_remember(imap, &m->memory);
		under_way(m, imap);
		e = imap_poll(imap, take, m, why);
		under_way(m, NULL);
		if (decide && imap_all_taken(imap))
			e = OK;
	}
	imap_close(imap);
	pthread_mutex_unlock(&m->polling);
	return e;
}

static void tell(struct mailbox *m, enum err e, struct why *why)
{
	if (e && !why->text[0])
		why_set(why, e, "%s", err_text(e));
	if (!e && m->told.text[0])
		why_set(why, OK, "the mailbox is read again");
	if (why->text[0] && strcmp(why->text, m->told.text) != 0)
		m->trouble(m->ctx, MAILBOX_TROUBLE, why);
	if (!e)
		why->text[0] = '\0';
	m->told = *why;
}

/* True where it is time to stop. */
static bool pause_for(struct mailbox *m, uint64_t seconds)
{
	struct timespec until = monotime_in(seconds * 1000);
	bool over;

	pthread_mutex_lock(&m->lock);
	while (!m->stop && !m->now && !pthread_cond_timedwait(&m->woken, &m->lock, &until))
		;
	m->now = false;
	over = m->stop;
	pthread_mutex_unlock(&m->lock);
	return over;
}

static void *run(void *context)
{
	struct mailbox *m = context;
	uint64_t seconds;

	do {
		struct why why = { 0 };
		enum err e = poll_once(m, false, &why);

		seconds = m->seconds;
		if (e == ERR_SETTINGS && seconds < PAUSE_SECONDS)
			seconds = PAUSE_SECONDS;
		if (e != ERR_STATE) /* that is a stop, or a close */
			tell(m, e, &why);
	} while (!pause_for(m, seconds));
	return NULL;
}

enum err mailbox_run(struct mailbox *m, cast_trouble *trouble, void *ctx, struct why *why)
{
	int rc;

	if (!m)
		return OK;
	m->trouble = trouble;
	m->ctx = ctx;
	rc = pthread_create(&m->thread, NULL, run, m);
	m->running = !rc;
	return rc ? why_set(why, ERR_AGAIN, "no thread for the mailbox: %s", strerror(rc)) : OK;
}

enum err mailbox_decide(struct mailbox *m, struct why *why)
{
	struct why told = { 0 };
	enum err e = OK;

	if (m) {
		pthread_mutex_lock(&m->deciding);
		hurry(m, true);
		e = poll_once(m, true, &told);
		pthread_mutex_unlock(&m->deciding);
	}
	if (!e)
		return OK;
	why_prefix(&told, "the mailbox could not be emptied");
	words_advise(told.text, sizeof(told.text),
	             "mend that and close again; or move what shall not count out of the "
	             "folder; or, to close without the mailbox, leave [imap] host empty "
	             "and restart serve");
	if (why)
		*why = told;
	return e;
}

enum err mailbox_answer(struct mailbox *m, struct why *why)
{
	if (!m)
		return OK;
	if (!m->running)
		return poll_once(m, false, why);
	pthread_mutex_lock(&m->lock);
	m->now = true;
	pthread_cond_signal(&m->woken);
	pthread_mutex_unlock(&m->lock);
	return OK;
}
