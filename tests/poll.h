/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_POLL_H
#define VOTEPOST_TESTS_POLL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/board.h"
#include "core/buf.h"
#include "core/handles.h"
#include "core/manifest.h"
#include "core/token.h"
#include "core/trustee.h"

/*
 * poll - an election by mail as its members and its mailer see it, for tests: keys, trustees, a
 * sealed manifest, tokens and handles, and the files that go to the receiver. Everything
 * asserts. What it knows no party ever knows together.
 */
struct poll_plan {
	unsigned members;               /* of weight 1; 0 stands for 10 */
	unsigned heavy;                 /* of weight 2 */
	uint64_t opens, closes;         /* 0: an hour ago, in a day */
	unsigned trustees, threshold;   /* 0: one of one */
	uint64_t min_ballots;           /* 0: 1 */
	bool no_reply, no_sealed, link; /* reply and sealed-reply where nothing is said */
	const char *questions;          /* the JSON list; NULL: one question, A B C or blank */
	const char *languages;          /* "fr", "en" or NULL for both */
	bool real;                      /* else an exercise */
};

struct poll_member {
	struct token token;
	struct scalar secret;
	struct point credential;
	unsigned weight;
	char handle[HANDLE_CHARS + 1];
};

struct poll {
	struct manifest *m;
	struct buf manifest; /* one line, with its line feed, as are all of these */
	struct buf issued, accepted, handles;
	unsigned char receiver_secret[SIGN_SECRET_BYTES], mailer_secret[SIGN_SECRET_BYTES];
	unsigned members;
	struct poll_member *member;
	unsigned trustees;
	struct trustee_secret trustee[TRUSTEES_MAX];
};
void poll_make(struct poll *p, const struct poll_plan *plan);
void poll_free(struct poll *p);

/* manifest.json, issued.ndjson, accepted.ndjson, handles.json, receiver.key in a folder that is
 * there. */
void poll_write(const struct poll *p, const char *folder);

/* A member's ballot line, without its line feed; the option counts from 0, and the last cell is
 * blank. */
void poll_ballot(struct buf *line, const struct poll *p, unsigned member, enum channel channel,
                 unsigned option);
/* A plain reply as it comes from a mail program: the choice, and the token quoted below. */
void poll_reply(struct buf *mail, const struct poll *p, unsigned member, const char *choice);
/* A mail with this text, from and to this member's addresses. */
void poll_mail(struct buf *mail, const struct poll *p, unsigned member, const char *headers,
               const char *text);
/* A new token for a member, and the `replaced` line for it, without its line feed. */
void poll_reissue(struct buf *line, struct poll *p, unsigned member);

#endif
