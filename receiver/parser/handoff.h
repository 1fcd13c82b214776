/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_PARSER_HANDOFF_H
#define VOTEPOST_RECEIVER_PARSER_HANDOFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "receiver/parser/reply.h"

/*
 * handoff - what goes between the receiver and the parser of one mail, over a stream socket: a
 * request and the mail's bytes one way; a sign of life, what the header says, what the mail
 * says and a sealed ballot the other way.
 *
 * Both ends are built together, so structures go as they lie in memory. The parser may
 * have been taken over by the mail: its answer is checked like any stranger's bytes.
 */
struct handoff_request {
	uint64_t size;      /* of the whole mail */
	uint32_t sent;      /* bytes of it that follow: only a beginning where it is too large */
	uint8_t from_known; /* the envelope knows the sender: do not look for it */
	uint8_t from_null;
	uint8_t to_known;
};

#define HANDOFF_ALIVE 'a' /* the child's first byte, before it read any */

/*
 * How long to wait, in all. It runs only while this process does: when the machine stands still
 * (a virtual one that is moved, a lid that is shut) nobody has been slow.
 */
struct handoff_patience {
	int64_t left; /* microseconds */
};
struct handoff_patience handoff_patience(unsigned seconds);

/* All of the bytes, or not: ERR_IO where the other end is gone, ERR_AGAIN out of patience. */
MUST_CHECK enum err handoff_send(int fd, const void *bytes, size_t len,
                                 struct handoff_patience *patience);
MUST_CHECK enum err handoff_receive(int fd, void *bytes, size_t len,
                                    struct handoff_patience *patience);

/* As much of it as goes without waiting; how many bytes did. */
size_t handoff_push(int fd, const void *bytes, size_t len);

/* Sleep until the other end has closed, having said all that it will, but only for a moment: what
 * it says may be more than fits between us. One sleep, where each piece of an answer would cost one. */
void handoff_settle(int fd, struct handoff_patience *patience);

/* Hand a descriptor over a packet socket, and take one; ERR_NOT_FOUND when the other end is
 * closed for good. */
MUST_CHECK enum err handoff_send_fd(int socket, int fd, struct handoff_patience *patience);
MUST_CHECK enum err handoff_receive_fd(int socket, int *fd);

/* Copy a struct reply out of received bytes, field by field. ERR_FORMAT where any is not what
 * the parser can have meant: a count over its cap, a text without an end, a truth value that
 * is neither, a choice, handle or address with characters that do not belong there. */
MUST_CHECK enum err handoff_check(struct reply *out,
                                  const unsigned char bytes[sizeof(struct reply)]);

#endif
