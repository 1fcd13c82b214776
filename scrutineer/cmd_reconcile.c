/* SPDX-License-Identifier: MIT */
#include "core/cli.h"
#include "core/sandbox.h"
#include "scrutineer/audit.h"
#include "scrutineer/checkpoint.h"
#include "scrutineer/cmd.h"
#include "scrutineer/reconcile.h"
#include "scrutineer/record.h"

static const char NAME[] = "votepost-scrutineer reconcile";

#define TEXT_MAX ((size_t)1 << 18)

struct reconciling {
	const char *ledger, *funnel, *record, *from;
	bool json;
	struct course course;
	struct progress *progress;
};

static void found(void *ctx, const struct finding *f)
{
	(void)ctx;
	cmd_tell("", f);
}

static void step(void *ctx, uint64_t more)
{
	const struct reconciling *r = ctx;

	progress_step(r->progress, more);
}

static void took(void *ctx, const struct audit *a, const struct line *line)
{
	struct reconciling *r = ctx;

	course_take(&r->course, a, line);
}

static enum err audit(struct audit *a, struct audit_options *o, struct reconciling *r,
                      struct checkpoint *from, struct why *why)
{
	enum err e = OK;

	if (r->from) {
		e = checkpoint_read(from, r->from, why);
		if (e == ERR_INVALID)
			e = ERR_FORMAT; /* no answer about the record */
		o->from = from;
	}
	if (e)
		return e;
	r->progress = progress_start("verify", record_board_bytes(r->record));
	e = audit_run(a, o, why);
	progress_end(r->progress);
	if (!e && a->failures)
		return why_set(why, ERR_INVALID, "the record fails: its numbers mean nothing");
	if (!e && r->course.e)
		return why_set(why, r->course.e, "no memory for the course of the vote");
	return e;
}

/* The accounts against the board; the answer goes out whether it is yes or no. */
static enum err compare(const struct reconciling *r, const struct audit *a, struct why *why)
{
	struct accounts accounts = { .m = a->m };
	struct buf text = BUF_INIT(TEXT_MAX);
	struct sums sums = { 0 };
	enum err e = reconcile_ledger(&accounts, r->ledger, why);

	if (!e)
		e = reconcile_funnel(&accounts, r->funnel, why);
	if (e)
		goto done;
	reconcile_board(&accounts, a, &r->course);
	e = reconcile_sums(&sums, &accounts);
	if (e)
		goto done;
	if (r->json)
		reconcile_json(&text, &accounts, &sums);
	else
		reconcile_text(&text, &accounts, &sums);
	e = buf_err(&text);
	if (e)
		goto done;
	cli_out("%s%s", buf_text(&text), r->json ? "\n" : "");
	if (sums.differences)
		e = why_set(why, ERR_INVALID, "%u sum%s not hold", sums.differences,
		            sums.differences == 1 ? " does" : "s do");
done:
	sums_release(&sums);
	reconcile_release(&accounts);
	buf_free(&text);
	return e;
}

static int reconcile(struct reconciling *r)
{
	struct audit_options o = {
		.record = r->record, .found = found, .step = step, .took = took, .ctx = r
	};
	struct checkpoint from = { 0 };
	struct audit a = { 0 };
	struct why why = { 0 };
	enum err e = sandbox_enter(SANDBOX_OFFLINE, &why);

	if (!e)
		e = audit(&a, &o, r, &from, &why);
	if (!e)
		e = compare(r, &a, &why);
	audit_release(&a);
	checkpoint_release(&from);
	course_release(&r->course);
	return e ? cli_fail(NAME, e, &why) : 0;
}

int cmd_reconcile(int argc, char **argv)
{
	struct reconciling r = { 0 };
	const struct option_row options[] = {
		{ "json", OPTION_FLAG, &r.json, NULL, "one JSON object instead of a table", 0, 0 },
		{ "from", OPTION_TEXT, &r.from, "FILE", "go on from a checkpoint of yours", 0, 0 },
		{ NULL, OPTION_FLAG, NULL, NULL, NULL, 0, 0 },
	};
	const struct usage usage = {
		.name = NAME,
		.operands = "LEDGER FUNNEL RECORD",
		.least = 3,
		.most = 3,
		.help = "Hold the mailer's ledger and the receiver's funnel against the verified\n"
			"record: issued, sent, used, replaced and why, unused, rejected, counted.\n"
			"Every sum that must hold is printed with its terms; any difference is\n"
			"named, and the exit status is 1.",
		.option = options,
	};
	int first, status = cli_options(&usage, argc, argv, &first);

	if (status >= 0)
		return status;
	r.ledger = argv[first];
	r.funnel = argv[first + 1];
	r.record = argv[first + 2];
	return reconcile(&r);
}
