/* SPDX-License-Identifier: MIT */
#include "receiver/lookup.h"

#include <sodium.h>
#include <string.h>

#include "core/key.h"
#include "core/text.h"
#include "receiver/tables.h"

#define TRACKER_CHARS 20
#define MEND_BATCH    4096 /* lines in one transaction: mending a large board has to be able to end */

static void tracker_of(unsigned char out[TRACKER_BYTES], const char *line, size_t len)
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, (const unsigned char *)line, len);
	memcpy(out, hash, TRACKER_BYTES);
	out[TRACKER_BYTES - 1] &= 0xf0;
}

void lookup_ballot(struct box_txn *t, const struct point *credential, const char *line, size_t len)
{
	unsigned char tracker[TRACKER_BYTES];

	tracker_of(tracker, line, len);
	txn_put(&t->txn, TABLE_TRACKERS, SPAN(tracker, sizeof(tracker)),
	        SPAN(credential->bytes, GROUP_BYTES));
}

static void put_hour(struct box_txn *t, uint64_t at, uint64_t ballots)
{
	unsigned char key[8], value[8];

	key_u64(key, at);
	key_u64(value, ballots);
	txn_put(&t->txn, TABLE_HOURS, SPAN(key, sizeof(key)), SPAN(value, sizeof(value)));
}

void lookup_hour(struct box_txn *t, uint64_t at)
{
	put_hour(t, at, t->state.ballots);
}

enum err lookup_read(unsigned char out[TRACKER_BYTES], const char *text, size_t len)
{
	unsigned digits = 0;

	memset(out, 0, TRACKER_BYTES);
	for (size_t i = 0; i < len; i++) {
		int value = b32_value(text[i]);

		if (text[i] == '-')
			continue;
		if (value < 0 || digits == TRACKER_CHARS)
			return ERR_FORMAT;
		for (unsigned bit = 0; bit < 5; bit++)
			if (value & (16 >> bit))
				out[(digits * 5 + bit) / 8] |=
					(unsigned char)(0x80 >> (digits * 5 + bit) % 8);
		digits++;
	}
	return digits == TRACKER_CHARS ? OK : ERR_FORMAT;
}

enum err lookup_tracker(struct box_txn *t, const unsigned char tracker[TRACKER_BYTES],
                        struct point *credential)
{
	struct span value;
	enum err e;

	e = txn_get(&t->txn, TABLE_TRACKERS, SPAN(tracker, TRACKER_BYTES), &value);
	if (!e && value.len != GROUP_BYTES)
		e = ERR_FORMAT;
	if (!e)
		memcpy(credential->bytes, value.data, GROUP_BYTES);
	return e;
}

enum err lookup_hours(struct box_txn *t, lookup_each *each, void *ctx)
{
	uint64_t at = 0, before = 0, ballots;
	struct span key, value;
	bool first = true;
	struct walk w;
	enum err e;

	walk_begin(&w, &t->txn, TABLE_HOURS);
	while (!(e = walk_next(&w, &key, &value))) {
		if (key.len != 8 || value.len != 8) {
			e = ERR_FORMAT;
			break;
		}
		ballots = key_read_u64(value.data);
		if (!first)
			each(ctx, at, ballots - before);
		at = key_read_u64(key.data);
		before = ballots;
		first = false;
	}
	walk_end(&w);
	if (e != ERR_NOT_FOUND)
		return e;
	if (!first)
		each(ctx, at, t->state.ballots - before);
	return OK;
}

/* What one line adds to the indexes; `ballots` stood before it. */
static enum err index_line(struct box_txn *t, struct span text, uint64_t *ballots)
{
	struct line line;
	enum err e;

	memset(&line, 0, sizeof(line));
	e = line_read(&line, t->box->m, text.data, text.len, NULL);
	if (!e && line.type == LINE_TIME)
		put_hour(t, line.u.time, *ballots);
	if (!e && line.type == LINE_BALLOT) {
		lookup_ballot(t, &line.u.ballot.credential, text.data, text.len);
		++*ballots;
	}
	line_release(&line);
	return e;
}

/* A batch of lines from `*at` on. A line's bytes lie in the map, which a put may move: a copy. */
static enum err index_batch(struct box *box, uint64_t *at, uint64_t *ballots, bool *ended,
                            struct why *why)
{
	struct buf copy = BUF_INIT(line_max(box->m) + 1);
	struct why flat_why = { 0 };
	struct box_txn t;
	struct span line;
	enum err e = OK;

	box_begin(&t, box);
	for (unsigned n = 0; n < MEND_BATCH && *at < t.state.lines && !e; n++, ++*at) {
		e = box_line(&t, *at, &line);
		buf_clear(&copy);
		if (!e)
			buf_add(&copy, line.data, line.len);
		if (!e)
			e = buf_err(&copy);
		if (!e)
			e = index_line(&t, SPAN(buf_text(&copy), copy.len), ballots);
	}
	*ended = *at >= t.state.lines;
	if (e)
		box_abort(&t);
	else
		e = box_commit(&t, why, &flat_why);
	buf_free(&copy);
	return e;
}

enum err lookup_mend(struct box *box, struct why *why)
{
	uint64_t at = 1, ballots = 0; /* line 0 is the manifest */
	bool ended = false;
	struct box_txn t;
	struct span key, value;
	struct walk w;
	enum err e;

	e = box_look(&t, box);
	if (!e) {
		walk_begin(&w, &t.txn, TABLE_HOURS);
		/* Every ballot stands in both, and the last hour is the board's last time. */
		ended = txn_count(&t.txn, TABLE_TRACKERS) == t.state.ballots &&
		        (walk_last(&w, &key, &value) ? t.state.time == 0
		                                     : key_read_u64(key.data) == t.state.time);
		walk_end(&w);
	}
	box_abort(&t);
	while (!e && !ended)
		e = index_batch(box, &at, &ballots, &ended, why);
	return e ? why_set(why, e, "%s: the board could not be indexed: %s", box->folder,
	                   err_text(e))
	         : OK;
}
