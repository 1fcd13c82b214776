/* SPDX-License-Identifier: MIT */
#include "receiver/signer.h"

#include <sodium.h>
#include <string.h>

#include "core/buf.h"
#include "core/file.h"
#include "core/funnel.h"
#include "core/secret.h"
#include "core/text.h"

#define KEY_NAME    "receiver.key"
#define PUBLIC_NAME "receiver.json"

static enum err write_secret(const char *path, const struct signer *signer, struct why *why)
{
	struct buf text = BUF_INIT(256);
	enum err e;

	b64_add(&text, signer->secret, sizeof(signer->secret));
	buf_addc(&text, '\n');
	e = buf_err(&text);
	if (!e)
		e = file_create(path, buf_text(&text), text.len, 0600, why);
	buf_free(&text);
	return e;
}

enum err signer_make(struct buf *line, const char *folder, struct why *why)
{
	struct buf path = BUF_INIT(4096);
	unsigned char public[32];
	struct signer *signer = secret_alloc(sizeof(*signer));
	enum err e;

	if (!signer)
		return why_set(why, ERR_MEMORY, "no memory that can be locked for a key");
	crypto_sign_keypair(public, signer->secret);
	e = write_secret(file_path(&path, folder, KEY_NAME), signer, why);
	if (e == ERR_EXISTS)
		(void)why_set(why, e, "%s: there is a key already; a box keeps its own",
		              buf_text(&path));
	if (e)
		goto done;
	receiver_key_write(line, public);
	buf_addc(line, '\n');
	e = buf_err(line);
	if (!e)
		e = file_write(file_path(&path, folder, PUBLIC_NAME), buf_text(line), line->len,
		               0644, why);
done:
	secret_free(signer);
	buf_free(&path);
	return e;
}

enum err signer_open(struct signer **out, const char *folder, struct why *why)
{
	struct buf path = BUF_INIT(4096), text = BUF_INIT(256);
	unsigned char public[32], secret[SIGN_SECRET_BYTES], seed[32];
	struct signer *signer = secret_alloc(sizeof(*signer));
	enum err e;

	*out = NULL;
	if (!signer)
		return why_set(why, ERR_MEMORY, "no memory that can be locked for a key");
	e = file_read_secret(&text, file_path(&path, folder, KEY_NAME), why);
	if (!e)
		e = b64_read(signer->secret, sizeof(signer->secret), buf_text(&text), text.len);
	if (e == ERR_FORMAT)
		(void)why_set(why, e, "%s: not a key of ours", buf_text(&path));
	if (e)
		goto done;
	/* Both halves must belong together: a signature under two keys gives the secret away. */
	crypto_sign_ed25519_sk_to_seed(seed, signer->secret);
	crypto_sign_seed_keypair(public, secret, seed);
	if (sodium_memcmp(secret, signer->secret, sizeof(secret)) != 0)
		e = why_set(why, ERR_FORMAT, "%s: not a key of ours", buf_text(&path));
done:
	sodium_memzero(secret, sizeof(secret));
	sodium_memzero(seed, sizeof(seed));
	buf_free(&text);
	buf_free(&path);
	if (e) {
		secret_free(signer);
		return e;
	}
	*out = signer;
	return OK;
}

void signer_free(struct signer *signer)
{
	secret_free(signer);
}
