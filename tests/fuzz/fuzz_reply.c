/* SPDX-License-Identifier: MIT */
#include "receiver/reply.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "receiver/grammar.h"
#include "tests/fuzz/fuzz.h"

/* What is called a vote is written as the grammar writes it. */
static void must_be_written_well(const struct reply_vote *vote)
{
	char again[CHOICES_MAX];

	fuzz_must(memchr(vote->choices, '\0', CHOICES_MAX) != NULL);
	fuzz_must(grammar_choices(again, (struct span){ vote->choices, strlen(vote->choices) }));
	fuzz_must(!strcmp(again, vote->choices));
}

/* Any text, in two parts: counts stay in their caps, and quoted it is never a vote. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct reply reply;
	struct buf sealed = BUF_INIT(SEALED_MAX), quoted = BUF_INIT(4u << 20);
	size_t half = size / 2, i;

	memset(&reply, 0, sizeof(reply));
	reply_take(&reply, &sealed, (const char *)data, half);
	reply_take(&reply, &sealed, (const char *)data + half, size - half);
	reply_end(&reply);
	fuzz_must(reply.others <= REPLY_VOTES_MAX && reply.tokens <= REPLY_TOKENS_MAX);
	fuzz_must(reply.sealed_len == sealed.len && sealed.len <= SEALED_MAX);
	if (reply.has_vote)
		must_be_written_well(&reply.vote);
	for (i = 0; i < reply.others; i++)
		must_be_written_well(&reply.other[i]);
	for (i = 0; i < size; i++) {
		if (i == 0 || data[i - 1] == '\n')
			buf_adds(&quoted, "> ");
		buf_addc(&quoted, (char)data[i]);
	}
	memset(&reply, 0, sizeof(reply));
	buf_clear(&sealed);
	reply_take(&reply, &sealed, buf_text(&quoted), quoted.len);
	fuzz_must(!reply.has_vote);
	buf_free(&sealed);
	buf_free(&quoted);
	return 0;
}
