/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_PARSER_REPLY_H
#define VOTEPOST_RECEIVER_PARSER_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/token.h"

/* What a mail may be; more is too large. */
#define MAIL_MAX        (1u << 20)
#define MAIL_PARTS_MAX  200
#define MAIL_DEPTH_MAX  32
#define MAIL_HEADER_MAX (64u << 10)

/* What the envelope says, beside the raw message. */
struct envelope {
	const char *from; /* "" for a null sender; NULL: unknown, look at Return-Path */
	const char *to;   /* the recipient with its +handle; NULL: look at Delivered-To */
};

/*
 * reply - what a mail's text says, by the one rule of the architecture ("The reply"): the
 * first line of the text that is not empty is exactly VOTE TOKEN CHOICES, or exactly CHOICES
 * with exactly one distinct token in the mail; and it is followed by an empty line, the end,
 * "-- ", a quote prefix, an attribution line or our own line. Doubt never votes.
 *
 * It knows no election: whether a token is valid and choices fit is for receiver/intake.h. No
 * I/O, no libraries but the token reader. A struct reply is what crosses from the parser's
 * process: plain bytes, every size capped.
 */
#define CHOICES_MAX      1040 /* bytes of a CHOICES text after folding, with its NUL */
#define REPLY_TOKENS_MAX 8    /* distinct tokens in one mail; more is ambiguous */
#define REPLY_VOTES_MAX  16   /* vote lines in one mail; more is ambiguous */
#define SEALED_MAX       (700u << 10)
#define ADDRESS_MAX      255
#define MESSAGE_ID_MAX   255

struct reply_vote {
	bool with_token;           /* its own, or after reply_end the only one in the mail */
	struct token token;        /* where with_token */
	char choices[CHOICES_MAX]; /* folded: upper case ASCII, no spaces, 0 for blank: "B,D/0" */
};

struct reply {
	/* Text */
	bool begun;             /* the first line that is not empty was read */
	bool has_vote;          /* it is a vote line */
	bool open_end;          /* and ends its part: what the next begins with may go on */
	bool runs_on;           /* it would be one, but text stands right below it */
	struct reply_vote vote; /* that one */
	/* Further vote lines anywhere, quoted or not, by their form alone: "X" under "love" is
	 * one too. Compare cells, not text; one of another form of the same choice agrees, and
	 * a bare one that does not fit the election's questions says nothing. */
	unsigned others;
	struct reply_vote other[REPLY_VOTES_MAX];
	unsigned tokens; /* distinct tokens in the mail, whole and well checked */
	struct token token[REPLY_TOKENS_MAX];
	bool too_many;        /* tokens, vote lines or different sealed blocks over the caps */
	bool twins_differ;    /* the forms of one letter do not say the same */
	bool sealed_conflict; /* two different sealed blocks */
	bool sealed_broken;   /* a block begun that cannot be read */
	size_t sealed_len;    /* of the ballot line that a sealed block held; 0 where none */
	/* What the headers say. A bounce is automatic too: ask for `bounce` first. */
	bool automatic, bounce, unreadable, too_large;
	bool sender_told;                /* by envelope or header, be it null or no address */
	char reason[96];                 /* a word on the last two, of ours: "600 parts" */
	char handle[14];                 /* from the recipient, where it carries one; else "" */
	char from[ADDRESS_MAX];          /* envelope sender, "" for a null one */
	char message_id[MESSAGE_ID_MAX]; /* without < >, clean; may be "" */
};

/* Read one text part's UTF-8 (unflowed) into `reply`, all zero before the first; call for
 * each part in order. `sealed`, empty before the first, receives a block's ballot line. The
 * first call with a line that is not empty decides has_vote; where that line ends its part,
 * a later part that goes on with it takes it back. Out of memory makes the mail
 * unreadable. */
struct buf;
void reply_take(struct reply *reply, struct buf *sealed, const char *text, size_t len);
/* The same for a part right behind the text before it, of no name, with nothing in between. No
 * mail program breaks what its user typed there: it is what a gateway appends. Still only a
 * line with a token of its own, which begins no sentence, stays a vote above it; and only
 * where the part begins as a paragraph does and holds neither token nor vote line. */
void reply_append(struct reply *reply, struct buf *sealed, const char *text, size_t len);
/* `twin` is another form (HTML beside plain) of what was read into `reply`, read from the same
 * beginning. Its reader may have seen either: what both hold is taken together, and they agree
 * where both begin with the same vote or both with none. A form without a line to read says
 * nothing. That one form votes and the other goes on, strikes the line out or says something
 * else is doubt like any other: an honest program makes both of one text, and whether a line
 * ends its paragraph is decided in each by the same rule. */
void reply_twin(struct reply *reply, const struct reply *twin);
/* After the last part: a vote line without a token gets the mail's one distinct token, where
 * there is exactly one. */
void reply_end(struct reply *reply);
/* A reply holds tokens: */
void reply_wipe(struct reply *reply);

#endif
