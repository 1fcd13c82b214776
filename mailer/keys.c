/* SPDX-License-Identifier: MIT */
#include "mailer/keys.h"

#include <sodium.h>

#include "core/file.h"
#include "core/secret.h"
#include "mailer/journal.h"

#define KEYS_FILE "keys.sealed"
#define KEYS_WHAT "mailer keys"
#define PATH_CAP  4096

enum err keys_create(const char *home, const struct passphrase *passphrase, struct why *why)
{
	struct keys *k = secret_alloc(sizeof(*k));
	struct buf path = BUF_INIT(PATH_CAP);
	unsigned char public[32];
	enum err e;

	if (!k)
		return why_set(why, ERR_MEMORY, "no more memory can be locked for the keys");
	randombytes_buf(k->token, sizeof(k->token));
	randombytes_buf(k->handle, sizeof(k->handle));
	crypto_sign_keypair(public, k->sign);
	e = sealed_create(file_path(&path, home, KEYS_FILE), KEYS_WHAT, k, sizeof(*k), passphrase,
	                  why);
	buf_free(&path);
	secret_free(k);
	return e;
}

enum err keys_open(struct keys **out, const char *home, const struct passphrase *passphrase,
                   const char *purpose, struct why *why)
{
	struct buf path = BUF_INIT(PATH_CAP);
	void *opened = NULL;
	enum err e = sealed_open(&opened, sizeof(struct keys), file_path(&path, home, KEYS_FILE),
	                         KEYS_WHAT, passphrase, why);

	/* Not told in the journal, not unlocked. */
	if (!e)
		e = journal_add(home, "unlock", purpose, NULL, 0, why);
	if (e)
		secret_free(opened);
	else
		*out = opened;
	buf_free(&path);
	return e;
}

void keys_close(struct keys *k)
{
	secret_free(k);
}

void keys_public(unsigned char out[32], const struct keys *k)
{
	crypto_sign_ed25519_sk_to_pk(out, k->sign);
}
