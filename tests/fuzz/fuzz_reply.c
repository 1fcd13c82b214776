/* SPDX-License-Identifier: MIT */
#include "receiver/parser/reply.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "receiver/parser/grammar.h"
#include "tests/fuzz/fuzz.h"

/* What is called a vote is written as the grammar writes it. */
static void must_be_written_well(const struct reply_vote *vote)
{
	char again[CHOICES_MAX];

	fuzz_must(memchr(vote->choices, '\0', CHOICES_MAX) != NULL);
	fuzz_must(grammar_choices(again, (struct span){ vote->choices, strlen(vote->choices) }));
	fuzz_must(!strcmp(again, vote->choices));
}

/* The two halves as forms of one letter, and the second as a program's notice behind the first:
 * a vote is there only where the first half alone begins with it. */
static void read_otherwise(const char *one, size_t one_len, const char *two, size_t two_len)
{
	static struct reply all, twin, noted;
	struct buf sealed = BUF_INIT(SEALED_MAX);

	memset(&all, 0, sizeof(all));
	memset(&twin, 0, sizeof(twin));
	memset(&noted, 0, sizeof(noted));
	reply_take(&noted, &sealed, one, one_len);
	all = noted;
	twin.sealed_len = all.sealed_len;
	reply_take(&twin, &sealed, two, two_len);
	reply_twin(&all, &twin);
	if (all.has_vote && !all.twins_differ)
		fuzz_must((!noted.begun || !memcmp(&all.vote, &noted.vote, sizeof(all.vote))) &&
		          (!twin.begun || !memcmp(&all.vote, &twin.vote, sizeof(all.vote))));
	reply_append(&noted, &sealed, two, two_len);
	fuzz_must(noted.others <= REPLY_VOTES_MAX && noted.tokens <= REPLY_TOKENS_MAX);
	buf_free(&sealed);
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
	read_otherwise((const char *)data, half, (const char *)data + half, size - half);
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
