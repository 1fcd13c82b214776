/* SPDX-License-Identifier: MIT */
#include "scrutineer/audit_heads.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/list.h"
#include "scrutineer/record.h"

#define HEAD_LINE_MAX 1024
/* A head a minute for four months; their memory stays below 16 MiB. */
#define HEADS_MAX 200000

static enum err keep(struct audit *a, const struct head *head, const char *file, int64_t line,
                     struct why *why)
{
	struct kept_head *more = list_more(a->heads, a->head_count, sizeof(*more));

	if (!more)
		return why_set(why, ERR_MEMORY, "no memory for the heads");
	a->heads = more;
	a->heads[a->head_count++] = (struct kept_head){
		.size = head->size,
		.time = head->time,
		.root = head->root,
		.file = file,
		.line = line < 0 ? 0 : (uint64_t)line,
		.has_line = line >= 0,
	};
	return OK;
}

/* Whoever signed it, its root can still be told apart from the board's. */
static enum err take_head(struct audit *a, const struct head *head, const char *file, int64_t line,
                          struct why *why)
{
	struct why found = { 0 };
	enum err e = head_check(head, a->m, &found);

	if (e == ERR_MEMORY)
		return e;
	if (e)
		audit_fails(a, file, line, &found);
	return keep(a, head, file, line, why);
}

static enum err read_lines(struct audit *a, struct lines *lines, const char *file, struct why *why)
{
	struct why found = { 0 };
	struct head head;
	int64_t n = 0;
	enum err e;

	for (;; n++) {
		e = lines_next(lines, &found);
		if (e == ERR_NOT_FOUND)
			return OK;
		if (e == ERR_TOO_LARGE || (!e && n == HEADS_MAX)) {
			(void)why_check(&found, "line length", "too long, or too many heads");
			audit_fails(a, file, n, &found);
			return OK;
		}
		if (e) {
			if (why)
				*why = found;
			return e;
		}
		e = lines->ended_whole ? OK
		                       : why_check(&found, "line not canonical",
		                                   "the last line has no line feed");
		if (!e)
			e = head_read(&head, lines->line.data, lines->line.len, &found);
		if (!e)
			e = take_head(a, &head, file, n, why);
		else if (e != ERR_MEMORY)
			audit_fails(a, file, n, &found);
		if (e == ERR_MEMORY)
			return e;
	}
}

static enum err read_file(struct audit *a, const char *path, const char *file, struct why *why)
{
	struct lines lines;
	enum err e = lines_open(&lines, path, HEAD_LINE_MAX, why);

	if (!e)
		e = read_lines(a, &lines, file, why);
	lines_close(&lines);
	return e;
}

static enum err read_head(struct audit *a, struct why *why)
{
	struct why found = { 0 };
	struct head head;
	enum err e = record_head(&head, a->o->record, &found);

	if (e == ERR_NOT_FOUND)
		return OK;
	a->head_seen = true;
	if (!e)
		return take_head(a, &head, RECORD_HEAD, -1, why);
	if (e != ERR_INVALID) {
		if (why)
			*why = found;
		return e;
	}
	audit_fails(a, RECORD_HEAD, -1, &found);
	return OK;
}

static int compare(const void *x, const void *y)
{
	const struct kept_head *p = x, *q = y;

	return (p->size > q->size) - (p->size < q->size);
}

enum err audit_heads_read(struct audit *a, struct why *why)
{
	struct buf path = BUF_INIT(FILENAME_MAX);
	enum err e = read_head(a, why);

	if (!e && record_has(a->o->record, RECORD_HEADS))
		e = read_file(a, file_path(&path, a->o->record, RECORD_HEADS), RECORD_HEADS, why);
	if (!e && a->o->heads)
		e = read_file(a, a->o->heads, a->o->heads, why);
	if (a->head_count)
		qsort(a->heads, a->head_count, sizeof(*a->heads), compare);
	buf_free(&path);
	return e;
}

static void told(struct audit *a, const struct kept_head *h, const struct why *why)
{
	audit_fails(a, h->file, h->has_line ? (int64_t)h->line : -1, why);
}

void audit_heads_pass(struct audit *a)
{
	struct node root;
	bool known = false;
	struct why why;

	for (; a->head_at < a->head_count; a->head_at++) {
		const struct kept_head *h = &a->heads[a->head_at];

		if (h->size > a->tree.size)
			return;
		if (!known)
			merkle_root(&root, &a->tree);
		known = true;
		if (memcmp(root.bytes, h->root.bytes, sizeof(root.bytes)) == 0)
			continue;
		(void)why_check(&why, "head root", "the head over %llu lines is not this board's",
		                (unsigned long long)h->size);
		told(a, h, &why);
	}
}

static void check_last(struct audit *a, const struct kept_head *h)
{
	struct why why;

	if (h->size == a->tree.size && h->time < a->rules.time) {
		(void)why_check(&why, "head time", "the head is older than the last time line");
		told(a, h, &why);
	}
	if (h->size < a->tree.size && !strcmp(h->file, RECORD_HEAD)) {
		(void)why_check(&why, "head size",
		                "the record's head covers %llu lines, the closed board has %llu",
		                (unsigned long long)h->size, (unsigned long long)a->tree.size);
		told(a, h, &why);
	}
}

void audit_heads_end(struct audit *a)
{
	struct why why;

	for (; a->head_at < a->head_count; a->head_at++) {
		const struct kept_head *h = &a->heads[a->head_at];

		(void)why_check(&why, "head size", "a head over %llu lines; the board has %llu",
		                (unsigned long long)h->size, (unsigned long long)a->tree.size);
		told(a, h, &why);
	}
	if (!a->rules.closed)
		return;
	for (size_t i = 0; i < a->head_count; i++)
		check_last(a, &a->heads[i]);
	if (!a->head_seen) {
		(void)why_check(&why, "head missing", "a closed record has its head");
		audit_fails(a, RECORD_HEAD, -1, &why);
	}
}
