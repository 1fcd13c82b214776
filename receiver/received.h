/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_RECEIVED_H
#define VOTEPOST_RECEIVER_RECEIVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * received - when our own mail server took a mail: its Received line, the topmost one.
 *
 * A mail may wait in our mail server's queue, for the relay or for us, and must not be late for
 * that. The line is believed only where it is the first in the mail, after those that delivery
 * itself writes, and says that it was written by the host that the settings name: whatever a
 * stranger wrote stands below it. Date: is never looked at.
 */

/* Unix seconds; false where there is no such line, or anything about it is unusual. */
bool received_time(uint64_t *seconds, const char *raw, size_t len, const char *host);

#endif
