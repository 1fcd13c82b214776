/* SPDX-License-Identifier: MIT */
#include <unistd.h>

#include "core/secret.h"
#include "mailer/attendance.h"
#include "mailer/bounce.h"
#include "mailer/changes.h"
#include "mailer/custody.h"
#include "mailer/derive.h"
#include "mailer/estimate.h"
#include "mailer/gather.h"
#include "mailer/home.h"
#include "mailer/journal.h"
#include "mailer/living.h"
#include "mailer/overview.h"
#include "mailer/preflight_trip.h"
#include "mailer/sheet.h"
#include "mailer/stand.h"
#include "mailer/unreached.h"
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

/* Whom the letters have reached: counted, listed, as a page. */
static enum err survey_op(void *ctx, struct why *why)
{
	const struct desk *d = ctx;
	const struct alarm alarm = { 90, 1 };
	struct survey s = { .language = d->kit.m->language, .closes = d->kit.m->closes };
	const struct overview overview = { .survey = &s,
		                           .alarm = &alarm,
		                           .title = d->kit.m->title.in[0],
		                           .organiser = d->kit.m->organiser,
		                           .conf = &d->kit.conf,
		                           .top = 1 };
	struct unreached list;
	struct look l = { 0 };
	char csv[300], page[300];
	enum err e = open_look(&l, d, why);

	snprintf(csv, sizeof(csv), "%s/unreached.csv", d->dir);
	snprintf(page, sizeof(page), "%s/status.html", d->dir);
	(void)unlink(csv);
	s.roll = l.roll;
	s.amend = l.amend;
	s.visit = unreached_visit;
	s.visitor = &list;
	if (!e)
		e = returns_open(&s.returns, d->dir, false, why);
	if (!e) {
		e = unreached_begin(&list, csv, s.language, why);
		if (!e)
			e = survey_make(&s, why);
		e = unreached_end(&list, e, why);
		assert_true(e || file_there(csv));
	}
	if (!e) {
		assert_int_equal(reached_members(&s.all), MEMBERS);
		e = overview_html(&overview, page, why);
	}
	survey_release(&s);
	returns_close(s.returns);
	close_look(&l);
	return e;
}

/* The looks that need nobody else: the letter, and a mail that came; and their page. */
static enum err preflight_op(void *ctx, struct why *why)
{
	static const char mail[] = "Received: from a.test by b.test with ESMTPS; now\n"
				   "Authentication-Results: b.test; spf=fail; dkim=pass\n"
				   "Authentication-Results: b.test; dmarc=fail\n"
				   "DKIM-Signature: d=example.org; s=s1\nMessage-ID: <a@b>\n\n";
	const struct desk *d = ctx;
	struct findings findings = { 0 };
	struct buf out = BUF_INIT((size_t)1 << 20);
	struct preflight p = { .conf = &d->kit.conf,
		               .m = d->kit.m,
		               .letters = d->kit.letters,
		               .findings = &findings };
	enum err e = preflight_letter(&p, why);

	if (!e)
		e = preflight_arrival(&p, mail, sizeof(mail) - 1, why);
	if (!e)
		e = findings_err(&findings);
	if (!e) {
		assert_int_equal(findings_count(&findings, FINDING_STOP), 2);
		sheet_text(&out, &findings, true);
		sheet_json(&out, &findings);
		e = buf_err(&out);
	}
	if (!e)
		assert_non_null(strstr(buf_text(&out), "\"stop\":2"));
	buf_free(&out);
	findings_release(&findings);
	return e;
}

/* Whatever is refused: no letter is in the lanes twice, and with all of it all are there. */
static enum err gather_op(void *ctx, struct why *why)
{
	struct desk *d = ctx;
	struct gather g = { .conf = &d->kit.conf, .retry = { 1, RETRY_FOREVER, RETRY_FOREVER } };
	struct lanes *lanes = NULL;
	uint32_t place[MEMBERS + 1];
	unsigned n = MEMBERS + 1;
	struct estimate est;
	enum err e = roll_open(&g.roll, d->dir, why);

	if (!e)
		e = amend_open(&g.amend, d->dir, true, why);
	if (!e)
		e = gather_letters(&lanes, NULL, &g, why);
	if (!e)
		e = estimate_make(&est, lanes, &g, why);
	if (!e && lanes_take(lanes, 0, place, &n))
		e = why_set(why, ERR_MEMORY, "out of memory");
	if (!e)
		assert_int_equal(n, MEMBERS);
	lanes_free(lanes);
	amend_close(g.amend);
	roll_close(g.roll);
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
		e = bounce_put(b, raw.data, raw.len, 1000, NULL, why);
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
		e = returns_mended(r, 1, why);
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
	{ "whom the letters have reached", survey_op, 20 },
	{ "preflight", preflight_op, 20 },
	{ "letters by domain", gather_op, 8 },
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

/* Letters with the organiser's own words in them. */
static void post_own_text(struct desk *d, void **state)
{
	struct why why = { 0 };

	free(d->kit.conf.texts);
	d->kit.conf.texts = strdup(temp_path(state, "letter"));
	assert_non_null(d->kit.conf.texts);
	assert_int_equal(mkdir(d->kit.conf.texts, 0700), 0);
	temp_text(state, "letter/fr.txt",
	          "[subject]\n{{title}}\n[greeting]\nDear {{name}}\n[body]\nOne\nTwo\n"
	          "[signature]\nFor the bureau\n");
	letter_free(d->kit.letters);
	assert_ok(letter_load(&d->kit.letters, d->kit.m, d->kit.m->closes, &d->kit.conf, &why),
	          &why);
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
	post_own_text(&d, state);
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
