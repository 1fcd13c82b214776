/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "core/file.h"
#include "core/passphrase.h"
#include "core/secret.h"
#include "mailer/custody.h"
#include "mailer/keys.h"

/*
 * keys - what no command of ours does: print the mailer's token keys, for a test that plays a
 * thief who has them.
 *
 *   flow-keys HOME SHARE PASSPHRASE-FILE SHARE PASSPHRASE-FILE…      a key a line, in hex
 */
static enum err combine(struct passphrase **out, char **argv, int argc, struct why *why)
{
	struct custody_share *share[OFFICERS_MAX];
	const char *path[OFFICERS_MAX];
	struct custody custody;
	unsigned n = 0;
	struct buf at = BUF_INIT(4096);
	enum err e = custody_read(&custody, file_path(&at, argv[1], CUSTODY_FILE), why);

	for (int i = 2; !e && i + 1 < argc && n < OFFICERS_MAX; i += 2) {
		struct passphrase *own = NULL;

		e = passphrase_get(&own, argv[i + 1], "", 0, why);
		if (!e)
			e = custody_share_open(&share[n], &custody, argv[i], own, why);
		path[n] = argv[i];
		n += !e;
		secret_free(own);
	}
	if (!e)
		e = custody_combine(out, &custody, share, path, n, why);
	while (n)
		secret_free(share[--n]);
	buf_free(&at);
	return e;
}

int main(int argc, char **argv)
{
	struct passphrase *passphrase = NULL;
	struct keys *keys = NULL;
	struct why why = { 0 };
	enum err e;

	if (argc < 4) {
		fputs("usage: flow-keys HOME SHARE PASSPHRASE-FILE...\n", stderr);
		return 64;
	}
	group_init();
	e = combine(&passphrase, argv, argc, &why);
	if (!e)
		e = keys_open(&keys, argv[1], passphrase, KEYS_TOKEN, "a test", &why);
	for (uint32_t epoch = 0; !e && epoch < keys->epochs; epoch++) {
		for (unsigned i = 0; i < MINT_KEY_BYTES; i++)
			printf("%02x", keys_token(keys, epoch)[i]);
		putchar('\n');
	}
	if (e)
		fprintf(stderr, "flow-keys: %s\n", why.text);
	keys_close(keys);
	secret_free(passphrase);
	return e ? 1 : 0;
}
