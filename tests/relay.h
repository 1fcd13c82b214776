/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_RELAY_H
#define VOTEPOST_TESTS_RELAY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "core/buf.h"
#include "tests/server.h"

/*
 * relay - a mail server on loopback, a thread a connection, that misbehaves as it is told. It
 * keeps the last message and every MAIL and RCPT command. Everything asserts.
 */
enum relay_mood {
	RELAY_FINE,
	RELAY_REFUSES,     /* 550 to RCPT, several lines, an address in them */
	RELAY_DENIES,      /* 554 5.7.1 to RCPT: it is us that it does not want */
	RELAY_DEFERS,      /* 450 to RCPT */
	RELAY_FULL,        /* 552 after the dot */
	RELAY_LATER,       /* 451 after the dot */
	RELAY_QUOTES,      /* 554 after the dot, with the token that it found in the message */
	RELAY_BUSY,        /* 421 instead of a greeting */
	RELAY_CLOSED,      /* 554 instead of a greeting */
	RELAY_TIRED,       /* says 421 and closes once a message was taken */
	RELAY_DROPS,       /* closes the connection after the dot, without a word */
	RELAY_HANGS,       /* never answers MAIL */
	RELAY_LOG_IN,      /* 530 to MAIL */
	RELAY_NO_NULL,     /* 553 to MAIL FROM:<>, fine with every other sender */
	RELAY_OTHER_WORDS, /* accepts without a queue id */
	RELAY_GREEDY,      /* 550 to RCPT, and wants the message all the same */
	RELAY_KEEPS,       /* 502 to RSET: what was begun before stands */
	RELAY_TURNS_AWAY,  /* says `reply` to MAIL */
};

struct relay_play {
	unsigned port;
	enum relay_mood mood;
	int times;      /* how often, then fine; -1: always */
	unsigned after; /* fine, and not picky, until so many were accepted */
	const char *reply;
	bool utf8;      /* offers SMTPUTF8 */
	bool pipelines; /* offers PIPELINING */
	/* What it says to recipients of one domain, "": of any, so many times, -1: always; a
	 * 421 hangs up, and so does "", without a word. */
	const char *picky_domain, *picky_reply;
	int picky_times;
	/* Offers this way of AUTH, "PLAIN" or "LOGIN", and takes mail only after it. */
	const char *auth, *user, *password;
	/* What was seen */
	atomic_uint connections, accepted;
	pthread_mutex_t lock;
	struct buf commands; /* AUTH, MAIL and RCPT lines */
	struct buf message;  /* the last one */
	struct buf ids;      /* the Message-ID line of each message that came whole */
	/* Its own */
	struct server server;
};

void relay_start(struct relay_play *r, enum relay_mood mood, int times);
void relay_stop(struct relay_play *r);

/* How often `what` stands in what was kept. */
unsigned relay_count(struct relay_play *r, const struct buf *kept, const char *what);

#endif
