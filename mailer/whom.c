/* SPDX-License-Identifier: MIT */
#include "mailer/whom.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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
	const unsigned char *map; /* the whole file, which nobody changes in place */
	size_t size;
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

	if (!e) {
		aside_add(&out, MAGIC, sizeof(MAGIC) - 1);
		aside_add(&out, m->id, HASH_BYTES);
	}
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

static enum err map_file(struct whom *w, int fd, const char *path, const struct manifest *m,
                         struct why *why)
{
	struct stat st;
	void *map;

	if (fstat(fd, &st))
		return file_trouble(why, path, errno);
	if ((size_t)st.st_size < HEAD_BYTES || ((size_t)st.st_size - HEAD_BYTES) % RECORD)
		return damaged(path, why);
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return file_trouble(why, path, errno);
	w->map = map;
	w->size = (size_t)st.st_size;
	if (memcmp(map, MAGIC, sizeof(MAGIC) - 1) != 0 ||
	    memcmp(w->map + sizeof(MAGIC) - 1, m->id, HASH_BYTES) != 0)
		return damaged(path, why);
	return OK;
}

enum err whom_open(struct whom **out, const char *home, const struct manifest *m, struct why *why)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX);
	struct whom *w = calloc(1, sizeof(*w));
	const char *name = file_path(&path, home, INDEX_FILE);
	int fd = open(name, O_RDONLY | O_CLOEXEC), cause = errno;
	enum err e;

	if (!w)
		e = why_set(why, ERR_MEMORY, "out of memory");
	else if (fd < 0 && cause == ENOENT && path.len)
		e = why_set(why, ERR_STATE,
		            "%s is missing: votepost-mailer issue makes it, or the next send",
		            name);
	else if (fd < 0)
		e = file_trouble(why, name, cause);
	else
		e = map_file(w, fd, name, m, why);
	if (fd >= 0)
		close(fd);
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
	if (w->map)
		munmap((void *)(uintptr_t)w->map, w->size);
	free(w);
}

bool whom_find(const struct whom *w, const char *handle, uint32_t *serial)
{
	const unsigned char *records = w->map + HEAD_BYTES;
	size_t low = 0, high = (w->size - HEAD_BYTES) / RECORD;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const unsigned char *record = records + middle * RECORD;
		int order = memcmp(handle, record, HANDLE_CHARS);

		if (!order) {
			*serial = key_read_u32(record + HANDLE_CHARS);
			return true;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}
