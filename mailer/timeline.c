/* SPDX-License-Identifier: MIT */
#include "mailer/timeline.h"

#include <string.h>

#define MINUTE 60u

/* Each divides the next, so that steps can be put together. */
static uint64_t longer(uint64_t step)
{
	static const uint64_t steps[] = { 1, 5, 10, 30, 60, 180, 360, 720, 24 * 60, 7 * 24 * 60 };

	for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (steps[i] * MINUTE > step)
			return steps[i] * MINUTE;
	return 2 * step;
}

static void widen(struct timeline *t, uint64_t step)
{
	const struct timeline old = *t;

	*t = (struct timeline){ .step = step, .first = old.first * old.step / step };
	for (unsigned i = 0; i < old.used; i++) {
		const unsigned at = (unsigned)((old.first + i) * old.step / step - t->first);

		t->n[at] += old.n[i];
		t->used = at + 1;
	}
}

/* Make room before the first step. */
static void shift(struct timeline *t, unsigned by)
{
	memmove(t->n + by, t->n, t->used * sizeof(t->n[0]));
	memset(t->n, 0, by * sizeof(t->n[0]));
	t->first -= by;
	t->used += by;
}

void timeline_add(struct timeline *t, uint64_t at)
{
	if (!t->step)
		*t = (struct timeline){ .step = MINUTE, .first = at / MINUTE };
	for (;;) {
		const uint64_t slot = at / t->step;

		if (slot >= t->first && slot - t->first < TIMELINE_MAX) {
			const unsigned i = (unsigned)(slot - t->first);

			t->n[i]++;
			t->used = i >= t->used ? i + 1 : t->used;
			return;
		}
		if (slot < t->first && t->first - slot + t->used <= TIMELINE_MAX)
			shift(t, (unsigned)(t->first - slot));
		else
			widen(t, longer(t->step));
	}
}

uint64_t timeline_at(const struct timeline *t, unsigned i)
{
	return (t->first + i) * t->step;
}
