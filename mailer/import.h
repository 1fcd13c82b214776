/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_IMPORT_H
#define VOTEPOST_MAILER_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "mailer/definition.h"
#include "mailer/roll.h"

/*
 * import - a CSV file of members, checked line by line, into the roll.
 *
 * Columns, in any order: id and email; name, language, weight and group may lack; factor stands
 * if and only if the election has a second factor. Every case that is wrong or odd is told with
 * its line. Nothing is imported unless nothing is wrong; the roll that was there stays.
 *
 * Wrong: an id or address that is missing, twice, too long or cannot be used, a name or group
 * over 200 characters, an unknown language, a weight outside 1 to 1,000. Odd, but allowed: a
 * domain that looks like another; an address that several members share (a shared mailbox),
 * where the organiser says so.
 */
#define IMPORT_NAME_MAX 200 /* characters */

enum import_kind { IMPORT_WRONG, IMPORT_ODD };
struct import {
	bool allow_shared;
	/* Told of each case, "members.csv:12: email: …"; no address is in it. */
	void (*tell)(void *context, enum import_kind kind, const char *sentence);
	/* Told of members as they come; may be NULL. */
	void (*step)(void *context, uint64_t more);
	void *context;
	/* Results */
	struct roll_summary summary;
	uint64_t wrong, odd;
};

/* ERR_FORMAT where a line is wrong. */
MUST_CHECK enum err import_roll(struct import *i, const char *home, const char *path,
                                const struct definition *d, struct why *why);

#endif
