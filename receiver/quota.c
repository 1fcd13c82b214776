/* SPDX-License-Identifier: MIT */
#include "receiver/quota.h"

#include <ctype.h>
#include <sodium.h>
#include <string.h>

#include "core/key.h"

#define QUOTA_KEY  "day"
#define DAY_BYTES  (8 + crypto_auth_KEYBYTES)
#define HASH_SHORT 16

static void forget_all(struct txn *t, unsigned table)
{
	struct span key, value;
	struct walk w;
	unsigned char copy[64];
	enum err e;

	for (;;) {
		walk_begin(&w, t, table);
		e = walk_next(&w, &key, &value);
		if (!e && key.len <= sizeof(copy))
			memcpy(copy, key.data, key.len);
		walk_end(&w);
		if (e || key.len > sizeof(copy))
			return;
		txn_delete(t, table, SPAN(copy, key.len));
	}
}

/* A day's key, and a new one where the day has changed: what was counted before can then not
 * even be guessed at. */
static void day_key(struct txn *t, unsigned table, uint64_t day,
                    unsigned char key[crypto_auth_KEYBYTES])
{
	unsigned char bytes[DAY_BYTES];
	struct span value, name = SPAN(QUOTA_KEY, strlen(QUOTA_KEY));
	enum err e;

	e = txn_get(t, table, name, &value);
	if (!e && value.len == DAY_BYTES && key_read_u64(value.data) == day) {
		memcpy(key, (const unsigned char *)value.data + 8, crypto_auth_KEYBYTES);
		return;
	}
	if (e && e != ERR_NOT_FOUND) {
		txn_fail(t, e);
		return;
	}
	forget_all(t, table);
	key_u64(bytes, day);
	randombytes_buf(bytes + 8, crypto_auth_KEYBYTES);
	txn_put(t, table, name, SPAN(bytes, sizeof(bytes)));
	memcpy(key, bytes + 8, crypto_auth_KEYBYTES);
	sodium_memzero(bytes, sizeof(bytes));
}

static void hash_name(unsigned char out[crypto_auth_BYTES], char kind, const char *name,
                      const unsigned char key[crypto_auth_KEYBYTES])
{
	crypto_auth_hmacsha512_state state;
	unsigned char c = (unsigned char)kind, whole[crypto_auth_hmacsha512_BYTES];

	crypto_auth_hmacsha512_init(&state, key, crypto_auth_KEYBYTES);
	crypto_auth_hmacsha512_update(&state, &c, 1);
	for (; *name; name++) {
		c = (unsigned char)tolower((unsigned char)*name);
		crypto_auth_hmacsha512_update(&state, &c, 1);
	}
	crypto_auth_hmacsha512_final(&state, whole);
	memcpy(out, whole, HASH_SHORT);
	sodium_memzero(&state, sizeof(state));
}

static uint64_t had(struct txn *t, unsigned table, const unsigned char hash[HASH_SHORT])
{
	struct span value;
	enum err e = txn_get(t, table, SPAN(hash, HASH_SHORT), &value);

	if (!e && value.len == 8)
		return key_read_u64(value.data);
	if (e && e != ERR_NOT_FOUND)
		txn_fail(t, e);
	return 0;
}

static void count(struct txn *t, unsigned table, const unsigned char hash[HASH_SHORT], uint64_t n)
{
	unsigned char bytes[8];

	key_u64(bytes, n);
	txn_put(t, table, SPAN(hash, HASH_SHORT), SPAN(bytes, sizeof(bytes)));
}

bool quota_take(struct txn *t, unsigned table, const struct quota *q)
{
	unsigned char key[crypto_auth_KEYBYTES] = { 0 };
	unsigned char handle[crypto_auth_BYTES], address[crypto_auth_BYTES];
	uint64_t by_handle = 0, by_address = 0;

	day_key(t, table, q->day, key);
	hash_name(handle, 'h', q->handle, key);
	hash_name(address, 'a', q->address, key);
	sodium_memzero(key, sizeof(key));
	if (q->handle[0])
		by_handle = had(t, table, handle);
	if (q->address[0])
		by_address = had(t, table, address);
	if (by_handle >= q->most || by_address >= q->most)
		return false;
	if (q->handle[0])
		count(t, table, handle, by_handle + 1);
	if (q->address[0])
		count(t, table, address, by_address + 1);
	return true;
}

void quota_old(struct txn *t, unsigned table, uint64_t day)
{
	struct span value;

	if (txn_get(t, table, SPAN(QUOTA_KEY, strlen(QUOTA_KEY)), &value) == OK &&
	    value.len == DAY_BYTES && key_read_u64(value.data) != day)
		forget_all(t, table);
}
