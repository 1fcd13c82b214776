/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_SHUFFLE_H
#define VOTEPOST_MAILER_SHUFFLE_H

#include <stdint.h>

/*
 * shuffle - the numbers 0 … n−1 in an order drawn by a key, without a list of them.
 *
 * Letters leave in this order, so that who watches the relay does not learn the roll's, and a
 * domain's members do not all come in one burst. A small Feistel network; it hides an order,
 * it does not encrypt.
 */
#define SHUFFLE_KEY_BYTES 16
struct shuffle {
	unsigned char key[SHUFFLE_KEY_BYTES];
	uint32_t n;
	unsigned half; /* bits of each half */
};

/* `n` is at least 1. */
void shuffle_init(struct shuffle *s, const unsigned char key[SHUFFLE_KEY_BYTES], uint32_t n);

/* What stands at a place, and the place of a number. Both below n. */
uint32_t shuffle_at(const struct shuffle *s, uint32_t place);
uint32_t shuffle_place(const struct shuffle *s, uint32_t number);

#endif
