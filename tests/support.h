/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_SUPPORT_H
#define VOTEPOST_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "core/manifest.h"

/*
 * support - what many tests need: the worked examples of tests/vectors, hex, and a seeded
 * generator. Everything here asserts; tests run in the folder tests/.
 */

/* A file of worked examples, parsed: json_decref. */
json_t *support_json(const char *path);

/* The bytes of a hex string member, exactly `len`. */
void support_hex(void *out, size_t len, const json_t *object, const char *key);

/* A board's lines, without their line feeds. */
struct board_text {
	char *bytes;
	size_t n;
	char **line;
	size_t *len;
};
void support_board(struct board_text *out, const char *path);
void support_board_free(struct board_text *b);

/* The manifest of vectors/NAME: manifest_free. */
struct manifest *support_manifest(const char *name);

/* Assert OK and print the sentence where it is not. */
void support_ok(enum err e, const struct why *why, const char *file, int line);
#define assert_ok(call, why) support_ok((call), (why), __FILE__, __LINE__)

/* KiB that this process has locked in memory. */
unsigned long support_locked(void);

/* A seeded generator (splitmix64). support_seed prints the seed, taken from VOTEPOST_SEED or the
 * clock, so that a failure can be repeated. */
uint64_t support_seed(void);
uint64_t support_random(uint64_t *state);

#endif
