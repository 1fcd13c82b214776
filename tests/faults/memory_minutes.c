/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "scrutineer/minutes.h"
#include "tests/election.h"
#include "tests/refuse.h"
#include "tests/support.h"
#include "tests/unit/scrutineer/told.h"
#include "tests/unit/temp.h"

/*
 * memory_minutes - a bureau whose memory runs out, at each allocation: minutes come out whole and
 * as they are with memory enough, or not at all.
 */
struct desk {
	struct told t;
	struct minutes mi;
	struct buf text, html, json; /* with memory enough */
	struct election small;
};

/* The same papers of an election so small that it is verified in no time. */
static void make_small(void **state, struct desk *d)
{
	static const struct election_shape shape = { 1, 1, { 2, 1 }, 1, false };
	const struct temp *temp = *state;

	told_release(&d->t);
	remove(temp_path(state, OPENING_FILE));
	remove(temp_path(state, "result.json"));
	remove(temp_path(state, "share-1.json"));
	remove(temp_path(state, "share-3.json"));
	election_init(&d->small, &shape);
	election_open(&d->small);
	election_vote(&d->small, 0, 1);
	election_vote(&d->small, 2, 0);
	election_close(&d->small);
	election_write(&d->small, temp->dir, true);
	d->t.m = d->small.m;
	memcpy(d->t.mailer, d->small.mailer_secret, sizeof(d->t.mailer));
	memcpy(d->t.receiver, d->small.receiver_secret, sizeof(d->t.receiver));
	told_write_ledger(state, &d->t);
	told_write_funnel(state, &d->t);
}

static enum err gather_op(void *ctx, struct why *why)
{
	const struct desk *d = ctx;
	struct minutes mi;
	enum err e = minutes_gather(&mi, &d->t.source, why);

	if (!e) {
		assert_int_equal(mi.accounts.ballots, 2);
		assert_int_equal(mi.accounts.chronicle.n, d->mi.accounts.chronicle.n);
		assert_int_equal(mi.bureau.members, 2);
	}
	minutes_release(&mi);
	return e;
}

static enum err tell(const struct minutes *mi, struct buf *text, struct buf *html, struct buf *json)
{
	struct document d;
	enum err e;

	*text = *html = *json = BUF_INIT(MINUTES_MAX);
	minutes_document(&d, mi);
	e = document_err(&d);
	if (!e) {
		document_text(text, &d);
		document_html(html, &d);
		minutes_json(json, mi);
		e = buf_err(text) ? buf_err(text) : buf_err(html) ? buf_err(html) : buf_err(json);
	}
	document_release(&d);
	return e;
}

static void expect_same(const struct buf *a, const struct buf *b)
{
	assert_int_equal(a->len, b->len);
	assert_memory_equal(a->data, b->data, a->len);
}

static enum err tell_op(void *ctx, struct why *why)
{
	const struct desk *d = ctx;
	struct buf text, html, json;
	enum err e = tell(&d->mi, &text, &html, &json);

	(void)why;
	if (!e) {
		expect_same(&text, &d->text);
		expect_same(&html, &d->html);
		expect_same(&json, &d->json);
	}
	buf_free(&text);
	buf_free(&html);
	buf_free(&json);
	return e;
}

static void minutes_are_whole_or_not_there(void **state)
{
	static struct desk d;
	struct why why = { 0 };

	told_make(state, &d.t);
	d.t.source.language = "en";
	assert_ok(minutes_gather(&d.mi, &d.t.source, &why), &why);
	assert_int_equal(tell(&d.mi, &d.text, &d.html, &d.json), OK);
	refuse_each("minutes", tell_op, &d, 100);
	make_small(state, &d);
	refuse_each("what minutes are made from", gather_op, &d, 100);
	election_release(&d.small);
	buf_free(&d.text);
	buf_free(&d.html);
	buf_free(&d.json);
	minutes_release(&d.mi);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEMP_TEST(minutes_are_whole_or_not_there) };

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
