/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_AMENDED_H
#define VOTEPOST_MAILER_AMENDED_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/ledger.h"
#include "core/store.h"
#include "mailer/roll.h"

/*
 * amended - what holds for one member since the roll was frozen, and its record in the store.
 * Part of mailer/amend.h.
 */

/* A replacement that is on its way to the board. */
struct amend_plan {
	uint32_t generation, epoch; /* of the token that it brings in */
	enum replace_reason reason;
};
#define AMEND_PLANS_MAX 16
#define AMEND_OLD_MAX   3

/* A member that nothing is known of has generation 1, epoch 0. */
struct amended {
	uint32_t generation; /* of the token that is in force */
	uint32_t epoch;      /* of the token key that it is derived under (mailer/keys.h) */
	/* Oldest first. The last is what the member is to have; those before it were superseded
	 * while they were on their way, and may stand all the same. */
	unsigned plans;
	struct amend_plan plan[AMEND_PLANS_MAX];
	char tag[TAG_TEXT];       /* of letters from now on; "" where they have none */
	char email[ADDRESS_TEXT]; /* instead of the roll's; "" where it is the roll's */
	/* Addresses that are still to be told of the change, the longest given up first. */
	unsigned olds;
	char old[AMEND_OLD_MAX][ADDRESS_TEXT];
};

#define AMENDED_MAX (24 + AMEND_PLANS_MAX * 12 + (AMEND_OLD_MAX + 1) * (ADDRESS_TEXT + 1))

/* The length; AMENDED_MAX bytes are enough. */
size_t amended_write(unsigned char out[AMENDED_MAX], const struct amended *a);
/* ERR_FORMAT for a record that is damaged. */
MUST_CHECK enum err amended_read(struct amended *a, struct span value);

#endif
