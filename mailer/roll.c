/* SPDX-License-Identifier: MIT */
#include "mailer/roll.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/file.h"
#include "core/store.h"

#define ROLL_FOLDER "roll"
#define NEW_FOLDER  "roll.new"
#define MAP_MAX     ((uint64_t)16 << 30)
#define BATCH       2000   /* members in a transaction of an import */
#define TRIM_AFTER  100000 /* members read before pages are given back */
#define PATH_CAP    4096

enum { TABLE_MEMBERS, TABLE_META };
static const char *const tables[] = { "members", "meta", NULL };
static const char summary_key[] = "summary";

struct roll {
	struct store *store;
	char *home;
	struct roll_summary summary;
	struct txn txn; /* of an import */
	bool importing;
	unsigned pending; /* added, not yet committed */
};

/* How a member lies in the store: this, then id, name, email, group and factor. */
struct packed {
	uint32_t line, generation;
	uint16_t weight, language;
	uint16_t id, name, email, group, factor; /* lengths */
};

static size_t pack(unsigned char *out, const struct member *m)
{
	const char *const texts[] = { m->id, m->name, m->email, m->group, m->factor };
	struct packed p = {
		.line = m->line,
		.generation = m->generation,
		.weight = (uint16_t)m->weight,
		.language = (uint16_t)m->language,
		.id = (uint16_t)strlen(m->id),
		.name = (uint16_t)strlen(m->name),
		.email = (uint16_t)strlen(m->email),
		.group = (uint16_t)strlen(m->group),
		.factor = (uint16_t)strlen(m->factor),
	};
	size_t len = sizeof(p);

	memcpy(out, &p, sizeof(p));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		memcpy(out + len, texts[i], strlen(texts[i]));
		len += strlen(texts[i]);
	}
	return len;
}

static bool take(char *out, size_t room, const unsigned char **at, size_t *left, size_t len)
{
	if (len >= room || len > *left)
		return false;
	memcpy(out, *at, len);
	out[len] = 0;
	*at += len;
	*left -= len;
	return true;
}

static enum err unpack(struct member *m, uint32_t serial, struct span value)
{
	const unsigned char *at = value.data;
	size_t left = value.len;
	struct packed p;

	if (left < sizeof(p))
		return ERR_FORMAT;
	memcpy(&p, at, sizeof(p));
	at += sizeof(p);
	left -= sizeof(p);
	m->serial = serial;
	m->line = p.line;
	m->generation = p.generation;
	m->epoch = 0;
	m->tag[0] = 0;
	m->weight = p.weight;
	m->language = p.language;
	if (p.weight > WEIGHT_MAX || p.language >= LANGUAGES_MAX ||
	    !take(m->id, sizeof(m->id), &at, &left, p.id) ||
	    !take(m->name, sizeof(m->name), &at, &left, p.name) ||
	    !take(m->email, sizeof(m->email), &at, &left, p.email) ||
	    !take(m->group, sizeof(m->group), &at, &left, p.group) ||
	    !take(m->factor, sizeof(m->factor), &at, &left, p.factor))
		return ERR_FORMAT;
	return OK;
}

static enum err damaged(const struct roll *r, struct why *why)
{
	return why_set(why, ERR_FORMAT, "%s/" ROLL_FOLDER ": the roll is damaged: import it again",
	               r->home);
}

static enum err open_folder(struct roll **out, const char *home, const char *folder, bool create,
                            struct why *why)
{
	struct buf path = BUF_INIT(PATH_CAP);
	struct roll *r = calloc(1, sizeof(*r));
	enum err e = ERR_MEMORY;

	if (r)
		r->home = strdup(home);
	if (r && r->home)
		e = store_open(&r->store, file_path(&path, home, folder), tables, MAP_MAX, create,
		               why);
	if (e)
		roll_close(r);
	else
		*out = r;
	buf_free(&path);
	return e;
}

enum err roll_open(struct roll **out, const char *home, struct why *why)
{
	struct roll *r = NULL;
	struct span value;
	struct txn txn;
	enum err e = open_folder(&r, home, ROLL_FOLDER, false, why);

	if (e == ERR_NOT_FOUND)
		return why_set(why, ERR_NOT_FOUND,
		               "%s: no members yet; import them with votepost-mailer roll", home);
	if (e)
		return e;
	txn_begin(&txn, r->store, TXN_READ);
	e = txn_get(&txn, TABLE_META, SPAN(summary_key, sizeof(summary_key)), &value);
	if (!e && value.len == sizeof(r->summary))
		memcpy(&r->summary, value.data, sizeof(r->summary));
	else
		e = damaged(r, why);
	txn_abort(&txn);
	if (e)
		roll_close(r);
	else
		*out = r;
	return e;
}

void roll_close(struct roll *r)
{
	if (!r)
		return;
	if (r->importing)
		txn_abort(&r->txn);
	store_close(r->store);
	free(r->home);
	free(r);
}

const struct roll_summary *roll_summary(const struct roll *r)
{
	return &r->summary;
}

static enum err get(struct txn *txn, uint32_t serial, struct member *member)
{
	unsigned char key[4];
	struct span value;
	enum err e;

	key_u32(key, serial);
	e = txn_get(txn, TABLE_MEMBERS, SPAN(key, sizeof(key)), &value);
	return e ? e : unpack(member, serial, value);
}

enum err roll_get(struct roll *r, uint32_t serial, struct member *member, struct why *why)
{
	struct txn txn;
	enum err e;

	txn_begin(&txn, r->store, TXN_READ);
	e = get(&txn, serial, member);
	txn_abort(&txn);
	return e ? damaged(r, why) : OK;
}

/* The members from `from` on, at most `n` of them, in one read transaction. */
static enum err visit_some(struct roll *r, uint64_t from, uint64_t n, roll_visit *visit,
                           void *context, struct why *why)
{
	unsigned char first[4];
	struct span key, value;
	struct member member;
	struct txn txn;
	struct walk walk;
	enum err e;

	key_u32(first, (uint32_t)from);
	txn_begin(&txn, r->store, TXN_READ);
	walk_begin(&walk, &txn, TABLE_MEMBERS);
	e = walk_seek(&walk, SPAN(first, sizeof(first)), &key, &value);
	for (uint64_t i = 0; !e && i < n; i++) {
		if (key.len != 4 || key_read_u32(key.data) != from + i ||
		    unpack(&member, (uint32_t)(from + i), value)) {
			e = ERR_NOT_FOUND;
			break;
		}
		e = visit(context, &member, why);
		if (e || i + 1 == n)
			break;
		e = walk_next(&walk, &key, &value);
	}
	walk_end(&walk);
	txn_abort(&txn);
	return e == ERR_NOT_FOUND ? damaged(r, why) : e;
}

enum err roll_each(struct roll *r, roll_visit *visit, void *context, struct why *why)
{
	enum err e = OK;

	for (uint64_t from = 0; !e && from < r->summary.members; from += TRIM_AFTER) {
		uint64_t left = r->summary.members - from;

		e = visit_some(r, from, left < TRIM_AFTER ? left : TRIM_AFTER, visit, context, why);
		store_trim(r->store);
	}
	return e;
}

struct finding {
	const char *id;
	struct member *member;
};

static enum err compare_id(void *context, const struct member *member, struct why *why)
{
	struct finding *f = context;

	(void)why;
	if (strcmp(member->id, f->id))
		return OK;
	*f->member = *member;
	return ERR_EXISTS;
}

enum err roll_find(struct roll *r, const char *id, struct member *member, struct why *why)
{
	struct finding f = { id, member };
	enum err e = roll_each(r, compare_id, &f, why);

	if (e == ERR_EXISTS)
		return OK;
	return e ? e : why_set(why, ERR_NOT_FOUND, "the roll has no member with the id %s", id);
}

void roll_trim(struct roll *r)
{
	store_trim(r->store);
}

/* Whatever an import that was cut short has left. */
static enum err remove_folder(const char *home, const char *folder, struct why *why)
{
	const char *const files[] = { "/data.mdb", "/lock.mdb", "" };
	struct buf path = BUF_INIT(PATH_CAP);
	enum err e = OK;

	for (size_t i = 0; !e && i < sizeof(files) / sizeof(files[0]); i++) {
		file_path(&path, home, folder);
		buf_adds(&path, files[i]);
		e = buf_err(&path);
		if (!e && remove(buf_text(&path)) && errno != ENOENT)
			e = file_trouble(why, buf_text(&path), errno);
	}
	buf_free(&path);
	return e;
}

enum err roll_create(struct roll **out, const char *home, struct why *why)
{
	enum err e = remove_folder(home, NEW_FOLDER, why);

	if (!e)
		e = open_folder(out, home, NEW_FOLDER, true, why);
	if (!e) {
		(*out)->importing = true;
		txn_begin(&(*out)->txn, (*out)->store, TXN_WRITE);
	}
	return e;
}

static enum err next_batch(struct roll *r, struct why *why)
{
	enum err e = txn_end(&r->txn, why);

	r->pending = 0;
	if (!e)
		txn_begin(&r->txn, r->store, TXN_WRITE);
	return e;
}

enum err roll_add(struct roll *r, const struct member *member, struct why *why)
{
	unsigned char key[4], value[sizeof(struct packed) + sizeof(struct member)];
	size_t len = pack(value, member);

	key_u32(key, member->serial);
	txn_append(&r->txn, TABLE_MEMBERS, SPAN(key, sizeof(key)), SPAN(value, len));
	r->summary.members++;
	r->summary.weight[member->weight]++;
	r->summary.language[member->language]++;
	if (r->summary.members % TRIM_AFTER == 0)
		store_trim(r->store);
	return ++r->pending == BATCH ? next_batch(r, why) : OK;
}

enum err roll_added(struct roll *r, uint32_t serial, struct member *member)
{
	return get(&r->txn, serial, member);
}

enum err roll_replace(struct roll *r, struct why *why)
{
	struct buf from = BUF_INIT(PATH_CAP), to = BUF_INIT(PATH_CAP);
	enum err e;

	txn_put(&r->txn, TABLE_META, SPAN(summary_key, sizeof(summary_key)),
	        SPAN(&r->summary, sizeof(r->summary)));
	e = txn_end(&r->txn, why);
	r->importing = false;
	file_path(&from, r->home, NEW_FOLDER);
	file_path(&to, r->home, ROLL_FOLDER);
	/* Before the old one goes. */
	if (!e)
		e = buf_err(&from) ? buf_err(&from) : buf_err(&to);
	if (!e)
		e = remove_folder(r->home, ROLL_FOLDER, why);
	if (!e && rename(buf_text(&from), buf_text(&to)))
		e = file_trouble(why, buf_text(&to), errno);
	buf_free(&from);
	buf_free(&to);
	roll_close(r);
	return e;
}

void roll_discard(struct roll *r)
{
	char *home = r ? strdup(r->home) : NULL;

	roll_close(r);
	if (home && remove_folder(home, NEW_FOLDER, NULL))
		home[0] = 0; /* the next import tries again, and says why */
	free(home);
}
