/* SPDX-License-Identifier: MIT */
#include "scrutineer/checkpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sodium.h>

#include "core/file.h"
#include "core/json.h"
#include "core/text.h"

#define CHECKPOINT_MAX ((size_t)1 << 20)
#define KEY_BYTES      crypto_auth_KEYBYTES
#define CELL_PAIR      ((size_t)2 * GROUP_BYTES)
#define MAC_CHARS      B64_LEN(HASH_BYTES)

static const char BEFORE_MAC[] = ",\"mac\":\"";

/* The key's folder, made where it is missing. */
static enum err key_folder(struct buf *folder, struct why *why)
{
	const char *given = getenv("VOTEPOST_KEY_DIR"), *home = getenv("HOME");

	if (given && given[0]) {
		buf_adds(folder, given);
		return buf_err(folder);
	}
	if (!home || home[0] != '/')
		return why_set(why, ERR_SETTINGS,
		               "HOME is not set: there is no place for the checkpoint's key");
	buf_addf(folder, "%s/.config", home);
	(void)mkdir(buf_text(folder), 0700);
	buf_adds(folder, "/votepost");
	(void)mkdir(buf_text(folder), 0700);
	return buf_err(folder);
}

static enum err make_key(const char *path, struct buf *key, struct why *why)
{
	unsigned char bytes[KEY_BYTES];
	enum err e;

	crypto_auth_keygen(bytes);
	e = file_create(path, bytes, sizeof(bytes), 0600, why);
	if (!e)
		buf_add(key, bytes, sizeof(bytes));
	sodium_memzero(bytes, sizeof(bytes));
	return e ? e : buf_err(key);
}

/* Raw bytes: file_read_secret may take a last 0x0a for a line feed, so its length is not
 * relied on and the file is read as it is. */
static enum err get_key(unsigned char out[KEY_BYTES], bool make, struct why *why)
{
	struct buf folder = BUF_INIT(FILENAME_MAX), path = BUF_INIT(FILENAME_MAX);
	struct buf key = BUF_INIT(KEY_BYTES);
	struct stat st;
	enum err e = key_folder(&folder, why);
	const char *name = file_path(&path, buf_text(&folder), "checkpoint.key");

	if (!e && stat(name, &st) == 0 && (st.st_mode & 077))
		e = why_set(why, ERR_SETTINGS, "%s: others can read it; chmod 600", name);
	if (!e)
		e = file_read(&key, name, why);
	if (e == ERR_NOT_FOUND && make)
		e = make_key(name, &key, why);
	if (!e && key.len != KEY_BYTES)
		e = why_set(why, ERR_SETTINGS, "%s: not a key of %d bytes", name, (int)KEY_BYTES);
	if (!e)
		memcpy(out, key.data, KEY_BYTES);
	buf_free(&key);
	buf_free(&path);
	buf_free(&folder);
	return e;
}

static void add_sums(struct buf *out, const struct tally *t)
{
	for (unsigned i = 0; i < TALLY_SUMS; i++) {
		buf_addc(out, i ? ',' : '[');
		json_add_b64(out, t->sum[i], t->sum[i] ? t->m->cells * CELL_PAIR : 0);
	}
	buf_addc(out, ']');
}

_Static_assert(sizeof(struct cell_total) == 2 * GROUP_BYTES, "a total is two points, packed");

enum err checkpoint_write(const char *path, const struct audit *a, struct why *why)
{
	unsigned char key[KEY_BYTES], mac[crypto_auth_BYTES];
	struct buf out = BUF_INIT(CHECKPOINT_MAX);
	enum err e = get_key(key, true, why);

	if (e)
		return e;
	buf_adds(&out, "{\"type\":\"checkpoint\",\"election\":");
	json_add_b64(&out, a->m->id, HASH_BYTES);
	buf_addf(&out, ",\"size\":%llu,\"root\":", (unsigned long long)a->tree.size);
	json_add_b64(&out, a->root.bytes, HASH_BYTES);
	buf_addf(&out, ",\"ballots\":%llu,\"weight\":%llu,\"sums\":",
	         (unsigned long long)a->tally.ballots, (unsigned long long)a->tally.weight);
	add_sums(&out, &a->tally);
	e = buf_err(&out);
	if (!e) {
		crypto_auth(mac, (const unsigned char *)out.data, out.len, key);
		buf_adds(&out, BEFORE_MAC);
		b64_add(&out, mac, HASH_BYTES);
		buf_adds(&out, "\"}\n");
		e = buf_err(&out);
	}
	e = e ? why_set(why, e, "the checkpoint: %s", err_text(e))
	      : file_write(path, out.data, out.len, 0600, why);
	sodium_memzero(key, sizeof(key));
	buf_free(&out);
	return e;
}

/* Before anything of it is read as JSON: only our own bytes are parsed. */
static enum err check_mac(const struct buf *line, const char *path, struct why *why)
{
	size_t tail = sizeof(BEFORE_MAC) - 1 + MAC_CHARS + 2;
	unsigned char key[KEY_BYTES], said[HASH_BYTES], mac[crypto_auth_BYTES];
	const char *at;
	enum err e;

	e = get_key(key, false, why);
	if (e == ERR_NOT_FOUND)
		return why_check(why, "checkpoint mac", "%s: this user has never written one",
		                 path);
	if (e)
		return e;
	at = line->len > tail ? line->data + line->len - tail : NULL;
	e = ERR_INVALID;
	if (at && !memcmp(at, BEFORE_MAC, sizeof(BEFORE_MAC) - 1) &&
	    !b64_read(said, sizeof(said), at + sizeof(BEFORE_MAC) - 1, MAC_CHARS)) {
		crypto_auth(mac, (const unsigned char *)line->data, line->len - tail, key);
		if (sodium_memcmp(mac, said, sizeof(said)) == 0)
			e = OK;
	}
	sodium_memzero(key, sizeof(key));
	if (e)
		return why_check(why, "checkpoint mac",
		                 "%s: changed, or not written by this user's verify", path);
	return OK;
}

static void read_sums(struct checkpoint *c, struct fields *f)
{
	json_t *list = fields_array(f, "sums");

	if (!f->e && json_array_size(list) != TALLY_SUMS)
		f->e = why_set(f->why, ERR_FORMAT, "a checkpoint of another version");
	for (unsigned i = 0; i < TALLY_SUMS && !f->e; i++) {
		const json_t *item = json_array_get(list, i);

		buf_init(&c->sum[i], CELLS_MAX * CELL_PAIR);
		f->e = json_is_string(item) ? b64_read_buf(&c->sum[i], json_string_value(item),
		                                           json_string_length(item))
		                            : ERR_FORMAT;
	}
}

static enum err read_fields(struct checkpoint *c, json_t *object, struct why *why)
{
	unsigned char mac[HASH_BYTES];
	struct fields f;

	fields_begin(&f, object, "checkpoint", why);
	fields_literal(&f, "type", "checkpoint");
	fields_b64(&f, "election", c->election, HASH_BYTES);
	c->size = fields_number(&f, "size", 1, NUMBER_MAX);
	fields_b64(&f, "root", c->root.bytes, HASH_BYTES);
	c->ballots = fields_number(&f, "ballots", 0, NUMBER_MAX);
	c->weight = fields_number(&f, "weight", 0, NUMBER_MAX);
	read_sums(c, &f);
	fields_b64(&f, "mac", mac, sizeof(mac));
	return fields_end(&f);
}

enum err checkpoint_read(struct checkpoint *c, const char *path, struct why *why)
{
	struct buf line = BUF_INIT(CHECKPOINT_MAX);
	json_t *object = NULL;
	enum err e;

	memset(c, 0, sizeof(*c));
	e = file_read_line(&line, path, why);
	if (!e)
		e = check_mac(&line, path, why);
	if (!e)
		e = json_read(&object, line.data, line.len, why);
	if (!e)
		e = read_fields(c, object, why);
	json_decref(object);
	buf_free(&line);
	return e;
}

void checkpoint_release(struct checkpoint *c)
{
	for (unsigned i = 0; i < TALLY_SUMS; i++)
		buf_free(&c->sum[i]);
	memset(c, 0, sizeof(*c));
}

enum err checkpoint_tally(const struct checkpoint *c, struct tally *tally)
{
	size_t bytes = tally->m->cells * CELL_PAIR;
	struct tally earlier;
	enum err e = OK;

	tally_init(&earlier, tally->m);
	for (unsigned i = 0; i < TALLY_SUMS && !e; i++) {
		if (!c->sum[i].len)
			continue;
		earlier.sum[i] = malloc(bytes);
		if (!earlier.sum[i])
			e = ERR_MEMORY;
		else if (c->sum[i].len != bytes)
			e = ERR_FORMAT;
		else
			memcpy(earlier.sum[i], c->sum[i].data, bytes);
	}
	earlier.ballots = c->ballots;
	earlier.weight = c->weight;
	if (!e)
		e = tally_merge(tally, &earlier);
	tally_release(&earlier);
	return e;
}
