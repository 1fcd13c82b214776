/* SPDX-License-Identifier: MIT */
#include "receiver/web/memory.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/file.h"

/* head.json, heads.ndjson, result.json and the shares of 32 trustees. */
#define FILES_MAX     40
#define KEPT_NAME_MAX 32
#define TEXT_MAX      ((size_t)64 << 20)

struct kept {
	char name[KEPT_NAME_MAX];
	struct buf text;
};

static struct kept kept[FILES_MAX];
static size_t count;

static struct kept *find(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(kept[i].name, name) == 0)
			return &kept[i];
	return NULL;
}

enum err memory_put(const char *name, size_t name_len, const char *text, size_t len)
{
	struct kept *k = &kept[count];

	if (name_len >= sizeof(k->name) || count == FILES_MAX)
		return ERR_TOO_LARGE;
	memset(k, 0, sizeof(*k));
	memcpy(k->name, name, name_len);
	if (find(k->name))
		return ERR_EXISTS;
	buf_init(&k->text, TEXT_MAX);
	buf_add(&k->text, text, len);
	count++;
	return buf_err(&k->text);
}

void memory_clear(void)
{
	while (count)
		buf_free(&kept[--count].text);
}

/* core/file.h, as far as core/record and the audit call it. */

bool file_there(const char *path)
{
	return find(path) != NULL;
}

const char *file_path(struct buf *out, const char *dir, const char *name)
{
	buf_clear(out);
	buf_addf(out, "%s/%s", dir, name);
	return buf_text(out);
}

enum err lines_open(struct lines *l, const char *path, size_t max, struct why *why)
{
	*l = (struct lines){ 0 };
	buf_init(&l->line, max);
	l->path = strdup(path);
	if (!l->path)
		return why_set(why, ERR_MEMORY, "out of memory");
	return find(path) ? OK : why_set(why, ERR_NOT_FOUND, "%s is not there", path);
}

enum err lines_next(struct lines *l, struct why *why)
{
	const struct buf *text = &find(l->path)->text;
	size_t offset = (size_t)l->offset, len = text->len - offset;
	const char *at = buf_text(text) + offset;
	const char *end = len ? memchr(at, '\n', len) : NULL;

	if (len == 0)
		return ERR_NOT_FOUND;
	l->ended_whole = end != NULL;
	l->offset += end ? (size_t)(end - at) + 1 : len;
	l->number++;
	buf_clear(&l->line);
	buf_add(&l->line, at, end ? (size_t)(end - at) : len);
	if (buf_err(&l->line) == ERR_TOO_LARGE)
		return why_set(why, ERR_TOO_LARGE, "line %llu is too long",
		               (unsigned long long)l->number);
	return buf_err(&l->line);
}

void lines_close(struct lines *l)
{
	free(l->path);
	buf_free(&l->line);
	*l = (struct lines){ 0 };
}

enum err file_read_line(struct buf *out, const char *path, struct why *why)
{
	struct lines l;
	enum err e = lines_open(&l, path, out->cap, why);

	if (!e)
		e = lines_next(&l, why);
	if (!e)
		buf_add(out, buf_text(&l.line), l.line.len);
	if (!e)
		e = buf_err(out);
	if ((e == ERR_NOT_FOUND && find(path)) || (!e && !l.ended_whole) ||
	    (!e && l.offset < find(path)->text.len)) {
		(void)why_check(why, "line not canonical", "%s: must be exactly one line", path);
		e = ERR_FORMAT;
	}
	lines_close(&l);
	return e;
}
