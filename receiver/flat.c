/* SPDX-License-Identifier: MIT */
#include "receiver/flat.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/board.h"
#include "core/buf.h"
#include "core/file.h"
#include "receiver/box.h"
#include "receiver/folder.h"

#define BATCH_MAX    (4u << 20)
#define BATCH_ENOUGH (1u << 20)
#define TRIM_EVERY   4096

static enum err trouble(const struct flat *f, struct why *why)
{
	enum err e = errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO;

	return why_set(why, e, "%s: %s", f->path, strerror(errno));
}

enum err flat_open(struct flat *f, const char *folder, bool fresh, struct why *why)
{
	struct buf path = BUF_INIT(4096);
	enum err e;

	memset(f, 0, sizeof(*f));
	f->fd = -1;
	file_path(&path, folder, FOLDER_BOARD);
	e = buf_err(&path);
	if (e)
		goto done;
	f->path = strdup(buf_text(&path));
	if (!f->path) {
		e = ERR_MEMORY;
		goto done;
	}
	f->fd = open(f->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (f->fd < 0 || (fresh && ftruncate(f->fd, 0)))
		e = trouble(f, why);
done:
	buf_free(&path);
	return e;
}

void flat_close(struct flat *f)
{
	if (f->fd >= 0)
		close(f->fd);
	free(f->path);
	memset(f, 0, sizeof(*f));
	f->fd = -1;
}

bool flat_same(struct flat *f, uint64_t lines, uint64_t bytes, struct span last)
{
	struct stat st;
	char *tail;
	bool same;

	if (fstat(f->fd, &st) || (uint64_t)st.st_size != bytes || last.len + 1 > bytes)
		return false;
	tail = malloc(last.len + 1);
	if (!tail)
		return false;
	same = pread(f->fd, tail, last.len + 1, (off_t)(bytes - last.len - 1)) ==
	               (ssize_t)(last.len + 1) &&
	       memcmp(tail, last.data, last.len) == 0 && tail[last.len] == '\n';
	free(tail);
	if (same) {
		f->lines = lines;
		f->bytes = bytes;
	}
	return same;
}

static enum err wrong_line(const struct flat *f, uint64_t number, struct why *why)
{
	return why_check(why, "flat board",
	                 "%s:%" PRIu64 ": this line is not the one in the box; keep both, find out "
	                 "who changed the file, then put it aside: the box writes it anew",
	                 f->path, number);
}

/* Lines that both have. Stops at the box's end, or at the file's. */
static enum err compare_common(struct flat *f, struct box *box, struct lines *l, bool *ended,
                               struct why *why)
{
	struct box_txn t;
	struct span line;
	enum err e;

	e = box_look(&t, box);
	*ended = false;
	while (!e && f->lines < t.state.lines) {
		e = lines_next(l, why);
		if (e == ERR_NOT_FOUND || (!e && !l->ended_whole)) {
			*ended = true;
			e = OK;
			break;
		}
		if (!e)
			e = box_line(&t, f->lines, &line);
		if (!e && (line.len != l->line.len ||
		           memcmp(line.data, buf_text(&l->line), line.len) != 0))
			e = wrong_line(f, f->lines + 1, why);
		if (e)
			break;
		f->lines++;
		f->bytes += line.len + 1;
		if (f->lines % TRIM_EVERY == 0)
			store_trim(box->store);
	}
	box_abort(&t);
	return e;
}

/* Whole lines that only the file has: each is entered like any other. */
static enum err enter_rest(struct flat *f, struct lines *l, flat_missing *missing, void *ctx,
                           struct why *why)
{
	enum err e;

	for (;;) {
		e = lines_next(l, why);
		if (e == ERR_NOT_FOUND || (!e && !l->ended_whole))
			return OK;
		/* Counted first: the commit must not write it to the file once more. */
		f->lines++;
		f->bytes += l->line.len + 1;
		if (!e)
			e = missing(ctx, buf_text(&l->line), l->line.len, why);
		if (e) {
			why_prefix(why, "%s:%" PRIu64, f->path, f->lines);
			return e;
		}
	}
}

enum err flat_compare(struct flat *f, struct box *box, flat_missing *missing, void *ctx,
                      struct why *why)
{
	struct lines l = { 0 };
	bool ended = false;
	enum err e;

	f->lines = 0;
	f->bytes = 0;
	e = lines_open(&l, f->path,
	               line_max(box->m) > MANIFEST_MAX ? line_max(box->m) : MANIFEST_MAX, why);
	if (e)
		return e;
	e = compare_common(f, box, &l, &ended, why);
	if (!e && !ended)
		e = enter_rest(f, &l, missing, ctx, why);
	lines_close(&l);
	/* What is left is a line that was cut short. */
	if (!e && ftruncate(f->fd, (off_t)f->bytes))
		e = trouble(f, why);
	return e ? e : flat_follow(f, box, why);
}

static enum err write_all(struct flat *f, const char *bytes, size_t len, struct why *why)
{
	size_t at = 0;
	ssize_t n;

	while (at < len) {
		n = write(f->fd, bytes + at, len - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return trouble(f, why);
		at += (size_t)n;
	}
	return OK;
}

/* What a write that failed has left behind: nothing may ever stand after it. */
static enum err cut_fragment(struct flat *f, struct why *why)
{
	if (f->fragment && ftruncate(f->fd, (off_t)f->bytes))
		return trouble(f, why);
	f->fragment = false;
	return OK;
}

static enum err write_batch(struct flat *f, struct buf *batch, uint64_t lines, struct why *why)
{
	enum err e;

	e = buf_err(batch);
	if (!e)
		e = cut_fragment(f, why);
	if (e)
		return e;
	e = write_all(f, buf_text(batch), batch->len, why);
	if (e) {
		/* Half a line would be mended at start; whole ones only is kinder to readers. */
		f->fragment = true;
		if (cut_fragment(f, NULL))
			why_prefix(why, "left with a broken last line");
		return e;
	}
	f->lines += lines;
	f->bytes += batch->len;
	buf_clear(batch);
	return OK;
}

enum err flat_follow(struct flat *f, struct box *box, struct why *why)
{
	struct buf batch = BUF_INIT(BATCH_MAX);
	struct box_txn t;
	struct span line;
	uint64_t waiting = 0;
	enum err e;

	e = box_look(&t, box);
	while (!e && f->lines + waiting < t.state.lines) {
		e = box_line(&t, f->lines + waiting, &line);
		if (e)
			break;
		buf_add(&batch, line.data, line.len);
		buf_addc(&batch, '\n');
		waiting++;
		if (batch.len >= BATCH_ENOUGH) {
			e = write_batch(f, &batch, waiting, why);
			waiting = 0;
		}
	}
	box_abort(&t);
	if (!e && waiting)
		e = write_batch(f, &batch, waiting, why);
	buf_free(&batch);
	return e;
}

enum err flat_sync(struct flat *f, struct why *why)
{
	return fdatasync(f->fd) ? trouble(f, why) : OK;
}
