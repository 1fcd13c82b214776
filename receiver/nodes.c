/* SPDX-License-Identifier: MIT */
#include "receiver/nodes.h"

#include <string.h>

#include "core/key.h"
#include "core/store.h"
#include "receiver/tables.h"

static void node_key(unsigned char key[9], unsigned level, uint64_t index)
{
	key[0] = (unsigned char)level;
	key_u64(key + 1, index);
}

void nodes_keep(void *ctx, unsigned level, uint64_t index, const struct node *node)
{
	struct txn *t = ctx;
	unsigned char key[9];

	node_key(key, level, index);
	txn_put(t, TABLE_NODES, SPAN(key, sizeof(key)), SPAN(node->bytes, sizeof(node->bytes)));
}

enum err nodes_get(void *ctx, unsigned level, uint64_t index, struct node *out)
{
	struct txn *t = ctx;
	unsigned char key[9];
	struct span value;
	enum err e;

	node_key(key, level, index);
	e = txn_get(t, TABLE_NODES, SPAN(key, sizeof(key)), &value);
	if (!e && value.len != sizeof(out->bytes))
		e = ERR_FORMAT;
	if (!e)
		memcpy(out->bytes, value.data, sizeof(out->bytes));
	return e;
}
