/* SPDX-License-Identifier: MIT */
#include "core/aside.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"

#define PATH_CAP 4096

enum err aside_begin(struct aside *a, const char *path, unsigned mode, struct why *why)
{
	int fd;

	memset(a, 0, sizeof(*a));
	buf_init(&a->path, PATH_CAP);
	buf_init(&a->temporary, PATH_CAP);
	buf_adds(&a->path, path);
	buf_addf(&a->temporary, "%s.new", path);
	/* An empty path is one that there was no memory for (file_path). */
	if (!path[0] || buf_err(&a->path) || buf_err(&a->temporary))
		return why_set(why, ERR_MEMORY, "out of memory");
	fd = open(buf_text(&a->temporary), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	a->stream = fd < 0 ? NULL : fdopen(fd, "w");
	if (a->stream)
		return OK;
	a->e = file_trouble(why, buf_text(&a->temporary), errno);
	if (fd >= 0)
		close(fd);
	return a->e;
}

void aside_add(struct aside *a, const void *bytes, size_t len)
{
	if (a->e || !len)
		return;
	errno = 0;
	if (fwrite(bytes, 1, len, a->stream) != len)
		a->e = file_trouble(&a->why, buf_text(&a->temporary), errno);
}

enum err aside_end(struct aside *a, enum err e, struct why *why)
{
	if (!e && a->e) {
		e = a->e;
		if (why)
			*why = a->why;
	}
	if (a->stream) {
		if (!e && (fflush(a->stream) || fsync(fileno(a->stream))))
			e = file_trouble(why, buf_text(&a->temporary), errno);
		if (fclose(a->stream) && !e)
			e = file_trouble(why, buf_text(&a->temporary), errno);
		if (!e)
			e = file_rename(buf_text(&a->temporary), buf_text(&a->path), why);
		if (e)
			unlink(buf_text(&a->temporary));
	}
	buf_free(&a->path);
	buf_free(&a->temporary);
	a->stream = NULL;
	return e;
}
