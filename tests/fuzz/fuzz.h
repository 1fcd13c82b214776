/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_FUZZ_FUZZ_H
#define VOTEPOST_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/manifest.h"

/*
 * fuzz - what the fuzzers share. Each fuzz_<parser>.c defines LLVMFuzzerTestOneInput: with
 * VOTEPOST_FUZZ it becomes a libFuzzer program, and always a replay over corpus/<parser>/, with
 * every seed cut at each length and changed in some thousand ways.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold whatever the input was: ends the program where it does not. */
#define fuzz_must(x)                                                                               \
	do {                                                                                       \
		if (!(x))                                                                          \
			bug(#x);                                                                   \
	} while (0)

/* The manifest of the worked example with three questions. */
const struct manifest *fuzz_manifest(void);

/* The input with a NUL after it: free. */
char *fuzz_text(const uint8_t *data, size_t size);

/* A file that holds the input: a path that can be opened until the next call. */
const char *fuzz_path(const uint8_t *data, size_t size);

#endif
