/* SPDX-License-Identifier: MIT */
#include "mailer/survey.h"

#include <string.h>

#include <glib.h>

#define TRIM_EVERY 20000 /* the outbox is read in another order than it lies in */

struct look {
	struct survey *s;
	struct member member;
	struct fate fate;
};

static enum err judge(struct look *l, const struct member *member, struct why *why)
{
	struct survey *s = l->s;
	struct fate *f = &l->fate;
	enum err e = OK;

	f->standing = (struct standing){ .state = SEND_PLANNED };
	if (s->outbox)
		e = outbox_find(s->outbox, member->serial, &f->standing, why);
	if (!e)
		e = returns_find(s->returns, member->serial, &f->last, &f->returned, why);
	if (!e)
		fate_judge(f, s->closes);
	return e;
}

/* The part after the '@', which the roll's import has looked at, in lower case. */
static void domain_of(char out[ADDRESS_TEXT], const char *email)
{
	const char *at = strrchr(email, '@');
	size_t n = 0;

	for (at = at ? at + 1 : email; *at && n + 1 < ADDRESS_TEXT; at++)
		out[n++] = g_ascii_tolower(*at);
	out[n] = 0;
}

static enum err count(struct survey *s, const struct member *m, const struct fate *f)
{
	char domain[ADDRESS_TEXT];
	enum err e;

	s->all.n[f->reach]++;
	s->state[f->standing.state]++;
	s->warned += f->warned;
	if (f->standing.state == SEND_ACCEPTED)
		timeline_add(&s->taken, f->standing.at);
	domain_of(domain, m->email);
	e = breakdown_add(&s->domain, domain, f->reach);
	if (!e)
		e = breakdown_add(&s->group, m->group, f->reach);
	if (!e)
		e = breakdown_add(&s->language_of, s->language[m->language], f->reach);
	return e;
}

static enum err look(void *context, const struct member *member, struct why *why)
{
	struct look *l = context;
	struct survey *s = l->s;
	struct amended amended;
	enum err e = amend_get(s->amend, member->serial, &amended, why);

	if (!e && *amended.email) {
		l->member = *member;
		memcpy(l->member.email, amended.email, sizeof(l->member.email));
		member = &l->member;
	}
	if (!e)
		e = judge(l, member, why);
	if (!e) {
		e = count(s, member, &l->fate);
		if (e)
			why_set(why, e, "out of memory");
	}
	if (!e && s->visit)
		e = s->visit(s->visitor, member, &l->fate, why);
	if (s->outbox && member->serial % TRIM_EVERY == TRIM_EVERY - 1)
		outbox_trim(s->outbox);
	if (s->step)
		s->step(s->progress, 1);
	return e;
}

enum err survey_make(struct survey *s, struct why *why)
{
	struct look l = { .s = s };
	enum err e = breakdown_begin(&s->domain);

	if (!e)
		e = breakdown_begin(&s->group);
	if (!e)
		e = breakdown_begin(&s->language_of);
	if (e)
		return why_set(why, e, "out of memory");
	e = returns_counts(s->returns, &s->back, why);
	if (!e)
		e = roll_each(s->roll, look, &l, why);
	breakdown_end(&s->domain, SURVEY_LEAST);
	breakdown_end(&s->group, SURVEY_LEAST);
	breakdown_end(&s->language_of, 1);
	explicit_bzero(&l.member, sizeof(l.member));
	return e;
}

void survey_release(struct survey *s)
{
	breakdown_release(&s->domain);
	breakdown_release(&s->group);
	breakdown_release(&s->language_of);
}
