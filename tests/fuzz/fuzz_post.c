/* SPDX-License-Identifier: MIT */
#include "receiver/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "receiver/draft.h"
#include "receiver/enter.h"
#include "tests/fuzz/fuzz.h"

#define MAP (1u << 26)

static struct box *box;
static char folder[] = "/tmp/votepost-fuzz-XXXXXX";

static void leave(void)
{
	static const char *const names[] = { "box/data.mdb", "box/lock.mdb", "box",
		                             "board.ndjson" };
	char path[128];

	box_close(box);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		(void)remove(path);
	}
	(void)remove(folder);
}

static void begin(void)
{
	const struct manifest *m = fuzz_manifest();
	struct why why = { 0 };

	if (!mkdtemp(folder) || draft_begin(&box, folder, m->line, m->len, MAP, &why) ||
	    draft_finish(box, &why))
		abort();
	box_close(box);
	if (box_open(&box, folder, BOX_WRITE, MAP, &why) || enter_mend(box, false, &why))
		abort();
	atexit(leave);
}

/* Whatever credential a well-formed ballot names was issued: so that all of it is looked at. */
static void issue(const struct point *credential)
{
	struct box_credential entry = { .weight = 1 };
	struct why flat = { 0 };
	struct box_txn t;

	box_begin(&t, box);
	box_credential_put(&t, credential, &entry);
	fuzz_must(box_commit(&t, NULL, &flat) == OK);
}

/* The body of a post: what is not a ballot, signed and proven, never comes to be counted. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct judgement j;
	struct why why = { 0 };
	enum err e;

	if (!box)
		begin();
	e = judge_post(&j, box, text, size, box->m->opens, &why);
	if (!e && j.verdict == VERDICT_UNKNOWN_TOKEN) {
		issue(&j.credential);
		judgement_release(&j);
		e = judge_post(&j, box, text, size, box->m->opens, &why);
		fuzz_must(e || j.verdict != VERDICT_UNKNOWN_TOKEN);
	}
	fuzz_must(e || j.verdict != VERDICT_INVALID || why.check[0]);
	fuzz_must(e || j.verdict != VERDICT_COUNTED || (j.known && j.channel == CHANNEL_LINK));
	judgement_release(&j);
	free(text);
	return 0;
}
