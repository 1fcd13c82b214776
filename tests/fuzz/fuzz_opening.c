/* SPDX-License-Identifier: MIT */
#include "core/opening.h"

#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

/* The same openings, signed by nobody; the writer knows one form for each. */
static void same_again(const struct opening *o, const struct manifest *m, const char *line)
{
	static const unsigned char nobody[SIGN_SECRET_BYTES];
	struct buf again = BUF_INIT(OPENING_MAX);
	const char *end;

	opening_write(&again, o, m, nobody);
	fuzz_must(!buf_err(&again));
	end = strstr(buf_text(&again), ",\"signature\":\"");
	while (strstr(end + 1, ",\"signature\":\""))
		end = strstr(end + 1, ",\"signature\":\"");
	fuzz_must(strncmp(line, buf_text(&again), (size_t)(end - buf_text(&again))) == 0);
	buf_free(&again);
}

/* A file of openings, each line signed; a line that is read is written as the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct manifest *m = fuzz_manifest();
	struct openings *o = calloc(1, sizeof(*o));
	struct why why = { 0 };
	char *text = fuzz_text(data, size), *line = text, *end;

	fuzz_must(o != NULL);
	if (openings_read(o, m, fuzz_path(data, size), &why)) {
		fuzz_must(why.text[0]);
	} else {
		fuzz_must(o->n >= 1 && o->n <= OPENINGS_MAX);
		for (unsigned i = 0; i < o->n; i++, line = end + 1) {
			end = strchr(line, '\n');
			fuzz_must(end != NULL);
			same_again(&o->line[i], m, line);
		}
		fuzz_must(line == text + size);
	}
	free(text);
	free(o);
	return 0;
}
