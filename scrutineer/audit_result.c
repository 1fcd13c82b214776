/* SPDX-License-Identifier: MIT */
#include "scrutineer/audit_result.h"

#include <stdlib.h>
#include <string.h>

#include "scrutineer/record.h"

bool audit_result_begun(const struct audit *a)
{
	char name[RECORD_NAME_MAX];

	if (record_has(a->o->record, RECORD_RESULT))
		return true;
	for (unsigned j = 1; j <= a->m->trustees.count; j++) {
		record_share_name(name, j);
		if (record_has(a->o->record, name))
			return true;
	}
	return false;
}

/* One trustee's share, where there is one. */
static enum err check_share(struct audit *a, unsigned j)
{
	struct share *share = &a->share[j - 1];
	char name[RECORD_NAME_MAX];
	struct why why = { 0 };
	enum err e;

	record_share_name(name, j);
	if (!record_has(a->o->record, name))
		return OK;
	e = record_share(share, a->m, a->o->record, j, &why);
	if (!e && memcmp(share->head, a->root.bytes, HASH_BYTES) != 0)
		e = why_check(&why, "share head", "trustee %u decrypts another board", j);
	if (!e && a->tally.total)
		e = share_check(share, a->m, &a->tally, a->root.bytes, &why);
	if (e && e != ERR_INVALID)
		return e;
	a->good[j - 1] = !e && a->tally.total;
	a->good_shares += a->good[j - 1];
	if (e)
		audit_remarks(a, name, -1, &why);
	return OK;
}

static void compare_counts(struct audit *a, const uint64_t *said)
{
	struct why why;

	for (unsigned r = 0; r < a->m->rows; r++) {
		for (unsigned c = 0; c < a->m->row[r].cells; c++) {
			unsigned at = a->m->row[r].first_cell + c;

			if (said[at] == a->counts[at])
				continue;
			why_check(&why, "result count",
			          "row %u, cell %u: it says %llu, the shares open to %llu", r, c,
			          (unsigned long long)said[at], (unsigned long long)a->counts[at]);
			audit_fails(a, RECORD_RESULT, -1, &why);
		}
	}
}

static enum err count_again(struct audit *a, const uint64_t *said)
{
	const struct share *good[TRUSTEES_MAX];
	unsigned n = audit_good_shares(a, good);
	struct why why = { 0 };
	enum err e;

	if (n < a->m->trustees.threshold) {
		why_check(&why, "shares", "%u good shares, the threshold is %u", n,
		          a->m->trustees.threshold);
		audit_fails(a, RECORD_RESULT, -1, &why);
		return OK;
	}
	a->counts = calloc(a->m->cells, sizeof(*a->counts));
	if (!a->counts)
		return ERR_MEMORY;
	e = tally_counts(a->counts, &a->tally, good, n, &why);
	if (!e) {
		compare_counts(a, said);
		return OK;
	}
	free(a->counts);
	a->counts = NULL;
	if (e != ERR_MEMORY)
		audit_fails(a, RECORD_RESULT, -1, &why);
	return e == ERR_MEMORY ? e : OK;
}

static enum err check_result(struct audit *a)
{
	unsigned char head[HASH_BYTES];
	uint64_t *said = calloc(a->m->cells, sizeof(*said));
	struct why why = { 0 };
	enum err e;

	if (!said)
		return ERR_MEMORY;
	e = record_result(head, said, a->m, a->o->record, &why);
	if (!e && memcmp(head, a->root.bytes, HASH_BYTES) != 0)
		e = why_check(&why, "result head", "it is the result of another board");
	if (e == ERR_INVALID) {
		audit_fails(a, RECORD_RESULT, -1, &why);
		e = OK;
	} else if (!e && a->tally.total) {
		e = count_again(a, said);
	}
	free(said);
	return e;
}

enum err audit_result_run(struct audit *a, struct why *why)
{
	bool has_result = record_has(a->o->record, RECORD_RESULT);
	enum err e = OK;

	a->share = calloc(a->m->trustees.count, sizeof(*a->share));
	if (!a->share)
		e = ERR_MEMORY;
	if (!e && !a->board_failures)
		e = tally_total(&a->tally);
	for (unsigned j = 1; j <= a->m->trustees.count && !e; j++)
		e = check_share(a, j);
	if (!e && has_result)
		e = check_result(a);
	return e ? why_set(why, e, "the shares could not be checked: %s", err_text(e)) : OK;
}
