/* SPDX-License-Identifier: MIT */
#include "core/mail/imap_memory.h"

#include <stdlib.h>
#include <string.h>

#include "core/monotime.h"

#define PAST_MAX (1u << 24) /* bytes; beyond them a mail is new again */

void imap_memory_init(struct imap_memory *m, uint64_t wait)
{
	memset(m, 0, sizeof(*m));
	m->wait = wait;
	buf_init(&m->past, PAST_MAX);
}

void imap_memory_release(struct imap_memory *m)
{
	buf_free(&m->past);
}

void imap_memory_folder(struct imap_memory *m, uint32_t uidvalidity)
{
	if (m->uidvalidity != uidvalidity)
		buf_clear(&m->past);
	m->uidvalidity = uidvalidity;
}

static int by_uid(const void *a, const void *b)
{
	const struct imap_past *x = a, *y = b;

	return (x->uid > y->uid) - (x->uid < y->uid);
}

struct imap_past imap_memory_find(const struct imap_memory *m, uint32_t uid)
{
	const struct imap_past new = { .uid = uid }, *found = NULL;

	if (m->past.len)
		found = bsearch(&new, m->past.data, m->past.len / sizeof(new), sizeof(new), by_uid);
	return found ? *found : new;
}

uint64_t imap_memory_wait(uint64_t first, unsigned times)
{
	uint64_t wait = first;

	while (times-- > 1 && wait && wait < IMAP_MEMORY_WAIT_MAX)
		wait *= 2;
	return wait < IMAP_MEMORY_WAIT_MAX ? wait : IMAP_MEMORY_WAIT_MAX;
}

void imap_memory_fail(const struct imap_memory *m, struct imap_past *past, bool taken)
{
	past->times++;
	past->taken = taken;
	past->due = monotime_ms() + imap_memory_wait(m->wait, past->times) * 1000;
}

void imap_memory_begin(struct imap_memory *m, const struct why *why)
{
	buf_clear(&m->past);
	if (why->text[0])
		m->why = *why;
}

void imap_memory_keep(struct imap_memory *m, const struct imap_past *past)
{
	buf_add(&m->past, past, sizeof(*past));
}
