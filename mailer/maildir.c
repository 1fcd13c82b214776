/* SPDX-License-Identifier: MIT */
#include "mailer/maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/erase.h"
#include "core/file.h"
#include "mailer/home.h"

static const char *const folders[] = { "new", "cur" };
#define FOLDERS 2

struct pending {
	unsigned folder;
	char name[256]; /* NAME_MAX and a NUL */
};

struct maildir {
	char *path;
	DIR *dir[FOLDERS];
	unsigned at; /* the folder that is read */
	unsigned n;
	uint64_t elsewhere;
	struct pending pending[MAILDIR_BATCH];
	uint64_t left;
	struct why first; /* of those that are left */
};

static void leave(struct maildir *m, unsigned folder, const char *name, const char *cause)
{
	if (!m->left++)
		why_set(&m->first, ERR_AGAIN, "%s/%s/%s: %s", m->path, folders[folder], name,
		        cause);
}

static enum err open_folder(struct maildir *m, unsigned i, struct why *why)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX);
	const char *name = file_path(&path, m->path, folders[i]);
	enum err e = OK;

	m->dir[i] = opendir(name);
	if (!m->dir[i] && path.len && (errno == ENOENT || errno == ENOTDIR))
		e = why_set(why, ERR_NOT_FOUND, "%s: no Maildir: it has no folder %s", m->path,
		            folders[i]);
	else if (!m->dir[i])
		e = file_trouble(why, name, errno);
	buf_free(&path);
	return e;
}

enum err maildir_open(struct maildir **out, const char *path, struct why *why)
{
	struct maildir *m = calloc(1, sizeof(*m));
	enum err e = OK;

	if (m)
		m->path = strdup(path);
	if (!m || !m->path)
		e = why_set(why, ERR_MEMORY, "out of memory");
	for (unsigned i = 0; !e && i < FOLDERS; i++)
		e = open_folder(m, i, why);
	if (e)
		maildir_close(m);
	else
		*out = m;
	return e;
}

void maildir_close(struct maildir *m)
{
	if (!m)
		return;
	for (unsigned i = 0; i < FOLDERS; i++) {
		if (!m->dir[i])
			continue;
		(void)fsync(dirfd(m->dir[i]));
		closedir(m->dir[i]);
	}
	free(m->path);
	free(m);
}

/* A mail does not grow: its size is what it has. */
static enum err read_whole(int fd, struct buf *raw, size_t size)
{
	size_t want = size < raw->cap ? size : raw->cap, got = 0;
	char *room = buf_extend(raw, want);
	ssize_t n = 1;

	if (!room)
		return buf_err(raw);
	while (got < want && n > 0) {
		do
			n = read(fd, room + got, want - got);
		while (n < 0 && errno == EINTR);
		got += (size_t)(n > 0 ? n : 0);
	}
	raw->len = got;
	room[got] = '\0';
	return n < 0 ? ERR_IO : OK;
}

/* ERR_NOT_FOUND for what another has taken, ERR_FORMAT for what is no mail, ERR_IO with errno. */
static enum err read_mail(struct maildir *m, const char *name, struct buf *raw, uint64_t *came)
{
	int fd = openat(dirfd(m->dir[m->at]), name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK),
	    cause;
	struct stat st;
	enum err e = OK;

	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : errno == ELOOP ? ERR_FORMAT : ERR_IO;
	if (fstat(fd, &st))
		e = ERR_IO;
	else if (!S_ISREG(st.st_mode))
		e = ERR_FORMAT;
	if (!e) {
		*came = st.st_mtime > 0 ? (uint64_t)st.st_mtime : 1;
		e = read_whole(fd, raw, (size_t)st.st_size);
	}
	cause = errno;
	close(fd);
	errno = cause;
	return e;
}

enum err maildir_next(struct maildir *m, struct buf *raw, uint64_t *came, struct why *why)
{
	struct dirent *entry;
	enum err e;

	while (m->n < MAILDIR_BATCH && m->at < FOLDERS) {
		entry = readdir(m->dir[m->at]);
		if (!entry) {
			m->at++;
			continue;
		}
		if (entry->d_name[0] == '.')
			continue;
		buf_wipe(raw);
		e = read_mail(m, entry->d_name, raw, came);
		if (e == ERR_MEMORY)
			return why_set(why, e, "a mail: %s", err_text(e));
		if (e && e != ERR_NOT_FOUND)
			leave(m, m->at, entry->d_name,
			      e == ERR_FORMAT ? "this is no mail" : strerror(errno));
		if (e)
			continue;
		m->pending[m->n].folder = m->at;
		memcpy(m->pending[m->n++].name, entry->d_name, strlen(entry->d_name) + 1);
		return OK;
	}
	return ERR_NOT_FOUND;
}

unsigned maildir_pending(const struct maildir *m)
{
	return m->n;
}

/* Not where the mail has another name as well. */
static void write_over(struct maildir *m, const struct pending *p)
{
	int fd = openat(dirfd(m->dir[p->folder]), p->name,
	                O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) || st.st_nlink > 1)) {
		m->elsewhere++;
		close(fd);
	} else {
		erase_soon(fd);
	}
}

/* The noise is on disk before the names go: else the system would never write it. That names are
 * gone is made durable once, at the end: one that comes back is only noise. */
void maildir_destroy(struct maildir *m)
{
	for (unsigned i = 0; i < m->n; i++)
		write_over(m, &m->pending[i]);
	if (m->n)
		(void)syncfs(dirfd(m->dir[0]));
	for (unsigned i = 0; i < m->n; i++) {
		const struct pending *p = &m->pending[i];

		if (unlinkat(dirfd(m->dir[p->folder]), p->name, 0) && errno != ENOENT)
			leave(m, p->folder, p->name, strerror(errno));
	}
	m->n = 0;
}

enum err maildir_left(const struct maildir *m, struct why *why)
{
	if (!m->left)
		return OK;
	return why_set(why, ERR_AGAIN,
	               m->left == 1 ? "%llu entry was left where it is: %s"
	                            : "%llu entries were left, the first: %s",
	               (unsigned long long)m->left, m->first.text);
}

uint64_t maildir_elsewhere(const struct maildir *m)
{
	return m->elsewhere;
}
