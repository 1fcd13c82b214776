/* SPDX-License-Identifier: MIT */
#include "mailer/outbox.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "core/buf.h"
#include "core/file.h"
#include "core/store.h"
#include "mailer/entry.h"
#include "mailer/home.h"
#include "mailer/shuffle.h"

#define MAP_MAX       ((uint64_t)8 << 30)
#define RECOVER_BATCH 1000
#define TRIM_EVERY    50000

enum { TABLE_STATE, TABLE_META };
static const char *const tables[] = { "state", "meta", NULL };
static const char meta_key[] = "outbox";

/* The one record of the meta table. */
struct meta {
	uint64_t members;
	uint64_t state[SEND_STATES];
	unsigned char key[SHUFFLE_KEY_BYTES];
};

struct outbox {
	struct store *store;
	struct meta meta;
	struct shuffle shuffle;
};

static struct span meta_span(void)
{
	return SPAN(meta_key, sizeof(meta_key));
}

static enum err damaged(struct why *why)
{
	return why_set(why, ERR_FORMAT, "the outbox is damaged");
}

/* The meta record, made where it is missing. */
static enum err read_meta(struct outbox *o, uint64_t members, struct why *why)
{
	struct span value;
	struct txn txn;
	enum err e;

	txn_begin(&txn, o->store, members ? TXN_WRITE : TXN_READ);
	e = txn_get(&txn, TABLE_META, meta_span(), &value);
	if (e == ERR_NOT_FOUND && members) {
		o->meta.members = members;
		o->meta.state[SEND_PLANNED] = members;
		randombytes_buf(o->meta.key, sizeof(o->meta.key));
		txn_put(&txn, TABLE_META, meta_span(), SPAN(&o->meta, sizeof(o->meta)));
	} else if (!e && value.len == sizeof(o->meta)) {
		memcpy(&o->meta, value.data, sizeof(o->meta));
	} else if (!txn.e) {
		txn_fail(&txn, ERR_FORMAT);
	}
	e = txn_end(&txn, why);
	if (!e && (!o->meta.members || (members && o->meta.members != members)))
		e = damaged(why);
	if (!e)
		shuffle_init(&o->shuffle, o->meta.key, (uint32_t)o->meta.members);
	return e;
}

enum err outbox_open(struct outbox **out, const char *home, const char *folder, uint64_t members,
                     struct why *why)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX);
	struct outbox *o = calloc(1, sizeof(*o));
	enum err e = o ? store_open(&o->store, file_path(&path, home, folder), tables, MAP_MAX,
	                            members != 0, why)
	               : why_set(why, ERR_MEMORY, "out of memory");

	if (!e)
		e = read_meta(o, members, why);
	if (e)
		outbox_close(o);
	else
		*out = o;
	buf_free(&path);
	return e;
}

void outbox_close(struct outbox *o)
{
	if (!o)
		return;
	store_close(o->store);
	free(o);
}

/* Walking over millions of entries must not fill the memory with their pages. */
static void trim_now_and_then(struct outbox *o, uint32_t place)
{
	if (place % TRIM_EVERY == TRIM_EVERY - 1)
		store_trim(o->store);
}

/* The entry at a place; a fresh one where the outbox has none. */
static void get_entry(struct txn *txn, uint32_t place, struct entry *entry)
{
	unsigned char key[4];
	struct span value;
	enum err e;

	memset(entry, 0, sizeof(*entry));
	key_u32(key, place);
	e = txn_get(txn, TABLE_STATE, SPAN(key, sizeof(key)), &value);
	if (!e && entry_read(entry, value))
		txn_fail(txn, ERR_FORMAT);
}

static void put_entry(struct txn *txn, uint32_t place, const struct entry *entry,
                      const struct smtp_answer *answer)
{
	unsigned char key[4], value[ENTRY_MAX];
	size_t len = entry_write(value, entry, answer);

	key_u32(key, place);
	txn_put(txn, TABLE_STATE, SPAN(key, sizeof(key)), SPAN(value, len));
}

/* In one transaction `meta` is a copy, taken over once it is committed. */
static void change(struct txn *txn, struct meta *meta, struct entry *entry, enum send_state to)
{
	if (!meta->state[entry->state]) {
		txn_fail(txn, ERR_FORMAT);
		return;
	}
	meta->state[entry->state]--;
	meta->state[to]++;
	entry->state = (uint8_t)to;
}

static enum err commit(struct outbox *o, struct txn *txn, const struct meta *meta, struct why *why)
{
	enum err e;

	txn_put(txn, TABLE_META, meta_span(), SPAN(meta, sizeof(*meta)));
	e = txn_end(txn, why);
	if (!e)
		o->meta = *meta;
	return e;
}

/* Some places from `*place` on; `*n` were in flight. */
static enum err recover_some(struct outbox *o, uint32_t *place, uint64_t *n, struct why *why)
{
	struct meta meta = o->meta;
	unsigned found = 0;
	struct txn txn;

	txn_begin(&txn, o->store, TXN_WRITE);
	for (; !txn.e && *place < o->meta.members && found < RECOVER_BATCH; ++*place) {
		struct entry entry;

		get_entry(&txn, *place, &entry);
		trim_now_and_then(o, *place);
		if (entry.state != SEND_IN_FLIGHT)
			continue;
		change(&txn, &meta, &entry, SEND_UNCERTAIN);
		put_entry(&txn, *place, &entry, NULL);
		found++;
	}
	*n += found;
	return commit(o, &txn, &meta, why);
}

enum err outbox_recover(struct outbox *o, uint64_t *n, struct why *why)
{
	uint32_t place = 0;
	enum err e = OK;

	*n = 0;
	while (!e && o->meta.state[SEND_IN_FLIGHT] && place < o->meta.members)
		e = recover_some(o, &place, n, why);
	if (!e && o->meta.state[SEND_IN_FLIGHT])
		e = damaged(why);
	return e;
}

static enum err plan(struct outbox *o, const uint32_t *serial, unsigned n, uint32_t attempts,
                     struct why *why)
{
	struct meta meta = o->meta;
	struct txn txn;

	if (!n)
		return OK;
	txn_begin(&txn, o->store, TXN_WRITE);
	for (unsigned i = 0; i < n; i++) {
		uint32_t place = shuffle_place(&o->shuffle, serial[i]);
		struct entry entry;

		get_entry(&txn, place, &entry);
		change(&txn, &meta, &entry, SEND_PLANNED);
		entry = (struct entry){ .state = SEND_PLANNED, .attempts = attempts };
		put_entry(&txn, place, &entry, NULL);
	}
	return commit(o, &txn, &meta, why);
}

enum err outbox_renew(struct outbox *o, const uint32_t *serial, unsigned n, struct why *why)
{
	return plan(o, serial, n, 0, why);
}

enum err outbox_take_back(struct outbox *o, const uint32_t *serial, unsigned n, struct why *why)
{
	return plan(o, serial, n, 1, why);
}

enum err outbox_counts(struct outbox *o, uint64_t members, uint64_t state[SEND_STATES],
                       struct why *why)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < SEND_STATES; i++) {
		state[i] = o->meta.state[i];
		sum += state[i];
	}
	return sum == members ? OK : damaged(why);
}

static void note(struct txn *txn, struct meta *meta, const struct outcome *outcome)
{
	const struct smtp_answer *a = &outcome->answer;
	struct entry entry;

	get_entry(txn, outcome->claim.place, &entry);
	change(txn, meta, &entry, outcome->state);
	entry.attempts = outcome->claim.attempts - !outcome->tried;
	if (!outcome->tried) {
		if (!entry.attempts && a->outcome == SMTP_REFUSED)
			entry.attempts = 1;
		put_entry(txn, outcome->claim.place, &entry, NULL);
		return;
	}
	entry.at = outcome->at;
	entry.next = outcome->next;
	entry.code = (uint16_t)a->code;
	memcpy(entry.status, a->status, sizeof(entry.status));
	entry.queue_id = (uint8_t)strnlen(a->queue_id, sizeof(a->queue_id) - 1);
	put_entry(txn, outcome->claim.place, &entry, a);
}

static void take_claim(struct outbox *o, struct txn *txn, struct meta *meta, uint32_t place,
                       struct claim *claim)
{
	struct entry entry;

	get_entry(txn, place, &entry);
	/* Nobody is mailed twice, whatever the caller believes. */
	if (entry.state == SEND_ACCEPTED || entry.state == SEND_IN_FLIGHT)
		txn_fail(txn, ERR_FORMAT);
	*claim = (struct claim){
		.place = place,
		.serial = shuffle_at(&o->shuffle, place),
		.before = (enum send_state)entry.state,
		.attempts = ++entry.attempts,
	};
	change(txn, meta, &entry, SEND_IN_FLIGHT);
	put_entry(txn, place, &entry, NULL);
}

enum err outbox_exchange(struct outbox *o, const struct outcome *outcome, unsigned n,
                         const uint32_t *place, struct claim *claim, unsigned claims,
                         struct why *why)
{
	struct meta meta = o->meta;
	struct txn txn;

	if (!n && !claims)
		return OK;
	txn_begin(&txn, o->store, TXN_WRITE);
	for (unsigned i = 0; i < n; i++)
		note(&txn, &meta, &outcome[i]);
	for (unsigned i = 0; i < claims; i++)
		take_claim(o, &txn, &meta, place[i], &claim[i]);
	return commit(o, &txn, &meta, why);
}

enum err outbox_find(struct outbox *o, uint32_t serial, struct standing *standing, struct why *why)
{
	unsigned char key[4];
	struct entry entry;
	struct span value;
	struct txn txn;
	enum err e;

	memset(standing, 0, sizeof(*standing));
	key_u32(key, shuffle_place(&o->shuffle, serial));
	txn_begin(&txn, o->store, TXN_READ);
	e = txn_get(&txn, TABLE_STATE, SPAN(key, sizeof(key)), &value);
	if (!e)
		e = entry_read(&entry, value);
	if (!e)
		entry_standing(standing, &entry, value);
	txn_abort(&txn);
	return !e || e == ERR_NOT_FOUND ? OK : damaged(why);
}

uint32_t outbox_place(const struct outbox *o, uint32_t serial)
{
	return shuffle_place(&o->shuffle, serial);
}

uint32_t outbox_serial(const struct outbox *o, uint32_t place)
{
	return shuffle_at(&o->shuffle, place);
}

enum err outbox_each(struct outbox *o, outbox_visit *visit, void *context, struct why *why)
{
	struct span key, value;
	struct walk walk;
	struct txn txn;
	unsigned n = 0;
	enum err e;

	txn_begin(&txn, o->store, TXN_READ);
	walk_begin(&walk, &txn, TABLE_STATE);
	e = walk_seek(&walk, SPAN(NULL, 0), &key, &value);
	for (; !e; e = walk_next(&walk, &key, &value)) {
		struct standing standing = { 0 };
		struct entry entry;

		if (key.len != sizeof(uint32_t) || entry_read(&entry, value))
			e = ERR_FORMAT;
		if (!e) {
			entry_standing(&standing, &entry, value);
			e = visit(context, key_read_u32(key.data), &standing);
		}
		if (e)
			break;
		trim_now_and_then(o, n++);
	}
	walk_end(&walk);
	if (e != ERR_NOT_FOUND)
		txn_fail(&txn, e);
	return txn_end(&txn, why);
}

void outbox_trim(struct outbox *o)
{
	store_trim(o->store);
}
