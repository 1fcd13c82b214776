/* SPDX-License-Identifier: MIT */
#include "mailer/serials.h"

#include <stdlib.h>

struct serials {
	uint64_t members, count;
	uint8_t bits[];
};

enum err serials_new(struct serials **out, uint64_t members, struct why *why)
{
	struct serials *s = calloc(1, sizeof(*s) + (size_t)members / 8 + 1);

	if (!s)
		return why_set(why, ERR_MEMORY, "out of memory");
	s->members = members;
	*out = s;
	return OK;
}

void serials_free(struct serials *s)
{
	free(s);
}

static void put(struct serials *s, uint32_t serial, bool in)
{
	uint8_t bit = (uint8_t)(1u << serial % 8);

	if (serial >= s->members)
		bug("a serial that the roll does not have");
	if (in == serials_has(s, serial))
		return;
	s->bits[serial / 8] ^= bit;
	s->count += in ? 1 : UINT64_MAX;
}

void serials_add(struct serials *s, uint32_t serial)
{
	put(s, serial, true);
}

void serials_add_all(struct serials *s)
{
	for (uint64_t i = 0; i < s->members; i++)
		put(s, (uint32_t)i, true);
}

void serials_remove(struct serials *s, uint32_t serial)
{
	put(s, serial, false);
}

bool serials_has(const struct serials *s, uint32_t serial)
{
	return serial < s->members && s->bits[serial / 8] >> serial % 8 & 1;
}

uint64_t serials_count(const struct serials *s)
{
	return s->count;
}
