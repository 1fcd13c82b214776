/* SPDX-License-Identifier: MIT */
#include "scrutineer/mark.h"

#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/file.h"
#include "core/json.h"

#define MARK_MAX 1024

static void write_mark(struct buf *out, const struct manifest *m,
                       const unsigned char closed_root[HASH_BYTES])
{
	buf_adds(out, "{\"type\":\"decrypted\",\"election\":");
	json_add_b64(out, m->id, HASH_BYTES);
	buf_adds(out, ",\"head\":");
	json_add_b64(out, closed_root, HASH_BYTES);
	buf_adds(out, "}\n");
}

/* One form, so equal bytes are the same mark; anything else, a damaged one too, is a refusal. */
static enum err compare_mark(const char *path, const struct buf *mine, struct why *why)
{
	struct buf there = BUF_INIT(MARK_MAX);
	enum err e = file_read(&there, path, why);

	if (e == ERR_TOO_LARGE ||
	    (!e && (there.len != mine->len || memcmp(there.data, mine->data, mine->len) != 0)))
		e = why_check(why, "decrypted already",
		              "%s: this trustee decrypts another board, and one alone in its life",
		              path);
	buf_free(&there);
	return e;
}

enum err mark_board(const char *path, const struct manifest *m,
                    const unsigned char closed_root[HASH_BYTES], struct why *why)
{
	struct buf mark = BUF_INIT(MARK_MAX);
	enum err e;

	write_mark(&mark, m, closed_root);
	e = buf_err(&mark);
	if (!e)
		e = file_create(path, mark.data, mark.len, 0600, why);
	/* Ours from before a crash, or another's: two runs at once meet here too. */
	if (e == ERR_EXISTS)
		e = compare_mark(path, &mark, why);
	buf_free(&mark);
	return e;
}
