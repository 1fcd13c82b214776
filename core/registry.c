/* SPDX-License-Identifier: MIT */
#include "core/registry.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

/* A manifest may claim four thousand million members; memory follows what is really issued. */
#define FIRST_SLOTS_MAX (UINT64_C(1) << 21)
#define FIRST_SLOTS_MIN (UINT64_C(1) << 8)

/* An empty slot has weight 0: no credential has. */
struct slot {
	uint32_t hash[4];
	uint16_t weight;
	uint8_t state;
	uint8_t unused;
};
_Static_assert(sizeof(struct slot) == 20, "20 bytes a credential");

struct registry {
	unsigned char key[crypto_shorthash_siphashx24_KEYBYTES];
	struct slot *slot;
	uint64_t slots; /* a power of two */
	struct registry_counts counts;
};

static uint64_t slot_of(const uint32_t hash[4], uint64_t slots)
{
	return (((uint64_t)hash[1] << 32) | hash[0]) & (slots - 1);
}

static void hash_credential(uint32_t hash[4], const struct registry *r,
                            const struct point *credential)
{
	unsigned char bytes[crypto_shorthash_siphashx24_BYTES];

	crypto_shorthash_siphashx24(bytes, credential->bytes, GROUP_BYTES, r->key);
	memcpy(hash, bytes, sizeof(bytes));
}

/* The credential's slot, or the empty one where it would stand. */
static struct slot *probe(struct slot *table, uint64_t slots, const uint32_t hash[4])
{
	uint64_t at = slot_of(hash, slots);

	while (table[at].weight && memcmp(table[at].hash, hash, sizeof(table[at].hash)) != 0)
		at = (at + 1) & (slots - 1);
	return &table[at];
}

enum err registry_new(struct registry **out, uint64_t expected)
{
	struct registry *r = calloc(1, sizeof(*r));
	uint64_t slots = FIRST_SLOTS_MIN;

	*out = NULL;
	if (!r)
		return ERR_MEMORY;
	while (slots < FIRST_SLOTS_MAX && slots - slots / 5 < expected)
		slots *= 2;
	r->slot = calloc((size_t)slots, sizeof(*r->slot));
	if (!r->slot) {
		free(r);
		return ERR_MEMORY;
	}
	r->slots = slots;
	randombytes_buf(r->key, sizeof(r->key));
	*out = r;
	return OK;
}

void registry_free(struct registry *r)
{
	if (!r)
		return;
	free(r->slot);
	free(r);
}

static enum err grow(struct registry *r)
{
	struct slot *bigger = calloc((size_t)r->slots * 2, sizeof(*bigger));

	if (!bigger)
		return ERR_MEMORY;
	for (uint64_t i = 0; i < r->slots; i++) {
		if (r->slot[i].weight)
			*probe(bigger, r->slots * 2, r->slot[i].hash) = r->slot[i];
	}
	free(r->slot);
	r->slot = bigger;
	r->slots *= 2;
	return OK;
}

enum err registry_add(struct registry *r, const struct point *credential, unsigned weight)
{
	uint32_t hash[4];
	struct slot *s;

	if (weight < 1 || weight > UINT16_MAX)
		bug("a credential's weight is 1 to 65,535");
	/* Four slots in five: longer runs cost more than the memory saves. */
	if (r->counts.issued + 1 > r->slots - r->slots / 5) {
		enum err e = grow(r);

		if (e)
			return e;
	}
	hash_credential(hash, r, credential);
	s = probe(r->slot, r->slots, hash);
	if (s->weight)
		return ERR_EXISTS;
	memcpy(s->hash, hash, sizeof(s->hash));
	s->weight = (uint16_t)weight;
	s->state = REGISTRY_UNUSED;
	r->counts.issued++;
	return OK;
}

enum err registry_get(const struct registry *r, const struct point *credential, unsigned *weight,
                      enum registry_state *state)
{
	uint32_t hash[4];
	const struct slot *s;

	hash_credential(hash, r, credential);
	s = probe(r->slot, r->slots, hash);
	if (!s->weight)
		return ERR_NOT_FOUND;
	if (weight)
		*weight = s->weight;
	if (state)
		*state = (enum registry_state)s->state;
	return OK;
}

static void count_state(struct registry *r, uint8_t state, bool add)
{
	uint64_t *n = NULL;

	if (state == REGISTRY_USED)
		n = &r->counts.used;
	else if (state == REGISTRY_REPLACED)
		n = &r->counts.replaced;
	if (n)
		*n = add ? *n + 1 : *n - 1;
}

enum err registry_set(struct registry *r, const struct point *credential, enum registry_state state)
{
	uint32_t hash[4];
	struct slot *s;

	hash_credential(hash, r, credential);
	s = probe(r->slot, r->slots, hash);
	if (!s->weight)
		return ERR_NOT_FOUND;
	count_state(r, s->state, false);
	s->state = (uint8_t)state;
	count_state(r, s->state, true);
	return OK;
}

struct registry_counts registry_counts(const struct registry *r)
{
	return r->counts;
}
