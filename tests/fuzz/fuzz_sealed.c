/* SPDX-License-Identifier: MIT */
#include "core/secret.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "tests/fuzz/fuzz.h"

/* A cost that the format allows is too much for thousands of inputs a second. */
static bool too_dear(const uint8_t *data, size_t size)
{
	static const char ops[] = "\"opslimit\":", mem[] = "\"memlimit\":";
	const char *at = memmem(data, size, ops, sizeof(ops) - 1);

	if (at && strtoull(at + sizeof(ops) - 1, NULL, 10) > 2)
		return true;
	at = memmem(data, size, mem, sizeof(mem) - 1);
	return at && strtoull(at + sizeof(mem) - 1, NULL, 10) > 65536;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct passphrase words = { 13, "correct horse" };
	struct why why = { 0 };
	void *secret = NULL;
	char *copy;

	if (sodium_init() < 0)
		return 0;
	copy = fuzz_text(data, size);
	if (too_dear((const uint8_t *)copy, strlen(copy))) {
		free(copy);
		return 0;
	}
	free(copy);
	if (sealed_open(&secret, 32, fuzz_path(data, size), "test keys", &words, &why))
		fuzz_must(why.text[0] && !secret);
	else
		fuzz_must(!memcmp(secret, "thirty-two bytes of secret here.", 32));
	secret_free(secret);
	return 0;
}
