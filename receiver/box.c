/* SPDX-License-Identifier: MIT */
#include "receiver/box.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/key.h"
#include "receiver/folder.h"
#include "receiver/nodes.h"
#include "receiver/tables.h"

static const char *const tables[] = { "credentials", "board", "nodes",    "handles", "seen",
	                              "quota",       "meta",  "trackers", "hours",   NULL };

static struct span name_span(const char *name)
{
	return SPAN(name, strlen(name));
}

static void state_put(struct box_txn *t)
{
	unsigned char bytes[STATE_BYTES];

	state_write(bytes, &t->state);
	txn_put(&t->txn, TABLE_META, name_span("state"), SPAN(bytes, sizeof(bytes)));
}

static void state_get(struct box_txn *t)
{
	struct span value = { 0 };
	enum err e;

	e = txn_get(&t->txn, TABLE_META, name_span("state"), &value);
	if (e == ERR_NOT_FOUND)
		return; /* a box that is being made */
	if (!e && value.len != STATE_BYTES)
		e = ERR_FORMAT;
	if (e)
		txn_fail(&t->txn, e);
	else
		state_read(&t->state, value.data);
}

static enum err begin(struct box_txn *t, struct box *box, enum txn_mode mode)
{
	memset(t, 0, sizeof(*t));
	t->box = box;
	txn_begin(&t->txn, box->store, mode);
	state_get(t);
	return t->txn.e;
}

void box_begin(struct box_txn *t, struct box *box)
{
	(void)begin(t, box, TXN_WRITE); /* box_commit tells */
}

enum err box_look(struct box_txn *t, struct box *box)
{
	return begin(t, box, TXN_READ);
}

uint64_t box_append(struct box_txn *t, const char *line, size_t len)
{
	uint64_t index = t->state.lines;
	unsigned char key[8];
	struct node leaf;

	key_u64(key, index);
	txn_append(&t->txn, TABLE_BOARD, SPAN(key, sizeof(key)), SPAN(line, len));
	merkle_leaf(&leaf, line, len);
	merkle_append(&t->state.tree, &leaf, nodes_keep, &t->txn);
	t->state.lines++;
	t->state.bytes += len + 1;
	return index;
}

/* weight, state, index */
#define CREDENTIAL_BYTES (4 + 1 + 8)

enum err box_credential(struct box_txn *t, const struct point *credential,
                        struct box_credential *out)
{
	const unsigned char *bytes;
	struct span value;
	enum err e;

	e = txn_get(&t->txn, TABLE_CREDENTIALS, SPAN(credential->bytes, GROUP_BYTES), &value);
	if (e)
		return e;
	bytes = value.data;
	if (value.len != CREDENTIAL_BYTES || bytes[4] > CREDENTIAL_REPLACED)
		return ERR_FORMAT;
	out->weight = key_read_u32(bytes);
	out->state = bytes[4];
	out->index = key_read_u64(bytes + 5);
	return OK;
}

void box_credential_put(struct box_txn *t, const struct point *credential,
                        const struct box_credential *value)
{
	unsigned char bytes[CREDENTIAL_BYTES];

	key_u32(bytes, value->weight);
	bytes[4] = (unsigned char)value->state;
	key_u64(bytes + 5, value->index);
	txn_put(&t->txn, TABLE_CREDENTIALS, SPAN(credential->bytes, GROUP_BYTES),
	        SPAN(bytes, sizeof(bytes)));
}

void box_handle_add(struct box_txn *t, const char handle[HANDLE_CHARS])
{
	txn_put(&t->txn, TABLE_HANDLES, SPAN(handle, HANDLE_CHARS), SPAN("", 0));
}

bool box_handle(struct box_txn *t, const char *handle)
{
	struct span value;

	return strlen(handle) == HANDLE_CHARS &&
	       txn_get(&t->txn, TABLE_HANDLES, SPAN(handle, HANDLE_CHARS), &value) == OK;
}

enum err box_seen(struct box_txn *t, const unsigned char mark[SEEN_BYTES], struct box_seen *out)
{
	const unsigned char *bytes;
	struct span value;
	enum err e;

	e = txn_get(&t->txn, TABLE_SEEN, SPAN(mark, SEEN_BYTES), &value);
	if (e)
		return e;
	bytes = value.data;
	if (value.len != 2 || bytes[0] >= VERDICTS || bytes[1] > 1)
		return ERR_FORMAT;
	out->verdict = bytes[0];
	out->answered = bytes[1] == 1;
	return OK;
}

void box_seen_put(struct box_txn *t, const unsigned char mark[SEEN_BYTES],
                  const struct box_seen *value)
{
	unsigned char bytes[2] = { (unsigned char)value->verdict, value->answered ? 1 : 0 };

	txn_put(&t->txn, TABLE_SEEN, SPAN(mark, SEEN_BYTES), SPAN(bytes, sizeof(bytes)));
}

bool box_quota(struct box_txn *t, const struct quota *quota)
{
	return quota_take(&t->txn, TABLE_QUOTA, quota);
}

void box_quota_old(struct box_txn *t, uint64_t day)
{
	quota_old(&t->txn, TABLE_QUOTA, day);
}

enum err box_line(struct box_txn *t, uint64_t index, struct span *line)
{
	unsigned char key[8];

	key_u64(key, index);
	return txn_get(&t->txn, TABLE_BOARD, SPAN(key, sizeof(key)), line);
}

enum err box_commit(struct box_txn *t, struct why *why, struct why *flat_why)
{
	enum err e;

	state_put(t);
	e = txn_end(&t->txn, why);
	flat_why->text[0] = '\0';
	if (!e && flat_follow(&t->box->flat, t->box, flat_why) && !flat_why->text[0])
		(void)why_set(flat_why, ERR_IO, "the flat board could not be written");
	return e;
}

void box_abort(struct box_txn *t)
{
	txn_abort(&t->txn);
}

void box_mark(unsigned char mark[SEEN_BYTES], const struct box *box, const void *raw, size_t len)
{
	_Static_assert(SEEN_BYTES == crypto_auth_BYTES, "a MAC is half of HMAC-SHA-512");
	(void)crypto_auth(mark, raw, len, box->key);
}

void box_head(struct head *head, struct box_txn *t, uint64_t now,
              const unsigned char secret[SIGN_SECRET_BYTES])
{
	memset(head, 0, sizeof(*head));
	head->size = t->state.lines;
	merkle_root(&head->root, &t->state.tree);
	/* Never before the last time that the board itself tells. */
	head->time = now < t->state.time ? t->state.time : now;
	head_sign(head, t->box->m, secret);
}

enum err box_receipt(struct receipt *out, struct box_txn *t, const struct point *credential,
                     const struct head *head)
{
	struct box_credential entry;
	struct span line;
	enum err e;

	memset(out, 0, sizeof(*out));
	e = box_credential(t, credential, &entry);
	if (!e && entry.state != CREDENTIAL_USED)
		e = ERR_STATE;
	if (!e)
		e = box_line(t, entry.index, &line);
	if (e)
		return e;
	ballot_tracker(out->tracker, line.data, line.len);
	out->credential = *credential;
	out->index = entry.index;
	out->head = *head;
	return merkle_inclusion(&out->proof, out->index, out->head.size, nodes_get, &t->txn);
}

static enum err open_store(struct box *box, const char *name, bool create, uint64_t map_max,
                           struct why *why)
{
	struct buf path = BUF_INIT(4096);
	enum err e;

	file_path(&path, box->folder, name);
	e = buf_err(&path);
	if (!e)
		e = store_open(&box->store, buf_text(&path), tables,
		               map_max ? map_max : BOX_MAP_MAX, create, why);
	buf_free(&path);
	return e;
}

static enum err new_box(struct box **out, const char *folder)
{
	struct box *box = calloc(1, sizeof(*box));

	*out = box;
	if (!box)
		return ERR_MEMORY;
	box->flat.fd = -1;
	box->folder = strdup(folder);
	return box->folder ? OK : ERR_MEMORY;
}

/* The manifest as the box's first line, its key, and the state that goes with them. */
static enum err first_line(struct box *box, const char *line, size_t len, struct why *why)
{
	struct box_txn t;
	enum err e;

	randombytes_buf(box->key, sizeof(box->key));
	box_begin(&t, box);
	txn_put(&t.txn, TABLE_META, name_span("key"), SPAN(box->key, sizeof(box->key)));
	t.state.closes = box->m->closes;
	(void)box_append(&t, line, len);
	state_put(&t);
	e = txn_end(&t.txn, why);
	return e ? e : flat_follow(&box->flat, box, why);
}

enum err box_make(struct box **out, const char *folder, const char *name, const char *manifest,
                  size_t len, uint64_t map_max, struct why *why)
{
	struct box *box;
	enum err e;

	*out = NULL;
	e = new_box(&box, folder);
	if (!e)
		e = manifest_read(&box->m, manifest, len, why);
	if (!e)
		e = open_store(box, name, true, map_max, why);
	if (!e)
		e = flat_open(&box->flat, folder, true, why);
	if (!e)
		e = first_line(box, manifest, len, why);
	if (e) {
		box_close(box);
		return e;
	}
	*out = box;
	return OK;
}

static enum err read_first(struct box *box, struct why *why)
{
	struct box_txn t;
	struct span value = { 0 };
	enum err e;

	e = box_look(&t, box);
	if (!e)
		e = txn_get(&t.txn, TABLE_META, name_span("key"), &value);
	if (!e && value.len != sizeof(box->key))
		e = ERR_FORMAT;
	if (!e)
		memcpy(box->key, value.data, sizeof(box->key));
	if (!e)
		e = box_line(&t, 0, &value);
	if (!e)
		e = manifest_read(&box->m, value.data, value.len, why);
	else
		(void)why_set(why, e, "%s: not a ballot box", box->folder);
	box_abort(&t);
	return e;
}

enum err box_open(struct box **out, const char *folder, enum box_mode mode, uint64_t map_max,
                  struct why *why)
{
	struct box *box;
	enum err e;

	*out = NULL;
	if (!folder_has_box(folder))
		return folder_no_box(folder, why);
	e = new_box(&box, folder);
	if (!e)
		e = open_store(box, FOLDER_BOX, false, map_max, why);
	/* A box of an earlier version has fewer tables; lookup_mend fills them. */
	if (e == ERR_FORMAT && mode == BOX_WRITE)
		e = open_store(box, FOLDER_BOX, true, map_max, why);
	if (!e)
		e = read_first(box, why);
	if (!e && mode == BOX_WRITE)
		e = flat_open(&box->flat, folder, false, why);
	if (e) {
		box_close(box);
		return e;
	}
	*out = box;
	return OK;
}

void box_close(struct box *box)
{
	if (!box)
		return;
	flat_close(&box->flat);
	store_close(box->store);
	manifest_free(box->m);
	sodium_memzero(box->key, sizeof(box->key));
	free(box->folder);
	free(box);
}
