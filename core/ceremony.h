/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_CEREMONY_H
#define VOTEPOST_CORE_CEREMONY_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/group.h"
#include "core/json.h"

/*
 * ceremony - the trustees' public side: what each publishes, what anyone can check of it, and
 * the files that travel between them. Protocol sections 5 and 8. The secret side is
 * core/trustee.h, which the scrutineer's program alone links.
 */
#define TRUSTEES_MAX 32

struct trustee_entry {
	const char *name;
	unsigned char sealing_key[32];         /* X25519 */
	struct point commitment[TRUSTEES_MAX]; /* F_i0 … F_i,k−1 */
	struct point proof_r;
	struct scalar proof_z;
};

struct trustees {
	const char *ceremony;
	unsigned threshold, count;   /* k of n */
	struct trustee_entry *entry; /* [count], the trustee numbered 1 first */
	struct point *share;         /* [count], X_j; filled by ceremony_shares */
};

/* 1 ≤ k ≤ n ≤ 32, 2k > n. Check "trustees threshold". */
MUST_CHECK enum err ceremony_numbers(unsigned threshold, unsigned count, struct why *why);

/* One member object of the manifest (or of a reveal file). `name` borrows from `member`. */
MUST_CHECK enum err ceremony_entry_read(struct trustee_entry *entry, json_t *member,
                                        unsigned threshold, struct why *why);
void ceremony_entry_write(struct buf *out, const struct trustee_entry *entry, unsigned threshold);

/* The challenge of that proof; entry->proof_r stands already. */
void ceremony_entry_challenge(struct scalar *c, const struct trustee_entry *entry,
                              const char *ceremony, unsigned i, unsigned threshold, unsigned count);
/* Does trustee `i` (from 1) know a_i0? Check "trustee proof". */
MUST_CHECK enum err ceremony_entry_check(const struct trustee_entry *entry, const char *ceremony,
                                         unsigned i, unsigned threshold, unsigned count,
                                         struct why *why);

/* What trustee `i` publishes before it reveals its entry. */
MUST_CHECK enum err ceremony_commitment(unsigned char out[HASH_BYTES],
                                        const struct trustee_entry *entry, const char *ceremony,
                                        unsigned i, unsigned threshold, unsigned count);

/* P = Σ F_i0, and each X_j = Σ_i Σ_l j^l·F_il, into t->share, which has room for t->count. */
MUST_CHECK enum err ceremony_key(struct point *election_key, const struct trustees *t);
MUST_CHECK enum err ceremony_shares(struct trustees *t, struct why *why);
/* What a dealt value must open to: Σ_l j^l·F_il. */
MUST_CHECK enum err ceremony_deal_point(struct point *out, const struct trustee_entry *from,
                                        unsigned threshold, unsigned j);

/* The challenge of an `accepted` line, and its check: z·G = R + c·X_j. "accepted proof". */
void ceremony_accepted_challenge(struct scalar *c, const unsigned char election[HASH_BYTES],
                                 unsigned j, const struct point *share, const struct point *r);
MUST_CHECK enum err ceremony_accepted_check(const struct trustees *t,
                                            const unsigned char election[HASH_BYTES], unsigned j,
                                            const struct point *r, const struct scalar *z,
                                            struct why *why);

/* commit-i.json and reveal-i.json */
struct commitment {
	char *ceremony; /* the holder's: free */
	unsigned trustee, threshold, count;
	unsigned char hash[HASH_BYTES];
};
MUST_CHECK enum err commitment_read(struct commitment *out, const char *line, size_t len,
                                    struct why *why);
void commitment_release(struct commitment *c);
void commitment_write(struct buf *out, const char *ceremony, unsigned i, unsigned threshold,
                      unsigned count, const unsigned char hash[HASH_BYTES]);

struct reveal {
	json_t *owned; /* everything below points into it: json_decref, or reveal_release */
	const char *ceremony;
	unsigned trustee, threshold, count;
	struct trustee_entry entry;
	json_t *member; /* the entry as it stands in the file, borrowed */
};
MUST_CHECK enum err reveal_read(struct reveal *out, const char *line, size_t len, struct why *why);
void reveal_release(struct reveal *r);
void reveal_write(struct buf *out, const char *ceremony, unsigned i, unsigned threshold,
                  unsigned count, const struct trustee_entry *entry);

/* deal-i-j.json: a libsodium sealed box around f_i(j). */
#define DEAL_BOX_BYTES (32 + 48)
struct deal {
	unsigned char election[HASH_BYTES];
	unsigned from, to;
	unsigned char box[DEAL_BOX_BYTES];
};
MUST_CHECK enum err deal_read(struct deal *out, const char *line, size_t len, struct why *why);
void deal_write(struct buf *out, const struct deal *deal);

#endif
