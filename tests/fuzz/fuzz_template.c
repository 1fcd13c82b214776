/* SPDX-License-Identifier: MIT */
#include "core/template.h"

#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct template_value inner[] = { { "letter", "A", NULL, 0 }, { 0 } };
	static const struct template_row rows[] = { { inner }, { inner } };
	static const struct template_value values[] = {
		{ "name", "a <b> & \"c\" {{name}}", NULL, 0 },
		{ "options", NULL, rows, 2 },
		{ "none", NULL, NULL, 0 },
		{ 0 },
	};
	char *text = fuzz_text(data, size);
	struct buf out = BUF_INIT(1u << 16);
	struct why why = { 0 };
	unsigned html;

	for (html = 0; html < 2; html++) {
		buf_clear(&out);
		if (template_fill(&out, "seed", text, html ? TEMPLATE_HTML : TEMPLATE_TEXT, values,
		                  &why))
			fuzz_must(why.text[0]);
		else if (!strpbrk(text, "<>\"&"))
			fuzz_must(!html || !strpbrk(buf_text(&out), "<>\""));
	}
	buf_free(&out);
	free(text);
	return 0;
}
