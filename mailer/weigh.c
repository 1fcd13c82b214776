/* SPDX-License-Identifier: MIT */
#include "mailer/weigh.h"

#include <stdio.h>
#include <string.h>

#include "core/mail/refusal.h"

#define DENIALS_MAX  3  /* from the start: it is us that is not wanted */
#define REFUSALS_MAX 20 /* in a row: that is no list of dead mailboxes */

static void count(struct weigh *w, const struct refusal *r)
{
	bool known = r->own;

	w->own += r->own;
	w->denied += r->denied;
	w->named += r->named;
	for (unsigned i = 0; i < w->domains; i++)
		known = known || w->lane[i] == r->lane;
	if (!known && w->domains < WEIGH_DOMAINS)
		w->lane[w->domains++] = r->lane;
}

/* The row goes on without its first ones. */
static void drop(struct weigh *w, unsigned n)
{
	w->n -= n;
	memmove(w->row, w->row + n, w->n * sizeof(*w->row));
	w->own = w->denied = w->named = w->domains = 0;
	for (unsigned i = 0; i < w->n; i++)
		count(w, &w->row[i]);
}

/* A letter that left then was taken: what was refused before was refused for what it is. */
static void end_row(struct weigh *w, uint64_t left)
{
	unsigned before = 0;

	while (before < w->n && w->row[before].heard <= left)
		before++;
	drop(w, before);
	/* Answered by the letter itself. */
	w->doubt = w->doubt && w->n >= REFUSALS_MAX;
}

static void add_refusal(struct weigh *w, const struct outcome *o, uint32_t lane)
{
	const struct smtp_answer *a = &o->answer;
	struct refusal *r;

	if (w->n == WEIGH_ROW)
		drop(w, WEIGH_ROW / 2);
	r = &w->row[w->n++];
	*r = (struct refusal){
		.serial = o->claim.serial,
		.lane = lane,
		.heard = o->heard,
		.own = !o->tried,
		.denied = !o->tried || !strncmp(a->status, "5.7.", 4),
		.named = a->named,
	};
	count(w, r);
	w->answer = *a;
}

static bool of_several(const struct weigh *w)
{
	return w->domains >= (w->lanes < WEIGH_DOMAINS ? w->lanes : WEIGH_DOMAINS);
}

static bool unwanted(const struct weigh *w)
{
	return !w->accepted && w->denied >= DENIALS_MAX && w->denied == w->n && of_several(w);
}

/* A letter that was taken may have left before all that are under way. */
static bool of_all(const struct weigh *w)
{
	unsigned crossed = w->accepted && w->threads ? w->threads - 1 : 0;

	if (w->n < REFUSALS_MAX + crossed)
		return unwanted(w);
	return !w->accepted || w->own >= REFUSALS_MAX || of_several(w);
}

static const char *advice(const struct weigh *w)
{
	if (!w->taken && w->denied == w->n && w->answer.considered)
		return "see whether it wants a user and a password, or blocks you";
	if (w->accepted && refusal_of_us(&w->answer))
		return "a limit of yours there seems to be reached: wait until it is over, or ask "
		       "its operator";
	return "see to the cause";
}

static const char *code_of(char out[16], const struct smtp_answer *a)
{
	*out = '\0';
	if (a->code)
		snprintf(out, 16, "%u ", a->code);
	return out;
}

static enum err brake(struct weigh *w, const struct relay *relay, struct why *why)
{
	char code[16];

	w->braked = true;
	return why_set(why, ERR_SETTINGS,
	               "the relay %s:%u has refused the %s %u letters: %s%s; that is about none of "
	               "these members, and nothing was lost: %s, then send again",
	               relay->host, relay->port, w->accepted ? "last" : "first", w->n,
	               code_of(code, &w->answer), w->answer.text, advice(w));
}

/* Can the relay be asked what it means? About somebody whom it has served, and at the command that
 * most of the row was refused at. */
static bool can_be_asked(const struct weigh *w)
{
	return w->accepted && !w->own && w->named * 2 > w->n;
}

/* The row is long enough. */
static enum err doubt(struct weigh *w, const struct relay *relay, struct why *why)
{
	if (!can_be_asked(w))
		return brake(w, relay, why);
	w->doubt = true;
	return OK;
}

/* In the place of one of the same domain, or of the oldest. */
static void note_served(struct weigh *w, uint32_t serial, uint32_t lane)
{
	unsigned i = 0;

	while (i < w->serveds && w->served[i].lane != lane)
		i++;
	if (i == WEIGH_SERVED)
		i = w->oldest++ % WEIGH_SERVED;
	else
		w->serveds += i == w->serveds;
	w->served[i] = (struct served){ serial, lane };
}

/* What says that the relay is there, and what says that it takes letters. */
static void learn(struct weigh *w, const struct outcome *o, uint32_t lane)
{
	w->worked = w->worked || o->tried || o->next;
	if (!o->tried && o->next)
		w->put_off = o->heard;
	if (o->state != SEND_ACCEPTED)
		return;
	note_served(w, o->claim.serial, lane);
	w->accepted = w->taken = true;
	if (o->left >= w->put_off)
		w->put_off = 0;
	if (!w->braked)
		end_row(w, o->left);
}

static enum err cannot_be_used(const struct smtp_answer *a, const struct relay *relay,
                               struct why *why)
{
	char code[16];

	return why_set(why, ERR_SETTINGS,
	               "the relay %s:%u cannot be used: %s%s; nothing was lost: mend [relay], "
	               "then send again",
	               relay->host, relay->port, code_of(code, a), a->text);
}

enum err weigh_outcome(struct weigh *w, const struct outcome *o, uint32_t lane,
                       const struct relay *relay, struct why *why)
{
	const struct smtp_answer *a = &o->answer;

	if (!o->at)
		return OK;
	/* What cannot be connected to was our fault only if it never could. */
	if (a->outcome == SMTP_BROKEN && (a->code || !w->worked))
		return cannot_be_used(a, relay, why);
	learn(w, o, lane);
	if (a->outcome != SMTP_REFUSED || !a->code)
		return OK;
	add_refusal(w, o, lane);
	return w->braked || w->doubt || !of_all(w) ? OK : doubt(w, relay, why);
}

/* Nothing is under way any more, and nothing will come that could end the row. */
enum err weigh_end(struct weigh *w, const struct relay *relay, struct why *why)
{
	unsigned domains = w->lanes < 2 ? w->lanes : 2;
	bool denied = !w->taken && w->denied == w->n;

	if (w->braked || w->doubt || w->own || w->n < DENIALS_MAX || w->domains < domains)
		return OK;
	if (w->n >= REFUSALS_MAX && of_several(w))
		return doubt(w, relay, why);
	return (denied && w->domains > 1) || can_be_asked(w) ? doubt(w, relay, why) : OK;
}

enum err weigh_control(struct weigh *w, enum control control, const struct smtp_answer *answer,
                       uint64_t left, const struct relay *relay, struct why *why)
{
	char code[16], again[16];

	if (control == CONTROL_SILENT)
		return why_set(
			why, ERR_AGAIN,
			"the relay %s:%u has refused %u letters in a row: %s%s; it was asked "
			"whether it still takes mail to members whom it has served, and did "
			"not say: %s%s; nothing was lost: send again later",
			relay->host, relay->port, w->n, code_of(code, &w->answer), w->answer.text,
			code_of(again, answer), answer->text);
	w->doubt = false;
	if (control == CONTROL_REFUSES)
		return brake(w, relay, why);
	end_row(w, left);
	return OK;
}

unsigned weigh_doubtful(const struct weigh *w, bool cut, uint32_t serial[WEIGH_ROW])
{
	unsigned n = 0;

	if (!w->braked && !w->doubt && !(cut && of_several(w)))
		return 0;
	for (unsigned i = 0; i < w->n; i++)
		if (!w->row[i].own)
			serial[n++] = w->row[i].serial;
	return n;
}
