/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * search - find many byte strings in many files, in one pass over each.
 *
 *   flow-search NEEDLES FILE…      a needle a line: "label hex", 8 bytes or more of hex
 *
 * Prints "file<TAB>offset<TAB>label" for every place; exit status 0 where there was none, 1
 * where there was one, 2 for trouble. Letters match in either case.
 */
#define TABLE_BITS 20
#define PREFIX     8

struct needle {
	char *label;
	unsigned char *bytes;
	size_t len;
	struct needle *next;
};
static struct needle *table[1u << TABLE_BITS];

static unsigned char fold(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

static uint32_t slot_of(const unsigned char *folded)
{
	uint64_t x;

	memcpy(&x, folded, sizeof(x));
	return (uint32_t)((x * 0x9E3779B97F4A7C15u) >> (64 - TABLE_BITS));
}

static bool needle_add(const char *label, const char *hex)
{
	size_t len = strlen(hex) / 2;
	struct needle *n = calloc(1, sizeof(*n));

	if (!n || len < PREFIX)
		return false;
	n->label = strdup(label);
	n->bytes = malloc(len);
	n->len = len;
	if (!n->label || !n->bytes)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned byte;

		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			return false;
		n->bytes[i] = fold((unsigned char)byte);
	}
	n->next = table[slot_of(n->bytes)];
	table[slot_of(n->bytes)] = n;
	return true;
}

static bool needles_read(const char *path)
{
	char label[256], hex[1024];
	FILE *f = fopen(path, "r");
	bool good = f != NULL;

	while (good && fscanf(f, "%255s %1023s", label, hex) == 2)
		good = needle_add(label, hex);
	if (f)
		fclose(f);
	return good;
}

static bool matches(const struct needle *n, const unsigned char *at, size_t left)
{
	if (n->len > left)
		return false;
	for (size_t i = 0; i < n->len; i++)
		if (fold(at[i]) != n->bytes[i])
			return false;
	return true;
}

static size_t search_bytes(const char *path, const unsigned char *data, size_t len)
{
	unsigned char window[PREFIX];
	size_t found = 0;

	for (size_t i = 0; i + PREFIX <= len; i++) {
		for (size_t j = 0; j < PREFIX; j++)
			window[j] = fold(data[i + j]);
		for (struct needle *n = table[slot_of(window)]; n; n = n->next) {
			if (matches(n, data + i, len - i)) {
				printf("%s\t%zu\t%s\n", path, i, n->label);
				found++;
			}
		}
	}
	return found;
}

/* -1 where the file cannot be read. */
static long search_file(const char *path)
{
	struct stat st;
	long found = -1;
	void *data;
	int fd = open(path, O_RDONLY | O_NOFOLLOW);

	if (fd < 0 || fstat(fd, &st))
		goto done;
	found = 0;
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		goto done;
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED) {
		found = -1;
		goto done;
	}
	found = (long)search_bytes(path, data, (size_t)st.st_size);
	munmap(data, (size_t)st.st_size);
done:
	if (fd >= 0)
		close(fd);
	return found;
}

int main(int argc, char **argv)
{
	long found = 0;

	if (argc < 2 || !needles_read(argv[1])) {
		fputs("usage: flow-search NEEDLES FILE...\n", stderr);
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		long n = search_file(argv[i]);

		if (n < 0) {
			perror(argv[i]);
			return 2;
		}
		found += n;
	}
	return found > 0;
}
