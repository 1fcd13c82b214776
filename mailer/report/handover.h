/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_REPORT_HANDOVER_H
#define VOTEPOST_MAILER_REPORT_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mailer/report/report.h"

/*
 * handover - what goes between the mailer and the reader of mails, over a stream socket: first
 * struct report_marks, then for each mail this and its bytes one way, a struct report the other.
 * Both ends are built together, so structures go as they lie in memory.
 */
struct handover_order {
	uint32_t len;
	char recipient[REPORT_ADDRESS]; /* of the envelope; "" where it is not known */
};

#define HANDOVER_ROOM ((size_t)64 << 10)

/* One end. What comes is read as it lies there, many mails at once; what goes is gathered, and
 * leaves where it fills its room, at a flush, and before this end waits for more. */
struct handover {
	int fd;
	size_t at, len, out_len;
	char in[HANDOVER_ROOM], out[HANDOVER_ROOM];
};
void handover_init(struct handover *h, int fd);

/* All of the bytes, or false: the other end is gone, or the socket's own patience is over. */
bool handover_send(struct handover *h, const void *bytes, size_t len);
bool handover_flush(struct handover *h);
bool handover_receive(struct handover *h, void *bytes, size_t len);

#endif
