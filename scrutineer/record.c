/* SPDX-License-Identifier: MIT */
#include "scrutineer/record.h"

#include <stdio.h>
#include <sys/stat.h>

#include "core/text.h"

#define HEAD_FILE_MAX 4096
/* Longer than any line that could be good, so that most bad ones are still named. */
#define LINE_SLACK 65536
#define SHARE_MAX  (B64_LEN((size_t)CELLS_MAX * 4 * GROUP_BYTES) + 1024)
#define RESULT_MAX 65536

void record_share_name(char name[RECORD_NAME_MAX], unsigned trustee)
{
	snprintf(name, RECORD_NAME_MAX, RECORD_SHARE, trustee);
}

bool record_has(const char *dir, const char *name)
{
	char path[FILENAME_MAX]; /* not on the heap: want of memory must not look like "no" */
	int len = snprintf(path, sizeof(path), "%s/%s", dir, name);

	return len > 0 && (size_t)len < sizeof(path) && file_there(path);
}

uint64_t record_board_bytes(const char *dir)
{
	struct buf path = BUF_INIT(FILENAME_MAX);
	struct stat st;
	uint64_t n = 0;

	if (!stat(file_path(&path, dir, RECORD_BOARD), &st) && st.st_size > 0)
		n = (uint64_t)st.st_size;
	buf_free(&path);
	return n;
}

/* What is wrong with a file's form is an answer about the record, not trouble of ours. */
static enum err as_answer(enum err e, const char *check, struct why *why)
{
	if (e != ERR_FORMAT && e != ERR_TOO_LARGE)
		return e;
	if (why && !why->check[0])
		snprintf(why->check, sizeof(why->check), "%s", check);
	return ERR_INVALID;
}

enum err record_next(struct lines *lines, struct why *why)
{
	return as_answer(lines_next(lines, why), "line length", why);
}

enum err record_board(struct lines *lines, struct manifest **m, const char *dir, struct why *why)
{
	struct buf path = BUF_INIT(FILENAME_MAX);
	enum err e;

	*m = NULL;
	e = lines_open(lines, file_path(&path, dir, RECORD_BOARD), MANIFEST_MAX, why);
	if (e == ERR_NOT_FOUND)
		e = why_check(why, "board missing", "%s is not there", buf_text(&path));
	if (!e)
		e = record_next(lines, why);
	if (!e && !lines->ended_whole)
		e = why_check(why, "line not canonical", "the manifest has no line feed");
	if (e == ERR_NOT_FOUND)
		e = why_check(why, "board missing", "%s is empty", buf_text(&path));
	if (!e)
		e = as_answer(manifest_read(m, lines->line.data, lines->line.len, why), "manifest",
		              why);
	if (!e)
		lines->line.cap = line_max(*m) + LINE_SLACK;
	buf_free(&path);
	return e;
}

enum err record_manifest(struct manifest **m, const char *path, struct why *why)
{
	struct buf line = BUF_INIT(MANIFEST_MAX + 1);
	enum err e;

	*m = NULL;
	e = file_read_line(&line, path, why);
	if (!e) {
		e = manifest_read(m, line.data, line.len, why);
		if (e)
			why_prefix(why, "%s", path);
	}
	buf_free(&line);
	return e;
}

enum err record_head(struct head *head, const char *dir, struct why *why)
{
	struct buf path = BUF_INIT(FILENAME_MAX), line = BUF_INIT(HEAD_FILE_MAX);
	enum err e = file_read_line(&line, file_path(&path, dir, RECORD_HEAD), why);

	if (!e)
		e = head_read(head, line.data, line.len, why);
	buf_free(&line);
	buf_free(&path);
	return as_answer(e, "head", why);
}

enum err record_share(struct share *share, const struct manifest *m, const char *dir,
                      unsigned trustee, struct why *why)
{
	struct buf path = BUF_INIT(FILENAME_MAX), line = BUF_INIT(SHARE_MAX);
	char name[RECORD_NAME_MAX];
	enum err e;

	*share = (struct share){ 0 };
	record_share_name(name, trustee);
	e = file_read_line(&line, file_path(&path, dir, name), why);
	if (!e)
		e = share_read(share, m, line.data, line.len, why);
	if (!e && share->trustee != trustee)
		e = why_check(why, "share trustee", "it says that it is trustee %u's",
		              share->trustee);
	buf_free(&line);
	buf_free(&path);
	return as_answer(e, "share", why);
}

enum err record_result(unsigned char head[HASH_BYTES], uint64_t *counts, const struct manifest *m,
                       const char *dir, struct why *why)
{
	struct buf path = BUF_INIT(FILENAME_MAX), line = BUF_INIT(RESULT_MAX);
	enum err e = file_read_line(&line, file_path(&path, dir, RECORD_RESULT), why);

	if (!e)
		e = result_read(head, counts, m, line.data, line.len, why);
	buf_free(&line);
	buf_free(&path);
	return as_answer(e, "result", why);
}
