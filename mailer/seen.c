/* SPDX-License-Identifier: MIT */
#include "mailer/seen.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#define FIRST_SLOTS 1024
#define EMPTY       UINT32_MAX

struct slot {
	uint32_t number, tag;
};

/* Open addressing, slots a power of two, at most four fifths of them taken. A slot's place
 * comes from its tag alone, so that growing needs no string. */
struct seen {
	unsigned char key[crypto_shorthash_KEYBYTES];
	struct slot *slot;
	size_t slots, taken;
};

static struct slot *new_slots(size_t n)
{
	struct slot *slot = malloc(n * sizeof(*slot));

	if (slot)
		memset(slot, 0xff, n * sizeof(*slot));
	return slot;
}

enum err seen_new(struct seen **out)
{
	struct seen *s = calloc(1, sizeof(*s));

	if (!s)
		return ERR_MEMORY;
	s->slots = FIRST_SLOTS;
	s->slot = new_slots(s->slots);
	if (!s->slot) {
		free(s);
		return ERR_MEMORY;
	}
	crypto_shorthash_keygen(s->key);
	*out = s;
	return OK;
}

void seen_free(struct seen *s)
{
	if (!s)
		return;
	free(s->slot);
	free(s);
}

static void place(struct slot *slot, size_t slots, struct slot what)
{
	size_t i = what.tag & (slots - 1);

	while (slot[i].number != EMPTY)
		i = (i + 1) & (slots - 1);
	slot[i] = what;
}

static enum err grow(struct seen *s)
{
	size_t slots = s->slots * 2;
	struct slot *slot = new_slots(slots);

	if (!slot)
		return ERR_MEMORY;
	for (size_t i = 0; i < s->slots; i++)
		if (s->slot[i].number != EMPTY)
			place(slot, slots, s->slot[i]);
	free(s->slot);
	s->slot = slot;
	s->slots = slots;
	return OK;
}

static uint32_t tag_of(const struct seen *s, const void *bytes, size_t len)
{
	unsigned char hash[crypto_shorthash_BYTES];
	uint32_t tag;

	crypto_shorthash(hash, bytes, len, s->key);
	memcpy(&tag, hash, sizeof(tag));
	return tag;
}

static enum err look(const struct seen *s, uint32_t tag, seen_same *same, void *context,
                     uint32_t *first)
{
	for (size_t i = tag & (s->slots - 1); s->slot[i].number != EMPTY;
	     i = (i + 1) & (s->slots - 1)) {
		if (s->slot[i].tag != tag || !same(context, s->slot[i].number))
			continue;
		*first = s->slot[i].number;
		return ERR_EXISTS;
	}
	return ERR_NOT_FOUND;
}

enum err seen_find(const struct seen *s, const void *bytes, size_t len, seen_same *same,
                   void *context, uint32_t *first)
{
	return look(s, tag_of(s, bytes, len), same, context, first);
}

enum err seen_add(struct seen *s, const void *bytes, size_t len, uint32_t number, seen_same *same,
                  void *context, uint32_t *first)
{
	const struct slot what = { .number = number, .tag = tag_of(s, bytes, len) };

	if (look(s, what.tag, same, context, first) == ERR_EXISTS)
		return ERR_EXISTS;
	if (s->taken + 1 > s->slots / 5 * 4) {
		enum err e = grow(s);

		if (e)
			return e;
	}
	place(s->slot, s->slots, what);
	s->taken++;
	return OK;
}
