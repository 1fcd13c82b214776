/* SPDX-License-Identifier: MIT */
#include "receiver/draft.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "core/file.h"
#include "receiver/folder.h"

/* The two files of a store that was begun and never finished. */
static enum err clear(const char *folder, struct why *why)
{
	static const char *const names[] = { FOLDER_DRAFT "/data.mdb", FOLDER_DRAFT "/lock.mdb" };
	struct buf path = BUF_INIT(4096);
	enum err e = OK;

	for (size_t i = 0; i < 2 && !e; i++) {
		file_path(&path, folder, names[i]);
		e = buf_err(&path);
		if (!e && unlink(buf_text(&path)) && errno != ENOENT)
			e = file_trouble(why, buf_text(&path), errno);
	}
	buf_free(&path);
	return e;
}

enum err draft_begin(struct box **out, const char *folder, const char *manifest, size_t len,
                     uint64_t map_max, struct why *why)
{
	enum err e;

	*out = NULL;
	e = folder_free(folder, why);
	if (!e)
		e = clear(folder, why);
	return e ? e : box_make(out, folder, FOLDER_DRAFT, manifest, len, map_max, why);
}

/* A name in a folder is durable when the folder is. */
static enum err sync_folder(const char *folder, struct why *why)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum err e = OK;

	if (fd < 0 || fsync(fd))
		e = file_trouble(why, folder, errno);
	if (fd >= 0)
		close(fd);
	return e;
}

enum err draft_finish(struct box *box, struct why *why)
{
	struct buf from = BUF_INIT(4096), to = BUF_INIT(4096);
	enum err e;

	e = flat_sync(&box->flat, why);
	if (e)
		return e;
	store_close(box->store);
	box->store = NULL;
	file_path(&from, box->folder, FOLDER_DRAFT);
	file_path(&to, box->folder, FOLDER_BOX);
	e = buf_err(&from) ? buf_err(&from) : buf_err(&to);
	if (!e && rename(buf_text(&from), buf_text(&to)))
		e = file_trouble(why, buf_text(&to), errno);
	if (!e)
		e = sync_folder(box->folder, why);
	buf_free(&from);
	buf_free(&to);
	return e;
}
