/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "core/file.h"

const struct manifest *fuzz_manifest(void)
{
	static struct manifest *m;
	struct why why = { 0 };
	struct lines l;

	if (m)
		return m;
	fuzz_must(sodium_init() >= 0);
	fuzz_must(!lines_open(&l, VOTEPOST_TESTS "/vectors/three-questions/board.ndjson",
	                      MANIFEST_MAX, &why));
	fuzz_must(!lines_next(&l, &why));
	fuzz_must(!manifest_read(&m, l.line.data, l.line.len, &why));
	lines_close(&l);
	return m;
}

char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = calloc(1, size + 1);

	fuzz_must(text != NULL);
	if (size)
		memcpy(text, data, size);
	return text;
}

const char *fuzz_path(const uint8_t *data, size_t size)
{
	static char path[32];
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("fuzz", MFD_CLOEXEC);
		fuzz_must(fd >= 0);
		fuzz_must(!fchmod(fd, 0600));
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	fuzz_must(!ftruncate(fd, 0));
	fuzz_must(pwrite(fd, data, size, 0) == (ssize_t)size);
	return path;
}
