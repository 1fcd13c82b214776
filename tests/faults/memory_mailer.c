/* SPDX-License-Identifier: MIT */
#include <unistd.h>

#include "core/secret.h"
#include "mailer/attendance.h"
#include "mailer/bounce.h"
#include "mailer/changes.h"
#include "mailer/custody.h"
#include "mailer/derive.h"
#include "mailer/home.h"
#include "mailer/journal.h"
#include "mailer/living.h"
#include "mailer/stand.h"
#include "mailer/whom.h"
#include "tests/refuse.h"
#include "tests/support.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/kit.h"

#include "tests/unit/mailer/posted.h"

/*
 * memory_mailer - the mailer's files with each of our own allocations refused. GLib aborts where
 * it gets none, so what it allocates for itself is left alone.
 */
#define MEMBERS 5

struct desk {
	struct kit kit;
	const char *dir, *conf;
	struct pollbook *book;
};

static enum err definition_op(void *ctx, struct why *why)
{
	struct definition *d = NULL;
	enum err e = definition_read(&d, KIT_DEFINITION, why);

	(void)ctx;
	if (!e)
		assert_true(d->questions > 0);
	definition_free(d);
	return e;
}

static enum err conf_op(void *ctx, struct why *why)
{
	const struct desk *d = ctx;
	struct conf conf = { 0 };
	enum err e = conf_read(&conf, d->dir, NULL, why);

	if (!e)
		assert_string_equal(conf.host, "127.0.0.1");
	conf_release(&conf);
	return e;
}

static enum err count_op(struct roll *r, struct why *why)
{
	struct member member;
	enum err e = OK;

	assert_int_equal(roll_summary(r)->members, MEMBERS);
	for (uint32_t i = 0; i < MEMBERS && !e; i++)
		e = roll_get(r, i, &member, why);
	return e;
}

/* The roll that was there stays, or the new one stands whole. */
static enum err import_op(void *ctx, struct why *why)
{
	const struct desk *d = ctx;
	struct import import = { .tell = kit_tell };
	struct roll *r = NULL;
	char csv[300];
	enum err e;

	snprintf(csv, sizeof(csv), "%s/members.csv", d->dir);
	e = import_roll(&import, d->dir, csv, d->kit.definition, why);
	if (e)
		return e;
	e = roll_open(&r, d->dir, why);
	if (!e)
		e = count_op(r, why);
	roll_close(r);
	return e;
}

static enum err letters_op(void *ctx, struct why *why)
{
	const struct desk *d = ctx;
	struct letters *l = NULL;
	enum err e = letter_load(&l, d->kit.m, d->kit.m->closes, &d->kit.conf, why);

	letter_free(l);
	return e;
}

static enum err letter_op(void *ctx, struct why *why)
{
	const struct desk *d = ctx;
	const struct token token = { { 7 } };
	struct buf out = BUF_INIT(LETTER_MAX);
	struct letter_desk desk;
	struct member member = { .serial = 1, .generation = 1, .email = "m@voters.test" };
	const struct letter_order order = { .member = &member,
		                            .handle = "0000000000000",
		                            .token = &token };
	enum err e;

	letter_desk_init(&desk);
	e = letter_write(&out, &desk, d->kit.letters, &order, why);
	if (!e)
		assert_non_null(strstr(buf_text(&out), "\n\n") ? "" : strstr(out.data, "\r\n\r\n"));
	letter_desk_release(&desk);
	buf_free(&out);
	return e;
}

/* A line is in the journal, once, where journal_add says so, and the chain holds. Begun again
 * each time: a journal that grows would never be read with few enough allocations. */
static enum err journal_op(void *ctx, struct why *why)
{
	struct buf text = BUF_INIT((size_t)1 << 20);
	unsigned char last[HASH_BYTES];
	struct ledger_hash hash;
	const struct desk *d = ctx;
	uint64_t lines = 0;
	char path[300];
	enum err e;

	snprintf(path, sizeof(path), "%s/journal.ndjson", d->dir);
	(void)unlink(path);
	e = journal_add(d->dir, "test", "memory", NULL, 0, why);
	if (!e)
		e = journal_add(d->dir, "again", "memory", NULL, 0, why);
	if (e)
		return e;
	e = journal_read(d->dir, &text, &hash, last, why);
	for (size_t i = 0; i < text.len; i++)
		lines += text.data[i] == '\n';
	if (!e)
		assert_int_equal(lines, 2);
	buf_free(&text);
	return e;
}

static enum err manifest_op(void *ctx, struct why *why)
{
	const struct desk *d = ctx;
	const struct home home = { .path = d->dir, .lock = { .fd = -1 } };
	struct manifest *m = NULL;
	enum err e = home_manifest(&home, &m, why);

	if (!e)
		assert_memory_equal(m->id, d->kit.m->id, HASH_BYTES);
	manifest_free(m);
	return e;
}

static enum err board_op(void *ctx, struct why *why)
{
	const struct desk *d = ctx;
	struct pollbook *book = NULL;
	char board[300], head[300];
	enum err e;

	snprintf(board, sizeof(board), "%s/board.ndjson", d->dir);
	snprintf(head, sizeof(head), "%s/head.json", d->dir);
	e = pollbook_read(&book, d->kit.m, board, head, why);
	if (!e)
		assert_int_equal(pollbook_ballots(book), 1);
	pollbook_free(book);
	return e;
}

/* A look at the roll by the board: who is to have a notice, and the list of who voted. */
struct look {
	struct campaign c;
	struct roll *roll;
	struct amend *amend;
};

static enum err open_look(struct look *l, const struct desk *d, struct why *why)
{
	enum err e = roll_open(&l->roll, d->dir, why);

	if (!e)
		e = amend_open(&l->amend, d->dir, true, why);
	l->c = (struct campaign){ .home = d->dir,
		                  .m = d->kit.m,
		                  .keys = &d->kit.keys,
		                  .book = d->book,
		                  .roll = l->roll,
		                  .amend = l->amend };
	return e;
}

static void close_look(struct look *l)
{
	campaign_end(&l->c);
	amend_close(l->amend);
	roll_close(l->roll);
}

static enum err notify_op(void *ctx, struct why *why)
{
	struct look l = { 0 };
	enum err e = open_look(&l, ctx, why);

	if (!e)
		e = campaign_notify(&l.c, why);
	if (!e)
		assert_int_equal(serials_count(l.c.due[0]), 1);
	close_look(&l);
	return e;
}

static void count_lines(void *context, const void *bytes, size_t len)
{
	*(unsigned *)context += ((const char *)bytes)[len - 1] == '\n';
}

static enum err attendance_op(void *ctx, struct why *why)
{
	const struct desk *d = ctx;
	struct look l = { 0 };
	struct attendance a = { .campaign = &l.c };
	char page[300];
	unsigned lines = 0;
	enum err e = open_look(&l, d, why);

	snprintf(page, sizeof(page), "%s/list.html", d->dir);
	if (!e)
		e = attendance_look(&a, why);
	if (!e)
		e = attendance_csv(&a, count_lines, &lines, why);
	if (!e)
		e = attendance_html(&a, page, &d->kit.conf, 0, why);
	if (!e) {
		assert_int_equal(a.voted, 1);
		assert_int_equal(lines, MEMBERS + 1);
	}
	attendance_release(&a);
	close_look(&l);
	return e;
}

/* Officers' shares: made, opened and put together again, from a folder of their own. */
static enum err custody_op(void *ctx, struct why *why)
{
	static const char *const names[] = { "officer-1.share", "officer-2.share", "custody.json" };
	static const struct passphrase own[2] = { { 3, "one" }, { 3, "two" } };
	const struct passphrase *const both[2] = { &own[0], &own[1] };
	const struct desk *d = ctx;
	struct passphrase *drawn = NULL, *again = NULL;
	struct custody_share *share[2] = { NULL };
	char path[3][300];
	const char *const paths[2] = { path[0], path[1] };
	struct custody c;
	enum err e;

	for (unsigned i = 0; i < 3; i++) {
		snprintf(path[i], sizeof(path[i]), "%s/%s", d->dir, names[i]);
		(void)unlink(path[i]);
	}
	e = custody_create(&drawn, d->dir, d->dir, 2, 2, both, why);
	if (!e)
		e = custody_read(&c, path[2], why);
	for (unsigned i = 0; !e && i < 2; i++)
		e = custody_share_open(&share[i], &c, path[i], &own[i], why);
	if (!e)
		e = custody_combine(&again, &c, share, paths, 2, why);
	if (!e)
		assert_memory_equal(drawn, again, sizeof(*drawn));
	secret_free(share[0]);
	secret_free(share[1]);
	secret_free(drawn);
	secret_free(again);
	return e;
}

/* A plan, its line, and that it does not stand on this board. */
static enum err replace_op(void *ctx, struct why *why)
{
	const struct desk *d = ctx;
	struct look l = { 0 };
	struct outbox *outbox = NULL;
	struct stand stand = { .m = d->kit.m, .keys = &d->kit.keys, .pollbook = d->book };
	uint64_t lines;
	enum err e = open_look(&l, d, why);

	if (!e)
		e = outbox_open(&outbox, d->dir, "outbox", MEMBERS, why);
	if (!e && !amend_counts(l.amend).planned) {
		amend_begin(l.amend);
		amend_plan(l.amend, 3, REPLACE_LOST, 1);
		e = amend_commit(l.amend, why);
	}
	if (!e)
		e = changes_write(d->dir, d->kit.m, &d->kit.keys, l.roll, l.amend, &lines, NULL,
		                  NULL, why);
	if (!e) {
		assert_int_equal(lines, 1);
		stand.roll = l.roll;
		stand.amend = l.amend;
		stand.outbox = outbox;
		e = stand_run(&stand, why);
	}
	if (!e)
		assert_int_equal(stand.waiting, 1);
	outbox_close(outbox);
	close_look(&l);
	return e;
}

/* A report of member 1's letter: noted once, or not at all. */
static enum err bounce_op(void *ctx, struct why *why)
{
	const struct desk *d = ctx;
	struct buf raw = BUF_INIT(4096);
	struct bounce *b = NULL;
	struct roll *r = NULL;
	char handle[HANDLE_TEXT];
	enum err e;

	mint_handle(handle, d->kit.keys.handle, d->kit.m->id, "b", 1);
	e = roll_open(&r, d->dir, why);
	if (!e)
		e = whom_make(d->dir, d->kit.m, r, &d->kit.keys, why);
	if (!e)
		e = bounce_open(&b, d->dir, d->kit.m, &d->kit.conf, NULL, why);
	buf_addf(&raw, "To: bounce+%s@example.org\nFrom: MAILER-DAEMON@x.test\n\n550 5.1.1 no\n",
	         handle);
	if (!e)
		e = buf_err(&raw);
	if (!e)
		e = bounce_put(b, &raw, 1000, NULL, why);
	if (!e)
		e = bounce_flush(b, why);
	if (!e)
		assert_int_equal(bounce_counts(b)->read[FAILURE_HARD], 1);
	bounce_close(b);
	roll_close(r);
	buf_free(&raw);
	return e;
}

/* It is found again, and then left out. */
static enum err living_op(void *ctx, struct why *why)
{
	const struct desk *d = ctx;
	struct serials *set = NULL;
	uint64_t dead = 0;
	enum err e = living_find(&set, &dead, d->dir, MEMBERS, NULL, why);

	if (!e)
		assert_int_equal(dead, 1);
	serials_free(set);
	return e;
}

static enum err mended_op(void *ctx, struct why *why)
{
	const struct desk *d = ctx;
	struct returns *r = NULL;
	struct returned one;
	bool found = true;
	enum err e = returns_open(&r, d->dir, true, why);

	if (!e)
		e = returns_mended(r, 1, 2, why);
	if (!e)
		e = returns_find(r, 1, &one, &found, why);
	if (!e)
		assert_false(found);
	returns_close(r);
	return e;
}

struct operation {
	const char *name;
	refuse_run *run;
	unsigned long least;
};

static const struct operation operations[] = {
	{ "definition", definition_op, 3 },
	{ "settings", conf_op, 3 },
	{ "import of the roll", import_op, 10 },
	{ "letters' templates", letters_op, 5 },
	{ "a letter", letter_op, 5 },
	{ "journal", journal_op, 10 },
	{ "the sealed manifest", manifest_op, 10 },
	{ "a board", board_op, 3 },
	{ "who has a ballot", notify_op, 10 },
	{ "the list of attendance", attendance_op, 20 },
	{ "officers' shares", custody_op, 20 },
	{ "a replacement", replace_op, 20 },
	{ "a bounce", bounce_op, 10 },
	{ "who is not dead", living_op, 3 },
	{ "a mended address", mended_op, 2 },
};

/* A board on which member 1 of the roll as it is imported last has voted. */
static void post_board(struct desk *d, void **state)
{
	const struct member member = { .generation = 1, .id = "b" };
	struct point credential;
	struct posted p;

	assert_int_equal(derive_credential(&credential, &d->kit.keys, d->kit.m, &member, NULL), OK);
	posted_begin(&p, &d->kit);
	posted_time(&p, d->kit.m->opens);
	posted_ballot(&p, &credential);
	posted_write(&p, state);
	posted_end(&p);
	assert_int_equal(pollbook_read(&d->book, d->kit.m, temp_path(state, "board.ndjson"),
	                               temp_path(state, "head.json"), NULL),
	                 OK);
}

static void want_of_memory_is_told_as_that(void **state)
{
	const struct temp *t = *state;
	struct desk d = { .dir = t->dir };
	struct buf line = BUF_INIT(MANIFEST_MAX);

	sealed_cost.opslimit = 1;
	sealed_cost.memlimit = 8192;
	kit_open(&d.kit, state, KIT_DEFINITION, 12 * MEMBERS);
	kit_post(&d.kit, state, 25, "");
	d.conf = temp_path(state, "mailer.conf");
	buf_add(&line, d.kit.m->line, d.kit.m->len);
	buf_addc(&line, '\n');
	temp_file(state, HOME_MANIFEST, line.data, line.len);
	buf_free(&line);
	roll_close(d.kit.roll);
	d.kit.roll = NULL;
	temp_text(state, "members.csv",
	          "id,email\na,a@v.test\nb,b@v.test\nc,c@v.test\nd,d@v.test\ne,e@v.test\n");
	post_board(&d, state);
	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
		refuse_each(operations[i].name, operations[i].run, &d, operations[i].least);
	pollbook_free(d.book);
	kit_close(&d.kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEMP_TEST(want_of_memory_is_told_as_that) };

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
