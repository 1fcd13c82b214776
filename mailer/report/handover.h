/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_REPORT_HANDOVER_H
#define VOTEPOST_MAILER_REPORT_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mailer/roll.h"

/*
 * handover - what goes between the mailer and the reader of mails, over a stream socket: first
 * struct report_marks, then for each mail this and its bytes one way, a struct report the other.
 * Both ends are built together, so structures go as they lie in memory.
 */
struct handover_order {
	uint32_t len;
	char recipient[ADDRESS_TEXT]; /* of the envelope; "" where it is not known */
};

/* All of the bytes, or false: the other end is gone, or the socket's own patience is over. */
bool handover_send(int fd, const void *bytes, size_t len);
bool handover_receive(int fd, void *bytes, size_t len);

#endif
