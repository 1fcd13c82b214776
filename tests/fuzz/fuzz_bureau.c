/* SPDX-License-Identifier: MIT */
#include "scrutineer/bureau.h"

#include <string.h>

#include "core/text.h"
#include "tests/fuzz/fuzz.h"

/* What is accepted is clean, named once and within its bounds. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct why why = { 0 };
	struct bureau b;

	if (bureau_read(&b, fuzz_path(data, size), &why)) {
		fuzz_must(why.text[0]);
		bureau_release(&b);
		return 0;
	}
	fuzz_must(b.members >= 1 && b.members <= BUREAU_MEMBERS_MAX);
	for (unsigned i = 0; i < b.members; i++) {
		fuzz_must(bureau_id(b.member[i].id));
		fuzz_must(text_clean(b.member[i].name, strlen(b.member[i].name)));
		fuzz_must(strlen(b.member[i].role) <= BUREAU_NAME_MAX);
	}
	for (unsigned i = 0; i < b.incidents; i++)
		fuzz_must(text_clean(b.incident[i].text, strlen(b.incident[i].text)));
	bureau_release(&b);
	return 0;
}
