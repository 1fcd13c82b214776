/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_BUREAU_H
#define VOTEPOST_SCRUTINEER_BUREAU_H

#include <stdbool.h>

#include "core/err.h"

/*
 * bureau - what the bureau of scrutineers itself brings to the minutes, from a settings file:
 *
 *   [bureau]       place = …, remarks = … (it may lack)
 *   [member ID]    name = …, role = …, key = b64 of an Ed25519 public key (it may lack)
 *   [incident N]   at = …, text = …, decision = … (it may lack)
 *
 * ID is 1 to 32 of a-z, 0-9 and hyphen; N counts from 1 without a gap, in the file's order.
 * Texts are shown as they stand: clean (core/text.h) and at most BUREAU_TEXT_MAX bytes, else
 * ERR_SETTINGS with file, line and key.
 */
#define BUREAU_MEMBERS_MAX   32
#define BUREAU_INCIDENTS_MAX 100
#define BUREAU_TEXT_MAX      2000
#define BUREAU_NAME_MAX      200
#define BUREAU_ID_MAX        32

struct bureau_member {
	const char *id, *name, *role;
	bool has_key;
	unsigned char key[32];
};
struct bureau_incident {
	const char *at, *text, *decision; /* decision may be NULL */
};
struct bureau {
	const char *place, *remarks; /* remarks may be NULL */
	unsigned members, incidents;
	struct bureau_member member[BUREAU_MEMBERS_MAX];
	struct bureau_incident incident[BUREAU_INCIDENTS_MAX];
	struct settings *settings; /* owns the texts */
};

/* bureau_release after, also after a failure. */
MUST_CHECK enum err bureau_read(struct bureau *b, const char *path, struct why *why);
void bureau_release(struct bureau *b);

/* May this name a member? */
bool bureau_id(const char *id);

#endif
