/* SPDX-License-Identifier: MIT */
#include "scrutineer/opened.h"

#include <string.h>

#include "core/merkle.h"
#include "scrutineer/record.h"

static const char BALLOT[] = "{\"type\":\"ballot\",";

/* The board, line by line, and the statements that are still to be met on the way. */
struct meeting {
	const struct openings *o;
	unsigned at;
	struct merkle tree;
	uint64_t ballots;
};

static enum err named(unsigned line, enum err e, struct why *why)
{
	why_prefix(why, OPENING_FILE ":%u", line + 1);
	return e;
}

static enum err meet(struct meeting *m, struct why *why)
{
	struct node root;

	merkle_root(&root, &m->tree);
	for (; m->at < m->o->n && m->o->line[m->at].head.size == m->tree.size; m->at++) {
		const struct opening *o = &m->o->line[m->at];

		if (memcmp(root.bytes, o->head.root.bytes, sizeof(root.bytes)))
			return named(m->at,
			             why_check(why, "opening root",
			                       "the head over %llu lines is not this board's",
			                       (unsigned long long)o->head.size),
			             why);
		if (m->at == 0 && m->ballots)
			return named(0,
			             why_check(why, "opening ballots",
			                       "%llu ballots stood already when it was written: "
			                       "the statement about the opening was replaced",
			                       (unsigned long long)m->ballots),
			             why);
	}
	return OK;
}

static void take(struct meeting *m, const struct buf *line)
{
	struct node leaf;

	m->ballots +=
		line->len >= sizeof(BALLOT) - 1 && !memcmp(line->data, BALLOT, sizeof(BALLOT) - 1);
	merkle_leaf(&leaf, line->data, line->len);
	merkle_append(&m->tree, &leaf, NULL, NULL);
}

enum err opened_check(const struct openings *o, const char *record, struct why *why)
{
	struct meeting m = { .o = o };
	struct manifest *manifest = NULL;
	struct lines lines = { 0 };
	enum err e = record_board(&lines, &manifest, record, why);

	while (!e && m.at < o->n) {
		take(&m, &lines.line);
		e = meet(&m, why);
		if (!e && m.at < o->n)
			e = record_next(&lines, why);
	}
	if (e == ERR_NOT_FOUND)
		e = named(m.at,
		          why_check(why, "opening size",
		                    "a head over %llu lines; the board has %llu",
		                    (unsigned long long)o->line[m.at].head.size,
		                    (unsigned long long)m.tree.size),
		          why);
	lines_close(&lines);
	manifest_free(manifest);
	return e;
}
