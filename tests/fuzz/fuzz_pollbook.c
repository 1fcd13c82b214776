/* SPDX-License-Identifier: MIT */
#include "mailer/pollbook.h"

#include <stdio.h>
#include <unistd.h>

#include <sodium.h>

#include "core/board.h"
#include "tests/fuzz/fuzz.h"

/* A line behind the manifest and a time, under a head that signs whatever it is. */
#define LINES_MAX ((size_t)4 << 20)

static const char *text_of(struct buf *b)
{
	fuzz_must(!buf_err(b));
	return buf_text(b);
}

static void add_line(struct buf *board, struct merkle *tree, const void *line, size_t len)
{
	struct node leaf;

	merkle_leaf(&leaf, line, len);
	merkle_append(tree, &leaf, NULL, NULL);
	buf_add(board, line, len);
	buf_addc(board, '\n');
}

/* A manifest with a receiver's key that is known here. */
static struct manifest ours(unsigned char secret[SIGN_SECRET_BYTES])
{
	static const unsigned char seed[crypto_sign_SEEDBYTES] = { 1 };
	struct manifest m = *fuzz_manifest();

	crypto_sign_seed_keypair(m.receiver_key, secret, seed);
	return m;
}

static const char *write_head(const struct manifest *m, const struct merkle *tree,
                              const unsigned char secret[SIGN_SECRET_BYTES])
{
	struct head head = { .size = tree->size, .time = m->opens };
	struct buf line = BUF_INIT(4096);
	static char path[64];
	FILE *f;

	merkle_root(&head.root, tree);
	head_sign(&head, m, secret);
	head_write(&line, &head);
	buf_addc(&line, '\n');
	snprintf(path, sizeof(path), "/tmp/fuzz-pollbook-%ld", (long)getpid());
	f = fopen(path, "w");
	fuzz_must(f != NULL);
	fuzz_must(fputs(text_of(&line), f) >= 0);
	fuzz_must(!fclose(f));
	buf_free(&line);
	return path;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char secret[SIGN_SECRET_BYTES];
	const struct manifest m = ours(secret);
	struct buf board = BUF_INIT(LINES_MAX), time = BUF_INIT(256);
	struct pollbook *p = NULL;
	struct merkle tree = { 0 };
	struct why why = { 0 };
	const char *head;

	if (size > LINES_MAX / 2)
		return 0;
	time_line_write(&time, m.opens);
	add_line(&board, &tree, m.line, m.len);
	add_line(&board, &tree, text_of(&time), time.len);
	add_line(&board, &tree, data, size);
	fuzz_must(!buf_err(&board));
	head = write_head(&m, &tree, secret);
	if (!pollbook_read(&p, &m, fuzz_path((const uint8_t *)board.data, board.len), head, &why)) {
		fuzz_must(pollbook_head(p)->size == 3);
		fuzz_must(pollbook_ballots(p) <= 1);
		fuzz_must(!pollbook_closed(p));
	} else {
		fuzz_must(why.text[0]);
	}
	unlink(head);
	pollbook_free(p);
	buf_free(&board);
	buf_free(&time);
	return 0;
}
