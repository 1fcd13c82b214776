/* SPDX-License-Identifier: MIT */
#include "mailer/pace.h"

#include <string.h>

#define MINUTE_US   UINT64_C(60000000)
#define MINUTE_MS   60000
#define MOMENT_US   100000  /* what may be made up for at once */
#define RATE_MAX    1000000 /* faster than that is no pace */
#define SLOWED      60      /* letters a minute, where there was no pace before the trouble */
#define PAUSES_MAX  5       /* doublings of a pause: from a minute to half an hour */
#define HICCUP_MS   30000   /* within which all trouble is one */
#define FOREVER_MIN 1       /* a rate never sinks below one letter a minute */

void pace_begin(struct pace *p, const struct pace_rules *rules, uint64_t most)
{
	uint64_t start = rules->start;

	memset(p, 0, sizeof(*p));
	p->most = most < RATE_MAX ? (uint32_t)most : 0;
	p->rate = p->most;
	if (start && start < RATE_MAX && (!p->most || start < p->most))
		p->rate = (uint32_t)start;
}

uint64_t pace_next(const struct pace *p)
{
	return (p->next_us + 999) / 1000;
}

void pace_take(struct pace *p, uint64_t now)
{
	uint64_t earliest = now * 1000 > MOMENT_US ? now * 1000 - MOMENT_US : 0;

	if (!p->rate)
		return;
	if (p->next_us < earliest)
		p->next_us = earliest;
	p->next_us += MINUTE_US / p->rate;
}

/* The next step up; 0 is the top of a pace without a limit. */
static uint32_t faster(uint32_t rate, uint32_t most)
{
	rate *= 2;
	if (most)
		return rate < most ? rate : most;
	return rate < RATE_MAX ? rate : 0;
}

void pace_good(struct pace *p, const struct pace_rules *rules, uint64_t now)
{
	if (now < p->paused_ms)
		return;
	p->pauses = 0;
	if (p->rate == p->most || now - p->quiet_ms < rules->double_after * 1000)
		return;
	p->rate = faster(p->rate, p->most);
	p->quiet_ms = now;
}

static void halve(struct pace *p, uint64_t now)
{
	p->rate = p->rate ? p->rate / 2 : SLOWED;
	if (p->rate < FOREVER_MIN)
		p->rate = FOREVER_MIN;
	p->quiet_ms = now;
}

void pace_hiccup(struct pace *p, uint64_t now)
{
	if (now < p->hiccup_ms)
		return;
	halve(p, now);
	p->hiccup_ms = now + HICCUP_MS;
}

void pace_bad(struct pace *p, const struct pace_rules *rules, uint64_t now)
{
	if (now < p->paused_ms)
		return;
	halve(p, now);
	p->paused_ms = now + (rules->pause * 1000 << p->pauses);
	p->pauses += p->pauses < PAUSES_MAX;
	if (p->next_us < p->paused_ms * 1000)
		p->next_us = p->paused_ms * 1000;
	p->quiet_ms = p->paused_ms;
}

uint64_t pace_forecast(const struct pace *p, const struct pace_rules *rules, uint64_t letters,
                       uint64_t now)
{
	uint64_t step = rules->double_after * 1000, ms = 0;
	uint64_t left = p->quiet_ms + step > now ? p->quiet_ms + step - now : 0;
	uint32_t rate = p->rate;

	if (pace_next(p) > now)
		ms = pace_next(p) - now;
	for (; letters && rate != p->most; left = step) {
		uint64_t fit = left * rate / MINUTE_MS;

		if (fit >= letters)
			break;
		letters -= fit;
		ms += left;
		rate = faster(rate, p->most);
	}
	return rate ? ms + letters * MINUTE_MS / rate : ms;
}
