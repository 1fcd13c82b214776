/* SPDX-License-Identifier: MIT */
#include "mailer/weigh.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/list.h"
#include "core/mail/failure.h"
#include "core/mail/refusal.h"

#define DENIALS_MAX  3  /* from the start: it is us that is not wanted */
#define REFUSALS_MAX 20 /* in a row: that is no list of dead mailboxes */
#define CROSSED_MAX  100

/* Refusals in a row, of either kind. */
static unsigned refusals(const struct weigh *w)
{
	return w->row_n - w->crossed + w->own;
}

/* A letter was taken: what was refused before it was refused for what it is. But with several under
 * way it may have been taken long before others of which we have heard first, so the last of
 * those are kept: one that is dead after all is refused again. */
static void begin_row(struct weigh *w)
{
	unsigned stay = w->row_n < CROSSED_MAX ? w->row_n : CROSSED_MAX;

	if (stay < w->row_n)
		memmove(w->row, w->row + w->row_n - stay, stay * sizeof(*w->row));
	w->row_n = w->crossed = stay;
	w->accepted = w->taken = true;
	w->put_off -= w->put_off != 0;
	w->own = w->denied = w->domains = 0;
}

static enum err add_refusal(struct weigh *w, const struct outcome *o, uint32_t lane)
{
	bool own = !o->tried, known = own;
	uint32_t *row;

	w->own += own;
	w->denied += own || !strncmp(o->answer.status, "5.7.", 4);
	for (unsigned i = 0; i < w->domains; i++)
		known = known || w->lane[i] == lane;
	if (!known && w->domains < WEIGH_DOMAINS)
		w->lane[w->domains++] = lane;
	if (own)
		return OK;
	row = list_more(w->row, w->row_n, sizeof(*row));
	if (!row)
		return ERR_MEMORY;
	w->row = row;
	w->row[w->row_n++] = o->claim.serial;
	return OK;
}

/* An address that was dead before is dead again: that says nothing of the relay. */
static bool expected(const struct weigh *w, const struct outcome *o)
{
	const struct smtp_answer *a = &o->answer;
	bool taken_back = o->claim.before == SEND_PLANNED && o->claim.attempts > 1;

	return (o->claim.before == SEND_REFUSED || (taken_back && w->accepted)) &&
	       failure_class(a->code, a->status, a->text) == FAILURE_HARD;
}

static bool of_several(const struct weigh *w)
{
	return w->domains >= (w->lanes < WEIGH_DOMAINS ? w->lanes : WEIGH_DOMAINS);
}

static bool unwanted(const struct weigh *w)
{
	return !w->accepted && w->denied >= DENIALS_MAX && w->denied == refusals(w) &&
	       of_several(w);
}

static bool of_all(const struct weigh *w)
{
	if (refusals(w) < REFUSALS_MAX)
		return unwanted(w);
	return !w->accepted || w->own >= REFUSALS_MAX || of_several(w);
}

static const char *advice(const struct weigh *w, const struct smtp_answer *a)
{
	if (!w->taken && w->denied == refusals(w) && a->considered)
		return "see whether it wants a user and a password, or blocks you";
	if (w->accepted && refusal_of_us(a))
		return "a limit of yours there seems to be reached: wait until it is over, or ask "
		       "its operator";
	return "see to the cause";
}

/* What says that the relay is there, and what says that it takes letters. */
static void learn(struct weigh *w, const struct outcome *o)
{
	w->worked = w->worked || o->tried || o->next;
	if (!o->tried && o->next)
		w->put_off = w->threads;
	if (o->state == SEND_ACCEPTED && !w->braked)
		begin_row(w);
}

static enum err cannot_be_used(const struct smtp_answer *a, const struct relay *relay,
                               const char *code, struct why *why)
{
	return why_set(why, ERR_SETTINGS,
	               "the relay %s:%u cannot be used: %s%s; nothing was lost: mend [relay], "
	               "then send again",
	               relay->host, relay->port, code, a->text);
}

enum err weigh_outcome(struct weigh *w, const struct outcome *o, uint32_t lane,
                       const struct relay *relay, struct why *why)
{
	const struct smtp_answer *a = &o->answer;
	char code[16] = "";

	if (!o->at)
		return OK;
	if (a->code)
		snprintf(code, sizeof(code), "%u ", a->code);
	/* What cannot be connected to was our fault only if it never could. */
	if (a->outcome == SMTP_BROKEN && (a->code || !w->worked))
		return cannot_be_used(a, relay, code, why);
	learn(w, o);
	if (a->outcome != SMTP_REFUSED || !a->code || expected(w, o))
		return OK;
	if (add_refusal(w, o, lane))
		return why_set(why, ERR_MEMORY, "out of memory");
	if (w->braked || !of_all(w))
		return OK;
	w->braked = true;
	return why_set(why, ERR_SETTINGS,
	               "the relay %s:%u has refused the %s %u letters: %s%s; that is about none of "
	               "these members, and nothing was lost: %s, then send again",
	               relay->host, relay->port, w->accepted ? "last" : "first", refusals(w), code,
	               a->text, advice(w, a));
}

unsigned weigh_doubtful(const struct weigh *w, bool cut, const uint32_t **serial)
{
	unsigned from = w->braked ? 0 : cut && of_several(w) ? w->crossed : w->row_n;

	*serial = w->row ? w->row + from : NULL;
	return w->row_n - from;
}

void weigh_release(struct weigh *w)
{
	free(w->row);
}
