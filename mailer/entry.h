/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_ENTRY_H
#define VOTEPOST_MAILER_ENTRY_H

#include <stdint.h>

#include "core/err.h"
#include "core/store.h"
#include "mailer/outbox.h"

/*
 * entry - one member's record in the outbox: the struct below, then the relay's queue id and,
 * unless the letter was accepted, its words. Part of mailer/outbox.h.
 */
struct entry {
	uint64_t at, next;
	uint32_t attempts;
	uint16_t code;
	uint8_t state, queue_id; /* queue_id: its length */
	char status[12];
};

#define ENTRY_MAX (sizeof(struct entry) + sizeof(struct smtp_answer))

/* `answer` may be NULL: no queue id and no words. The length; ENTRY_MAX bytes are enough. */
size_t entry_write(unsigned char out[ENTRY_MAX], const struct entry *entry,
                   const struct smtp_answer *answer);

/* ERR_FORMAT for a record that is damaged. */
MUST_CHECK enum err entry_read(struct entry *entry, struct span value);

/* An entry and its texts as the outbox tells them. */
void entry_standing(struct standing *s, const struct entry *entry, struct span value);

#endif
