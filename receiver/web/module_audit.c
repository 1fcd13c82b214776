/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/board.h"
#include "core/json.h"
#include "receiver/web/memory.h"
#include "receiver/web/module.h"
#include "scrutineer/audit.h"
#include "scrutineer/audit_board.h"
#include "scrutineer/checkpoint.h"
#include "scrutineer/record.h"

/*
 * The scrutineer's audit, the same code, in a page: one processor, the board line by line as it
 * comes, the small files from memory. One audit at a time.
 */
#define FINDINGS_MAX ((size_t)1 << 20)

static struct audit audit;
static struct audit_options options;
static bool begun;
static struct buf findings = { .cap = FINDINGS_MAX };
static unsigned untold; /* findings for which there was no room */

/* A crew of one (scrutineer/crew.h). */

enum err crew_new(struct crew **out, unsigned threads)
{
	(void)threads;
	*out = NULL;
	return OK;
}

void crew_free(struct crew *c)
{
	(void)c;
}

unsigned crew_workers(const struct crew *c)
{
	(void)c;
	return 1;
}

void crew_run(struct crew *c, crew_work *work, void *ctx, size_t n)
{
	size_t i;

	(void)c;
	for (i = 0; i < n; i++)
		work(ctx, 0, i);
}

/* A page has none. */
enum err checkpoint_tally(const struct checkpoint *c, struct tally *tally)
{
	(void)c;
	(void)tally;
	bug("a checkpoint in a page");
}

static void found(void *ctx, const struct finding *f)
{
	struct buf one = BUF_INIT(4 * WHY_MAX);

	(void)ctx;
	buf_adds(&one, findings.len ? ",{\"file\":" : "{\"file\":");
	json_add_string(&one, f->file, strlen(f->file));
	if (f->has_line)
		buf_addf(&one, ",\"line\":%llu", (unsigned long long)f->line);
	else
		buf_adds(&one, ",\"line\":null");
	buf_addf(&one, ",\"fails\":%s,\"check\":", f->fails ? "true" : "false");
	json_add_string(&one, f->why.check, strlen(f->why.check));
	buf_adds(&one, ",\"text\":");
	json_add_string(&one, f->why.text, strlen(f->why.text));
	buf_addc(&one, '}');
	if (one.e || one.len > findings.cap - findings.len)
		untold++;
	else
		buf_add(&findings, one.data, one.len);
	buf_free(&one);
}

static void stop(void)
{
	if (begun)
		audit_release(&audit);
	begun = false;
	untold = 0;
	memory_clear();
	buf_free(&findings);
}

/* Forget an audit before, if there was one. */
EXPORT(audit_new) void module_audit_new(void)
{
	stop();
}

/* head.json, heads.ndjson before the board; share-j.json, result.json before the end. */
EXPORT(audit_file)
int module_audit_file(const char *name, size_t name_len, const char *text, size_t len)
{
	enum err e = memory_put(name, name_len, text, len);

	(void)module_answer();
	return module_end(e, NULL);
}

static enum err begin(const struct manifest *m, const char *line, size_t len, struct why *why)
{
	struct manifest *own = NULL;
	enum err e = manifest_read(&own, line, len, why);

	if (!e && memcmp(own->id, m->id, HASH_BYTES) != 0)
		e = why_check(why, "manifest other", "the board is another election's");
	if (e) {
		manifest_free(own);
		return e;
	}
	options = (struct audit_options){ .record = "record", .batch = 1, .found = found };
	begun = true;
	e = audit_begin(&audit, &options, own, why);
	if (e)
		stop();
	return e;
}

static enum err next(const char *line, size_t len, bool whole, struct why *why)
{
	struct why too_long = { 0 };

	if (len <= line_max(audit.m))
		return audit_board_line(&audit, line, len, whole, why);
	(void)why_check(&too_long, "line length", "the line is longer than any may be");
	return audit_board_cut(&audit, &too_long, why);
}

/* The board's next line, the manifest first. */
EXPORT(audit_line)
int module_audit_line(const struct manifest *m, const char *line, size_t len, int whole)
{
	struct why why = { 0 };
	enum err e = begun ? next(line, len, whole, &why) : begin(m, line, len, &why);

	(void)module_answer();
	return module_end(e, &why);
}

static void counts_write(struct buf *out)
{
	unsigned r, c;

	for (r = 0; r < audit.m->rows; r++) {
		buf_adds(out, r ? "],[" : "[[");
		for (c = 0; c < audit.m->row[r].cells; c++)
			buf_addf(out, "%s%llu", c ? "," : "",
			         (unsigned long long)audit.counts[audit.m->row[r].first_cell + c]);
	}
	buf_adds(out, "]]");
}

static void answer_write(struct buf *out)
{
	struct registry_counts counts = registry_counts(audit.rules.registry);

	buf_addf(out, "{\"stage\":\"%s\",\"failures\":%llu,\"findings\":[%s],\"untold\":%u",
	         audit.stage == STAGE_TOO_FEW ? "too-few" : stage_name(audit.stage),
	         (unsigned long long)audit.failures, buf_text(&findings), untold);
	buf_addf(out, ",\"ballots\":%llu,\"weight\":%llu,\"issued\":%llu,\"replaced\":%llu",
	         (unsigned long long)audit.rules.ballots, (unsigned long long)audit.rules.weight,
	         (unsigned long long)counts.issued, (unsigned long long)audit.rules.replaced);
	buf_adds(out, ",\"root\":");
	json_add_b64(out, audit.root.bytes, HASH_BYTES);
	buf_addf(out, ",\"size\":%llu,\"counts\":", (unsigned long long)audit.tree.size);
	if (audit.counts && !audit.failures)
		counts_write(out);
	else
		buf_adds(out, "null");
	buf_addc(out, '}');
}

EXPORT(audit_end) int module_audit_end(void)
{
	struct buf *answer = module_answer();
	struct why why = { 0 };
	enum err e;

	if (!begun)
		e = why_check(&why, "board missing", "no line of the board was given");
	else
		e = audit_end(&audit, &why);
	if (!e)
		answer_write(answer);
	e = (enum err)module_end(e, &why);
	stop();
	return (int)e;
}
