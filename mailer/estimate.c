/* SPDX-License-Identifier: MIT */
#include "mailer/estimate.h"

#include <string.h>

#include "mailer/providers.h"

#define DAY 86400

static bool slower(const struct lanes_view *a, const struct lanes_view *b)
{
	return a->forecast != b->forecast ? a->forecast > b->forecast : a->letters > b->letters;
}

/* Among the slowest so far, in order. */
static void rank(struct lanes_view top[ESTIMATE_TOP], unsigned *n, const struct lanes_view *lane)
{
	unsigned at = *n;

	if (*n == ESTIMATE_TOP && !slower(lane, &top[ESTIMATE_TOP - 1]))
		return;
	if (*n < ESTIMATE_TOP)
		++*n;
	else
		at--;
	for (; at && slower(lane, &top[at - 1]); at--)
		top[at] = top[at - 1];
	top[at] = *lane;
}

/* What all letters take together, whatever their domains. */
static void judge_relay(struct estimate *e, const struct lanes *lanes, const struct conf *conf)
{
	const struct provider *relay = provider_relay(conf->host);
	uint64_t days = 0, minutes = 0, known;

	e->relay_seconds = lanes_all(lanes) / 1000;
	if (relay && e->letters) {
		days = relay->per_day ? (e->letters - 1) / relay->per_day * DAY : 0;
		minutes = relay->per_minute ? e->letters * 60 / relay->per_minute : 0;
	}
	known = days > minutes ? days : minutes;
	e->assumed = !conf->per_minute && !known;
	if (e->assumed)
		known = e->letters * 60 / ESTIMATE_USUAL;
	else if (known > e->relay_seconds)
		e->relay = relay->hint;
	if (known > e->relay_seconds)
		e->relay_seconds = known;
}

enum err estimate_make(struct estimate *e, const struct lanes *lanes, const struct gather *g,
                       struct why *why)
{
	struct lanes_view top[ESTIMATE_TOP];
	enum err err = OK;

	memset(e, 0, sizeof(*e));
	e->letters = lanes_letters(lanes);
	judge_relay(e, lanes, g->conf);
	e->seconds = e->relay_seconds;
	for (unsigned i = 0; i < lanes_count(lanes); i++) {
		const struct lanes_view lane = lanes_look(lanes, i, 0);

		if (!lane.letters)
			continue;
		e->domains++;
		rank(top, &e->tops, &lane);
	}
	for (unsigned i = 0; !err && i < e->tops; i++) {
		struct estimate_domain *d = &e->top[i];

		d->letters = top[i].letters;
		d->limits = top[i].limits;
		d->seconds = top[i].forecast / 1000;
		if (d->seconds > e->seconds)
			e->seconds = d->seconds;
		err = gather_domain(d->name, g, &top[i], why);
	}
	return err;
}

enum err estimate_letters(struct estimate *e, const struct gather *g, struct why *why)
{
	struct gather all = *g;
	struct lanes *lanes = NULL;
	enum err err;

	all.retry = (struct retry){ g->conf->retry_after, RETRY_FOREVER, RETRY_FOREVER };
	err = gather_letters(&lanes, NULL, &all, why);
	if (!err)
		err = estimate_make(e, lanes, &all, why);
	lanes_free(lanes);
	return err;
}

const struct estimate_domain *estimate_slowest(const struct estimate *e)
{
	return e->tops && e->top[0].seconds > e->relay_seconds ? &e->top[0] : NULL;
}
