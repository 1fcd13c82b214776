/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/merkle.h"
#include "made.h"

/*
 * bench_record - write a closed record of many good ballots, for measuring `verify`.
 *
 *   bench-record FOLDER BALLOTS [CHECKPOINT_AT]
 *
 * FOLDER is there already. With CHECKPOINT_AT, FOLDER/open/ (there already too) receives the
 * board as it stood after that many ballots, with its own head.
 */
#define OPTIONS  4
#define CHUNK    1024
#define LINE_CAP (1u << 20)
#define OPENS    1790000000u
#define CLOSES   1790086400u

struct writer {
	FILE *board, *open_board;
	struct merkle tree;
	const struct made *e;
};

static void append(struct writer *w, const char *line, size_t len)
{
	struct node leaf;

	merkle_leaf(&leaf, line, len);
	merkle_append(&w->tree, &leaf, NULL, NULL);
	if (fwrite(line, 1, len, w->board) != len || fputc('\n', w->board) == EOF)
		made_must(ERR_IO, NULL);
	if (w->open_board &&
	    (fwrite(line, 1, len, w->open_board) != len || fputc('\n', w->open_board) == EOF))
		made_must(ERR_IO, NULL);
}

static FILE *create(const char *folder, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "wb");
	if (!f) {
		perror(path);
		exit(73);
	}
	return f;
}

static void write_head(const struct writer *w, const char *folder, uint64_t time)
{
	struct head head = { .size = w->tree.size, .time = time };
	struct buf line = BUF_INIT(LINE_CAP);
	FILE *f = create(folder, "head.json");

	merkle_root(&head.root, &w->tree);
	head_sign(&head, w->e->m, w->e->receiver);
	head_write(&line, &head);
	fprintf(f, "%s\n", buf_text(&line));
	fclose(f);
	buf_free(&line);
}

struct chunk {
	const struct made *e;
	struct buf *line;
	uint64_t first;
};

static void make_one(void *ctx, uint64_t i)
{
	struct chunk *c = ctx;

	buf_clear(&c->line[i]);
	made_ballot(&c->line[i], c->e, c->first + i, (unsigned)((c->first + i) % 7));
}

static void write_ballots(struct writer *w, uint64_t from, uint64_t to)
{
	static struct buf line[CHUNK];
	struct chunk c = { w->e, line, from };

	for (unsigned i = 0; i < CHUNK; i++)
		line[i].cap = LINE_CAP;
	for (; c.first < to; c.first += CHUNK) {
		uint64_t n = to - c.first < CHUNK ? to - c.first : CHUNK;

		made_spread(make_one, &c, 0, n, made_cores());
		for (uint64_t i = 0; i < n; i++)
			append(w, line[i].data, line[i].len);
	}
}

static void write_start(struct writer *w)
{
	struct buf line = BUF_INIT(LINE_CAP);

	append(w, w->e->m->line, w->e->m->len);
	for (uint64_t at = 0; at < w->e->members; buf_clear(&line)) {
		at += made_issued(&line, w->e, at);
		append(w, line.data, line.len);
	}
	append(w, w->e->accepted.data, w->e->accepted.len);
	time_line_write(&line, OPENS);
	append(w, line.data, line.len);
	buf_free(&line);
}

static void write_end(struct writer *w, uint64_t ballots)
{
	struct buf line = BUF_INIT(LINE_CAP);

	time_line_write(&line, CLOSES);
	append(w, line.data, line.len);
	buf_clear(&line);
	closed_write(&line, ballots, w->e->members, 0);
	append(w, line.data, line.len);
	buf_free(&line);
}

int main(int argc, char **argv)
{
	uint64_t ballots = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
	uint64_t part = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
	char open_folder[4000];
	struct writer w;
	struct made e;

	if (!ballots || part > ballots) {
		fputs("usage: bench-record FOLDER BALLOTS [CHECKPOINT_AT]\n", stderr);
		return 64;
	}
	group_init();
	made_init(&e, ballots, OPTIONS, OPENS, CLOSES);
	memset(&w, 0, sizeof(w));
	w.e = &e;
	w.board = create(argv[1], "board.ndjson");
	if (part) {
		snprintf(open_folder, sizeof(open_folder), "%s/open", argv[1]);
		w.open_board = create(open_folder, "board.ndjson");
	}
	write_start(&w);
	write_ballots(&w, 0, part);
	if (w.open_board) {
		fclose(w.open_board);
		w.open_board = NULL;
		write_head(&w, open_folder, OPENS + 60);
	}
	write_ballots(&w, part, ballots);
	write_end(&w, ballots);
	write_head(&w, argv[1], CLOSES);
	if (fclose(w.board))
		made_must(ERR_IO, NULL);
	made_release(&e);
	return 0;
}
