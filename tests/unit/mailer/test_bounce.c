/* SPDX-License-Identifier: MIT */
#include "mailer/bounce.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "mailer/amend.h"
#include "mailer/kept.h"
#include "mailer/living.h"
#include "mailer/maildir.h"
#include "mailer/whom.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/kit.h"

#define MEMBERS 20
#define NOBODY  65534
#define TOKEN   "JWFZ-PTC5-MN1C-SK7C-KTG2-W3D3-PEKJ"

struct mail {
	struct kit kit;
	const char *home;
	struct bounce *b;
};

static void open_mail(struct mail *m, void **state)
{
	struct why why = { 0 };

	memset(m, 0, sizeof(*m));
	m->home = ((struct temp *)*state)->dir;
	kit_open(&m->kit, state, KIT_DEFINITION, MEMBERS);
	kit_post(&m->kit, state, 25, "");
	assert_ok(whom_make(m->home, m->kit.m, m->kit.roll, &m->kit.keys, &why), &why);
	assert_ok(bounce_open(&m->b, m->home, m->kit.m, &m->kit.conf, NULL, &why), &why);
}

static void close_mail(struct mail *m)
{
	bounce_close(m->b);
	kit_close(&m->kit);
}

static void handle_of(const struct mail *m, unsigned serial, char handle[HANDLE_TEXT])
{
	struct member member;

	assert_int_equal(roll_get(m->kit.roll, serial, &member, NULL), OK);
	mint_handle(handle, m->kit.keys.handle, m->kit.m->id, member.id, strlen(member.id));
}

/* A report as Postfix makes them, to this address of ours. */
static void write_report(struct buf *out, const char *to, const char *action, const char *status,
                         const char *words)
{
	buf_clear(out);
	buf_addf(out,
	         "Return-Path: <>\nFrom: MAILER-DAEMON@mx.test\nTo: %s\n"
	         "Subject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n"
	         "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
	         "--b\nContent-Type: text/plain\n\nI'm sorry: %s\n"
	         "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\n"
	         "Final-Recipient: rfc822; m0@voters.test\nAction: %s\nStatus: %s\n"
	         "Diagnostic-Code: smtp; %s\n\n"
	         "--b\nContent-Type: message/rfc822\n\nFrom: election@example.org\n"
	         "Subject: vote\n\nVOTE " TOKEN " A\n\n--b--\n",
	         to, words, action, status, words);
	assert_int_equal(buf_err(out), OK);
}

static void put(struct mail *m, const struct buf *raw, const char *recipient)
{
	struct why why = { 0 };

	assert_ok(bounce_put(m->b, raw->data, raw->len, 1000, recipient, &why), &why);
}

static void put_report(struct mail *m, unsigned serial, const char *tail, const char *action,
                       const char *status, const char *words)
{
	struct buf raw = BUF_INIT((size_t)64 << 10);
	char handle[HANDLE_TEXT], to[100];

	handle_of(m, serial, handle);
	snprintf(to, sizeof(to), "<bounce+%s%s@example.org>", handle, tail);
	write_report(&raw, to, action, status, words);
	put(m, &raw, NULL);
	buf_free(&raw);
}

static void flush(struct mail *m)
{
	struct why why = { 0 };

	assert_ok(bounce_flush(m->b, &why), &why);
}

static bool returned(const struct mail *m, unsigned serial, struct returned *out)
{
	struct returns *r = NULL;
	bool found;

	assert_int_equal(returns_open(&r, m->home, false, NULL), OK);
	assert_int_equal(returns_find(r, serial, out, &found, NULL), OK);
	returns_close(r);
	return found;
}

/* A member's holidays come back to the envelope's sender, in any language, and hold numbers. */
static void who_is_away_or_answers_is_not_given_up(void **state)
{
	static const char *const mails[] = {
		"Return-Path: <>\nFrom: m0@voters.test\nAuto-Submitted: auto-replied\n"
		"Subject: Abwesend\n\nSie erreichen mich in Bureau 550, bâtiment B, +49 69 550 "
		"1234.\n",
		"Return-Path: <>\nFrom: m0@voters.test\nAuto-Submitted: auto-replied (vacation)\n"
		"Subject: Absence\n\nYour mail did not reach me; my student account is no longer "
		"active.\n",
		"Return-Path: <>\nFrom: m0@voters.test\nX-Autoreply: yes\nSubject: Weg\n\n"
		"Office number 551; the old address is no longer available.\n",
		"Return-Path: <>\nFrom: m0@voters.test\nSubject: Ferien\n\nZimmer 550\n",
		"Return-Path: <m0@voters.test>\nFrom: m0@voters.test\n"
		"Subject: Re: delivery failed?\n\nHi, 550 hello\n",
	};
	struct buf raw = BUF_INIT(4096);
	char handle[HANDLE_TEXT], to[100];
	struct returned one;
	struct mail m;

	open_mail(&m, state);
	for (unsigned i = 0; i < sizeof(mails) / sizeof(mails[0]); i++) {
		handle_of(&m, i % MEMBERS, handle);
		snprintf(to, sizeof(to), "bounce+%s@example.org", handle);
		buf_clear(&raw);
		buf_adds(&raw, mails[i]);
		put(&m, &raw, to);
	}
	flush(&m);
	for (unsigned i = 0; i < MEMBERS; i++)
		if (returned(&m, i, &one))
			fail_msg("%u: %s", i, failure_name(one.failure));
	close_mail(&m);
	buf_free(&raw);
}

static void a_report_is_noted_for_its_member_alone(void **state)
{
	struct returned one;
	struct mail m;

	open_mail(&m, state);
	put_report(&m, 3, "", "failed", "5.1.1", "550 5.1.1 User unknown " TOKEN);
	put_report(&m, 4, "", "delayed", "4.4.1", "connection refused");
	put_report(&m, 5, "", "relayed", "2.0.0", "250 ok");
	flush(&m);
	for (unsigned i = 0; i < MEMBERS; i++)
		assert_int_equal(returned(&m, i, &one), i == 3 || i == 4);
	assert_true(returned(&m, 3, &one));
	assert_int_equal(one.failure, FAILURE_HARD);
	assert_string_equal(one.status, "5.1.1");
	assert_string_equal(one.system, "mx.test");
	assert_string_equal(one.text, "550 5.1.1 User unknown [...]");
	assert_int_equal(one.at, 1000);
	assert_int_equal(bounce_counts(m.b)->read[FAILURE_DELAYED], 1);
	assert_int_equal(bounce_counts(m.b)->other, 1);
	close_mail(&m);
}

static void a_forged_handle_changes_a_count_alone(void **state)
{
	struct buf raw = BUF_INIT((size_t)64 << 10);
	struct returned one;
	struct mail m;

	open_mail(&m, state);
	write_report(&raw, "bounce+0000000000000@example.org", "failed", "5.1.1", "User unknown");
	put(&m, &raw, NULL);
	flush(&m);
	for (unsigned i = 0; i < MEMBERS; i++)
		assert_false(returned(&m, i, &one));
	assert_int_equal(bounce_counts(m.b)->forged, 1);
	assert_int_equal(bounce_counts(m.b)->read[FAILURE_HARD], 0);
	buf_free(&raw);
	close_mail(&m);
}

/* Who saw an old letter knows the handle, and can count. Without a tag it is counted as what it
 * says: a late report on that letter comes so as well. */
static void who_saw_an_old_letter_silences_no_new_address(void **state)
{
	static const char *const tails[] = { "", "-1", "-2", "-3", "-00000002", "-zzzzzzzz" };
	struct amend *amend = NULL;
	struct amended now;
	char tail[TAG_TEXT + 1];
	struct returned one;
	struct mail m;

	open_mail(&m, state);
	assert_int_equal(amend_open(&amend, m.home, true, NULL), OK);
	amend_begin(amend);
	amend_plan(amend, 3, REPLACE_ADDRESS, 0);
	amend_address(amend, 3, "new@voters.test", "m3@voters.test");
	assert_int_equal(amend_commit(amend, NULL), OK);
	for (unsigned i = 0; i < sizeof(tails) / sizeof(tails[0]); i++)
		put_report(&m, 3, tails[i], "failed", "5.1.1", "User unknown");
	flush(&m);
	assert_false(returned(&m, 3, &one));
	assert_int_equal(bounce_counts(m.b)->read[FAILURE_HARD], 1);
	assert_int_equal(bounce_counts(m.b)->forged, 2);
	assert_int_equal(bounce_counts(m.b)->kept, 3); /* a number is no tag */
	assert_int_equal(amend_get(amend, 3, &now, NULL), OK);
	snprintf(tail, sizeof(tail), "-%s", now.tag);
	put_report(&m, 4, tail, "failed", "5.1.1", "User unknown");
	put_report(&m, 3, tail, "failed", "5.1.1", "User unknown");
	flush(&m);
	assert_false(returned(&m, 4, &one));
	assert_true(returned(&m, 3, &one));
	assert_int_equal(bounce_counts(m.b)->forged, 3);
	assert_int_equal(bounce_counts(m.b)->read[FAILURE_HARD], 2);
	amend_close(amend);
	close_mail(&m);
}

/* The envelope's word goes before the header's. */
static void the_envelope_knows_best(void **state)
{
	struct buf raw = BUF_INIT((size_t)64 << 10);
	char handle[HANDLE_TEXT], to[100];
	struct returned one;
	struct mail m;

	open_mail(&m, state);
	handle_of(&m, 3, handle);
	snprintf(to, sizeof(to), "bounce+%s@example.org", handle);
	write_report(&raw, to, "failed", "5.1.1", "User unknown");
	handle_of(&m, 4, handle);
	snprintf(to, sizeof(to), "prvs=12345=BOUNCE+%s@example.org", handle);
	put(&m, &raw, to);
	flush(&m);
	assert_false(returned(&m, 3, &one));
	assert_true(returned(&m, 4, &one));
	buf_free(&raw);
	close_mail(&m);
}

static unsigned kept(const struct mail *m, void **state, struct buf *text)
{
	DIR *dir = opendir(temp_path(state, "returns/kept"));
	struct dirent *entry;
	unsigned n = 0;

	(void)m;
	while (dir && (entry = readdir(dir))) {
		char name[300];
		struct stat st;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "returns/kept/%s", entry->d_name);
		assert_int_equal(stat(temp_path(state, name), &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		buf_clear(text);
		assert_int_equal(file_read(text, temp_path(state, name), NULL), OK);
		n++;
	}
	if (dir)
		closedir(dir);
	return n;
}

/* However often, and what was put is put again: else a mail would be noted for another's. */
static void a_flush_that_fails_forgets_what_was_put(void **state)
{
	struct buf raw = BUF_INIT((size_t)64 << 10);
	struct returned r;
	struct mail m;

	open_mail(&m, state);
	write_report(&raw, "bounce@example.org", "failed", "5.1.1", "User unknown");
	temp_text(state, "returns/kept", "not a folder\n");
	for (unsigned i = 0; i < BOUNCE_BATCH + 2; i++) {
		assert_int_equal(bounce_put(m.b, raw.data, raw.len, 77, NULL, NULL), OK);
		assert_int_not_equal(bounce_flush(m.b, NULL), OK);
	}
	put(&m, &raw, NULL);
	put_report(&m, 3, "", "failed", "5.1.1", "User unknown");
	assert_int_not_equal(bounce_flush(m.b, NULL), OK);
	assert_int_equal(unlink(temp_path(state, "returns/kept")), 0);
	put_report(&m, 4, "", "failed", "5.1.1", "User unknown");
	flush(&m);
	assert_false(returned(&m, 3, &r));
	assert_true(returned(&m, 4, &r));
	assert_int_equal(r.at, 1000);
	assert_int_equal(bounce_counts(m.b)->kept, 0);
	buf_free(&raw);
	close_mail(&m);
}

static void what_names_nobody_is_kept_without_its_body(void **state)
{
	struct buf raw = BUF_INIT((size_t)64 << 10), text = BUF_INIT((size_t)64 << 10);
	struct mail m;

	open_mail(&m, state);
	write_report(&raw, "bounce@example.org", "failed", "5.1.1", "User unknown");
	put(&m, &raw, NULL);
	put(&m, &raw, NULL); /* once more: the same file */
	buf_clear(&raw);
	buf_adds(&raw, "Subject: re " TOKEN "\nX: JWFZPTC5MN1CSK7C\n KTG2\n\n" TOKEN "\n");
	put(&m, &raw, NULL);
	buf_clear(&raw);
	put(&m, &raw, NULL); /* nothing at all */
	flush(&m);
	assert_int_equal(bounce_counts(m.b)->kept, 4);
	assert_int_equal(kept(&m, state, &text), 3);
	assert_null(strstr(buf_text(&text), "JWFZ"));
	buf_free(&raw);
	buf_free(&text);
	close_mail(&m);
}

static void many_mails_in_any_batch(void **state)
{
	struct returned one;
	struct mail m;

	open_mail(&m, state);
	for (unsigned batch = 0; batch < 3; batch++) {
		for (unsigned i = 0; i < BOUNCE_BATCH; i++) {
			char words[40];

			snprintf(words, sizeof(words), "User unknown %u %u", batch, i);
			put_report(&m, i % MEMBERS, "", "failed", "4.2.1", words);
		}
		flush(&m);
	}
	flush(&m);
	assert_int_equal(bounce_counts(m.b)->read[FAILURE_SOFT], 3 * BOUNCE_BATCH);
	assert_true(returned(&m, 0, &one));
	assert_int_equal(one.times, 3 * ((BOUNCE_BATCH + MEMBERS - 1) / MEMBERS));
	close_mail(&m);
}

/* What is over the cap, has no end, or has an end without a beginning. */
static void broken_mails_are_never_fatal(void **state)
{
	struct buf raw = BUF_INIT((size_t)1 << 20);
	struct mail m;

	open_mail(&m, state);
	for (unsigned kind = 0; kind < 6; kind++) {
		buf_clear(&raw);
		switch (kind) {
		case 0:
			while (raw.len < 300000)
				buf_adds(&raw, "X: y\n");
			break;
		case 1:
			buf_adds(&raw, "Content-Type: multipart/mixed; boundary=b\n\n");
			while (raw.len < 300000)
				buf_adds(&raw, "\n--b\n");
			break;
		case 2:
			for (unsigned i = 0; i < 2000; i++)
				buf_adds(&raw, "Content-Type: message/rfc822\n\n");
			break;
		case 3:
			for (unsigned i = 0; i < 5000; i++)
				buf_addc(&raw, (char)i);
			break;
		case 4:
			buf_adds(&raw, "\n\n\n--\n--b--\n");
			break;
		default:
			buf_adds(&raw, "From x\n");
		}
		put(&m, &raw, NULL);
	}
	put_report(&m, 1, "", "failed", "5.1.1", "User unknown");
	flush(&m);
	assert_int_equal(bounce_counts(m.b)->kept, 6);
	assert_int_equal(bounce_counts(m.b)->read[FAILURE_HARD], 1);
	buf_free(&raw);
	close_mail(&m);
}

static void a_forgotten_election_has_nobody(void **state)
{
	struct why why = { 0 };
	struct whom *w = NULL;
	struct mail m;

	open_mail(&m, state);
	bounce_close(m.b);
	m.b = NULL;
	assert_ok(whom_forget(m.home, m.kit.m, &why), &why);
	assert_ok(whom_make_missing(m.home, m.kit.m, m.kit.roll, &m.kit.keys, &why), &why);
	assert_ok(whom_open(&w, m.home, m.kit.m, &why), &why);
	for (unsigned i = 0; i < MEMBERS; i++) {
		char handle[HANDLE_TEXT];
		uint32_t serial;

		handle_of(&m, i, handle);
		assert_false(whom_find(w, handle, &serial));
	}
	whom_close(w);
	close_mail(&m);
}

static void every_handle_has_its_member(void **state)
{
	struct why why = { 0 };
	struct whom *w = NULL;
	struct mail m;

	open_mail(&m, state);
	assert_ok(whom_open(&w, m.home, m.kit.m, &why), &why);
	for (unsigned i = 0; i < MEMBERS; i++) {
		char handle[HANDLE_TEXT];
		uint32_t serial;

		handle_of(&m, i, handle);
		assert_true(whom_find(w, handle, &serial));
		assert_int_equal(serial, i);
	}
	whom_close(w);
	temp_text(state, "handles.index", "votepost handles 1\nanother election");
	assert_int_equal(whom_open(&w, m.home, m.kit.m, &why), ERR_FORMAT);
	assert_int_equal(unlink(temp_path(state, "handles.index")), 0);
	assert_int_equal(whom_open(&w, m.home, m.kit.m, &why), ERR_STATE);
	close_mail(&m);
}

static void who_is_dead_is_left_out(void **state)
{
	struct serials *only = NULL, *set = NULL;
	struct why why = { 0 };
	uint64_t dead;
	struct mail m;

	open_mail(&m, state);
	put_report(&m, 3, "", "failed", "5.1.1", "User unknown");
	put_report(&m, 4, "", "failed", "5.2.2", "over quota");
	flush(&m);
	assert_ok(living_find(&set, &dead, m.home, MEMBERS, NULL, &why), &why);
	assert_int_equal(dead, 1);
	assert_int_equal(serials_count(set), MEMBERS - 1);
	assert_false(serials_has(set, 3));
	serials_free(set);
	assert_ok(serials_new(&only, MEMBERS, &why), &why);
	serials_add(only, 4);
	assert_ok(living_find(&set, &dead, m.home, MEMBERS, only, &why), &why);
	assert_int_equal(dead, 0);
	assert_int_equal(serials_count(set), 1);
	serials_free(set);
	serials_free(only);
	close_mail(&m);
}

static void make_box(void **state)
{
	assert_int_equal(mkdir(temp_path(state, "box"), 0755), 0);
	assert_int_equal(mkdir(temp_path(state, "box/new"), 0755), 0);
	assert_int_equal(mkdir(temp_path(state, "box/cur"), 0755), 0);
}

static unsigned read_box(struct maildir *m)
{
	struct buf raw = BUF_INIT((size_t)1 << 16);
	struct why why = { 0 };
	uint64_t came;
	unsigned n = 0;
	enum err e;

	while (!(e = maildir_next(m, &raw, &came, &why))) {
		n++;
		assert_int_equal(raw.len, 3);
		assert_true(came > 1000000000);
	}
	if (e != ERR_NOT_FOUND)
		fail_msg("%s", why.text);
	buf_free(&raw);
	return n;
}

static void a_maildir_is_emptied_and_nothing_else(void **state)
{
	struct maildir *m = NULL;
	struct why why = { 0 };

	assert_int_equal(maildir_open(&m, temp_path(state, "box"), &why), ERR_NOT_FOUND);
	make_box(state);
	temp_text(state, "secret", "not a mail");
	assert_int_equal(symlink(temp_path(state, "secret"), temp_path(state, "box/new/link")), 0);
	assert_int_equal(mkfifo(temp_path(state, "box/new/fifo"), 0600), 0);
	temp_text(state, "box/new/.hidden", "none");
	temp_text(state, "box/new/1", "one");
	temp_text(state, "box/cur/2:2,S", "two");
	assert_ok(maildir_open(&m, temp_path(state, "box"), &why), &why);
	assert_int_equal(read_box(m), 2);
	assert_int_equal(maildir_pending(m), 2);
	assert_true(file_there(temp_path(state, "box/new/1")));
	maildir_destroy(m);
	assert_int_equal(maildir_pending(m), 0);
	assert_false(file_there(temp_path(state, "box/new/1")));
	assert_false(file_there(temp_path(state, "box/cur/2:2,S")));
	assert_true(file_there(temp_path(state, "box/new/.hidden")));
	assert_true(file_there(temp_path(state, "secret")));
	assert_int_equal(maildir_left(m, &why), ERR_AGAIN);
	assert_non_null(strstr(why.text, "2 entries"));
	maildir_close(m);
}

/* One that cannot be read costs no other its reading; what another has taken is nobody's loss. */
static void what_cannot_be_read_is_told_and_left(void **state)
{
	struct maildir *m = NULL;
	struct why why = { 0 };

	make_box(state);
	temp_text(state, "box/new/1", "one");
	temp_text(state, "box/new/2", "two");
	temp_text(state, "box/new/3", "six");
	temp_text(state, "box/cur/4", "ten");
	assert_int_equal(chmod(temp_path(state, "box/new/1"), 0644), 0);
	assert_int_equal(chmod(temp_path(state, "box/new/2"), 0), 0);
	assert_int_equal(chmod(temp_path(state, "box/cur/4"), 0644), 0);
	assert_ok(maildir_open(&m, temp_path(state, "box"), &why), &why);
	assert_int_equal(unlink(temp_path(state, "box/new/3")), 0);
	if (!geteuid())
		assert_int_equal(seteuid(NOBODY), 0); /* root may read anything */
	assert_int_equal(read_box(m), 2);
	maildir_destroy(m); /* nobody may not take names out of the folders either */
	if (geteuid() == NOBODY)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(maildir_left(m, &why), ERR_AGAIN);
	assert_non_null(strstr(why.text, "box/new"));
	assert_non_null(strstr(why.text, "Permission denied"));
	assert_true(file_there(temp_path(state, "box/new/2")));
	maildir_close(m);
	assert_int_equal(mkdir(temp_path(state, "box/cur/5"), 0755), 0);
	assert_int_equal(unlink(temp_path(state, "box/new/2")), 0);
	temp_text(state, "box/cur/6", "two");
	assert_ok(maildir_open(&m, temp_path(state, "box"), &why), &why);
	assert_true(read_box(m) > 0);
	maildir_destroy(m);
	assert_false(file_there(temp_path(state, "box/cur/6")));
	assert_int_equal(maildir_left(m, &why), ERR_AGAIN);
	assert_non_null(strstr(why.text, "1 entry"));
	assert_non_null(strstr(why.text, "box/cur/5: "));
	maildir_close(m);
	assert_int_equal(rmdir(temp_path(state, "box/cur/5")), 0);
	assert_ok(maildir_open(&m, temp_path(state, "box"), &why), &why);
	assert_int_equal(read_box(m), 0);
	assert_int_equal(maildir_left(m, &why), OK);
	maildir_close(m);
}

/* A mail server copies a mail to another folder by a second name for it: that copy is not ours. */
static void a_mail_that_lies_elsewhere_as_well_is_not_overwritten(void **state)
{
	struct buf raw = BUF_INIT((size_t)1 << 16);
	struct maildir *m = NULL;
	struct why why = { 0 };
	uint64_t came;
	int gone;
	char text[4] = "";

	assert_int_equal(mkdir(temp_path(state, "box"), 0700), 0);
	assert_int_equal(mkdir(temp_path(state, "box/new"), 0700), 0);
	assert_int_equal(mkdir(temp_path(state, "box/cur"), 0700), 0);
	temp_text(state, "mine", "one");
	assert_int_equal(link(temp_path(state, "mine"), temp_path(state, "box/new/1")), 0);
	temp_text(state, "box/new/2", "two");
	gone = open(temp_path(state, "box/new/2"), O_RDONLY);
	assert_true(gone >= 0);
	assert_ok(maildir_open(&m, temp_path(state, "box"), &why), &why);
	while (!maildir_next(m, &raw, &came, &why))
		;
	assert_int_equal(maildir_pending(m), 2);
	maildir_destroy(m);
	assert_false(file_there(temp_path(state, "box/new/1")));
	assert_false(file_there(temp_path(state, "box/new/2")));
	buf_clear(&raw);
	assert_ok(file_read(&raw, temp_path(state, "mine"), &why), &why);
	assert_string_equal(buf_text(&raw), "one");
	assert_int_equal(read(gone, text, 3), 3);
	assert_string_not_equal(text, "two");
	assert_int_equal(maildir_elsewhere(m), 1);
	close(gone);
	maildir_close(m);
	buf_free(&raw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(a_report_is_noted_for_its_member_alone),
		TEMP_TEST(who_is_away_or_answers_is_not_given_up),
		TEMP_TEST(a_forged_handle_changes_a_count_alone),
		TEMP_TEST(who_saw_an_old_letter_silences_no_new_address),
		TEMP_TEST(the_envelope_knows_best),
		TEMP_TEST(a_flush_that_fails_forgets_what_was_put),
		TEMP_TEST(what_names_nobody_is_kept_without_its_body),
		TEMP_TEST(many_mails_in_any_batch),
		TEMP_TEST(broken_mails_are_never_fatal),
		TEMP_TEST(a_forgotten_election_has_nobody),
		TEMP_TEST(every_handle_has_its_member),
		TEMP_TEST(who_is_dead_is_left_out),
		TEMP_TEST(a_maildir_is_emptied_and_nothing_else),
		TEMP_TEST(what_cannot_be_read_is_told_and_left),
		TEMP_TEST(a_mail_that_lies_elsewhere_as_well_is_not_overwritten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
