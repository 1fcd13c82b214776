/* SPDX-License-Identifier: MIT */
#include "mailer/kept.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "mailer/home.h"
#include "mailer/scrub.h"

#define FOLDER     "returns/kept"
#define HEADER_MAX ((size_t)16 << 10)
#define LINE_BYTES 1000

static unsigned count(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	unsigned n = 0;

	while (dir && (entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return n;
}

/* Lines are taken for themselves: a token is not so long that it needs two. */
static void add_header(struct buf *out, const struct buf *raw)
{
	const char *at = buf_text(raw), *end = at + raw->len;
	char line[LINE_BYTES];

	while (at < end && out->len < HEADER_MAX) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));
		size_t n = (size_t)((nl ? nl : end) - at);

		if (!n || (n == 1 && *at == '\r'))
			return;
		snprintf(line, sizeof(line), "%.*s", (int)(n < LINE_BYTES ? n : LINE_BYTES), at);
		scrub_text(line);
		buf_addf(out, "%s%s\n", *at == ' ' || *at == '\t' ? " " : "", line);
		at = nl ? nl + 1 : end;
	}
}

enum err kept_add(const char *home, const struct buf *raw, uint64_t mark, struct why *why)
{
	struct buf folder = BUF_INIT(HOME_PATH_MAX), path = BUF_INIT(HOME_PATH_MAX);
	struct buf text = BUF_INIT(HEADER_MAX + 2 * LINE_BYTES);
	char name[32];
	enum err e = file_make_folder(file_path(&folder, home, FOLDER), why);

	if (!e && count(buf_text(&folder)) < KEPT_MAX) {
		snprintf(name, sizeof(name), "%016llx", (unsigned long long)mark);
		add_header(&text, raw);
		e = buf_err(&text);
		if (e)
			why_set(why, e, "a mail that is kept: %s", err_text(e));
		else
			e = file_write(file_path(&path, buf_text(&folder), name), buf_text(&text),
			               text.len, 0600, why);
	}
	buf_free(&folder);
	buf_free(&path);
	buf_free(&text);
	return e;
}
