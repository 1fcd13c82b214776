/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAIL_IMAP_MEMORY_H
#define VOTEPOST_CORE_MAIL_IMAP_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

/*
 * imap_memory - which mails of a folder failed in the polls before, for as long as a process lives.
 *
 * What failed is tried behind what is new, the longest ago first, and at a growing distance. It may
 * all be forgotten at any time: then everything is new again.
 */
#define IMAP_MEMORY_WAIT_MAX 300 /* seconds, at most, until a mail is tried again */

struct imap_past {
	uint32_t uid;
	unsigned times; /* it failed in a row; 0: it is new */
	bool taken;     /* it was only not removed, or is to be brought again */
	uint64_t due;   /* by the clock of monotime */
};

struct imap_memory {
	uint64_t wait; /* seconds, after the first failure */
	bool urgent;   /* each is due, none is removed, and nothing new is kept */
	uint32_t uidvalidity;
	struct buf past; /* struct imap_past, by UID */
	struct why why;  /* why the first of them stays */
};
/* `imap_memory_release` after. */
void imap_memory_init(struct imap_memory *m, uint64_t wait);
void imap_memory_release(struct imap_memory *m);

/* This folder is looked at: what is known of another one, or of other numbers, is forgotten. */
void imap_memory_folder(struct imap_memory *m, uint32_t uidvalidity);
struct imap_past imap_memory_find(const struct imap_memory *m, uint32_t uid);

/* It failed once more. */
void imap_memory_fail(const struct imap_memory *m, struct imap_past *past, bool taken);

/* Forget all; then those to be kept, by rising UID. `why` without words: as before. */
void imap_memory_begin(struct imap_memory *m, const struct why *why);
void imap_memory_keep(struct imap_memory *m, const struct imap_past *past);

/* Seconds to wait after so many failures: twice as many each time. */
uint64_t imap_memory_wait(uint64_t first, unsigned times);

#endif
