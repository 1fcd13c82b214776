/* SPDX-License-Identifier: MIT */
#include "core/store.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lmdb.h>

#include "core/file.h"
#include "core/mapped.h"

#define READERS    256
#define TABLES_MAX 32
#define KEY_MAX    511 /* LMDB's own */

struct store {
	MDB_env *env;
	char *folder;
	struct mapped mapped;
	unsigned tables;
	MDB_dbi table[TABLES_MAX];
	/* The map may change its size only while no transaction is open or beginning. */
	pthread_rwlock_t map;
	_Atomic unsigned open;
};

static enum err err_from_mdb(int rc)
{
	switch (rc) {
	case 0:
		return OK;
	case MDB_NOTFOUND:
		return ERR_NOT_FOUND;
	case MDB_KEYEXIST:
		return ERR_EXISTS;
	case MDB_MAP_FULL:
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return ERR_FULL;
	case ENOMEM:
		return ERR_MEMORY;
	case MDB_READERS_FULL:
	case MDB_MAP_RESIZED:
		return ERR_AGAIN;
	case MDB_CORRUPTED:
	case MDB_VERSION_MISMATCH:
	case MDB_INVALID:
		return ERR_FORMAT;
	case MDB_BAD_VALSIZE:
		bug("LMDB is used in a way that it does not allow");
	default:
		return ERR_IO;
	}
}

static enum err trouble(struct why *why, const char *folder, int rc)
{
	return why_set(why, err_from_mdb(rc), "%s: %s", folder, mdb_strerror(rc));
}

static enum err open_tables(struct store *s, const char *const *tables, bool create,
                            struct why *why)
{
	MDB_txn *txn;
	int rc;

	rc = mdb_txn_begin(s->env, NULL, create ? 0 : MDB_RDONLY, &txn);
	if (rc)
		return trouble(why, s->folder, rc);
	for (; tables[s->tables]; s->tables++) {
		if (s->tables == TABLES_MAX)
			bug("too many tables");
		rc = mdb_dbi_open(txn, tables[s->tables], create ? MDB_CREATE : 0,
		                  &s->table[s->tables]);
		if (!rc)
			continue;
		mdb_txn_abort(txn);
		if (rc != MDB_NOTFOUND && rc != MDB_INCOMPATIBLE)
			return trouble(why, s->folder, rc);
		return why_set(why, ERR_FORMAT, "%s: no database of ours: no table %s", s->folder,
		               tables[s->tables]);
	}
	rc = mdb_txn_commit(txn);
	return rc ? trouble(why, s->folder, rc) : OK;
}

static enum err prepare_folder(const char *folder, bool create, struct why *why)
{
	char *data = NULL;
	enum err e = OK;

	if (!folder[0]) /* most likely a path that file_path had no memory for */
		return file_trouble(why, folder, ENOENT);
	if (create)
		return mkdir(folder, 0700) && errno != EEXIST ? file_trouble(why, folder, errno)
		                                              : OK;
	if (asprintf(&data, "%s/data.mdb", folder) < 0)
		return ERR_MEMORY;
	if (access(data, R_OK | W_OK))
		e = file_trouble(why, data, errno);
	free(data);
	return e;
}

static enum err open_env(struct store *s, uint64_t map_max, struct why *why)
{
	int rc = mdb_env_create(&s->env);

	/* The map is address space: the file is sparse and grows only as pages are written. So
	 * the whole cap is mapped at once, and no map ever has to move under a reader. */
	if (!rc)
		rc = mdb_env_set_mapsize(s->env, (size_t)map_max);
	if (!rc)
		rc = mdb_env_set_maxdbs(s->env, TABLES_MAX);
	if (!rc)
		rc = mdb_env_set_maxreaders(s->env, READERS);
	/* NOTLS: a read transaction belongs to its struct, not to the thread that began it. */
	if (!rc)
		rc = mdb_env_open(s->env, s->folder, MDB_NOTLS, 0600);
	return rc ? trouble(why, s->folder, rc) : OK;
}

enum err store_open(struct store **out, const char *folder, const char *const *tables,
                    uint64_t map_max, bool create, struct why *why)
{
	enum err e = prepare_folder(folder, create, why);
	struct store *s;
	int fd;

	if (e)
		return e;
	s = calloc(1, sizeof(*s));
	if (!s)
		return ERR_MEMORY;
	pthread_rwlock_init(&s->map, NULL);
	s->folder = strdup(folder);
	e = s->folder ? open_env(s, map_max, why) : ERR_MEMORY;
	if (!e)
		e = open_tables(s, tables, create, why);
	if (!e && !mdb_env_get_fd(s->env, &fd))
		mapped_find(&s->mapped, fd);
	if (e) {
		store_close(s);
		return e;
	}
	mdb_reader_check(s->env, NULL); /* slots of readers that died */
	*out = s;
	return OK;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	if (s->env)
		mdb_env_close(s->env);
	pthread_rwlock_destroy(&s->map);
	free(s->folder);
	free(s);
}

void store_trim(struct store *s)
{
	mapped_trim(&s->mapped);
}

/* Another process opened the folder with a larger cap and used it: follow. */
static bool follow_map(struct store *s)
{
	bool done;

	if (pthread_rwlock_trywrlock(&s->map))
		return false;
	done = s->open == 0 && !mdb_env_set_mapsize(s->env, 0);
	pthread_rwlock_unlock(&s->map);
	return done;
}

static int try_begin(struct store *s, enum txn_mode mode, MDB_txn **txn)
{
	int rc;

	pthread_rwlock_rdlock(&s->map);
	rc = mdb_txn_begin(s->env, NULL, mode == TXN_WRITE ? 0 : MDB_RDONLY, txn);
	if (!rc)
		s->open++;
	pthread_rwlock_unlock(&s->map);
	return rc;
}

void txn_begin(struct txn *t, struct store *s, enum txn_mode mode)
{
	MDB_txn *txn = NULL;
	int rc;

	*t = (struct txn){ .store = s, .write = mode == TXN_WRITE };
	rc = try_begin(s, mode, &txn);
	if (rc == MDB_MAP_RESIZED && follow_map(s))
		rc = try_begin(s, mode, &txn);
	t->txn = txn;
	t->e = err_from_mdb(rc);
}

static void give_up(struct txn *t)
{
	if (!t->txn)
		return;
	mdb_txn_abort(t->txn);
	t->txn = NULL;
	t->store->open--;
}

static MDB_dbi table_of(const struct txn *t, unsigned table)
{
	if (table >= t->store->tables)
		bug("no such table");
	return t->store->table[table];
}

static MDB_val key_of(struct span key)
{
	if (key.len == 0 || key.len > KEY_MAX)
		bug("a key of no bytes, or of more than 511");
	return (MDB_val){ key.len, (void *)(uintptr_t)key.data };
}

/* Absence is an answer; anything else breaks the transaction. */
static enum err missing(struct txn *t, int rc)
{
	if (rc != MDB_NOTFOUND)
		txn_fail(t, err_from_mdb(rc));
	return err_from_mdb(rc);
}

enum err txn_get(struct txn *t, unsigned table, struct span key, struct span *value)
{
	MDB_val k, v;
	int rc;

	if (!t->txn)
		return t->e ? t->e : ERR_STATE;
	k = key_of(key);
	rc = mdb_get(t->txn, table_of(t, table), &k, &v);
	if (rc)
		return missing(t, rc);
	*value = SPAN(v.mv_data, v.mv_size);
	return OK;
}

static bool writable(const struct txn *t)
{
	if (t->txn && !t->write)
		bug("a write in a read transaction");
	return t->txn != NULL;
}

static void put(struct txn *t, unsigned table, struct span key, struct span value, unsigned flags)
{
	MDB_val k, v = { value.len, (void *)(uintptr_t)value.data };
	int rc;

	if (!writable(t))
		return;
	k = key_of(key);
	rc = mdb_put(t->txn, table_of(t, table), &k, &v, flags);
	if (rc)
		txn_fail(t, err_from_mdb(rc));
}

void txn_put(struct txn *t, unsigned table, struct span key, struct span value)
{
	put(t, table, key, value, 0);
}

void txn_add(struct txn *t, unsigned table, struct span key, struct span value)
{
	put(t, table, key, value, MDB_NOOVERWRITE);
}

void txn_append(struct txn *t, unsigned table, struct span key, struct span value)
{
	put(t, table, key, value, MDB_APPEND);
}

void txn_delete(struct txn *t, unsigned table, struct span key)
{
	MDB_val k;
	int rc;

	if (!writable(t))
		return;
	k = key_of(key);
	rc = mdb_del(t->txn, table_of(t, table), &k, NULL);
	if (rc && rc != MDB_NOTFOUND)
		txn_fail(t, err_from_mdb(rc));
}

uint64_t txn_count(struct txn *t, unsigned table)
{
	MDB_stat stat;

	return t->txn && !mdb_stat(t->txn, table_of(t, table), &stat) ? stat.ms_entries : 0;
}

void txn_fail(struct txn *t, enum err e)
{
	if (!t->e)
		t->e = e;
	give_up(t);
}

enum err txn_end(struct txn *t, struct why *why)
{
	int rc = 0;

	if (t->e)
		return why_set(why, t->e, "%s: %s", t->store->folder, err_text(t->e));
	if (t->txn) {
		rc = mdb_txn_commit(t->txn);
		/* A write that a full disk cut short is EIO to LMDB. */
		if (rc == EIO && file_disk_full(t->store->folder))
			rc = ENOSPC;
		t->txn = NULL;
		t->store->open--;
		t->e = err_from_mdb(rc);
	}
	return rc ? trouble(why, t->store->folder, rc) : OK;
}

void txn_abort(struct txn *t)
{
	give_up(t);
}

void walk_begin(struct walk *w, struct txn *t, unsigned table)
{
	MDB_cursor *cursor = NULL;
	int rc;

	*w = (struct walk){ .txn = t };
	if (!t->txn)
		return;
	rc = mdb_cursor_open(t->txn, table_of(t, table), &cursor);
	if (rc)
		txn_fail(t, err_from_mdb(rc));
	else
		w->cursor = cursor;
}

static enum err step(struct walk *w, MDB_val k, MDB_cursor_op op, struct span *key,
                     struct span *value)
{
	struct txn *t = w->txn;
	MDB_val v;
	int rc;

	if (!t->txn || !w->cursor)
		return t->e ? t->e : ERR_STATE;
	rc = mdb_cursor_get(w->cursor, &k, &v, op);
	if (rc)
		return missing(t, rc);
	w->started = true;
	if (key)
		*key = SPAN(k.mv_data, k.mv_size);
	if (value)
		*value = SPAN(v.mv_data, v.mv_size);
	return OK;
}

enum err walk_seek(struct walk *w, struct span from, struct span *key, struct span *value)
{
	if (from.len == 0)
		return step(w, (MDB_val){ 0, NULL }, MDB_FIRST, key, value);
	return step(w, key_of(from), MDB_SET_RANGE, key, value);
}

enum err walk_next(struct walk *w, struct span *key, struct span *value)
{
	return step(w, (MDB_val){ 0, NULL }, w->started ? MDB_NEXT : MDB_FIRST, key, value);
}

enum err walk_last(struct walk *w, struct span *key, struct span *value)
{
	return step(w, (MDB_val){ 0, NULL }, MDB_LAST, key, value);
}

void walk_end(struct walk *w)
{
	/* The end of a write transaction has freed its cursors already. */
	if (w->cursor && (w->txn->txn || !w->txn->write))
		mdb_cursor_close(w->cursor);
	w->cursor = NULL;
}
