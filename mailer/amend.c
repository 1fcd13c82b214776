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

static const struct amended untouched = { .generation = 1 };

static struct span meta_span(void)
{
	return SPAN(meta_key, sizeof(meta_key));
}

static enum err damaged(struct why *why)
{
	return why_set(why, ERR_FORMAT, "the folder " AMEND_FOLDER " of the home is damaged");
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

uint64_t amend_closes(const struct amend *a, const struct manifest *m)
{
	return a->counts.closes ? a->counts.closes : m->closes;
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
	return e ? e : amended_read(out, value);
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
	memcpy(member->tag, amended.tag, sizeof(member->tag));
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
	unsigned char key[4], value[AMENDED_MAX];
	size_t len = amended_write(value, amended);

	key_u32(key, serial);
	txn_put(&a->txn, TABLE_MEMBERS, SPAN(key, sizeof(key)), SPAN(value, len));
}

void amend_plan(struct amend *a, uint32_t serial, enum replace_reason reason, uint32_t epoch)
{
	struct amended amended;
	uint32_t last;

	take(a, serial, &amended);
	last = amended.plans ? amended.plan[amended.plans - 1].generation : amended.generation;
	if (amended.plans == AMEND_PLANS_MAX || last == UINT32_MAX) {
		txn_fail(&a->txn, ERR_STATE);
		return;
	}
	a->changed.planned += !amended.plans;
	a->changed.plans++;
	amended.plan[amended.plans++] = (struct amend_plan){ last + 1, epoch, reason };
	tag_draw(amended.tag);
	if (epoch > a->changed.epoch)
		a->changed.epoch = epoch;
	put(a, serial, &amended);
}

/* The plans up to the newest that stood are done with. */
static void advance(struct amend *a, struct amended *amended, uint32_t stood)
{
	unsigned done = 0;

	for (unsigned i = 0; i < amended->plans; i++) {
		if (!(stood >> i & 1))
			continue;
		a->changed.standing[amended->plan[i].reason]++;
		amended->generation = amended->plan[i].generation;
		amended->epoch = amended->plan[i].epoch;
		done = i + 1;
	}
	amended->plans -= done;
	a->changed.plans -= done;
	memmove(amended->plan, amended->plan + done, amended->plans * sizeof(amended->plan[0]));
}

void amend_settle(struct amend *a, uint32_t serial, uint32_t stood, bool used)
{
	struct amended amended;

	take(a, serial, &amended);
	if (!amended.plans || stood >> amended.plans || a->changed.plans < amended.plans) {
		txn_fail(&a->txn, ERR_STATE);
		return;
	}
	advance(a, &amended, stood);
	if (used && amended.plans) {
		a->changed.used++;
		a->changed.plans -= amended.plans;
		amended.plans = 0;
	}
	a->changed.planned -= !amended.plans;
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

static bool waits(const struct amended *a, const char *address)
{
	for (unsigned i = 0; i < a->olds; i++)
		if (!strcmp(a->old[i], address))
			return true;
	return false;
}

void amend_address(struct amend *a, uint32_t serial, const char *email, const char *old)
{
	struct amended amended;

	take(a, serial, &amended);
	if (old && !waits(&amended, old)) {
		if (amended.olds == AMEND_OLD_MAX) {
			txn_fail(&a->txn, ERR_STATE);
			return;
		}
		a->changed.untold += !amended.olds;
		set_address(amended.old[amended.olds++], old);
	}
	set_address(amended.email, email);
	tag_draw(amended.tag);
	put(a, serial, &amended);
}

void amend_told(struct amend *a, uint32_t serial)
{
	struct amended amended;

	take(a, serial, &amended);
	if (!amended.olds)
		return;
	amended.olds--;
	memmove(amended.old[0], amended.old[1], amended.olds * sizeof(amended.old[0]));
	a->changed.untold -= !amended.olds;
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

		if (key.len != 4 || amended_read(&amended, value)) {
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
