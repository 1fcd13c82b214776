/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/file.h"
#include "tests/fuzz/fuzz.h"

/*
 * replay - run a fuzzer over its corpus without libFuzzer: each file as it is, cut at each of
 * its lengths (at the first and last ones where it is long), and with bytes changed by a
 * generator whose seed is printed. replay FOLDER [SEED]
 */
#define SEED_MAX  (4u << 20)
#define CUTS_MAX  600
#define CHANGES   3000
#define TOUCH_MAX 4

static uint64_t state;

static uint64_t next_random(void)
{
	uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

/* A copy of its own size, so that a sanitizer sees one byte too far. */
static void run_once(const char *bytes, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	fuzz_must(copy != NULL);
	if (len)
		memcpy(copy, bytes, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

static void run_cut(const char *bytes, size_t len)
{
	size_t n;

	for (n = 0; n < len; n++)
		if (n < CUTS_MAX / 2 || len - n <= CUTS_MAX / 2)
			run_once(bytes, n);
}

static void run_changed(const char *bytes, size_t len)
{
	static const char odd[] = "\0\xFF\"\\{}[],:=-\n\r #<>&;\x80/AZaz09";
	char *copy = malloc(len + 1);
	unsigned i, touch;
	size_t at;

	fuzz_must(copy != NULL);
	for (i = 0; i < CHANGES && len; i++) {
		memcpy(copy, bytes, len);
		for (touch = 1 + (unsigned)(next_random() % TOUCH_MAX); touch; touch--) {
			at = next_random() % len;
			copy[at] = touch % 2 ? odd[next_random() % (sizeof(odd) - 1)]
			                     : (char)(copy[at] ^ 1 << next_random() % 8);
		}
		run_once(copy, len);
	}
	free(copy);
}

int main(int argc, char **argv)
{
	struct buf bytes = BUF_INIT(SEED_MAX), path = BUF_INIT(4096);
	struct dirent *entry;
	struct why why = { 0 };
	unsigned files = 0;
	DIR *dir;

	if (argc < 2 || !(dir = opendir(argv[1]))) {
		fprintf(stderr, "usage: replay FOLDER [SEED]\n");
		return 64;
	}
	state = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	printf("seed %llu\n", (unsigned long long)state);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		buf_clear(&bytes);
		if (file_read(&bytes, file_path(&path, argv[1], entry->d_name), &why)) {
			fprintf(stderr, "%s\n", why.text);
			return 1;
		}
		printf("%s\n", entry->d_name);
		fflush(stdout);
		run_once(buf_text(&bytes), bytes.len);
		run_cut(buf_text(&bytes), bytes.len);
		run_changed(buf_text(&bytes), bytes.len);
		files++;
	}
	closedir(dir);
	buf_free(&bytes);
	buf_free(&path);
	printf("%u files\n", files);
	return files ? 0 : 1;
}
