/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/cli.h"
#include "core/file.h"
#include "core/sandbox.h"
#include "scrutineer/cmd.h"
#include "scrutineer/record.h"

static const char NAME[] = "votepost-scrutineer receipt";

#define RECEIPT_MAX 16384

/* What the board says at the two places that a receipt names. */
struct places {
	const struct receipt *receipt;
	struct merkle tree;
	bool root_seen, line_seen;
	struct node root; /* over the receipt's head's size */
};

static enum err read_receipt(struct receipt *receipt, const char *path, struct why *why)
{
	struct buf line = BUF_INIT(RECEIPT_MAX);
	enum err e = file_read_line(&line, path, why);

	if (!e)
		e = receipt_read(receipt, line.data, line.len, why);
	buf_free(&line);
	return e == ERR_INVALID ? ERR_FORMAT : e; /* no receipt at all, no answer either */
}

/* The ballot that stands at the receipt's index. */
static enum err check_line(const struct receipt *receipt, const struct manifest *m,
                           const struct buf *text, struct why *why)
{
	struct line line;
	enum err e = line_read(&line, m, text->data, text->len, why);

	if (!e && line.type != LINE_BALLOT)
		e = why_check(why, "receipt index", "line %llu of the board is no ballot",
		              (unsigned long long)receipt->index);
	if (!e && !point_equal(&line.u.ballot.credential, &receipt->credential))
		e = why_check(why, "receipt credential",
		              "line %llu is the ballot of another credential",
		              (unsigned long long)receipt->index);
	if (!e)
		e = receipt_check(receipt, m, text->data, text->len, why);
	line_release(&line);
	return e;
}

static enum err pass_line(struct places *p, const struct manifest *m, const struct buf *text,
                          struct why *why)
{
	struct node leaf;
	enum err e = OK;

	if (p->tree.size == p->receipt->index) {
		p->line_seen = true;
		e = check_line(p->receipt, m, text, why);
	}
	merkle_leaf(&leaf, text->data, text->len);
	merkle_append(&p->tree, &leaf, NULL, NULL);
	if (p->tree.size == p->receipt->head.size) {
		p->root_seen = true;
		merkle_root(&p->root, &p->tree);
	}
	return e;
}

static enum err check_places(const struct places *p, struct why *why)
{
	if (!p->line_seen)
		return why_check(why, "receipt index", "the board has %llu lines, none at %llu",
		                 (unsigned long long)p->tree.size,
		                 (unsigned long long)p->receipt->index);
	if (!p->root_seen)
		return why_check(why, "head size",
		                 "the receipt's head covers more lines than the "
		                 "board has");
	if (memcmp(p->root.bytes, p->receipt->head.root.bytes, HASH_BYTES) != 0)
		return why_check(why, "head root",
		                 "the receipt's head is not over this board: keep the receipt, "
		                 "and show it");
	return OK;
}

static enum err look_up(const struct receipt *receipt, const char *record, struct why *why)
{
	struct places p = { .receipt = receipt };
	struct lines lines = { 0 };
	struct manifest *m = NULL;
	enum err e = record_board(&lines, &m, record, why);

	while (!e) {
		e = lines.ended_whole ? pass_line(&p, m, &lines.line, why)
		                      : why_check(why, "line not canonical",
		                                  "the last line has no line feed");
		if (!e)
			e = record_next(&lines, why);
	}
	if (e == ERR_NOT_FOUND)
		e = check_places(&p, why);
	lines_close(&lines);
	manifest_free(m);
	return e;
}

static int receipt_in(const char *path, const char *record)
{
	struct receipt receipt = { 0 };
	struct why why = { 0 };
	enum err e = sandbox_enter(SANDBOX_OFFLINE, &why);

	if (!e)
		e = read_receipt(&receipt, path, &why);
	if (!e)
		e = look_up(&receipt, record, &why);
	if (e)
		return cli_fail(NAME, e, &why);
	cli_out("in the record: line %llu, tracker %s\n", (unsigned long long)receipt.index,
	        receipt.tracker);
	return 0;
}

int cmd_receipt(int argc, char **argv)
{
	const struct usage usage = {
		.name = NAME,
		.operands = "RECEIPT RECORD",
		.least = 2,
		.most = 2,
		.help = "Does the ballot that this receipt is for stand in the record, at its\n"
			"line, under its credential and tracker, and is the head that the\n"
			"receiver signed then a head over this very board? `verify` checks the\n"
			"record itself. Exit status 1: it does not, and why.",
	};
	int first, status = cli_options(&usage, argc, argv, &first);

	if (status >= 0)
		return status;
	return receipt_in(argv[first], argv[first + 1]);
}
