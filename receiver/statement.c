/* SPDX-License-Identifier: MIT */
#include "receiver/statement.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "receiver/programs.h"

#define FILE_MAX ((size_t)OPENINGS_MAX * (OPENING_MAX + 1))

/* A head over the box as it is now, the line, and the file with it at its end: whole or not at
 * all, whatever happens meanwhile. */
static enum err add_line(struct box *box, const struct signer *signer, struct opening *opening,
                         struct buf *text, const char *path, struct why *why)
{
	struct box_txn t;
	enum err e = box_look(&t, box);

	if (!e) {
		box_head(&opening->head, &t, opening->at, signer->secret);
		opening_write(text, opening, box->m, signer->secret);
		buf_addc(text, '\n');
		e = buf_err(text);
	}
	box_abort(&t);
	return e ? e : file_write(path, buf_text(text), text->len, 0644, why);
}

enum err statement_write(struct box *box, const struct signer *signer, struct opening *opening,
                         uint64_t now, struct why *why)
{
	struct buf text = BUF_INIT(FILE_MAX), path = BUF_INIT(4096);
	enum err e;

	opening->at = now;
	e = add_line(box, signer, opening, &text, file_path(&path, box->folder, OPENING_FILE), why);
	buf_free(&text);
	buf_free(&path);
	return e;
}

static enum err none(const char *path, struct why *why)
{
	return why_set(
		why, ERR_NOT_FOUND,
		"%s: there is none, so nobody can say which programs this vote was opened "
		"with: put it back from a backup or from a published record; for a box of an "
		"earlier version, or where it is lost, the bureau may decide on `serve "
		"--changed-programs`, which writes one as of now",
		path);
}

/* One that is there and cannot be what this box was opened with is evidence: never written over. */
static enum err damaged(enum err e, struct why *why)
{
	struct why cause = { 0 };

	if (!why || e == ERR_MEMORY || e == ERR_IO)
		return e;
	cause = *why;
	(void)why_set(
		why, e,
		"%.300s: this is not what the receiver wrote; put it back from the record's folder "
		"or a backup; if it is lost, move it away and start `serve --changed-programs` "
		"once, "
		"which writes one as of now: the minutes will show that",
		cause.text);
	memcpy(why->check, cause.check, sizeof(cause.check));
	return e;
}

static enum err other(const char *path, struct why *why)
{
	why_prefix(why,
	           "%s: this vote was opened with other programs; start those again, or, if the "
	           "bureau decides to go on with these, start `serve --changed-programs` once, "
	           "which the record will show",
	           path);
	return ERR_INVALID;
}

/* The last line with the programs that run now, onto the file; the first where there is none. */
static enum err add_changed(struct box *box, const struct signer *signer, struct openings *o,
                            struct opening *next, const char *path, struct why *why)
{
	struct buf text = BUF_INIT(FILE_MAX);
	enum err e = OK;

	if (!o->n)
		e = opening_definition(next->definition, box->m);
	else if (o->n == OPENINGS_MAX)
		e = why_set(why, ERR_TOO_LARGE, "%s: it has %d lines already", path, OPENINGS_MAX);
	else
		e = file_read(&text, path, why);
	if (!e)
		e = add_line(box, signer, next, &text, path, why);
	buf_free(&text);
	return e;
}

/* A ballot on a copy of the box from before its last line would stand beside the heads that the
 * world has seen since. */
static enum err grown(struct box *box, const struct opening *last, const char *path,
                      struct why *why)
{
	struct box_txn t;
	enum err e = box_look(&t, box);
	uint64_t lines = t.state.lines;

	box_abort(&t);
	if (e || lines >= last->head.size)
		return e;
	return why_set(why, ERR_INVALID,
	               "%s: this box holds %llu lines and held %llu already when the last line of "
	               "that file was signed: it is an older copy; bring back the newest",
	               path, (unsigned long long)lines, (unsigned long long)last->head.size);
}

static enum err check(struct box *box, const struct signer *signer, struct openings *o,
                      const char *path, const uint64_t *changed, struct why *why)
{
	struct opening next = { 0 }, *last;
	enum err e = openings_read(o, box->m, path, why);

	if (e == ERR_NOT_FOUND)
		e = changed ? OK : none(path, why);
	else if (e)
		return damaged(e, why);
	if (!e)
		e = programs_digest(next.program, why);
	if (e)
		return e;
	last = o->n ? &o->line[o->n - 1] : NULL;
	if (last)
		e = grown(box, last, path, why);
	if (e)
		return e;
	if (last && !programs_same(last, &next, changed ? NULL : why))
		return OK;
	if (!changed)
		return other(path, why);
	if (last) {
		memcpy(last->program, next.program, sizeof(next.program));
		next = *last;
	}
	next.at = *changed < next.at ? next.at : *changed;
	return add_changed(box, signer, o, &next, path, why);
}

enum err statement_check(struct box *box, const struct signer *signer, const uint64_t *changed,
                         struct why *why)
{
	struct openings *o = calloc(1, sizeof(*o));
	struct buf path = BUF_INIT(4096);
	enum err e = ERR_MEMORY;

	if (o)
		e = check(box, signer, o, file_path(&path, box->folder, OPENING_FILE), changed,
		          why);
	buf_free(&path);
	free(o);
	return e;
}
