/* SPDX-License-Identifier: MIT */
#include "core/merkle.h"

#include <stdbool.h>
#include <string.h>

#include <sodium.h>

static void hash_two(struct node *out, const struct node *left, const struct node *right)
{
	unsigned char in[1 + 2 * HASH_BYTES];

	in[0] = 0x01;
	memcpy(in + 1, left, HASH_BYTES);
	memcpy(in + 1 + HASH_BYTES, right, HASH_BYTES);
	crypto_hash_sha256(out->bytes, in, sizeof(in));
}

void merkle_leaf(struct node *out, const void *line, size_t len)
{
	static const unsigned char zero;
	crypto_hash_sha256_state sha;

	crypto_hash_sha256_init(&sha);
	crypto_hash_sha256_update(&sha, &zero, 1);
	crypto_hash_sha256_update(&sha, line, len);
	crypto_hash_sha256_final(&sha, out->bytes);
}

void merkle_append(struct merkle *m, const struct node *leaf, merkle_keep *keep, void *ctx)
{
	struct node node = *leaf;
	uint64_t index = m->size;
	unsigned level = 0;

	if (m->size >> (MERKLE_LEVELS - 1))
		bug("a tree of more than 2^53 leaves");
	if (keep)
		keep(ctx, 0, index, &node);
	for (; index & 1; level++) {
		hash_two(&node, &m->frontier[level], &node);
		index >>= 1;
		if (keep)
			keep(ctx, level + 1, index, &node);
	}
	m->frontier[level] = node;
	m->size++;
}

void merkle_root(struct node *out, const struct merkle *m)
{
	bool any = false;
	unsigned level;

	if (m->size == 0) {
		crypto_hash_sha256(out->bytes, NULL, 0);
		return;
	}
	for (level = 0; level < MERKLE_LEVELS; level++) {
		if (!(m->size >> level & 1))
			continue;
		if (any)
			hash_two(out, &m->frontier[level], out);
		else
			*out = m->frontier[level];
		any = true;
	}
}

/* The largest power of two below n, as its exponent; n > 1. */
static unsigned split(uint64_t n)
{
	unsigned level = 0;

	while ((UINT64_C(2) << level) < n)
		level++;
	return level;
}

/* The root of leaves [begin, begin + n), built from complete subtrees that were kept. `begin`
 * is a multiple of the largest power of two that fits. */
static enum err subtree(struct node *out, uint64_t begin, uint64_t n, merkle_get *get, void *ctx)
{
	struct node part[MERKLE_LEVELS];
	unsigned parts = 0, level;
	enum err e;

	while (n) {
		level = n == 1 ? 0 : split(n);
		if (n == UINT64_C(2) << level)
			level++;
		e = get(ctx, level, begin >> level, &part[parts++]);
		if (e)
			return e;
		begin += UINT64_C(1) << level;
		n -= UINT64_C(1) << level;
	}
	*out = part[--parts];
	while (parts--)
		hash_two(out, &part[parts], out);
	return OK;
}

static void path_reverse(struct path *p)
{
	struct node t;
	unsigned i;

	for (i = 0; i < p->len / 2; i++) {
		t = p->node[i];
		p->node[i] = p->node[p->len - 1 - i];
		p->node[p->len - 1 - i] = t;
	}
}

enum err merkle_inclusion(struct path *out, uint64_t index, uint64_t size, merkle_get *get,
                          void *ctx)
{
	uint64_t begin = 0, n = size, left;
	enum err e = OK;

	if (index >= size)
		bug("a proof for a leaf that the tree does not have");
	for (out->len = 0; !e && n > 1; out->len++) {
		left = UINT64_C(1) << split(n);
		if (index - begin < left) {
			e = subtree(&out->node[out->len], begin + left, n - left, get, ctx);
			n = left;
		} else {
			e = subtree(&out->node[out->len], begin, left, get, ctx);
			begin += left;
			n -= left;
		}
	}
	path_reverse(out);
	return e;
}

/* RFC 9162 section 2.1.4.1, walked from the top: `whole` says that the old tree's part here is
 * a subtree that its own root already tells. */
enum err merkle_consistency(struct path *out, uint64_t from, uint64_t to, merkle_get *get,
                            void *ctx)
{
	uint64_t begin = 0, n = to, old = from, left;
	bool whole = true;
	enum err e = OK;

	if (from > to)
		bug("a proof from a larger tree to a smaller one");
	out->len = 0;
	if (from == 0 || from == to)
		return OK;
	for (; !e && old < n; out->len++) {
		left = UINT64_C(1) << split(n);
		if (old <= left) {
			e = subtree(&out->node[out->len], begin + left, n - left, get, ctx);
			n = left;
		} else {
			e = subtree(&out->node[out->len], begin, left, get, ctx);
			begin += left;
			n -= left;
			old -= left;
			whole = false;
		}
	}
	if (!e && !whole)
		e = subtree(&out->node[out->len++], begin, n, get, ctx);
	path_reverse(out);
	return e;
}

/* One step towards the root, in the RFC's terms: is the next node of the path a left
 * neighbour? */
static bool step_up(uint64_t *fn, uint64_t *sn)
{
	bool left = (*fn & 1) || *fn == *sn;

	for (; left && !(*fn & 1) && *fn; *fn >>= 1, *sn >>= 1)
		;
	*fn >>= 1;
	*sn >>= 1;
	return left;
}

/* RFC 9162 section 2.1.3.2 */
enum err merkle_check_inclusion(const struct node *leaf, uint64_t index, uint64_t size,
                                const struct node *root, const struct path *path)
{
	uint64_t fn = index, sn = size - 1;
	struct node r = *leaf;
	unsigned i;

	if (index >= size)
		return ERR_INVALID;
	for (i = 0; i < path->len; i++) {
		if (sn == 0)
			return ERR_INVALID;
		if (step_up(&fn, &sn))
			hash_two(&r, &path->node[i], &r);
		else
			hash_two(&r, &r, &path->node[i]);
	}
	return sn == 0 && memcmp(&r, root, sizeof(r)) == 0 ? OK : ERR_INVALID;
}

/* The same tree, or one that began empty. */
static bool needs_no_path(uint64_t from, const struct node *from_root, uint64_t to,
                          const struct node *to_root)
{
	if (from == to)
		return memcmp(from_root, to_root, sizeof(*to_root)) == 0;
	return from == 0;
}

/* RFC 9162 section 2.1.4.2 */
enum err merkle_check_consistency(uint64_t from, const struct node *from_root, uint64_t to,
                                  const struct node *to_root, const struct path *path)
{
	uint64_t fn = from - 1, sn = to - 1;
	struct node fr, sr;
	unsigned i = 0;

	if (from > to)
		return ERR_INVALID;
	if (path->len == 0)
		return needs_no_path(from, from_root, to, to_root) ? OK : ERR_INVALID;
	if (from == 0 || from == to)
		return ERR_INVALID;
	for (; fn & 1; fn >>= 1, sn >>= 1)
		;
	/* A power of two is its own first node. */
	fr = (from & (from - 1)) == 0 ? *from_root : path->node[i++];
	sr = fr;
	for (; i < path->len; i++) {
		if (sn == 0)
			return ERR_INVALID;
		if (step_up(&fn, &sn)) {
			hash_two(&fr, &path->node[i], &fr);
			hash_two(&sr, &path->node[i], &sr);
		} else {
			hash_two(&sr, &sr, &path->node[i]);
		}
	}
	return sn == 0 && memcmp(&fr, from_root, sizeof(fr)) == 0 &&
	                       memcmp(&sr, to_root, sizeof(sr)) == 0
	               ? OK
	               : ERR_INVALID;
}
