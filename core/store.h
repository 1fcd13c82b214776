/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_STORE_H
#define VOTEPOST_CORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/key.h"

/*
 * store - LMDB: a folder with some named tables, and transactions that remember their first
 * error. After a failure no step runs; txn_end commits, or aborts and says what came first.
 *
 * One environment a process; not across fork. One writer at a time (LMDB's own lock); readers
 * never wait. A commit is durable when txn_end returns OK. The map grows by itself up to the
 * cap given at store_open: ERR_FULL beyond it, and for a full disk; nothing is lost then.
 */
struct store;

/* `tables` is NULL-ended. Makes the folder's files where they are missing (mode 0600) if
 * `create`. `map_max` is the cap in bytes. */
MUST_CHECK enum err store_open(struct store **out, const char *folder, const char *const *tables,
                               uint64_t map_max, bool create, struct why *why);
void store_close(struct store *s);

/* Give pages that were read back to the system: for walks over millions of entries. */
void store_trim(struct store *s);

enum txn_mode { TXN_READ, TXN_WRITE };
struct span {
	const void *data;
	size_t len;
};
#define SPAN(bytes, length) ((struct span){ (bytes), (length) })

struct txn {
	struct store *store;
	void *txn; /* NULL after a failure */
	enum err e;
	bool write;
};

void txn_begin(struct txn *t, struct store *s, enum txn_mode mode);
/* OK or ERR_NOT_FOUND (not sticky). `value` points into the map until the next write of this
 * transaction or its end. Any other failure is sticky. */
MUST_CHECK enum err txn_get(struct txn *t, unsigned table, struct span key, struct span *value);
/* Insert or replace. */
void txn_put(struct txn *t, unsigned table, struct span key, struct span value);
/* Insert; sticky ERR_EXISTS where the key is there. */
void txn_add(struct txn *t, unsigned table, struct span key, struct span value);
/* Insert where the key is the greatest so far: fast, for logs. */
void txn_append(struct txn *t, unsigned table, struct span key, struct span value);
/* Absent is fine. */
void txn_delete(struct txn *t, unsigned table, struct span key);
/* How many entries. */
uint64_t txn_count(struct txn *t, unsigned table);
/* Note a failure of the caller's own: what follows does nothing, txn_end aborts. */
void txn_fail(struct txn *t, enum err e);
/* Commit (write) or end (read). `why` is told in words. */
MUST_CHECK enum err txn_end(struct txn *t, struct why *why);
/* End without keeping anything; for a path that failed elsewhere. Safe after txn_end. */
void txn_abort(struct txn *t);

/* A walk in key order, from `from` (a zero span: the first). Stops with ERR_NOT_FOUND. */
struct walk {
	struct txn *txn;
	void *cursor;
	bool started;
};
void walk_begin(struct walk *w, struct txn *t, unsigned table);
MUST_CHECK enum err walk_seek(struct walk *w, struct span from, struct span *key,
                              struct span *value);
MUST_CHECK enum err walk_next(struct walk *w, struct span *key, struct span *value);
MUST_CHECK enum err walk_last(struct walk *w, struct span *key, struct span *value);
void walk_end(struct walk *w);

#endif
