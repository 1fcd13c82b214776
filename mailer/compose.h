/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_COMPOSE_H
#define VOTEPOST_MAILER_COMPOSE_H

#include "core/buf.h"
#include "core/ceremony.h"
#include "core/err.h"
#include "mailer/definition.h"
#include "mailer/roll.h"

/*
 * compose - the manifest line, from the definition, the roll, the trustees' reveals and the two
 * signing keys. Protocol section 2. What comes out has passed manifest_read.
 */
struct compose {
	const struct definition *definition;
	const struct roll_summary *roll;
	const struct reveal *reveal; /* [reveals], trustee 1 first: compose_reveals */
	unsigned reveals;
	unsigned char mailer_key[32], receiver_key[32];
};

/* Put reveals in order and see that they are all of one ceremony, each trustee once. */
MUST_CHECK enum err compose_reveals(struct reveal *reveal, unsigned n, struct why *why);

/* The line, without its line feed, and the manifest that it is: manifest_free. */
MUST_CHECK enum err compose_manifest(struct buf *line, struct manifest **manifest,
                                     const struct compose *c, struct why *why);

#endif
