/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "core/ballot.h"
#include "core/file.h"
#include "core/manifest.h"

/* web-judge: a manifest and ballot lines on standard input; what core says of each ballot. */

static const char *judge(const struct manifest *m, const struct buf *line, struct why *why)
{
	struct ballot b;
	enum err e = ballot_read(&b, m, buf_text(line), line->len, why);

	if (!e)
		e = ballot_check_signature(&b, m, why);
	if (!e)
		e = ballot_check_proofs(&b, m, why);
	ballot_release(&b);
	return e ? why->check : "ok";
}

int main(void)
{
	struct manifest *m = NULL;
	struct lines lines;
	struct why why = { 0 };
	enum err e;

	group_init();
	e = lines_open(&lines, "-", MANIFEST_MAX, &why);
	if (!e)
		e = lines_next(&lines, &why);
	if (!e)
		e = manifest_read(&m, buf_text(&lines.line), lines.line.len, &why);
	while (!e) {
		struct why found = { 0 };

		e = lines_next(&lines, &why);
		if (!e)
			puts(judge(m, &lines.line, &found));
	}
	manifest_free(m);
	lines_close(&lines);
	if (e == ERR_NOT_FOUND)
		return 0;
	fprintf(stderr, "%s\n", why.text);
	return 1;
}
