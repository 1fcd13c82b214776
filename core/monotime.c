/* SPDX-License-Identifier: MIT */
#include "core/monotime.h"

uint64_t monotime_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

struct timespec monotime_in(uint64_t ms)
{
	uint64_t at = monotime_ms() + ms;

	return (struct timespec){ .tv_sec = (time_t)(at / 1000),
		                  .tv_nsec = (long)(at % 1000) * 1000000 };
}

void monotime_cond(pthread_cond_t *cond)
{
	pthread_condattr_t clock;

	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &clock);
	pthread_condattr_destroy(&clock);
}
