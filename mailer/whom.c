/* SPDX-License-Identifier: MIT */
#include "mailer/whom.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/aside.h"
#include "core/erase.h"
#include "core/file.h"
#include "core/key.h"
#include "mailer/home.h"
#include "mailer/mint.h"
#include "mailer/sorter.h"

#define INDEX_FILE "handles.index"
#define MAGIC      "votepost handles 1\n"
#define HEAD_BYTES (sizeof(MAGIC) - 1 + HASH_BYTES)
#define RECORD     (HANDLE_CHARS + 4)

struct whom {
	int fd;
	uint64_t n;
	char *path;
};

struct making {
	const struct manifest *m;
	const struct keys *keys;
	struct sorter *sorter;
};

static enum err add_member(void *context, const struct member *member, struct why *why)
{
	const struct making *making = context;
	unsigned char record[RECORD];
	char handle[HANDLE_TEXT];

	mint_handle(handle, making->keys->handle, making->m->id, member->id, strlen(member->id));
	memcpy(record, handle, HANDLE_CHARS);
	key_u32(record + HANDLE_CHARS, member->serial);
	return sorter_add(making->sorter, record, why);
}

/* Of no member at all where there is no sorter. */
static enum err write_index(const char *home, const struct manifest *m, struct sorter *sorter,
                            struct why *why)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX);
	unsigned char record[RECORD];
	struct aside out;
	enum err e = aside_begin(&out, file_path(&path, home, INDEX_FILE), 0600, why);

	aside_add(&out, MAGIC, sizeof(MAGIC) - 1);
	aside_add(&out, m->id, HASH_BYTES);
	while (!e && sorter) {
		e = sorter_next(sorter, record, why);
		if (!e)
			aside_add(&out, record, sizeof(record));
	}
	e = aside_end(&out, e == ERR_NOT_FOUND ? OK : e, why);
	buf_free(&path);
	return e;
}

enum err whom_make(const char *home, const struct manifest *m, struct roll *roll,
                   const struct keys *keys, struct why *why)
{
	struct making making = { .m = m, .keys = keys };
	enum err e = sorter_new(&making.sorter, home, RECORD, why);

	if (!e)
		e = roll_each(roll, add_member, &making, why);
	if (!e)
		e = write_index(home, m, making.sorter, why);
	sorter_free(making.sorter);
	return e;
}

enum err whom_make_missing(const char *home, const struct manifest *m, struct roll *roll,
                           const struct keys *keys, struct why *why)
{
	const struct home h = { .path = home };

	return home_has(&h, INDEX_FILE) ? OK : whom_make(home, m, roll, keys, why);
}

enum err whom_forget(const char *home, const struct manifest *m, struct why *why)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX);
	int old = open(file_path(&path, home, INDEX_FILE), O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	enum err e = write_index(home, m, NULL, why);

	if (!e)
		erase_now(old);
	else if (old >= 0)
		close(old);
	buf_free(&path);
	return e;
}

static enum err damaged(const char *path, struct why *why)
{
	return why_set(why, ERR_FORMAT,
	               "%s: not this election's list of handles; make it anew with "
	               "votepost-mailer issue",
	               path);
}

static enum err check(struct whom *w, const struct manifest *m, struct why *why)
{
	char head[HEAD_BYTES];
	struct stat st;

	if (fstat(w->fd, &st))
		return file_trouble(why, w->path, errno);
	if (pread(w->fd, head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
	    memcmp(head, MAGIC, sizeof(MAGIC) - 1) != 0 ||
	    memcmp(head + sizeof(MAGIC) - 1, m->id, HASH_BYTES) != 0 ||
	    ((size_t)st.st_size - HEAD_BYTES) % RECORD)
		return damaged(w->path, why);
	w->n = ((uint64_t)st.st_size - HEAD_BYTES) / RECORD;
	return OK;
}

enum err whom_open(struct whom **out, const char *home, const struct manifest *m, struct why *why)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX);
	struct whom *w = calloc(1, sizeof(*w));
	enum err e;

	file_path(&path, home, INDEX_FILE);
	if (!w)
		e = why_set(why, ERR_MEMORY, "out of memory");
	else if ((w->fd = open(buf_text(&path), O_RDONLY | O_CLOEXEC)) < 0)
		e = errno == ENOENT && path.len
		            ? why_set(why, ERR_STATE,
		                      "%s is missing: votepost-mailer issue makes it, or the next "
		                      "send",
		                      buf_text(&path))
		            : file_trouble(why, buf_text(&path), errno);
	else if (!(w->path = strdup(buf_text(&path))))
		e = why_set(why, ERR_MEMORY, "out of memory");
	else
		e = check(w, m, why);
	if (e)
		whom_close(w);
	else
		*out = w;
	buf_free(&path);
	return e;
}

void whom_close(struct whom *w)
{
	if (!w)
		return;
	if (w->fd >= 0)
		close(w->fd);
	free(w->path);
	free(w);
}

enum err whom_find(const struct whom *w, const char *handle, uint32_t *serial, bool *found,
                   struct why *why)
{
	uint64_t low = 0, high = w->n;
	unsigned char record[RECORD];

	*found = false;
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		off_t at = (off_t)(HEAD_BYTES + middle * RECORD);
		int order;

		if (pread(w->fd, record, sizeof(record), at) != (ssize_t)sizeof(record))
			return damaged(w->path, why);
		order = memcmp(handle, record, HANDLE_CHARS);
		if (!order) {
			*serial = key_read_u32(record + HANDLE_CHARS);
			*found = true;
			return OK;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return OK;
}
