/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_HOME_H
#define VOTEPOST_MAILER_HOME_H

#include <stdbool.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/file.h"
#include "core/manifest.h"
#include "mailer/definition.h"

/*
 * home - the folder of one election at the mailer's: election.conf, mailer.conf, letter/,
 * keys.sealed, roll/, outbox/, manifest.json, issued.ndjson, handles.json, journal.ndjson,
 * heads.ndjson, lock.
 *
 * Once manifest.json is there the question and the roll are frozen.
 */
#define HOME_ELECTION "election.conf"
#define HOME_SETTINGS "mailer.conf"
#define HOME_TEXTS    "letter" /* a folder: mailer/owntext.h */
#define HOME_MANIFEST "manifest.json"
#define HOME_ISSUED   "issued.ndjson"
#define HOME_HANDLES  "handles.json"
#define HOME_HEADS    "heads.ndjson" /* of every board that a command went by */
#define HOME_PATH_MAX 4096

struct home {
	const char *path;
	struct file_lock lock;
};

/* A home that is there. `alone`: no other command may work on it meanwhile (ERR_BUSY). */
MUST_CHECK enum err home_open(struct home *h, const char *path, bool alone, struct why *why);
void home_close(struct home *h);

bool home_has(const struct home *h, const char *name);

/* ERR_STATE once the election is sealed. */
MUST_CHECK enum err home_not_sealed(const struct home *h, struct why *why);

MUST_CHECK enum err home_definition(const struct home *h, struct definition **out, struct why *why);
/* ERR_STATE before it is sealed. */
MUST_CHECK enum err home_manifest(const struct home *h, struct manifest **out, struct why *why);

/* One line and its line feed into a file of the home. `fresh`: ERR_EXISTS where it is there. */
MUST_CHECK enum err home_write(const struct home *h, const char *name, const struct buf *line,
                               bool fresh, struct why *why);

#endif
