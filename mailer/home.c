/* SPDX-License-Identifier: MIT */
#include "mailer/home.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mailer/journal.h"

#define LOCK_FILE "lock"

bool home_has(const struct home *h, const char *name)
{
	char path[HOME_PATH_MAX]; /* not on the heap: want of memory must not look like "no" */
	int len = snprintf(path, sizeof(path), "%s/%s", h->path, name);

	return len > 0 && (size_t)len < sizeof(path) && !access(path, F_OK);
}

enum err home_open(struct home *h, const char *path, bool alone, struct why *why)
{
	struct buf lock = BUF_INIT(HOME_PATH_MAX);
	const char *missing;
	enum err e = OK;

	*h = (struct home){ .path = path, .lock = { .fd = -1 } };
	/* A definition alone may lie beside the members' list, in the folder of whoever wrote it. */
	missing = home_has(h, HOME_ELECTION) ? JOURNAL_FILE : HOME_ELECTION;
	if (!home_has(h, missing))
		return why_set(why, ERR_NOT_FOUND,
		               "%s: no election here (no %s); name its folder with --home, or make "
		               "one with votepost-mailer new",
		               path, missing);
	if (alone)
		e = file_lock(&h->lock, file_path(&lock, path, LOCK_FILE), "this election", why);
	if (e == ERR_BUSY)
		why_set(why, e,
		        "this election is in use by another process, such as a send that waits for "
		        "letters which were put off: let it end, or stop it with Ctrl-C, which is "
		        "safe "
		        "(lock %s)",
		        buf_text(&lock));
	buf_free(&lock);
	return e;
}

void home_close(struct home *h)
{
	file_unlock(&h->lock);
}

enum err home_not_sealed(const struct home *h, struct why *why)
{
	if (!home_has(h, HOME_MANIFEST))
		return OK;
	return why_set(why, ERR_STATE, "%s: sealed already: the question and the roll are frozen",
	               h->path);
}

enum err home_definition(const struct home *h, struct definition **out, struct why *why)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX);
	enum err e = definition_read(out, file_path(&path, h->path, HOME_ELECTION), why);

	buf_free(&path);
	return e;
}

enum err home_manifest(const struct home *h, struct manifest **out, struct why *why)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX), line = BUF_INIT(MANIFEST_MAX + 1);
	enum err e;

	if (!home_has(h, HOME_MANIFEST))
		return why_set(why, ERR_STATE, "%s: not sealed yet; see votepost-mailer seal",
		               h->path);
	e = file_read_line(&line, file_path(&path, h->path, HOME_MANIFEST), why);
	if (!e)
		e = manifest_read(out, buf_text(&line), line.len, why);
	buf_free(&path);
	buf_free(&line);
	return e;
}

enum err home_write(const struct home *h, const char *name, const struct buf *line, bool fresh,
                    struct why *why)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX), text = BUF_INIT(line->len + 1);
	enum err e;

	buf_add(&text, line->data, line->len);
	buf_addc(&text, '\n');
	e = buf_err(&text);
	file_path(&path, h->path, name);
	if (!e)
		e = fresh ? file_create(buf_text(&path), text.data, text.len, 0644, why)
		          : file_write(buf_text(&path), text.data, text.len, 0644, why);
	buf_free(&path);
	buf_free(&text);
	return e;
}
