/* SPDX-License-Identifier: MIT */
#include "mailer/amend.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/file.h"
#include "core/store.h"
#include "mailer/home.h"

#define AMEND_FOLDER "amend"
#define MAP_MAX      ((uint64_t)4 << 30)
#define AT_ONCE      100000 /* members visited in one look */

enum { TABLE_MEMBERS, TABLE_META };
static const char *const tables[] = { "members", "meta", NULL };
static const char meta_key[] = "counts";

struct amend {
	struct store *store; /* NULL: nothing is amended */
	struct amend_counts counts;
	/* Of a change that is under way */
	struct txn txn;
	struct amend_counts changed;
};

/* How a member lies in the store: this, then the two addresses. */
struct packed {
	uint32_t generation, epoch, next_epoch;
	uint8_t planned, reason;
	uint8_t email, tell_old; /* lengths */
};

#define PACKED_MAX (sizeof(struct packed) + 2 * ADDRESS_TEXT)

static const struct amended untouched = { .generation = 1 };

static struct span meta_span(void)
{
	return SPAN(meta_key, sizeof(meta_key));
}

static enum err damaged(struct why *why)
{
	return why_set(why, ERR_FORMAT, "the folder " AMEND_FOLDER " of the home is damaged");
}

static size_t pack(unsigned char out[PACKED_MAX], const struct amended *a)
{
	const struct packed p = {
		.generation = a->generation,
		.epoch = a->epoch,
		.next_epoch = a->next_epoch,
		.planned = a->planned,
		.reason = (uint8_t)a->reason,
		.email = (uint8_t)strlen(a->email),
		.tell_old = (uint8_t)strlen(a->tell_old),
	};

	memcpy(out, &p, sizeof(p));
	memcpy(out + sizeof(p), a->email, p.email);
	memcpy(out + sizeof(p) + p.email, a->tell_old, p.tell_old);
	return sizeof(p) + p.email + p.tell_old;
}

static enum err unpack(struct amended *a, struct span value)
{
	const char *texts = (const char *)value.data + sizeof(struct packed);
	struct packed p;

	if (value.len < sizeof(p))
		return ERR_FORMAT;
	memcpy(&p, value.data, sizeof(p));
	if (!p.generation || p.planned > 1 || p.reason >= REPLACE_REASONS ||
	    p.email >= ADDRESS_TEXT || p.tell_old >= ADDRESS_TEXT ||
	    value.len != sizeof(p) + p.email + p.tell_old)
		return ERR_FORMAT;
	*a = (struct amended){ .generation = p.generation,
		               .epoch = p.epoch,
		               .planned = p.planned,
		               .next_epoch = p.next_epoch,
		               .reason = (enum replace_reason)p.reason };
	memcpy(a->email, texts, p.email);
	memcpy(a->tell_old, texts + p.email, p.tell_old);
	return OK;
}

static enum err read_counts(struct amend *a, struct why *why)
{
	struct span value;
	struct txn txn;
	enum err e;

	txn_begin(&txn, a->store, TXN_READ);
	e = txn_get(&txn, TABLE_META, meta_span(), &value);
	if (!e && value.len == sizeof(a->counts))
		memcpy(&a->counts, value.data, sizeof(a->counts));
	else if (e == ERR_NOT_FOUND)
		e = OK; /* made, and nothing amended yet */
	else
		e = damaged(why);
	txn_abort(&txn);
	return e;
}

enum err amend_open(struct amend **out, const char *home, bool create, struct why *why)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX);
	struct amend *a = calloc(1, sizeof(*a));
	enum err e = a ? store_open(&a->store, file_path(&path, home, AMEND_FOLDER), tables,
	                            MAP_MAX, create, why)
	               : why_set(why, ERR_MEMORY, "out of memory");

	if (!e)
		e = read_counts(a, why);
	else if (e == ERR_NOT_FOUND && !create)
		e = OK;
	if (e)
		amend_close(a);
	else
		*out = a;
	buf_free(&path);
	return e;
}

void amend_close(struct amend *a)
{
	if (!a)
		return;
	txn_abort(&a->txn);
	store_close(a->store);
	explicit_bzero(a, sizeof(*a));
	free(a);
}

struct amend_counts amend_counts(const struct amend *a)
{
	return a->counts;
}

uint64_t amend_standing(const struct amend *a)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < REPLACE_REASONS; i++)
		n += a->counts.standing[i];
	return n;
}

/* What the store says of a member, inside a transaction. */
static enum err find(struct txn *txn, uint32_t serial, struct amended *out)
{
	unsigned char key[4];
	struct span value;
	enum err e;

	*out = untouched;
	key_u32(key, serial);
	e = txn_get(txn, TABLE_MEMBERS, SPAN(key, sizeof(key)), &value);
	if (e == ERR_NOT_FOUND)
		return OK;
	return e ? e : unpack(out, value);
}

enum err amend_get(struct amend *a, uint32_t serial, struct amended *out, struct why *why)
{
	struct txn txn;
	enum err e;

	*out = untouched;
	if (!a->store)
		return OK;
	txn_begin(&txn, a->store, TXN_READ);
	e = find(&txn, serial, out);
	txn_abort(&txn);
	return e ? damaged(why) : OK;
}

enum err amend_member(struct amend *a, struct member *member, struct why *why)
{
	struct amended amended;
	enum err e = amend_get(a, member->serial, &amended, why);

	if (e)
		return e;
	member->generation = amended.generation;
	member->epoch = amended.epoch;
	if (*amended.email)
		memcpy(member->email, amended.email, sizeof(member->email));
	explicit_bzero(&amended, sizeof(amended));
	return OK;
}

void amend_begin(struct amend *a)
{
	if (!a->store)
		bug("a change to amendments that were opened for reading");
	txn_begin(&a->txn, a->store, TXN_WRITE);
	a->changed = a->counts;
}

/* A member's record inside the change, to be altered and put back. */
static void take(struct amend *a, uint32_t serial, struct amended *out)
{
	enum err e = find(&a->txn, serial, out);

	if (e)
		txn_fail(&a->txn, e);
}

static void put(struct amend *a, uint32_t serial, const struct amended *amended)
{
	unsigned char key[4], value[PACKED_MAX];
	size_t len = pack(value, amended);

	key_u32(key, serial);
	txn_put(&a->txn, TABLE_MEMBERS, SPAN(key, sizeof(key)), SPAN(value, len));
}

void amend_plan(struct amend *a, uint32_t serial, enum replace_reason reason, uint32_t epoch)
{
	struct amended amended;

	take(a, serial, &amended);
	if (amended.planned) {
		txn_fail(&a->txn, ERR_STATE);
		return;
	}
	amended.planned = true;
	amended.next_epoch = epoch;
	amended.reason = reason;
	a->changed.planned++;
	if (epoch > a->changed.epoch)
		a->changed.epoch = epoch;
	put(a, serial, &amended);
}

void amend_settle(struct amend *a, uint32_t serial, bool stood)
{
	struct amended amended;

	take(a, serial, &amended);
	if (!amended.planned || !a->changed.planned) {
		txn_fail(&a->txn, ERR_STATE);
		return;
	}
	amended.planned = false;
	a->changed.planned--;
	if (stood) {
		amended.generation++;
		amended.epoch = amended.next_epoch;
		a->changed.standing[amended.reason]++;
	} else {
		a->changed.used++;
	}
	put(a, serial, &amended);
}

static void set_address(char out[ADDRESS_TEXT], const char *address)
{
	size_t len = strlen(address);

	if (len >= ADDRESS_TEXT)
		bug("an address longer than any that was checked");
	memset(out, 0, ADDRESS_TEXT);
	memcpy(out, address, len);
}

void amend_address(struct amend *a, uint32_t serial, const char *email, const char *old)
{
	struct amended amended;

	take(a, serial, &amended);
	/* Whoever was the first to lose it is told, also where it changes twice before that. */
	if (!*amended.tell_old) {
		set_address(amended.tell_old, old);
		a->changed.untold++;
	}
	set_address(amended.email, email);
	put(a, serial, &amended);
}

void amend_told(struct amend *a, uint32_t serial)
{
	struct amended amended;

	take(a, serial, &amended);
	if (!*amended.tell_old)
		return;
	set_address(amended.tell_old, "");
	a->changed.untold--;
	put(a, serial, &amended);
}

void amend_plan_closes(struct amend *a, uint64_t closes)
{
	a->changed.next_closes = closes;
}

void amend_settle_closes(struct amend *a, uint64_t closes)
{
	a->changed.closes = closes;
	if (a->changed.next_closes <= closes)
		a->changed.next_closes = 0;
}

enum err amend_commit(struct amend *a, struct why *why)
{
	enum err e;

	txn_put(&a->txn, TABLE_META, meta_span(), SPAN(&a->changed, sizeof(a->changed)));
	e = txn_end(&a->txn, why);
	if (!e)
		a->counts = a->changed;
	return e;
}

/* Those from `*from` on, so many at most; `*from` is where to go on, ERR_NOT_FOUND the end. */
static enum err visit_some(struct amend *a, uint64_t *from, amend_visit *visit, void *context,
                           struct why *why)
{
	struct amended amended;
	unsigned char first[4];
	struct span key, value;
	struct txn txn;
	struct walk walk;
	enum err e;

	key_u32(first, (uint32_t)*from);
	txn_begin(&txn, a->store, TXN_READ);
	walk_begin(&walk, &txn, TABLE_MEMBERS);
	e = walk_seek(&walk, SPAN(first, sizeof(first)), &key, &value);
	for (unsigned n = 0; !e && n < AT_ONCE; n++) {
		uint32_t serial;

		if (key.len != 4 || unpack(&amended, value)) {
			e = damaged(why);
			break;
		}
		serial = key_read_u32(key.data);
		*from = (uint64_t)serial + 1;
		e = visit(context, serial, &amended, why);
		if (!e)
			e = walk_next(&walk, &key, &value);
	}
	walk_end(&walk);
	txn_abort(&txn);
	explicit_bzero(&amended, sizeof(amended));
	return e;
}

enum err amend_each(struct amend *a, amend_visit *visit, void *context, struct why *why)
{
	uint64_t from = 0;
	enum err e = OK;

	while (!e && a->store && from <= UINT32_MAX) {
		e = visit_some(a, &from, visit, context, why);
		store_trim(a->store);
	}
	return e == ERR_NOT_FOUND ? OK : e;
}
