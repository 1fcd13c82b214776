/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_POSTBOX_H
#define VOTEPOST_TESTS_POSTBOX_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "tests/server.h"

/*
 * postbox - an IMAP server on loopback with one folder and an archive, a thread a connection, that
 * misbehaves as it is told. It keeps what was said to it. Everything asserts.
 */
enum postbox_mood {
	POSTBOX_FINE,
	POSTBOX_NO,        /* NO to the command */
	POSTBOX_BAD,       /* BAD to it */
	POSTBOX_BYE,       /* BYE instead, and the end */
	POSTBOX_DROPS,     /* closes without a word, nothing done */
	POSTBOX_DOES,      /* does it, and closes without a word */
	POSTBOX_HANGS,     /* never answers */
	POSTBOX_OTHER,     /* gives the mail after the one it was asked for */
	POSTBOX_NAMELESS,  /* gives the mail without its UID */
	POSTBOX_LATE_NAME, /* gives its UID behind the mail */
	POSTBOX_SHORT,     /* announces more bytes than it gives, and closes */
	POSTBOX_HUGE,      /* announces 4 GiB, and gives them */
	POSTBOX_NIL,       /* gives NIL */
	POSTBOX_CHATTY,    /* tells of flags between the lines */
	POSTBOX_LINE,      /* a line without an end */
	POSTBOX_LINES,     /* lines without an end */
	POSTBOX_DRIPS,     /* a byte a second */
	POSTBOX_RENUMBERS, /* does it, closes, and numbers the folder anew */
};

struct postbox_mail {
	uint32_t uid;
	const char *date; /* INTERNALDATE */
	char *text;
	size_t len, says; /* RFC822.SIZE */
	bool deleted, gone;
};

struct postbox {
	unsigned port;
	/* What it can; set before it is used */
	bool move, uidplus, no_archive, read_only, no_uidvalidity;
	const char *user, *password; /* "": any */
	const char *token;           /* XOAUTH2; NULL: not offered */
	uint32_t uidvalidity;
	/* How it misbehaves: at commands that begin so, "" at the greeting; that many times after
	 * it did them right `after` times; -1: always */
	enum postbox_mood mood;
	const char *at;
	int times, after;
	/* What was seen */
	atomic_uint connections, logins, archived;
	pthread_mutex_t lock;
	struct buf commands; /* without what logs in */
	/* Its own */
	struct postbox_mail *mails;
	size_t count;
	uint32_t next_uid;
	bool archive_there;
	struct server server;
};

void postbox_start(struct postbox *p);
void postbox_stop(struct postbox *p);

/* A mail into the folder; the UID that it got. Mails of any content. */
uint32_t postbox_add(struct postbox *p, const void *text, size_t len);
/* Is it still in the folder? */
bool postbox_has(struct postbox *p, uint32_t uid);
/* How many are? */
size_t postbox_left(struct postbox *p);
void postbox_misbehaves(struct postbox *p, enum postbox_mood mood, const char *at, int times);
/* How often a command that begins so was given. */
unsigned postbox_heard(struct postbox *p, const char *command);

#endif
