/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_CHORUS_H
#define VOTEPOST_MAILER_CHORUS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * chorus - is "too much" a domain's own word, or the relay's, who says it of all? Part of
 * mailer/lanes.h.
 *
 * Of many domains there is always one that has too much. It is the relay where so many of them say
 * so within a minute, and among few letters.
 */
#define CHORUS_VOICES  3
#define CHORUS_LETTERS 16

struct voice {
	uint32_t lane; /* that said so last … */
	uint64_t letters, at;
};
struct chorus {
	struct voice voice[CHORUS_VOICES];
	unsigned voices;
	uint64_t letters; /* that were tried: the caller counts them */
};

/* This lane says that it is too much, at a time in milliseconds. Do others say so, too? */
bool chorus_said(struct chorus *c, uint32_t lane, uint64_t now);

#endif
