/* SPDX-License-Identifier: MIT */
#include "mailer/exercise.h"

#include <stdbool.h>
#include <string.h>

#include "core/file.h"
#include "core/settings.h"

#define GROUP "election"
#define KEY   "test"

static const char TEST[] =
	"test = true\n"
	"# A rehearsal: this copy says that it is a test, and its letters and pages do. Until "
	"`seal`\n"
	"# opens, closes, reply_to, link and min_ballots may be changed here. Whatever else is "
	"changed\n"
	"# makes it the rehearsal of another election, and `votepost-receiver open` will say so.\n";

/* Line `at` of the text gives way to TEST, or has it after it. */
static void put(struct buf *out, const struct buf *text, unsigned at, bool instead)
{
	const char *from = text->data, *end = from + text->len;

	for (unsigned line = 1; from < end; line++) {
		const char *next = memchr(from, '\n', (size_t)(end - from));

		next = next ? next + 1 : end;
		if (line != at || !instead)
			buf_add(out, from, (size_t)(next - from));
		if (line == at) {
			if (!instead && next[-1] != '\n')
				buf_addc(out, '\n');
			buf_adds(out, TEST);
		}
		from = next;
	}
}

enum err exercise_text(struct buf *out, const char *path, struct why *why)
{
	struct buf text = BUF_INIT(SETTINGS_FILE_MAX);
	struct settings *s = NULL;
	enum err e = settings_open(&s, path, why);

	if (!e)
		e = file_read(&text, path, why);
	if (!e) {
		put(out, &text, settings_line(s, GROUP, KEY, NULL),
		    settings_get(s, GROUP, KEY, NULL) != NULL);
		e = buf_err(out);
	}
	settings_free(s);
	buf_free(&text);
	return e;
}
