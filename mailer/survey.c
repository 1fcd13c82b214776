/* SPDX-License-Identifier: MIT */
#include "mailer/survey.h"

#include <stdlib.h>
#include <string.h>

#include <glib.h>

/* What the outbox says of one member. */
struct mark {
	uint32_t at;
	uint8_t state, refusal;
	bool given_up;
};

struct look {
	struct survey *s;
	struct mark *mark; /* [members], by serial */
	uint64_t marked;
	struct member member;
	struct fate fate;
};

static void step(const struct survey *s, uint64_t more)
{
	if (s->step)
		s->step(s->progress, more);
}

static enum err mark_letter(void *context, uint32_t place, const struct standing *standing)
{
	struct look *l = context;
	const uint64_t members = roll_summary(l->s->roll)->members;
	const uint32_t serial = place < members ? outbox_serial(l->s->outbox, place) : UINT32_MAX;
	struct fate f;

	if (serial >= members)
		return ERR_FORMAT;
	fate_letter(&f, standing, l->s->closes);
	l->mark[serial] = (struct mark){
		.at = f.at > UINT32_MAX ? UINT32_MAX : (uint32_t)f.at,
		.state = (uint8_t)f.state,
		.refusal = (uint8_t)f.refusal,
		.given_up = f.given_up,
	};
	l->marked++;
	step(l->s, 1);
	return OK;
}

static enum err read_outbox(struct look *l, struct why *why)
{
	const uint64_t members = roll_summary(l->s->roll)->members;
	enum err e = OK;

	l->mark = calloc((size_t)members, sizeof(*l->mark));
	if (!l->mark)
		return why_set(why, ERR_MEMORY, "out of memory");
	if (l->s->outbox) {
		e = outbox_each(l->s->outbox, mark_letter, l, why);
		step(l->s, members - l->marked);
	}
	return e;
}

static enum err judge(struct look *l, const struct member *member, struct why *why)
{
	const struct mark *mark = &l->mark[member->serial];
	struct fate *f = &l->fate;
	enum err e;

	f->state = (enum send_state)mark->state;
	f->at = mark->at;
	f->refusal = (enum failure)mark->refusal;
	f->given_up = mark->given_up;
	e = returns_find(l->s->returns, member->serial, &f->last, &f->returned, why);
	if (!e)
		fate_judge(f);
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
	s->state[f->state]++;
	s->warned += f->warned;
	s->given_up += f->reach == REACH_DEFERRED && f->given_up;
	if (f->state == SEND_ACCEPTED)
		timeline_add(&s->taken, f->at);
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
	step(s, 1);
	return e;
}

uint64_t survey_steps(const struct survey *s)
{
	return roll_summary(s->roll)->members * (s->outbox ? 2 : 1);
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
		e = read_outbox(&l, why);
	if (!e)
		e = roll_each(s->roll, look, &l, why);
	breakdown_end(&s->domain, SURVEY_LEAST);
	breakdown_end(&s->group, SURVEY_LEAST);
	breakdown_end(&s->language_of, SURVEY_LEAST);
	explicit_bzero(&l.member, sizeof(l.member));
	free(l.mark);
	return e;
}

void survey_release(struct survey *s)
{
	breakdown_release(&s->domain);
	breakdown_release(&s->group);
	breakdown_release(&s->language_of);
}

bool survey_begun(const struct survey *s)
{
	for (unsigned i = 0; i < SEND_STATES; i++)
		if (i != SEND_PLANNED && i != SEND_IN_FLIGHT && s->state[i])
			return true;
	return false;
}
