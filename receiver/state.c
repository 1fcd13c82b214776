/* SPDX-License-Identifier: MIT */
#include "receiver/state.h"

#include <string.h>

#include "core/key.h"

/* The numbers in the order in which they are kept. */
static void numbers(uint64_t *number[STATE_NUMBERS], struct state *s)
{
	size_t at = 0;

	number[at++] = &s->lines;
	number[at++] = &s->bytes;
	number[at++] = &s->closes;
	number[at++] = &s->time;
	number[at++] = &s->issued;
	number[at++] = &s->ballots;
	number[at++] = &s->replaced;
	number[at++] = &s->closed;
	for (size_t i = 0; i < VERDICTS; i++)
		number[at++] = &s->verdict[i];
	for (size_t i = 0; i < CHANNELS; i++)
		number[at++] = &s->channel[i];
	number[at++] = &s->tree.size;
}

void state_write(unsigned char out[STATE_BYTES], const struct state *s)
{
	struct state copy = *s;
	uint64_t *number[STATE_NUMBERS];

	numbers(number, &copy);
	for (size_t i = 0; i < STATE_NUMBERS; i++)
		key_u64(out + 8 * i, *number[i]);
	memcpy(out + STATE_NUMBERS * 8, s->tree.frontier, MERKLE_LEVELS * HASH_BYTES);
}

void state_read(struct state *s, const unsigned char in[STATE_BYTES])
{
	uint64_t *number[STATE_NUMBERS];

	numbers(number, s);
	for (size_t i = 0; i < STATE_NUMBERS; i++)
		*number[i] = key_read_u64(in + 8 * i);
	memcpy(s->tree.frontier, in + STATE_NUMBERS * 8, MERKLE_LEVELS * HASH_BYTES);
}
