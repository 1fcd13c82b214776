/* SPDX-License-Identifier: MIT */
#include "receiver/quota.h"

#include <ctype.h>
#include <sodium.h>
#include <string.h>

#include "core/key.h"

#define QUOTA_KEY  "day"
#define DAY_BYTES  (8 + crypto_auth_KEYBYTES)
#define HASH_SHORT 16
#define TEXT_MAX   1024 /* of a handle or an address; what is longer is cut */

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

static void hash(unsigned char out[HASH_SHORT], char kind, struct span name,
                 const unsigned char key[crypto_auth_KEYBYTES])
{
	crypto_auth_hmacsha512_state state;
	unsigned char c = (unsigned char)kind, whole[crypto_auth_hmacsha512_BYTES];

	crypto_auth_hmacsha512_init(&state, key, crypto_auth_KEYBYTES);
	crypto_auth_hmacsha512_update(&state, &c, 1);
	crypto_auth_hmacsha512_update(&state, name.data, name.len);
	crypto_auth_hmacsha512_final(&state, whole);
	memcpy(out, whole, HASH_SHORT);
	sodium_memzero(&state, sizeof(state));
}

/* However it is capitalised: the same. */
static void hash_text(unsigned char out[HASH_SHORT], char kind, const char *text,
                      const unsigned char key[crypto_auth_KEYBYTES])
{
	char lower[TEXT_MAX];
	size_t n = 0;

	for (; text[n] && n < sizeof(lower); n++)
		lower[n] = (char)tolower((unsigned char)text[n]);
	hash(out, kind, SPAN(lower, n), key);
	sodium_memzero(lower, sizeof(lower));
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
	unsigned char key[crypto_auth_KEYBYTES] = { 0 }, of[3][HASH_SHORT];
	uint64_t before[3];
	unsigned n = 0;

	day_key(t, table, q->day, key);
	if (q->handle[0])
		hash_text(of[n++], 'h', q->handle, key);
	if (q->address[0])
		hash_text(of[n++], 'a', q->address, key);
	if (q->credential)
		hash(of[n++], 'c', SPAN(q->credential->bytes, GROUP_BYTES), key);
	sodium_memzero(key, sizeof(key));
	for (unsigned i = 0; i < n; i++) {
		before[i] = had(t, table, of[i]);
		if (before[i] >= q->most)
			return false;
	}
	for (unsigned i = 0; i < n; i++)
		count(t, table, of[i], before[i] + 1);
	return true;
}

void quota_old(struct txn *t, unsigned table, uint64_t day)
{
	struct span value;

	if (txn_get(t, table, SPAN(QUOTA_KEY, strlen(QUOTA_KEY)), &value) == OK &&
	    value.len == DAY_BYTES && key_read_u64(value.data) != day)
		forget_all(t, table);
}
