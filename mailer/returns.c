/* SPDX-License-Identifier: MIT */
#include "mailer/returns.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/file.h"
#include "core/key.h"
#include "core/store.h"
#include "mailer/home.h"

#define FOLDER  "returns"
#define MAP_MAX ((uint64_t)2 << 30)
#define DAY     86400

/* In "seen" stand a member's serial and a message's mark, without a value. */
enum { TABLE_MEMBERS, TABLE_META, TABLE_SEEN };
static const char *const tables[] = { "members", "meta", "seen", NULL };
#define SEEN_BYTES 12
static const char counts_key[] = "counts";

struct returns {
	struct store *store; /* NULL: nothing came back yet */
	struct txn txn;
};

/* A member's record: this, and behind it status, system and text, each with its NUL. */
struct head {
	uint64_t first, at;
	uint32_t times;
	uint32_t failure; /* FAILURES: none */
};
#define RECORD_MAX (sizeof(struct head) + RETURNS_STATUS + RETURNS_SYSTEM + RETURNS_TEXT)

enum err returns_open(struct returns **out, const char *home, bool write, struct why *why)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX);
	struct returns *r = calloc(1, sizeof(*r));
	enum err e = r ? store_open(&r->store, file_path(&path, home, FOLDER), tables, MAP_MAX,
	                            write, why)
	               : why_set(why, ERR_MEMORY, "out of memory");

	if (e == ERR_NOT_FOUND && !write)
		e = OK;
	if (e)
		returns_close(r);
	else
		*out = r;
	buf_free(&path);
	return e;
}

void returns_close(struct returns *r)
{
	if (!r)
		return;
	txn_abort(&r->txn);
	store_close(r->store);
	free(r);
}

static bool take_text(char *out, size_t room, const char **at, const char *end)
{
	const char *nul = memchr(*at, '\0', (size_t)(end - *at));

	if (!nul || (size_t)(nul - *at) >= room)
		return false;
	memcpy(out, *at, (size_t)(nul - *at) + 1);
	*at = nul + 1;
	return true;
}

static enum err read_record(struct head *head, struct returned *out, struct span value)
{
	const char *at = value.data, *end = at + value.len;

	memset(out, 0, sizeof(*out));
	if (value.len < sizeof(*head))
		return ERR_FORMAT;
	memcpy(head, at, sizeof(*head));
	at += sizeof(*head);
	if (head->failure > FAILURES || !take_text(out->status, sizeof(out->status), &at, end) ||
	    !take_text(out->system, sizeof(out->system), &at, end) ||
	    !take_text(out->text, sizeof(out->text), &at, end) || at != end)
		return ERR_FORMAT;
	out->failure = (enum failure)head->failure;
	out->first = head->first;
	out->at = head->at;
	out->times = head->times;
	return OK;
}

static void add_text(unsigned char *out, size_t *n, const char *text, size_t room)
{
	size_t len = strnlen(text, room - 1);

	memcpy(out + *n, text, len);
	out[*n + len] = '\0';
	*n += len + 1;
}

static void put_record(struct txn *txn, uint32_t serial, const struct head *head,
                       const struct returned *r)
{
	unsigned char key[4], value[RECORD_MAX];
	size_t n = sizeof(*head);

	memcpy(value, head, sizeof(*head));
	add_text(value, &n, r->status, sizeof(r->status));
	add_text(value, &n, r->system, sizeof(r->system));
	add_text(value, &n, r->text, sizeof(r->text));
	key_u32(key, serial);
	txn_put(txn, TABLE_MEMBERS, SPAN(key, sizeof(key)), SPAN(value, n));
}

/* A member that nothing came back from has a head without a failure. */
static enum err get_record(struct txn *txn, uint32_t serial, struct head *head,
                           struct returned *out)
{
	unsigned char key[4];
	struct span value;
	enum err e;

	*head = (struct head){ .failure = FAILURES };
	memset(out, 0, sizeof(*out));
	key_u32(key, serial);
	e = txn_get(txn, TABLE_MEMBERS, SPAN(key, sizeof(key)), &value);
	if (!e)
		e = read_record(head, out, value);
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum err damaged(struct why *why, enum err e)
{
	return why_set(why, e, "what came back (" FOLDER "/ in the home): %s", err_text(e));
}

enum err returns_find(struct returns *r, uint32_t serial, struct returned *out, bool *found,
                      struct why *why)
{
	struct head head;
	struct txn txn;
	enum err e;

	*found = false;
	if (!r->store) {
		memset(out, 0, sizeof(*out));
		return OK;
	}
	txn_begin(&txn, r->store, TXN_READ);
	e = get_record(&txn, serial, &head, out);
	txn_abort(&txn);
	*found = !e && head.failure != FAILURES;
	return e ? damaged(why, e) : OK;
}

enum err returns_each(struct returns *r, returns_visit *visit, void *context, struct why *why)
{
	struct span key, value, first = { 0 };
	struct walk walk;
	struct txn txn;
	enum err e;

	if (!r->store)
		return OK;
	txn_begin(&txn, r->store, TXN_READ);
	walk_begin(&walk, &txn, TABLE_MEMBERS);
	e = walk_seek(&walk, first, &key, &value);
	while (!e) {
		struct returned one;
		struct head head;

		if (key.len != 4 || read_record(&head, &one, value))
			e = damaged(why, ERR_FORMAT);
		else if (head.failure != FAILURES)
			e = visit(context, key_read_u32(key.data), &one, why);
		if (!e)
			e = walk_next(&walk, &key, &value);
	}
	walk_end(&walk);
	txn_abort(&txn);
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum err get_counts(struct txn *txn, struct returns_counts *out)
{
	struct span value;
	enum err e = txn_get(txn, TABLE_META, SPAN(counts_key, sizeof(counts_key)), &value);

	memset(out, 0, sizeof(*out));
	if (!e && value.len == sizeof(*out))
		memcpy(out, value.data, sizeof(*out));
	else if (!e)
		e = ERR_FORMAT;
	return e == ERR_NOT_FOUND ? OK : e;
}

enum err returns_counts(struct returns *r, struct returns_counts *out, struct why *why)
{
	struct txn txn;
	enum err e;

	memset(out, 0, sizeof(*out));
	if (!r->store)
		return OK;
	txn_begin(&txn, r->store, TXN_READ);
	e = get_counts(&txn, out);
	txn_abort(&txn);
	return e ? damaged(why, e) : OK;
}

bool returns_dead(const struct returned *r)
{
	return r->failure == FAILURE_HARD;
}

bool returns_lasting(const struct returned *r)
{
	return !returns_dead(r) && r->failure != FAILURE_DELAYED && r->times > 1 &&
	       r->at - r->first >= DAY;
}

void returns_begin(struct returns *r)
{
	txn_begin(&r->txn, r->store, TXN_WRITE);
}

static unsigned gravity(uint32_t failure)
{
	switch (failure) {
	case FAILURE_HARD:
		return 3;
	case FAILURE_DELAYED:
		return 1;
	case FAILURES:
		return 0;
	default:
		return 2;
	}
}

/* Is it the first time? From now on it is not. */
static bool first_seen(struct txn *txn, uint32_t serial, uint64_t mark)
{
	unsigned char key[SEEN_BYTES];
	struct span value;
	enum err e;

	key_u32(key, serial);
	memcpy(key + 4, &mark, sizeof(mark));
	e = txn_get(txn, TABLE_SEEN, SPAN(key, sizeof(key)), &value);
	if (e != ERR_NOT_FOUND)
		return false;
	txn_put(txn, TABLE_SEEN, SPAN(key, sizeof(key)), SPAN("", 0));
	return true;
}

void returns_add(struct returns *r, uint32_t serial, const struct returned *report, uint64_t mark)
{
	struct returns_counts more = { 0 };
	struct returned before;
	struct head head;
	enum err e = get_record(&r->txn, serial, &head, &before);

	if (e)
		txn_fail(&r->txn, e);
	if (e || !first_seen(&r->txn, serial, mark))
		return;
	more.read[report->failure]++;
	returns_count(r, &more);
	if (gravity(report->failure) < gravity(head.failure))
		return;
	if (gravity(report->failure) > gravity(head.failure)) {
		head.times = 0;
		head.first = report->at;
	}
	head.times++;
	head.at = report->at;
	head.failure = report->failure;
	put_record(&r->txn, serial, &head, report);
}

void returns_count(struct returns *r, const struct returns_counts *more)
{
	struct returns_counts all;
	enum err e = get_counts(&r->txn, &all);

	if (e)
		txn_fail(&r->txn, e);
	for (unsigned i = 0; i < FAILURES; i++)
		all.read[i] += more->read[i];
	all.complaints += more->complaints;
	all.other += more->other;
	all.forged += more->forged;
	all.kept += more->kept;
	txn_put(&r->txn, TABLE_META, SPAN(counts_key, sizeof(counts_key)), SPAN(&all, sizeof(all)));
}

enum err returns_commit(struct returns *r, struct why *why)
{
	return txn_end(&r->txn, why);
}

void returns_abort(struct returns *r)
{
	txn_abort(&r->txn);
}

enum err returns_mended(struct returns *r, uint32_t serial, struct why *why)
{
	const struct head head = { .failure = FAILURES };
	const struct returned none = { 0 };

	returns_begin(r);
	put_record(&r->txn, serial, &head, &none);
	return returns_commit(r, why);
}
