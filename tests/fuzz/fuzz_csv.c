/* SPDX-License-Identifier: MIT */
#include "mailer/csv.h"

#include <string.h>

#include "core/text.h"
#include "tests/fuzz/fuzz.h"

/* Every field of every record is text, and the lines only go up. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct why why = { 0 };
	uint64_t line = 0;
	struct csv c;
	enum err e;
	unsigned i;

	e = csv_open(&c, fuzz_path(data, size), &why);
	while (!e) {
		e = csv_next(&c, &why);
		if (e)
			break;
		fuzz_must(c.line > line && c.fields > 0 && c.fields <= CSV_FIELDS_MAX);
		line = c.line;
		for (i = 0; i <= c.fields; i++)
			fuzz_must(utf8_valid(csv_field(&c, i), strlen(csv_field(&c, i))));
	}
	fuzz_must(e == ERR_NOT_FOUND || why.text[0]);
	csv_close(&c);
	return 0;
}
