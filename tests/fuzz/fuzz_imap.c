/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/mail/imap_answer.h"
#include "tests/fuzz/fuzz.h"

/* What an IMAP server says, line by line: words stay printable and without addresses, a line that
 * is none of the four kinds changes nothing, and a literal ends its line. */
static void read_line(struct imap_answer *a, const char *line, size_t len)
{
	struct imap_answer before = *a;
	struct imap_item item = a->item;
	char *copy = malloc(len ? len : 1); /* so that a sanitizer sees one byte too far */
	enum imap_line kind;

	fuzz_must(copy != NULL);
	memcpy(copy, line, len);
	kind = imap_answer_read(a, copy, len);
	fuzz_must(kind == IMAP_FETCH || !memcmp(&a->item, &item, sizeof(item)));
	fuzz_must(kind == IMAP_STATUS || (a->ok == before.ok && !strcmp(a->words, before.words)));
	fuzz_must(strlen(a->words) < IMAP_WORDS && !strchr(a->words, '@'));
	if (kind == IMAP_FETCH && a->item.literal)
		fuzz_must(memchr(copy, '{', len) && memchr(copy, '}', len));
	imap_answer_rest(&item, copy, len);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *last = at + size, *end;
	struct imap_answer a;

	memset(&a, 0, sizeof(a));
	while (at < last) {
		end = memchr(at, '\n', (size_t)(last - at));
		end = end ? end + 1 : last;
		read_line(&a, at, (size_t)(end - at));
		at = end;
	}
	return 0;
}
