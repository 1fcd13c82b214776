/* SPDX-License-Identifier: MIT */
#include "mailer/keys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "core/erase.h"
#include "core/file.h"
#include "core/secret.h"
#include "core/text.h"
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
	k->epochs = 1;
	randombytes_buf(k->token[0], sizeof(k->token[0]));
	randombytes_buf(k->handle, sizeof(k->handle));
	crypto_sign_keypair(public, k->sign);
	e = sealed_create(file_path(&path, home, KEYS_FILE), KEYS_WHAT, k, sizeof(*k), passphrase,
	                  why);
	buf_free(&path);
	secret_free(k);
	return e;
}

/* Is what is needed still there? */
static enum err check_need(const struct keys *k, enum keys_need need, struct why *why)
{
	char at[TIME_TEXT];

	if (need == KEYS_SIGN || !k->forgotten)
		return OK;
	time_write(at, k->forgotten);
	return why_set(why, ERR_STATE,
	               "the token keys were destroyed on %s: no token, credential or list of "
	               "voters can be made any more",
	               at);
}

enum err keys_open(struct keys **out, const char *home, const struct passphrase *passphrase,
                   enum keys_need need, const char *purpose, struct why *why)
{
	struct buf path = BUF_INIT(PATH_CAP);
	void *opened = NULL;
	enum err e = sealed_open(&opened, sizeof(struct keys), file_path(&path, home, KEYS_FILE),
	                         KEYS_WHAT, passphrase, why);

	if (!e)
		e = check_need(opened, need, why);
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

const unsigned char *keys_token(const struct keys *k, uint32_t epoch)
{
	if (epoch >= k->epochs)
		bug("a token key of an epoch that there was not");
	return k->token[epoch];
}

enum err keys_fresh(struct keys *k, const char *home, const struct passphrase *passphrase,
                    struct why *why)
{
	struct buf path = BUF_INIT(PATH_CAP);
	enum err e;

	if (k->epochs == EPOCHS_MAX)
		return why_set(why, ERR_STATE, "the token key was replaced %u times: no more",
		               EPOCHS_MAX - 1);
	randombytes_buf(k->token[k->epochs], sizeof(k->token[0]));
	k->epochs++;
	e = sealed_replace(file_path(&path, home, KEYS_FILE), KEYS_WHAT, k, sizeof(*k), passphrase,
	                   why);
	if (e)
		sodium_memzero(k->token[--k->epochs], sizeof(k->token[0]));
	buf_free(&path);
	return e;
}

/* A key file that was being written when a program died stays beside the real one, under a name
 * of its own: it holds the keys, too. */
static enum err clear_leftovers(const char *home, struct why *why)
{
	struct buf path = BUF_INIT(PATH_CAP);
	DIR *folder = opendir(home);
	struct dirent *entry;
	enum err e = folder ? OK : file_trouble(why, home, errno);

	while (!e && (entry = readdir(folder))) {
		const char *name;

		if (strncmp(entry->d_name, KEYS_FILE ".", sizeof(KEYS_FILE)) != 0)
			continue;
		name = file_path(&path, home, entry->d_name);
		erase_now(open(name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
		if (unlink(name))
			e = file_trouble(why, name, errno);
	}
	if (folder)
		closedir(folder);
	buf_free(&path);
	return e;
}

enum err keys_forget(struct keys *k, const char *home, const struct passphrase *passphrase,
                     uint64_t now, struct why *why)
{
	struct buf path = BUF_INIT(PATH_CAP);
	const char *name = file_path(&path, home, KEYS_FILE);
	int old = open(name, O_WRONLY | O_CLOEXEC);
	/* First: once the keys are said to be destroyed, nothing may be left of them. */
	enum err e = clear_leftovers(home, why);

	if (!e && !k->forgotten) {
		k->epochs = 0;
		sodium_memzero(k->token, sizeof(k->token));
		sodium_memzero(k->handle, sizeof(k->handle));
		k->forgotten = now;
		e = sealed_replace(name, KEYS_WHAT, k, sizeof(*k), passphrase, why);
		if (!e) {
			erase_now(old);
			old = -1;
		}
	}
	if (old >= 0)
		close(old);
	buf_free(&path);
	return e;
}

void keys_public(unsigned char out[32], const struct keys *k)
{
	crypto_sign_ed25519_sk_to_pk(out, k->sign);
}
