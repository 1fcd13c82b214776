/* SPDX-License-Identifier: MIT */
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

json_t *support_json(const char *path)
{
	json_error_t error;
	json_t *root = json_load_file(path, 0, &error);

	if (!root)
		print_error("%s: %s\n", path, error.text);
	assert_non_null(root);
	return root;
}

void support_hex(void *out, size_t len, const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	size_t got;

	assert_non_null(text);
	assert_int_equal(sodium_hex2bin(out, len, text, strlen(text), NULL, &got, NULL), 0);
	assert_int_equal(got, len);
}

void support_board(struct board_text *out, const char *path)
{
	FILE *f = fopen(path, "rb");
	char *at, *end;
	size_t size;

	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	size = (size_t)ftell(f);
	rewind(f);
	memset(out, 0, sizeof(*out));
	out->bytes = malloc(size + 1);
	assert_non_null(out->bytes);
	assert_int_equal(fread(out->bytes, 1, size, f), size);
	fclose(f);
	out->bytes[size] = '\0';
	for (at = out->bytes; at < out->bytes + size; at = end + 1) {
		end = memchr(at, '\n', (size_t)(out->bytes + size - at));
		assert_non_null(end);
		*end = '\0';
		out->line = realloc(out->line, (out->n + 1) * sizeof(*out->line));
		out->len = realloc(out->len, (out->n + 1) * sizeof(*out->len));
		assert_non_null(out->line);
		assert_non_null(out->len);
		out->line[out->n] = at;
		out->len[out->n++] = (size_t)(end - at);
	}
}

void support_board_free(struct board_text *b)
{
	free(b->line);
	free(b->len);
	free(b->bytes);
}

struct manifest *support_manifest(const char *name)
{
	struct board_text b;
	struct manifest *m = NULL;
	struct why why = { 0 };
	char path[256];

	snprintf(path, sizeof(path), "vectors/%s/board.ndjson", name);
	support_board(&b, path);
	assert_ok(manifest_read(&m, b.line[0], b.len[0], &why), &why);
	support_board_free(&b);
	return m;
}

void support_ok(enum err e, const struct why *why, const char *file, int line)
{
	if (e)
		print_error("%s:%d: %s (%s)\n", file, line, why ? why->text : "", err_text(e));
	_assert_int_equal((unsigned long long)e, OK, file, line);
}

uint64_t support_seed(void)
{
	const char *given = getenv("VOTEPOST_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);

	print_message("VOTEPOST_SEED=%llu\n", (unsigned long long)seed);
	return seed;
}

uint64_t support_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

unsigned long support_locked(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	unsigned long kib = 0;
	char line[256];

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "VmLck: %lu", &kib) == 1)
			break;
	fclose(f);
	return kib;
}
