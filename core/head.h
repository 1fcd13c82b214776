/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_HEAD_H
#define VOTEPOST_CORE_HEAD_H

#include <stddef.h>
#include <stdint.h>

#include "core/ballot.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/json.h"
#include "core/manifest.h"
#include "core/merkle.h"
#include "core/sign.h"

/*
 * head - the receiver's signed word on the board so far, and the receipt that ties one ballot
 * to it. Protocol section 6.
 */
struct head {
	uint64_t size;
	struct node root;
	uint64_t time; /* Unix seconds */
	unsigned char signature[SIGNATURE_BYTES];
};
/* Sign size, root and time with the receiver's key. */
void head_sign(struct head *head, const struct manifest *m,
               const unsigned char secret[SIGN_SECRET_BYTES]);
MUST_CHECK enum err head_check(const struct head *head, const struct manifest *m, struct why *why);
void head_write(struct buf *out, const struct head *head);
MUST_CHECK enum err head_read(struct head *out, const char *line, size_t len, struct why *why);
/* The same, as a member of another line. */
MUST_CHECK enum err head_read_object(struct head *out, json_t *object, struct why *why);

struct receipt {
	char tracker[TRACKER_TEXT];
	struct point credential;
	uint64_t index;
	struct head head;
	struct path proof;
};
void receipt_write(struct buf *out, const struct receipt *receipt);
MUST_CHECK enum err receipt_read(struct receipt *out, const char *line, size_t len,
                                 struct why *why);
/* Signature and inclusion of this ballot line: "head signature", "receipt tracker", "receipt
 * proof". */
MUST_CHECK enum err receipt_check(const struct receipt *receipt, const struct manifest *m,
                                  const char *ballot_line, size_t len, struct why *why);

#endif
