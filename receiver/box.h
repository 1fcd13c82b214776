/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_BOX_H
#define VOTEPOST_RECEIVER_BOX_H

#include <stdbool.h>
#include <stdint.h>

#include "core/board.h"
#include "core/funnel.h"
#include "core/manifest.h"
#include "core/merkle.h"
#include "core/store.h"
#include "receiver/flat.h"
#include "receiver/quota.h"
#include "receiver/state.h"

/*
 * box - the ballot box on disk: who may still vote, the board and its tree, which mails were
 * seen, and the counts.
 *
 * Everything that belongs together changes in one transaction: between box_begin and
 * box_commit, by one thread of one process (whoever holds the box's lock). What a line must
 * satisfy to go in is receiver/enter.h; this file only keeps. Readers never wait, from any
 * thread, and see one moment of the box.
 *
 * The seen mails stand apart from the board: a keyed hash and a verdict, no index, so that no
 * mail can be matched with its ballot later.
 */
#define BOX_MAP_MAX   (1ull << 37) /* what the map may grow to where no one says */
#define BOX_KEY_BYTES 32
#define SEEN_BYTES    32

enum credential_state { CREDENTIAL_UNUSED, CREDENTIAL_USED, CREDENTIAL_REPLACED };
struct box_credential {
	unsigned weight;
	enum credential_state state;
	uint64_t index; /* of the ballot, or of the line that replaced it */
};
struct box_seen {
	enum verdict verdict;
	bool answered; /* its answer left, or none was owed */
};

struct box {
	struct store *store;
	struct manifest *m;
	struct flat flat; /* BOX_WRITE only */
	char *folder;
	unsigned char key[BOX_KEY_BYTES]; /* for the seen mails; means nothing elsewhere */
};

enum box_mode { BOX_READ, BOX_WRITE };

/* A new box as folder/name, with the manifest as its first line: for receiver/draft.h. */
MUST_CHECK enum err box_make(struct box **out, const char *folder, const char *name,
                             const char *manifest, size_t len, uint64_t map_max, struct why *why);

/* For BOX_WRITE the caller holds the box's lock, and calls enter_mend (receiver/enter.h) before
 * anything else: only then is the flat board known to be what the box says. */
MUST_CHECK enum err box_open(struct box **out, const char *folder, enum box_mode mode,
                             uint64_t map_max, struct why *why);
void box_close(struct box *box);

/* One change. `state` may be changed by enter.h and is written by box_commit. */
struct box_txn {
	struct box *box;
	struct txn txn;
	struct state state;
};
void box_begin(struct box_txn *t, struct box *box);
/* A look at one moment; end with box_abort, also after a failure. On disk trouble there is no
 * state to be read: it is all zeros. */
MUST_CHECK enum err box_look(struct box_txn *t, struct box *box);
/* The board line, the tree and the state; nothing is checked here. Returns its index. */
uint64_t box_append(struct box_txn *t, const char *line, size_t len);
/* ERR_NOT_FOUND where it was never valid. */
MUST_CHECK enum err box_credential(struct box_txn *t, const struct point *credential,
                                   struct box_credential *out);
void box_credential_put(struct box_txn *t, const struct point *credential,
                        const struct box_credential *value);
void box_handle_add(struct box_txn *t, const char handle[HANDLE_CHARS]);
bool box_handle(struct box_txn *t, const char *handle);
/* May one more answer go out today (quota.h)? Taken, where it may. */
bool box_quota(struct box_txn *t, const struct quota *quota);
/* What is left of earlier days goes. */
void box_quota_old(struct box_txn *t, uint64_t day);
/* ERR_NOT_FOUND for a mail that was never seen. */
MUST_CHECK enum err box_seen(struct box_txn *t, const unsigned char mark[SEEN_BYTES],
                             struct box_seen *out);
void box_seen_put(struct box_txn *t, const unsigned char mark[SEEN_BYTES],
                  const struct box_seen *value);
/* A board line; points into the map until the transaction ends. */
MUST_CHECK enum err box_line(struct box_txn *t, uint64_t index, struct span *line);

/* Durable when it returns OK. The flat board follows; what keeps it from following is told in
 * `flat_why` (else its text is empty) and made up for at the next commit or start: the box
 * itself is complete. */
MUST_CHECK enum err box_commit(struct box_txn *t, struct why *why, struct why *flat_why);
void box_abort(struct box_txn *t);

/* How a raw mail is remembered: MAC(random key of the box, mail). */
void box_mark(unsigned char mark[SEEN_BYTES], const struct box *box, const void *raw, size_t len);

/* Sign a head over the board as this look sees it. */
void box_head(struct head *head, struct box_txn *t, uint64_t now,
              const unsigned char secret[SIGN_SECRET_BYTES]);
/* The receipt of the ballot that stands under a used credential; `head` is over the board as this
 * look sees it. ERR_NOT_FOUND, ERR_STATE where none stands. */
MUST_CHECK enum err box_receipt(struct receipt *out, struct box_txn *t,
                                const struct point *credential, const struct head *head);

#endif
