/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_JUDGE_H
#define VOTEPOST_RECEIVER_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/funnel.h"
#include "receiver/box.h"
#include "receiver/hint.h"
#include "receiver/parser/reply.h"

/*
 * judge - what a mail that was read, or a post, comes to in this election: one verdict, and for
 * a vote the ballot to cast.
 *
 * Nothing is changed here, and the verdict counted is an opinion: the box may know better by
 * the time it is written (receiver/cast.h). What is cheap to tell is told before a ballot is
 * made or its proofs are checked.
 */
struct judgement {
	enum verdict verdict; /* counted: `line` is to be cast */
	enum hint hint;       /* for the answer to no choice and to ambiguous */
	/* It carried an issued handle or token, or a ballot that is new: one that was used stands on
	 * the board, where anyone can copy it. */
	bool member;
	bool handle; /* the handle is an issued one */
	bool shown;  /* `shows` is the credential that makes it a member's */
	struct point shows;
	struct point credential;
	bool known; /* `credential` is that of the mail's vote, and was issued */
	enum channel channel;
	struct buf line;
	bool stands; /* of a post that was used: by this very ballot */
};

/* `sealed` holds the block's ballot line, where reply->sealed_len says so; it may be taken
 * over. judgement_release after, also after a failure. */
MUST_CHECK enum err judge(struct judgement *out, struct box *box, const struct reply *reply,
                          struct buf *sealed, uint64_t arrived, struct why *why);
/* A ballot line that was posted by the link: nothing is around it, and `line` stays empty. Where
 * the verdict is invalid, why->check names the rule. */
MUST_CHECK enum err judge_post(struct judgement *out, struct box *box, const char *line, size_t len,
                               uint64_t arrived, struct why *why);
void judgement_release(struct judgement *j);

#endif
