/* SPDX-License-Identifier: MIT */
#include "mailer/retry.h"

#include <sodium.h>

#define STEPS  4
#define JITTER 10 /* percent, sooner or later */
#define HOUR   3600

struct retry retry_until(uint64_t after, uint64_t opens, uint64_t closes, uint64_t hours)
{
	uint64_t share = closes > opens ? (closes - opens) / 4 : 0, before = hours * HOUR;

	return (struct retry){
		.after = after,
		.last = closes - (before < share ? before : share),
		.closes = closes,
	};
}

/* A jitter of whole seconds would be none for short waits: they keep to their time. */
static uint64_t jittered(uint64_t wait)
{
	uint64_t play = wait * JITTER / 100;

	return wait - play + randombytes_uniform((uint32_t)(2 * play + 1));
}

uint64_t retry_due(const struct retry *r, unsigned attempts, uint64_t at)
{
	static const unsigned times[STEPS] = { 1, 3, 6, 12 };
	unsigned step = attempts ? attempts - 1 : 0;
	uint64_t wait = r->after * times[step < STEPS ? step : STEPS - 1];
	uint64_t end = step < RETRY_FIRST ? r->closes : r->last;
	uint64_t due = at + jittered(wait);

	if (due <= end)
		return due;
	/* The last one comes early rather than not at all, but not at once. */
	return end > at && end - at >= wait / 2 ? end : 0;
}
