/* SPDX-License-Identifier: MIT */
#include "made_box.h"

#include <stdio.h>

#include "receiver/draft.h"
#include "receiver/enter.h"

#define LINE_CAP (1u << 20)

struct box *made_box(const char *folder, const struct made *e)
{
	struct buf text = BUF_INIT(LINE_CAP);
	struct why why = { 0 }, flat = { 0 };
	struct box *box = NULL;
	struct box_txn t;

	made_must(draft_begin(&box, folder, e->m->line, e->m->len, BOX_MAP_MAX, &why), &why);
	for (uint64_t at = 0; at < e->members; buf_clear(&text)) {
		struct line line;

		at += made_issued(&text, e, at);
		made_must(line_read(&line, e->m, text.data, text.len, &why), &why);
		box_begin(&t, box);
		enter_issued(&t, &line, text.data, text.len);
		made_must(box_commit(&t, &why, &flat), &why);
		line_release(&line);
	}
	box_begin(&t, box);
	box_append(&t, e->accepted.data, e->accepted.len);
	made_must(box_commit(&t, &why, &flat), &why);
	made_must(draft_finish(box, &why), &why);
	box_close(box);
	made_must(box_open(&box, folder, BOX_WRITE, BOX_MAP_MAX, &why), &why);
	made_must(enter_mend(box, true, &why), &why);
	buf_free(&text);
	return box;
}

void made_trouble(void *ctx, const char *event, const struct why *why)
{
	(void)ctx;
	fprintf(stderr, "bench: %s: %s\n", event, why->text);
}
