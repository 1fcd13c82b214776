/* SPDX-License-Identifier: MIT */
#include "mailer/pace.h"

#define STEPS     4
#define MINUTE_MS 60000

uint64_t pace_wait(const struct conf *conf, unsigned attempts)
{
	static const unsigned times[STEPS] = { 1, 3, 6, 12 };
	unsigned step = attempts ? attempts - 1 : 0;

	return conf->retry_after * times[step < STEPS ? step : STEPS - 1];
}

uint64_t pace_allowed(const struct conf *conf, uint64_t since_ms, uint64_t taken)
{
	uint64_t allowed = since_ms * conf->per_minute / MINUTE_MS + 1;

	if (!conf->per_minute)
		return UINT64_MAX;
	return allowed > taken ? allowed - taken : 0;
}
