/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_SECRET_H
#define VOTEPOST_CORE_SECRET_H

#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/passphrase.h"

/*
 * secret - memory for keys, and files sealed under a passphrase.
 *
 * secret_alloc gives guarded memory: between guard pages, locked (never swapped), left out of
 * core dumps, wiped when freed. A sealed file is
 *   {"type":"sealed","what":"…","opslimit":n,"memlimit":n,"salt":"b64(16)","nonce":"b64(24)",
 *    "box":"b64"}
 * the box XChaCha20-Poly1305 under Argon2id of the passphrase, with everything before "box" as
 * additional data. A wrong passphrase and a changed file cannot be told apart; the message says
 * both.
 */

/* Zeroed guarded memory; NULL where no more can be locked. secret_free wipes; NULL is fine. */
void *secret_alloc(size_t len);
void secret_free(void *p);

/* Keep so much of an empty buffer out of swap and core dumps, as far as the system's limit goes;
 * what it grows to beyond is not kept. secret_unlock wipes and frees it. */
void secret_lock(struct buf *b, size_t room);
void secret_unlock(struct buf *b);

/* No core dumps, not dumpable, not traceable: first thing in main. */
void secret_no_core(void);

/* Seal `len` bytes into a new file (mode 0600, ERR_EXISTS where there is one). `what` names the
 * content, [a-z ]: "mailer keys". */
MUST_CHECK enum err sealed_create(const char *path, const char *what, const void *secret,
                                  size_t len, const struct passphrase *passphrase, struct why *why);
/* The same in place of the file that is there, atomically. */
MUST_CHECK enum err sealed_replace(const char *path, const char *what, const void *secret,
                                   size_t len, const struct passphrase *passphrase,
                                   struct why *why);
/* Open one of exactly `len` bytes into guarded memory; secret_free. ERR_INVALID for a wrong
 * passphrase, ERR_FORMAT for another file. */
MUST_CHECK enum err sealed_open(void **out, size_t len, const char *path, const char *what,
                                const struct passphrase *passphrase, struct why *why);

/* Argon2id's cost for new files. Tests and demos lower it through this, never a user: there is
 * no option for it. */
struct sealed_cost {
	unsigned long long opslimit;
	size_t memlimit;
};
extern struct sealed_cost sealed_cost;

#endif
