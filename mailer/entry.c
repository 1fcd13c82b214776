/* SPDX-License-Identifier: MIT */
#include "mailer/entry.h"

#include <string.h>

size_t entry_write(unsigned char out[ENTRY_MAX], const struct entry *entry,
                   const struct smtp_answer *answer)
{
	struct entry bare = *entry;
	size_t len = sizeof(bare);

	if (!answer)
		bare.queue_id = 0;
	memcpy(out, &bare, sizeof(bare));
	if (!answer)
		return len;
	memcpy(out + len, answer->queue_id, bare.queue_id);
	len += bare.queue_id;
	/* The words matter only where something has to be repaired. */
	if (bare.state != SEND_ACCEPTED) {
		memcpy(out + len, answer->text, strlen(answer->text));
		len += strlen(answer->text);
	}
	return len;
}

enum err entry_read(struct entry *entry, struct span value)
{
	if (value.len < sizeof(*entry))
		return ERR_FORMAT;
	memcpy(entry, value.data, sizeof(*entry));
	return entry->state < SEND_STATES ? OK : ERR_FORMAT;
}

static void read_words(struct standing *s, const struct entry *entry, struct span value)
{
	const char *words = (const char *)value.data + sizeof(*entry);
	size_t left = value.len - sizeof(*entry), len = entry->queue_id;

	memcpy(s->status, entry->status, sizeof(s->status));
	s->status[sizeof(s->status) - 1] = 0;
	if (len > left || len >= sizeof(s->queue_id))
		return;
	memcpy(s->queue_id, words, len);
	words += len;
	left -= len;
	if (left < sizeof(s->text))
		memcpy(s->text, words, left);
}

void entry_standing(struct standing *s, const struct entry *entry, struct span value)
{
	s->state = (enum send_state)entry->state;
	s->at = entry->at;
	s->next = entry->next;
	s->attempts = entry->attempts;
	s->code = entry->code;
	read_words(s, entry, value);
}
