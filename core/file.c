/* SPDX-License-Identifier: MIT */
#include "core/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define READ_CHUNK 65536
#define FULL_BELOW 65536

/* What file_path answers where it has none: a name that no file has, known by its address, so
 * that want of memory is never taken for a file that is missing. */
static const char no_path[] = "";

static const char *shown(const char *path)
{
	return strcmp(path, "-") ? path : "standard input";
}

enum err file_trouble(struct why *why, const char *path, int cause)
{
	enum err e = ERR_IO;

	if (path == no_path)
		return why_set(why, ERR_MEMORY, "a path too long, or no memory for it");
	if (cause == ENOENT)
		e = ERR_NOT_FOUND;
	else if (cause == EEXIST)
		e = ERR_EXISTS;
	else if (cause == ENOMEM)
		e = ERR_MEMORY;
	else if (cause == ENOSPC || cause == EDQUOT || cause == EFBIG)
		e = ERR_FULL;
	return why_set(why, e, "%s: %s", shown(path), strerrordesc_np(cause));
}

static enum err read_all(struct buf *out, int fd, const char *path, struct why *why)
{
	char chunk[READ_CHUNK];
	enum err e = OK;
	ssize_t n;

	do {
		n = read(fd, chunk, sizeof(chunk));
		if (n > 0)
			buf_add(out, chunk, (size_t)n);
		if (n < 0 && errno != EINTR)
			e = file_trouble(why, path, errno);
	} while (!e && !buf_err(out) && n != 0);
	if (!e && buf_err(out) == ERR_TOO_LARGE)
		e = why_set(why, ERR_TOO_LARGE, "%s: more than %zu bytes", shown(path), out->cap);
	else if (!e)
		e = buf_err(out);
	explicit_bzero(chunk, sizeof(chunk));
	return e;
}

enum err file_read(struct buf *out, const char *path, struct why *why)
{
	enum err e;
	int fd;

	if (!strcmp(path, "-"))
		return read_all(out, STDIN_FILENO, path, why);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return file_trouble(why, path, errno);
	e = read_all(out, fd, path, why);
	close(fd);
	return e;
}

enum err file_read_secret(struct buf *out, const char *path, struct why *why)
{
	struct stat st;
	enum err e;
	int fd;

	/* O_NONBLOCK: a pipe in place of the file must not keep us waiting. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return file_trouble(why, path, errno);
	if (fstat(fd, &st))
		e = file_trouble(why, path, errno);
	else if (!S_ISREG(st.st_mode))
		e = why_set(why, ERR_SETTINGS, "%s: a secret must be a regular file", path);
	else if (st.st_mode & 077)
		e = why_set(
			why, ERR_SETTINGS,
			"%s: others may read or write this secret (mode %03o); run: chmod 600 %s",
			path, st.st_mode & 0777, path);
	else
		e = read_all(out, fd, path, why);
	close(fd);
	if (!e && out->len && out->data[out->len - 1] == '\n')
		out->data[--out->len] = '\0';
	return e;
}

enum err file_read_line(struct buf *out, const char *path, struct why *why)
{
	size_t before = out->len;
	const char *end;
	enum err e;

	e = file_read(out, path, why);
	if (e)
		return e;
	end = out->len > before ? memchr(out->data + before, '\n', out->len - before) : NULL;
	if (!end || end != out->data + out->len - 1) {
		why_check(why, "line not canonical",
		          "%s: must be exactly one line, ended by one line feed", shown(path));
		return ERR_FORMAT;
	}
	out->data[--out->len] = '\0';
	return OK;
}

static enum err write_all(int fd, const void *bytes, size_t len, const char *path, struct why *why)
{
	const char *at = bytes;
	ssize_t n;

	while (len) {
		n = write(fd, at, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return file_trouble(why, path, errno);
		at += n;
		len -= (size_t)n;
	}
	if (fsync(fd) && errno != EINVAL)
		return file_trouble(why, path, errno);
	return OK;
}

/* Make a name in the folder of `path` durable. */
static enum err sync_folder(const char *path, struct why *why)
{
	const char *slash = strrchr(path, '/');
	char *folder;
	enum err e = OK;
	int fd;

	folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	if (!folder)
		return ERR_MEMORY;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || (fsync(fd) && errno != EINVAL))
		e = file_trouble(why, folder, errno);
	if (fd >= 0)
		close(fd);
	free(folder);
	return e;
}

/* Give the finished file its name; without `replace` never over another. */
static int put_in_place(const char *temp, const char *path, bool replace)
{
	if (replace)
		return rename(temp, path);
	if (!renameat2(AT_FDCWD, temp, AT_FDCWD, path, RENAME_NOREPLACE))
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	/* A file system that knows no such rename: a second name does the same. */
	if (link(temp, path))
		return -1;
	return unlink(temp);
}

static enum err put(const char *path, const void *bytes, size_t len, unsigned mode, bool replace,
                    struct why *why)
{
	struct stat st;
	char *temp = NULL;
	enum err e;
	int fd;

	if (path == no_path)
		return file_trouble(why, path, ENOENT);
	/* Renaming over a device, such as /dev/stdout, would destroy it. */
	if (!lstat(path, &st) && (!replace || !S_ISREG(st.st_mode)))
		return replace ? why_set(why, ERR_STATE, "%s: not a regular file", path)
		               : file_trouble(why, path, EEXIST);
	if (asprintf(&temp, "%s.new-XXXXXX", path) < 0)
		return ERR_MEMORY;
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0) {
		e = file_trouble(why, path, errno);
		free(temp);
		return e;
	}
	e = write_all(fd, bytes, len, path, why);
	if (!e && fchmod(fd, mode))
		e = file_trouble(why, path, errno);
	if (close(fd) && !e)
		e = file_trouble(why, path, errno);
	if (!e && put_in_place(temp, path, replace))
		e = file_trouble(why, path, errno);
	if (e)
		unlink(temp);
	else
		e = sync_folder(path, why);
	free(temp);
	return e;
}

enum err file_write(const char *path, const void *bytes, size_t len, unsigned mode, struct why *why)
{
	return put(path, bytes, len, mode, true, why);
}

enum err file_create(const char *path, const void *bytes, size_t len, unsigned mode,
                     struct why *why)
{
	return put(path, bytes, len, mode, false, why);
}

enum err file_rename(const char *from, const char *to, struct why *why)
{
	return rename(from, to) ? file_trouble(why, to, errno) : sync_folder(to, why);
}

enum err file_append(const char *path, const void *bytes, size_t len, struct why *why)
{
	bool there = !access(path, F_OK);
	off_t before;
	enum err e;
	int fd;

	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return file_trouble(why, path, errno);
	before = lseek(fd, 0, SEEK_END);
	e = write_all(fd, bytes, len, path, why);
	/* Half a line is worse than none; where even this fails the reader finds the tail. */
	if (e && before >= 0 && ftruncate(fd, before))
		why_prefix(why, "an unfinished line is left at the end");
	if (close(fd) && !e)
		e = file_trouble(why, path, errno);
	if (!e && !there)
		e = sync_folder(path, why);
	return e;
}

bool file_there(const char *path)
{
	return access(path, F_OK) == 0;
}

bool file_disk_full(const char *path)
{
	struct statvfs fs;

	return !statvfs(path, &fs) && fs.f_bavail * fs.f_frsize < FULL_BELOW;
}

static bool folder_empty(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	bool empty = true;

	if (!dir)
		return false;
	while (empty && (entry = readdir(dir)))
		empty = !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..");
	closedir(dir);
	return empty;
}

enum err file_make_home(const char *path, struct why *why)
{
	if (!mkdir(path, 0700))
		return sync_folder(path, why);
	if (errno != EEXIST)
		return file_trouble(why, path, errno);
	if (!folder_empty(path))
		return why_set(why, ERR_EXISTS,
		               "%s: there already and not an empty folder; choose another", path);
	if (chmod(path, 0700))
		return file_trouble(why, path, errno);
	return OK;
}

enum err file_make_folder(const char *path, struct why *why)
{
	struct stat st;

	if (!mkdir(path, 0700))
		return sync_folder(path, why);
	if (errno != EEXIST || stat(path, &st))
		return file_trouble(why, path, errno);
	return S_ISDIR(st.st_mode) ? OK : why_set(why, ERR_EXISTS, "%s: not a folder", path);
}

const char *file_path(struct buf *out, const char *dir, const char *name)
{
	size_t len = strlen(dir);

	buf_clear(out);
	buf_add(out, dir, len);
	if (len && dir[len - 1] != '/')
		buf_addc(out, '/');
	buf_adds(out, name);
	return buf_err(out) ? no_path : buf_text(out);
}

enum err file_lock(struct file_lock *lock, const char *path, const char *what, struct why *why)
{
	enum err e = OK;

	lock->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock->fd < 0)
		return file_trouble(why, path, errno);
	if (!flock(lock->fd, LOCK_EX | LOCK_NB))
		return OK;
	if (errno == EWOULDBLOCK)
		e = why_set(why, ERR_BUSY, "%s is in use by another process (lock %s)", what, path);
	else
		e = file_trouble(why, path, errno);
	file_unlock(lock);
	return e;
}

void file_unlock(struct file_lock *lock)
{
	if (lock->fd >= 0)
		close(lock->fd);
	lock->fd = -1;
}

enum err lines_open(struct lines *l, const char *path, size_t max, struct why *why)
{
	*l = (struct lines){ .line = BUF_INIT(max) };
	l->path = strdup(path);
	if (!l->path)
		return ERR_MEMORY;
	l->stream = strcmp(path, "-") ? fopen(path, "re") : stdin;
	if (!l->stream)
		return file_trouble(why, path, errno);
	return OK;
}

enum err lines_next(struct lines *l, struct why *why)
{
	char chunk[4096];
	size_t n = 0, total = 0;
	int c;

	buf_clear(&l->line);
	l->number++;
	while ((c = getc_unlocked(l->stream)) != EOF && c != '\n') {
		chunk[n++] = (char)c;
		if (n < sizeof(chunk))
			continue;
		buf_add(&l->line, chunk, n);
		total += n;
		n = 0;
		if (buf_err(&l->line))
			break;
	}
	buf_add(&l->line, chunk, n);
	total += n + (c == '\n');
	l->offset += total;
	l->ended_whole = c == '\n';
	if (buf_err(&l->line) == ERR_TOO_LARGE)
		return why_set(why, ERR_TOO_LARGE, "%s:%llu: a line of more than %zu bytes",
		               shown(l->path), (unsigned long long)l->number, l->line.cap);
	if (buf_err(&l->line))
		return buf_err(&l->line);
	if (c == EOF && ferror(l->stream))
		return file_trouble(why, l->path, errno);
	return c == EOF && total == 0 ? ERR_NOT_FOUND : OK;
}

void lines_close(struct lines *l)
{
	if (l->stream && l->stream != stdin)
		fclose(l->stream);
	free(l->path);
	buf_free(&l->line);
	*l = (struct lines){ 0 };
}
