/* SPDX-License-Identifier: MIT */
#include "receiver/programs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "core/file.h"
#include "receiver/parser.h"

#define BLOCK 65536

_Static_assert(PROGRAM_BYTES == crypto_hash_sha256_BYTES, "a program's digest is a SHA-256");

static enum err digest(unsigned char out[PROGRAM_BYTES], const char *path, struct why *why)
{
	crypto_hash_sha256_state state;
	unsigned char block[BLOCK];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;
	enum err e = OK;

	if (fd < 0)
		return file_trouble(why, path, errno);
	crypto_hash_sha256_init(&state);
	while ((n = read(fd, block, sizeof(block))) != 0) {
		if (n > 0) {
			crypto_hash_sha256_update(&state, block, (size_t)n);
		} else if (errno != EINTR) {
			e = file_trouble(why, path, errno);
			break;
		}
	}
	crypto_hash_sha256_final(&state, out);
	close(fd);
	return e;
}

enum err programs_digest(unsigned char out[PROGRAMS][PROGRAM_BYTES], struct why *why)
{
	char path[PATH_MAX];
	enum err e;

	/* The very file that runs, also where another has taken its name. */
	e = digest(out[PROGRAM_RECEIVER], "/proc/self/exe", why);
	if (e)
		return e;
	parser_program(path);
	return digest(out[PROGRAM_PARSER], path, why);
}

enum err programs_same(const struct opening *then, const struct opening *now, struct why *why)
{
	char before[2 * PROGRAM_BYTES + 1], after[2 * PROGRAM_BYTES + 1];

	for (unsigned i = 0; i < PROGRAMS; i++) {
		if (memcmp(then->program[i], now->program[i], PROGRAM_BYTES) == 0)
			continue;
		sodium_bin2hex(before, sizeof(before), then->program[i], PROGRAM_BYTES);
		sodium_bin2hex(after, sizeof(after), now->program[i], PROGRAM_BYTES);
		return why_check(why, "opening programs",
		                 "%s is another program now: SHA-256 %s then, %s now",
		                 program_name((enum opening_program)i), before, after);
	}
	return OK;
}
