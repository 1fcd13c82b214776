/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "core/file.h"
#include "core/head.h"
#include "core/text.h"

/*
 * forge - what a thief of the receiver's key can do: sign a head over whatever board they like.
 *
 *   flow-forge RECEIVER.KEY FOLDER SECONDS     FOLDER/board.ndjson in, FOLDER/head.json out
 */
#define KEY_MAX 256

static enum err read_key(unsigned char key[SIGN_SECRET_BYTES], const char *path, struct why *why)
{
	struct buf text = BUF_INIT(KEY_MAX);
	enum err e = file_read_secret(&text, path, why);

	if (!e)
		e = b64_read(key, SIGN_SECRET_BYTES, buf_text(&text), text.len);
	buf_free(&text);
	return e;
}

static enum err read_board(struct manifest **m, struct merkle *tree, const char *folder,
                           struct why *why)
{
	struct buf path = BUF_INIT(4096);
	struct lines l;
	struct node leaf;
	enum err e = lines_open(&l, file_path(&path, folder, "board.ndjson"), MANIFEST_MAX, why);

	while (!e && !(e = lines_next(&l, why))) {
		if (!tree->size)
			e = manifest_read(m, buf_text(&l.line), l.line.len, why);
		merkle_leaf(&leaf, buf_text(&l.line), l.line.len);
		merkle_append(tree, &leaf, NULL, NULL);
	}
	lines_close(&l);
	buf_free(&path);
	return e == ERR_NOT_FOUND && *m ? OK : e;
}

int main(int argc, char **argv)
{
	struct buf line = BUF_INIT(4096), path = BUF_INIT(4096);
	unsigned char key[SIGN_SECRET_BYTES];
	struct merkle tree = { 0 };
	struct manifest *m = NULL;
	struct why why = { 0 };
	struct head head;
	enum err e;

	if (argc != 4) {
		fputs("usage: flow-forge RECEIVER.KEY FOLDER SECONDS\n", stderr);
		return 64;
	}
	group_init();
	e = read_key(key, argv[1], &why);
	if (!e)
		e = read_board(&m, &tree, argv[2], &why);
	if (!e) {
		head = (struct head){ .size = tree.size, .time = strtoull(argv[3], NULL, 10) };
		merkle_root(&head.root, &tree);
		head_sign(&head, m, key);
		head_write(&line, &head);
		buf_addc(&line, '\n');
		e = file_write(file_path(&path, argv[2], "head.json"), line.data, line.len, 0644,
		               &why);
	}
	if (e)
		fprintf(stderr, "flow-forge: %s\n", why.text);
	manifest_free(m);
	buf_free(&line);
	buf_free(&path);
	return e ? 1 : 0;
}
