/* SPDX-License-Identifier: MIT */
#include "tests/support.h"

#include <string.h>

#include <sodium.h>

#include "core/merkle.h"

#define LEAVES 200

/* Every complete subtree, as a receiver keeps them. */
struct kept {
	struct node node[9][LEAVES];
};

static void keep(void *ctx, unsigned level, uint64_t index, const struct node *node)
{
	((struct kept *)ctx)->node[level][index] = *node;
}

static enum err get(void *ctx, unsigned level, uint64_t index, struct node *out)
{
	*out = ((struct kept *)ctx)->node[level][index];
	return OK;
}

static void path_is(const struct path *p, const json_t *want)
{
	unsigned char node[HASH_BYTES];
	unsigned i;

	assert_int_equal(p->len, json_array_size(want));
	for (i = 0; i < p->len; i++) {
		json_t *wrap = json_pack("{s:O}", "x", json_array_get(want, i));

		support_hex(node, sizeof(node), wrap, "x");
		assert_memory_equal(p->node[i].bytes, node, sizeof(node));
		json_decref(wrap);
	}
}

static void node_is(const struct node *node, const json_t *list, size_t i)
{
	json_t *wrap = json_pack("{s:O}", "x", json_array_get(list, i));
	unsigned char want[HASH_BYTES];

	support_hex(want, sizeof(want), wrap, "x");
	assert_memory_equal(node->bytes, want, sizeof(want));
	json_decref(wrap);
}

static void the_worked_roots_and_paths(void **state)
{
	json_t *v = support_json("vectors/merkle.json"), *row, *list;
	json_t *leaves = json_object_get(v, "leaves"), *roots = json_object_get(v, "roots");
	static struct kept kept;
	struct merkle m = { 0 };
	struct node node;
	struct path path;
	size_t i;

	(void)state;
	merkle_root(&node, &m);
	node_is(&node, roots, 0);
	for (i = 0; i < json_array_size(leaves); i++) {
		const char *text = json_string_value(json_array_get(leaves, i));

		merkle_leaf(&node, text, strlen(text));
		merkle_append(&m, &node, keep, &kept);
		merkle_root(&node, &m);
		node_is(&node, roots, i + 1);
	}
	list = json_object_get(v, "inclusion");
	assert_true(json_array_size(list) > 0);
	json_array_foreach(list, i, row)
	{
		assert_ok(merkle_inclusion(
				  &path,
				  (uint64_t)json_integer_value(json_object_get(row, "index")),
				  (uint64_t)json_integer_value(json_object_get(row, "size")), get,
				  &kept),
		          NULL);
		path_is(&path, json_object_get(row, "path"));
	}
	list = json_object_get(v, "consistency");
	assert_true(json_array_size(list) > 0);
	json_array_foreach(list, i, row)
	{
		assert_ok(merkle_consistency(
				  &path,
				  (uint64_t)json_integer_value(json_object_get(row, "first")),
				  (uint64_t)json_integer_value(json_object_get(row, "second")), get,
				  &kept),
		          NULL);
		path_is(&path, json_object_get(row, "path"));
	}
	json_decref(v);
}

/* Every leaf of every size, every pair of sizes; and one flipped bit anywhere fails. */
static void what_we_prove_holds_and_nothing_else_does(void **state)
{
	static struct kept kept;
	static struct node roots[LEAVES + 1], leaf[LEAVES];
	struct merkle m = { 0 };
	struct path path;
	uint64_t size, i;

	(void)state;
	merkle_root(&roots[0], &m);
	for (i = 0; i < LEAVES; i++) {
		merkle_leaf(&leaf[i], &i, sizeof(i));
		merkle_append(&m, &leaf[i], keep, &kept);
		merkle_root(&roots[i + 1], &m);
	}
	for (size = 1; size <= LEAVES; size += size < 40 ? 1 : 13) {
		for (i = 0; i < size; i++) {
			assert_ok(merkle_inclusion(&path, i, size, get, &kept), NULL);
			assert_ok(merkle_check_inclusion(&leaf[i], i, size, &roots[size], &path),
			          NULL);
			assert_int_equal(
				merkle_check_inclusion(&leaf[i], i + 1, size, &roots[size], &path),
				ERR_INVALID);
			if (path.len == 0)
				continue;
			path.node[i % path.len].bytes[i % 32] ^= 1;
			assert_int_equal(
				merkle_check_inclusion(&leaf[i], i, size, &roots[size], &path),
				ERR_INVALID);
			path.len--;
			assert_int_equal(
				merkle_check_inclusion(&leaf[i], i, size, &roots[size], &path),
				ERR_INVALID);
		}
		for (i = 0; i <= size; i++) {
			assert_ok(merkle_consistency(&path, i, size, get, &kept), NULL);
			assert_ok(merkle_check_consistency(i, &roots[i], size, &roots[size], &path),
			          NULL);
			if (i == 0)
				continue;
			assert_int_equal(
				merkle_check_consistency(i, &leaf[0], size, &leaf[1], &path),
				ERR_INVALID);
			if (path.len == 0)
				continue;
			path.node[i % path.len].bytes[i % 32] ^= 1;
			assert_int_equal(
				merkle_check_consistency(i, &roots[i], size, &roots[size], &path),
				ERR_INVALID);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worked_roots_and_paths),
		cmocka_unit_test(what_we_prove_holds_and_nothing_else_does),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
