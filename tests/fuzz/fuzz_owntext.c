/* SPDX-License-Identifier: MIT */
#include "mailer/owntext.h"

#include <string.h>

#include "core/text.h"
#include "core/votelike.h"
#include "tests/fuzz/fuzz.h"

static void check_rows(const struct template_value *list)
{
	for (size_t i = 0; i < list->rows; i++) {
		const char *text = list->row[i].value[0].text;

		fuzz_must(text[0] && !strchr(text, '\n'));
		fuzz_must(text_clean(text, strlen(text)));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct template_value facts[] = {
		{ "title", "Congress", NULL, 0 },
		{ "organiser", "The {{federation}}", NULL, 0 },
		{ "closes_local", "on Friday", NULL, 0 },
		{ 0 },
	};
	struct buf greeting = BUF_INIT(4096);
	struct owntext o = { 0 };
	struct why why = { 0 };

	if (owntext_read(&o, fuzz_path(data, size), &why) || owntext_fill(&o, facts, &why) ||
	    owntext_greet(&greeting, &o, "Anna", &why)) {
		fuzz_must(why.text[0]);
	} else {
		fuzz_must(!strchr(o.value[0].text, '\n'));
		fuzz_must(!strchr(buf_text(&greeting), '\n'));
		check_rows(&o.value[3]);
		check_rows(&o.value[4]);
		for (unsigned i = 0; i < OWNTEXT_PARTS; i++)
			for (const char *at = o.part[i]; at && *at;) {
				size_t n = strcspn(at, "\n");

				fuzz_must(!votelike(at, n));
				at += n + (at[n] == '\n');
			}
	}
	buf_free(&greeting);
	owntext_release(&o);
	return 0;
}
