/* SPDX-License-Identifier: MIT */
#include "receiver/job.h"

#define DAY 86400

static enum verdict verdict_of(enum entry entry)
{
	switch (entry) {
	case ENTRY_DONE:
		return VERDICT_COUNTED;
	case ENTRY_USED:
		return VERDICT_USED;
	case ENTRY_REPLACED:
		return VERDICT_REPLACED;
	case ENTRY_EARLY:
		return VERDICT_EARLY;
	case ENTRY_LATE:
		return VERDICT_LATE;
	case ENTRY_UNKNOWN:
		return VERDICT_UNKNOWN_TOKEN;
	case ENTRY_ALREADY:
	case ENTRY_KNOWN:
	case ENTRY_INVALID:
	case ENTRIES:
		break;
	}
	bug("what a ballot cannot come to");
}

/* Was this very mail taken before? Then its verdict stands, and an answer is owed only where
 * the first one never left. */
static bool seen_before(struct box_txn *t, struct cast_job *job)
{
	struct box_seen seen;
	enum err e;

	job->already = false;
	if (!job->mark)
		return false;
	e = box_seen(t, job->mark, &seen);
	if (e == ERR_NOT_FOUND)
		return false;
	if (e) {
		txn_fail(&t->txn, e);
		return true;
	}
	job->already = true;
	job->verdict = seen.verdict;
	job->answer = !seen.answered;
	return true;
}

/* Count it under its verdict, and remember a mail. */
static void settle(struct box_txn *t, struct cast_job *job)
{
	struct box_seen seen = { .verdict = job->verdict };

	t->state.verdict[job->verdict]++;
	if (!job->mark)
		return;
	/* A receipt is always sent; everything else has its share of a day. */
	if (job->answer && job->verdict != VERDICT_COUNTED && job->quota)
		job->answer = box_quota(t, job->quota);
	seen.answered = !job->answer;
	box_seen_put(t, job->mark, &seen);
}

static void do_ballot(struct box_txn *t, struct cast_job *job, uint64_t now)
{
	if (seen_before(t, job))
		return;
	job->entry = enter_ballot(t, &job->credential, job->channel, job->line, job->len,
	                          job->arrived, now, &job->index);
	job->verdict = verdict_of(job->entry);
	/* A post has no mark: its ballot says whether it is the one that stands. */
	if (!job->mark && job->entry == ENTRY_USED &&
	    enter_stands(t, job->index, job->line, job->len))
		job->already = true;
	else
		settle(t, job);
}

static void do_mail(struct box_txn *t, struct cast_job *job)
{
	if (!seen_before(t, job))
		settle(t, job);
}

static void do_answered(struct box_txn *t, struct cast_job *job)
{
	struct box_seen seen;
	enum err e = box_seen(t, job->mark, &seen);

	if (e == ERR_NOT_FOUND)
		return;
	if (e) {
		txn_fail(&t->txn, e);
		return;
	}
	seen.answered = true;
	box_seen_put(t, job->mark, &seen);
}

void job_do(struct box_txn *t, struct cast_job *job, uint64_t now)
{
	switch (job->kind) {
	case CAST_BALLOT:
		do_ballot(t, job, now);
		break;
	case CAST_MAIL:
		do_mail(t, job);
		break;
	case CAST_ANSWERED:
		do_answered(t, job);
		break;
	case CAST_CHANGE:
		job->entry = enter_change(t, job->change, job->line, job->len, now);
		break;
	case CAST_CLOSE:
		job->entry = enter_closed(t, now);
		break;
	case CAST_HOUSEKEEP:
		box_quota_old(t, now / DAY);
		break;
	case CAST_COUNTS:
		break; /* they go with any group */
	}
}
