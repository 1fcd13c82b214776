/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_SIGNING_H
#define VOTEPOST_SCRUTINEER_SIGNING_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/group.h"
#include "core/passphrase.h"
#include "core/sign.h"
#include "scrutineer/bureau.h"

/*
 * signing - people's detached signatures under the minutes, one file each, minutes-ID.sig:
 *
 *   {"type":"minutes signature","election":"b64(E)","member":"ID","text":"b64(SHA-256)",
 *    "html":"…","pdf":"…","json":"…","signature":"b64"}
 *
 * the digests of the four files; Ed25519 over H("votepost/1 minutes", E, the line without its
 * signature member). Who may sign, and with which key, minutes.json says (its bureau), which
 * the signature covers. Protocol section 8.
 */
#define SIGNING_FILE "minutes-%s.sig"
#define SIGNING_MAX  1024 /* bytes of a line */
#define SIGNED_FILES 4

/* A person's key, sealed under their passphrase, into a new file. */
MUST_CHECK enum err signing_key_create(unsigned char key[32], const char *path,
                                       const struct passphrase *passphrase, struct why *why);

/* What is signed: minutes in a folder. */
struct signer {
	char id[BUREAU_ID_MAX + 1], name[BUREAU_NAME_MAX + 1];
	bool has_key;
	unsigned char key[32];
};
struct signed_minutes {
	unsigned char election[HASH_BYTES];
	unsigned char digest[SIGNED_FILES][HASH_BYTES]; /* text, html, pdf, json */
	unsigned signers;
	struct signer signer[BUREAU_MEMBERS_MAX];
};
/* ERR_INVALID or ERR_FORMAT where minutes.json is none; ERR_NOT_FOUND names a file that is
 * missing. */
MUST_CHECK enum err signing_read(struct signed_minutes *s, const char *dir, struct why *why);
/* The bureau of a minutes.json line. */
MUST_CHECK enum err signing_bureau(struct signed_minutes *s, const char *line, size_t len,
                                   struct why *why);

/* minutes-ID.sig in place of any; ID is who in the bureau has this key, `*who` points to them.
 * ERR_INVALID ("minutes signer") where nobody has. */
MUST_CHECK enum err signing_sign(const struct signed_minutes *s, const struct signer **who,
                                 const char *dir, const char *key_path,
                                 const struct passphrase *passphrase, struct why *why);

/* One member's signature in this folder. ERR_NOT_FOUND where there is none; ERR_INVALID under
 * "minutes election", "minutes member", "minutes changed" (naming the file) or "minutes
 * signature". */
MUST_CHECK enum err signing_check(const struct signed_minutes *s, const struct signer *who,
                                  const char *dir, struct why *why);
/* The same of a line. */
MUST_CHECK enum err signing_check_line(const struct signed_minutes *s, const struct signer *who,
                                       const char *line, size_t len, struct why *why);

#endif
