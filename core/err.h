/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_ERR_H
#define VOTEPOST_CORE_ERR_H

/*
 * err - how everything here fails.
 *
 * A function that can fail returns `enum err`; its results count only on OK.
 * Where a person must repair something its last parameter is a `struct why`: a
 * sentence that says what, where and what to do, ready to print after a command's
 * name. Where a rule of the protocol is broken, `check` holds the rule's name, the
 * same that the worked examples use ("cell proof", "line not canonical").
 * `why` may be NULL everywhere; it starts zeroed (`struct why why = { 0 };`) and is left
 * alone on success.
 */

#define MUST_CHECK __attribute__((warn_unused_result))

enum err {
	OK = 0,
	ERR_MEMORY,    /* out of memory, or of lockable memory */
	ERR_IO,        /* the system refused: disk, file, socket */
	ERR_FULL,      /* the disk or a database's map is full; free space, then go on */
	ERR_FORMAT,    /* not in the form it must have */
	ERR_TOO_LARGE, /* over a cap that someone chose */
	ERR_INVALID,   /* well formed, but a check says no */
	ERR_NOT_FOUND, /* there is none */
	ERR_EXISTS,    /* there is one already */
	ERR_STATE,     /* not now: before, after, or in the wrong order */
	ERR_BUSY,      /* someone else holds the lock */
	ERR_AGAIN,     /* may work later, unchanged */
	ERR_SETTINGS,  /* the configuration is at fault */
	ERR_USAGE,     /* the command line is at fault */
};

#define WHY_MAX 600
struct why {
	char check[48];     /* the broken rule's name; "" where none is named */
	char text[WHY_MAX]; /* one sentence, no line feed, UTF-8; cut where it is too long */
};

/* Fill `why` with a sentence and hand `e` back, for `return why_set(...)`. */
enum err why_set(struct why *why, enum err e, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same for a broken rule of the protocol: ERR_INVALID under the rule's name. */
enum err why_check(struct why *why, const char *check, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Put "where: " before a sentence that is there already (a file, a line). */
void why_prefix(struct why *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What an `enum err` means, for a cause that has no sentence of its own. */
const char *err_text(enum err e);

/* Our own mistake: say where, abort. Never for the world's trouble, never for input. */
_Noreturn void bug_at(const char *file, int line, const char *what);
#define bug(what) bug_at(__FILE__, __LINE__, (what))

#endif
