/* SPDX-License-Identifier: MIT */
#include "receiver/rehearsal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/board.h"
#include "core/file.h"
#include "core/json.h"
#include "core/text.h"
#include "receiver/folder.h"
#include "receiver/programs.h"

#define HEAD_MAX    4096
#define RESULT_MAX  65536
#define BASE64_HASH (B64_LEN(HASH_BYTES) + 1)

/* A record that is being looked at. */
struct look {
	const char *folder;
	struct buf path;
	struct manifest *m;
	struct openings openings;
	struct merkle tree;
	unsigned met; /* openings whose heads are of this board */
	bool closed;  /* the last line so far is `closed` */
	struct node root;
};

static const char *in(struct look *l, const char *name)
{
	return file_path(&l->path, l->folder, name);
}

static void in_base64(char out[BASE64_HASH], const unsigned char hash[HASH_BYTES])
{
	struct buf text = BUF_INIT(BASE64_HASH);

	b64_add(&text, hash, HASH_BYTES);
	memcpy(out, buf_text(&text), text.len + 1);
	buf_free(&text);
}

static enum err same_root(const char *what, const struct node *there, const struct node *here,
                          struct why *why)
{
	char a[BASE64_HASH], b[BASE64_HASH];

	if (memcmp(there, here, sizeof(*there)) == 0)
		return OK;
	in_base64(a, there->bytes);
	in_base64(b, here->bytes);
	return why_check(why, "rehearsal root",
	                 "%s is of another board: its root is %s, that of " FOLDER_BOARD " is %s",
	                 what, a, b);
}

static enum err same_definition(const struct opening *opening, const struct manifest *test,
                                const struct manifest *real, struct why *why)
{
	unsigned char there[HASH_BYTES];
	char a[BASE64_HASH], b[BASE64_HASH];
	const char *member;
	enum err e = opening_definition(there, test);

	if (e || memcmp(there, opening->definition, HASH_BYTES) == 0)
		return e;
	e = opening_difference(&member, test, real);
	if (e)
		return e;
	in_base64(a, there);
	in_base64(b, opening->definition);
	return why_check(why, "rehearsal definition",
	                 "its `%s` is not that of the election: digest %s there, %s here", member,
	                 a, b);
}

/* The first line says which election it was; opening.json, how it was opened. */
static enum err take_manifest(struct look *l, const struct opening *out,
                              const struct manifest *real, const struct buf *line, struct why *why)
{
	enum err e = manifest_read(&l->m, buf_text(line), line->len, why);

	if (!e && !l->m->test)
		e = why_check(why, "rehearsal test",
		              "its election is no test: a rehearsal is made by "
		              "`votepost-mailer new --test`");
	if (!e)
		e = same_definition(out, l->m, real, why);
	if (!e)
		e = openings_read(&l->openings, l->m, in(l, OPENING_FILE), why);
	if (!e && memcmp(l->openings.line[0].definition, out->definition, HASH_BYTES) != 0)
		e = why_check(why, "rehearsal definition",
		              OPENING_FILE " names another definition than its own board");
	if (!e)
		e = programs_same(&l->openings.line[l->openings.n - 1], out, why);
	return e;
}

static void is_closed(struct look *l, const struct buf *text)
{
	struct line line;

	memset(&line, 0, sizeof(line));
	l->closed = !line_read_plain(&line, l->m, buf_text(text), text->len, NULL) &&
	            line.type == LINE_CLOSED;
	line_release(&line);
}

/* Any line: into the tree, which each opening's head must have covered at its size. */
static enum err take_line(struct look *l, const struct buf *line, struct why *why)
{
	const struct head *head;
	struct node leaf;
	enum err e = OK;

	merkle_leaf(&leaf, buf_text(line), line->len);
	merkle_append(&l->tree, &leaf, NULL, NULL);
	is_closed(l, line);
	while (!e && l->met < l->openings.n) {
		head = &l->openings.line[l->met].head;
		if (head->size != l->tree.size)
			break;
		merkle_root(&l->root, &l->tree);
		e = same_root(OPENING_FILE, &head->root, &l->root, why);
		l->met++;
	}
	return e;
}

static enum err read_lines(struct look *l, const struct opening *out, const struct manifest *real,
                           struct lines *lines, struct why *why)
{
	enum err e;

	while (!(e = lines_next(lines, why))) {
		if (!lines->ended_whole)
			e = why_check(why, "line not canonical",
			              FOLDER_BOARD ":%" PRIu64 ": it has no line feed",
			              lines->number);
		if (!e && lines->number == 1)
			e = take_manifest(l, out, real, &lines->line, why);
		if (!e)
			e = take_line(l, &lines->line, why);
		if (e)
			return e == ERR_NOT_FOUND ? ERR_STATE : e;
	}
	if (e == ERR_NOT_FOUND && !l->m)
		return why_set(why, ERR_FORMAT, FOLDER_BOARD ": it is empty");
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum err read_board(struct look *l, const struct opening *out, const struct manifest *real,
                           struct why *why)
{
	struct lines lines = { 0 };
	enum err e = lines_open(&lines, in(l, FOLDER_BOARD), MANIFEST_MAX, why);

	if (!e)
		e = read_lines(l, out, real, &lines, why);
	lines_close(&lines);
	merkle_root(&l->root, &l->tree);
	if (!e && !l->closed)
		e = why_check(why, "not closed",
		              "it was not run to its end: the last line of " FOLDER_BOARD
		              " is not `closed`");
	if (!e && l->met < l->openings.n)
		e = why_check(why, "rehearsal root",
		              OPENING_FILE " is of a longer board than " FOLDER_BOARD);
	return e;
}

static enum err read_head(struct look *l, struct why *why)
{
	struct buf line = BUF_INIT(HEAD_MAX);
	struct head head;
	enum err e = file_read_line(&line, in(l, "head.json"), why);

	if (!e)
		e = head_read(&head, buf_text(&line), line.len, why);
	if (!e)
		e = head_check(&head, l->m, why);
	if (!e && head.size != l->tree.size)
		e = why_check(why, "head root",
		              "head.json covers %" PRIu64 " lines, " FOLDER_BOARD " has %" PRIu64,
		              head.size, l->tree.size);
	if (!e)
		e = same_root("head.json", &head.root, &l->root, why);
	buf_free(&line);
	return e;
}

/* That there is a count, and of which board; not whether it is right. */
static enum err read_result(struct look *l, struct why *why)
{
	const char *path = in(l, "result.json");
	struct buf line = BUF_INIT(RESULT_MAX);
	struct node root = { 0 };
	json_t *object = NULL;
	struct fields f;
	enum err e;

	if (!file_there(path))
		return why_set(why, ERR_NOT_FOUND,
		               "it was not counted: there is no result.json in it");
	e = file_read_line(&line, path, why);
	if (!e)
		e = json_read(&object, buf_text(&line), line.len, why);
	if (!e) {
		fields_begin(&f, object, "result", why);
		fields_literal(&f, "type", "result");
		fields_b64(&f, "head", root.bytes, HASH_BYTES);
		(void)fields_array(&f, "counts");
		e = fields_end(&f);
	}
	if (!e)
		e = same_root("result.json", &root, &l->root, why);
	json_decref(object);
	buf_free(&line);
	return e;
}

enum err rehearsal_read(struct opening *out, const char *folder, const struct manifest *real,
                        struct why *why)
{
	struct look *l = calloc(1, sizeof(*l));
	enum err e;

	if (!l)
		return why_set(why, ERR_MEMORY, "out of memory");
	l->folder = folder;
	buf_init(&l->path, 4096);
	e = read_board(l, out, real, why);
	if (!e)
		e = read_head(l, why);
	if (!e)
		e = read_result(l, why);
	if (!e) {
		out->rehearsed = true;
		memcpy(out->rehearsal, l->m->id, HASH_BYTES);
		memcpy(out->rehearsal_root, l->root.bytes, HASH_BYTES);
	} else {
		why_prefix(why, "the rehearsal %s", folder);
	}
	manifest_free(l->m);
	buf_free(&l->path);
	free(l);
	return e;
}
