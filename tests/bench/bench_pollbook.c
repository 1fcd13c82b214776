/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "made.h"
#include "mailer/pollbook.h"

/*
 * bench_pollbook - how fast the mailer reads who has voted off a board.
 *
 *   bench-pollbook FOLDER BALLOTS        prints one line of JSON
 *
 * The ballots' bodies are copies of one: nobody opens them here.
 */
#define OPTIONS  4
#define LINE_CAP (1u << 20)

struct writing {
	FILE *out;
	struct merkle tree;
};

static void add(struct writing *w, const char *line, size_t len)
{
	struct node leaf;

	merkle_leaf(&leaf, line, len);
	merkle_append(&w->tree, &leaf, NULL, NULL);
	fwrite(line, 1, len, w->out);
	fputc('\n', w->out);
}

static void add_ballots(struct writing *w, const struct made *e)
{
	static const char KEY[] = "\"credential\":\"";
	struct buf first = BUF_INIT(LINE_CAP), line = BUF_INIT(LINE_CAP);
	const char *at;

	made_ballot(&first, e, 0, 0);
	at = strstr(buf_text(&first), KEY) + sizeof(KEY) - 1;
	for (uint64_t i = 0; i < e->members; i++) {
		buf_clear(&line);
		buf_add(&line, first.data, (size_t)(at - first.data));
		b64_add(&line, e->credential[i].bytes, GROUP_BYTES);
		buf_adds(&line, strchr(at, '"'));
		add(w, line.data, line.len);
	}
	buf_free(&first);
	buf_free(&line);
}

static void write_board(const struct made *e, const char *board, const char *head_path)
{
	struct writing w = { .out = fopen(board, "w") };
	struct buf line = BUF_INIT(LINE_CAP);
	struct head head = { 0 };
	FILE *out;

	if (!w.out)
		exit(66);
	add(&w, e->m->line, e->m->len);
	add(&w, e->accepted.data, e->accepted.len);
	time_line_write(&line, e->opens);
	add(&w, line.data, line.len);
	add_ballots(&w, e);
	head.size = w.tree.size;
	merkle_root(&head.root, &w.tree);
	head_sign(&head, e->m, e->receiver);
	buf_clear(&line);
	head_write(&line, &head);
	out = fopen(head_path, "w");
	if (fclose(w.out) || !out || fprintf(out, "%s\n", buf_text(&line)) < 0 || fclose(out))
		exit(74);
	buf_free(&line);
}

int main(int argc, char **argv)
{
	uint64_t ballots = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
	char board[512], head[512];
	struct pollbook *p;
	struct made e = { 0 };
	struct why why = { 0 };
	double at;

	if (!ballots) {
		fputs("usage: bench-pollbook FOLDER BALLOTS\n", stderr);
		return 64;
	}
	snprintf(board, sizeof(board), "%s/board.ndjson", argv[1]);
	snprintf(head, sizeof(head), "%s/head.json", argv[1]);
	group_init();
	made_init(&e, ballots, OPTIONS, 1796126400, 1796248800);
	write_board(&e, board, head);
	at = made_now();
	made_must(pollbook_read(&p, e.m, board, head, &why), &why);
	at = made_now() - at;
	if (pollbook_ballots(p) != ballots)
		return 70;
	printf("{\"ballots\":%llu,\"per_second\":%.0f}\n", (unsigned long long)ballots,
	       (double)ballots / at);
	pollbook_free(p);
	made_release(&e);
	return 0;
}
