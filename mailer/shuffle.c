/* SPDX-License-Identifier: MIT */
#include "mailer/shuffle.h"

#include <string.h>

#include <sodium.h>

#define ROUNDS 4

void shuffle_init(struct shuffle *s, const unsigned char key[SHUFFLE_KEY_BYTES], uint32_t n)
{
	memcpy(s->key, key, SHUFFLE_KEY_BYTES);
	s->n = n;
	for (s->half = 1; (uint64_t)1 << (2 * s->half) < n; s->half++)
		;
}

static uint32_t mix(const struct shuffle *s, unsigned round, uint32_t half)
{
	const unsigned char in[5] = { (unsigned char)round, (unsigned char)half,
		                      (unsigned char)(half >> 8), (unsigned char)(half >> 16),
		                      (unsigned char)(half >> 24) };
	unsigned char out[crypto_shorthash_BYTES];
	uint32_t mixed;

	crypto_shorthash(out, in, sizeof(in), s->key);
	memcpy(&mixed, out, sizeof(mixed));
	return mixed & (((uint32_t)1 << s->half) - 1);
}

/* Places beyond n are walked through until one below it comes up: on average within four steps,
 * and it always does, since the network is a permutation. */
uint32_t shuffle_at(const struct shuffle *s, uint32_t place)
{
	const uint32_t mask = ((uint32_t)1 << s->half) - 1;

	do {
		uint32_t left = place >> s->half, right = place & mask;

		for (unsigned round = 0; round < ROUNDS; round++) {
			uint32_t next = left ^ mix(s, round, right);

			left = right;
			right = next;
		}
		place = left << s->half | right;
	} while (place >= s->n);
	return place;
}

uint32_t shuffle_place(const struct shuffle *s, uint32_t number)
{
	const uint32_t mask = ((uint32_t)1 << s->half) - 1;

	do {
		uint32_t left = number >> s->half, right = number & mask;

		for (unsigned round = ROUNDS; round-- > 0;) {
			uint32_t before = right ^ mix(s, round, left);

			right = left;
			left = before;
		}
		number = left << s->half | right;
	} while (number >= s->n);
	return number;
}
