/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_DESK_H
#define VOTEPOST_RECEIVER_DESK_H

#include <stdbool.h>

#include "core/file.h"
#include "receiver/answer.h"
#include "receiver/box.h"
#include "receiver/cast.h"
#include "receiver/clock.h"
#include "receiver/intake.h"
#include "receiver/mailbox.h"
#include "receiver/options.h"
#include "receiver/parser.h"
#include "receiver/post.h"
#include "receiver/signer.h"

/*
 * desk - the box, open for writing, and all that works around it: the one process that holds
 * the box's lock.
 *
 * A running `serve` is a desk; so is, for as long as it lives, any other command that found
 * none running. What either does is the same code: desk_do.
 */
enum order {
	ORDER_MAIL,    /* one mail */
	ORDER_CHANGE,  /* one replaced or extended line */
	ORDER_CLOSE,   /* close the box */
	ORDER_CONFIRM, /* the time is right */
	ORDER_ANSWER,  /* let the answers leave that mails in the mailbox wait for */
	ORDERS
};
#define ORDER_MAX (MAIL_MAX + 1024u)

struct outcome {
	enum err e;
	enum entry entry;
	struct why why;
};

struct desk {
	struct file_lock lock;
	struct parser *parser;
	struct clock clock;
	struct box *box;
	struct signer *signer;
	struct answers *answers;
	struct post *post;
	struct cast *cast;
	struct intake intake;
	struct mailbox *mailbox; /* NULL where there is none */
	bool for_mail;
};

struct desk_plan {
	const char *folder;
	struct options *options; /* for mail; NULL: changes and the close alone */
	struct parser *parser;   /* started before anything else; NULL without mail */
	bool quick;              /* see enter_mend; and no mailbox */
	bool changed_programs;   /* see statement_check; for mail only */
	unsigned patience;       /* seconds to wait for the lock */
	unsigned cores;
	cast_trouble *trouble;
	void *ctx; /* the trouble's */
};
/* Opens everything in the order that matters; desk_close after, also after a failure. ERR_BUSY
 * where another holds the box. `d` must stay where it is. */
MUST_CHECK enum err desk_open(struct desk *d, const struct desk_plan *plan, struct why *why);
void desk_close(struct desk *d);

/* Any thread. The payload of a mail is desk_pack's. */
void desk_do(struct desk *d, enum order order, const void *payload, size_t len,
             struct outcome *out);

/* A mail and its envelope as one piece of bytes: for the way to a running `serve`. */
void desk_pack(struct buf *out, const struct intake_mail *mail);

#endif
