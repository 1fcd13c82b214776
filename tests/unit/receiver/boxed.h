/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_UNIT_RECEIVER_BOXED_H
#define VOTEPOST_TESTS_UNIT_RECEIVER_BOXED_H

/* boxed - an election, and its ballot box in a folder of its own, for one test. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/rules.h"
#include "receiver/box.h"
#include "receiver/draft.h"
#include "receiver/enter.h"
#include "tests/poll.h"
#include "tests/support.h"

#define BOXED_MAP (1u << 26)

struct boxed {
	struct poll e;
	struct box *box;
	char dir[64];
	char path[4][128];
	unsigned next;
};

static inline const char *boxed_path(struct boxed *b, const char *name)
{
	char *out = b->path[b->next++ % 4];

	snprintf(out, 128, "%s/%s", b->dir, name);
	return out;
}

/* What `open` does, from memory. */
static inline void boxed_fill(struct boxed *b, struct box *box)
{
	const struct buf *files[] = { &b->e.issued, &b->e.accepted };
	struct why why = { 0 }, flat_why = { 0 };
	struct box_txn t;
	struct line line;

	box_begin(&t, box);
	for (unsigned f = 0; f < 2; f++) {
		const char *at = buf_text(files[f]), *end;

		for (; (end = strchr(at, '\n')); at = end + 1) {
			memset(&line, 0, sizeof(line));
			assert_ok(line_read(&line, b->e.m, at, (size_t)(end - at), &why), &why);
			if (line.type == LINE_ISSUED)
				enter_issued(&t, &line, at, (size_t)(end - at));
			else
				(void)box_append(&t, at, (size_t)(end - at));
			line_release(&line);
		}
	}
	for (unsigned i = 0; i < b->e.members; i++)
		box_handle_add(&t, b->e.member[i].handle);
	assert_ok(box_commit(&t, &why, &flat_why), &why);
}

static inline void boxed_open(struct boxed *b, const struct poll_plan *plan)
{
	struct why why = { 0 };
	struct box *box;

	strcpy(b->dir, "/tmp/votepost-box-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	poll_make(&b->e, plan);
	poll_write(&b->e, b->dir);
	assert_ok(draft_begin(&box, b->dir, buf_text(&b->e.manifest), b->e.manifest.len - 1,
	                      BOXED_MAP, &why),
	          &why);
	boxed_fill(b, box);
	assert_ok(draft_finish(box, &why), &why);
	box_close(box);
	assert_ok(box_open(&b->box, b->dir, BOX_WRITE, BOXED_MAP, &why), &why);
	assert_ok(enter_mend(b->box, false, &why), &why);
}

static inline void boxed_close(struct boxed *b)
{
	char command[128];

	box_close(b->box);
	poll_free(&b->e);
	snprintf(command, sizeof(command), "rm -rf %s", b->dir);
	assert_int_equal(system(command), 0);
}

static inline int boxed_setup(void **state)
{
	struct poll_plan plan = { .opens = 1796126400, .closes = 1796126400 + 86400 };
	struct boxed *b = calloc(1, sizeof(*b));

	boxed_open(b, &plan);
	*state = b;
	return 0;
}

static inline int boxed_teardown(void **state)
{
	boxed_close(*state);
	free(*state);
	return 0;
}

/* The flat board as a stranger sees it: every rule, signature and proof; the box's tree over
 * it; and every credential's state as the lines say. */
static inline void boxed_verify(struct boxed *b, bool closed)
{
	struct why why = { 0 };
	struct merkle tree = { 0 };
	struct node leaf, root, kept;
	struct rules rules;
	struct lines l;
	struct box_txn t;
	struct line line;
	unsigned weight;

	assert_ok(rules_init(&rules, b->e.m), &why);
	assert_ok(lines_open(&l, boxed_path(b, "board.ndjson"), 1u << 21, &why), &why);
	while (lines_next(&l, &why) == OK) {
		assert_true(l.ended_whole);
		merkle_leaf(&leaf, buf_text(&l.line), l.line.len);
		merkle_append(&tree, &leaf, NULL, NULL);
		if (l.number == 1)
			continue;
		memset(&line, 0, sizeof(line));
		assert_ok(line_read(&line, b->e.m, buf_text(&l.line), l.line.len, &why), &why);
		assert_ok(line_check_signature(&line, b->e.m, &why), &why);
		if (line.type == LINE_BALLOT)
			assert_ok(ballot_check_proofs(&line.u.ballot, b->e.m, &why), &why);
		assert_ok(rules_take(&rules, &line, &weight, &why), &why);
		line_release(&line);
	}
	lines_close(&l);
	assert_ok(rules_end(&rules, closed, &why), &why);
	assert_int_equal(box_look(&t, b->box), OK);
	merkle_root(&root, &tree);
	merkle_root(&kept, &t.state.tree);
	assert_int_equal(t.state.lines, tree.size);
	assert_memory_equal(&root, &kept, sizeof(root));
	assert_int_equal(t.state.ballots, rules.ballots);
	assert_int_equal(t.state.replaced, rules.replaced);
	box_abort(&t);
	rules_release(&rules);
}

#endif
