/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/head.h"
#include "core/json.h"
#include "core/text.h"
#include "receiver/web/module.h"

/* Heads, receipts and proofs: what a page needs to trust what the receiver tells it. */

EXPORT(head_check) int module_head_check(const struct manifest *m, const char *line, size_t len)
{
	struct buf *answer = module_answer();
	struct why why = { 0 };
	struct head head;
	enum err e = head_read(&head, line, len, &why);

	if (!e)
		e = head_check(&head, m, &why);
	if (!e) {
		buf_addf(answer, "{\"size\":%llu,\"root\":", (unsigned long long)head.size);
		json_add_b64(answer, head.root.bytes, HASH_BYTES);
		buf_addf(answer, ",\"time\":%llu}", (unsigned long long)head.time);
	}
	return module_end(e, &why);
}

/* The receipt is this ballot's, and names the credential that cast it. */
static enum err check_ballot(const struct receipt *r, const struct manifest *m, const char *line,
                             size_t len, struct why *why)
{
	struct ballot b = { 0 };
	enum err e = receipt_check(r, m, line, len, why);

	if (!e)
		e = ballot_read(&b, m, line, len, why);
	if (!e && !point_equal(&b.credential, &r->credential))
		e = why_check(why, "receipt credential", "the ballot is another credential's");
	ballot_release(&b);
	return e;
}

/* Without a ballot's line the receipt's signature alone is checked. */
EXPORT(receipt_check)
int module_receipt_check(const struct manifest *m, const char *line, size_t len, const char *ballot,
                         size_t ballot_len)
{
	struct buf *answer = module_answer();
	struct why why = { 0 };
	struct receipt r;
	enum err e = receipt_read(&r, line, len, &why);

	if (!e && ballot_len)
		e = check_ballot(&r, m, ballot, ballot_len, &why);
	else if (!e)
		e = head_check(&r.head, m, &why);
	if (!e) {
		buf_addf(answer, "{\"index\":%llu,\"size\":%llu,\"tracker\":\"%s\",\"credential\":",
		         (unsigned long long)r.index, (unsigned long long)r.head.size, r.tracker);
		json_add_b64(answer, r.credential.bytes, GROUP_BYTES);
		buf_addc(answer, '}');
	}
	return module_end(e, &why);
}

/* Proofs come as their nodes in base64, a comma after each; roots likewise. */
#define NODE_TEXT (B64_LEN(HASH_BYTES) + 1)

static enum err path_read(struct path *path, const char *text, size_t len)
{
	size_t i, n = len / NODE_TEXT;

	memset(path, 0, sizeof(*path));
	if (len % NODE_TEXT || n > sizeof(path->node) / sizeof(path->node[0]))
		return ERR_FORMAT;
	for (i = 0; i < n; i++) {
		const char *at = text + i * NODE_TEXT;

		if (at[NODE_TEXT - 1] != ',' ||
		    b64_read(path->node[i].bytes, HASH_BYTES, at, NODE_TEXT - 1))
			return ERR_FORMAT;
	}
	path->len = (unsigned)n;
	return OK;
}

static int proof_end(enum err e, const char *check)
{
	struct why why = { 0 };

	if (e && e != ERR_MEMORY)
		e = why_check(&why, check, "the proof does not hold");
	return module_end(e, &why);
}

EXPORT(inclusion)
int module_inclusion(const char *line, size_t len, const char *index, size_t index_len,
                     const char *size, size_t size_len, const char *nodes, size_t nodes_len)
{
	uint64_t i = 0, n = 0;
	struct path all, path = { 0 };
	struct node leaf;
	enum err e = number_read(&i, index, index_len);

	(void)module_answer();
	if (!e)
		e = number_read(&n, size, size_len);
	if (!e)
		e = path_read(&all, nodes, nodes_len); /* the root first */
	if (!e && (all.len < 1 || i >= n))
		e = ERR_INVALID;
	if (!e) {
		path.len = all.len - 1;
		memcpy(path.node, all.node + 1, path.len * sizeof(path.node[0]));
		merkle_leaf(&leaf, line, len);
		e = merkle_check_inclusion(&leaf, i, n, &all.node[0], &path);
	}
	return proof_end(e, "inclusion proof");
}

EXPORT(consistency)
int module_consistency(const char *first, size_t first_len, const char *second, size_t second_len,
                       const char *nodes, size_t nodes_len)
{
	uint64_t from = 0, to = 0;
	struct path all, path = { 0 };
	enum err e = number_read(&from, first, first_len);

	(void)module_answer();
	if (!e)
		e = number_read(&to, second, second_len);
	if (!e)
		e = path_read(&all, nodes, nodes_len); /* both roots first */
	if (!e && (all.len < 2 || from > to))
		e = ERR_INVALID;
	if (!e) {
		path.len = all.len - 2;
		memcpy(path.node, all.node + 2, path.len * sizeof(path.node[0]));
		e = merkle_check_consistency(from, &all.node[0], to, &all.node[1], &path);
	}
	return proof_end(e, "consistency proof");
}
