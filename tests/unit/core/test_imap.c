/* SPDX-License-Identifier: MIT */
#include "core/mail/imap.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/mail/imap_talk.h"
#include "core/monotime.h"
#include "tests/postbox.h"
#include "tests/support.h"

/* 1 Dec 2026, 12:00 UTC, as the server has it at 13:00 +0100. */
#define RECEIVED 1796126400u

/* What was taken: each mail's text and a line feed. */
struct taker {
	struct buf texts;
	unsigned taken, cut;
	size_t longest;
	uint64_t received;
	const char *refuses; /* a mail that holds this is handed back */
	const char *keeps;   /* one that holds this is taken, and to be brought again */
};

static enum err take(void *context, const void *raw, size_t len, bool cut, uint64_t received,
                     struct why *why)
{
	struct taker *t = context;

	if (t->refuses && memmem(raw, len, t->refuses, strlen(t->refuses)))
		return why_set(why, ERR_AGAIN, "not today");
	if (t->keeps && memmem(raw, len, t->keeps, strlen(t->keeps)))
		return why_set(why, ERR_EXISTS, "not answered yet");
	t->taken++;
	t->cut += cut;
	t->received = received;
	t->longest = len > t->longest ? len : t->longest;
	if (len < 1000) {
		buf_add(&t->texts, raw, len);
		buf_addc(&t->texts, '\n');
	}
	return OK;
}

static char password_file[] = "/tmp/password.XXXXXX";

/* A server, an account there, somebody who takes its mails. */
struct scene {
	struct postbox box;
	struct imap_account account;
	struct taker taker;
	struct why why;
};

static struct scene *begin(void)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	postbox_start(&s->box);
	buf_init(&s->taker.texts, (size_t)1 << 24);
	s->account = (struct imap_account){ .host = (char *)"127.0.0.1",
		                            .port = s->box.port,
		                            .user = (char *)"vote",
		                            .password_file = password_file,
		                            .folder = (char *)"INBOX",
		                            .timeout = 20 };
	return s;
}

static void end(struct scene *s)
{
	buf_free(&s->taker.texts);
	postbox_stop(&s->box);
	free(s);
}

static void add(struct scene *s, const char *text)
{
	postbox_add(&s->box, text, strlen(text));
}

static void add_three(struct scene *s)
{
	add(s, "one");
	add(s, "two");
	add(s, "three");
}

/* One poll, by a client of its own. */
static enum err poll_once(struct scene *s)
{
	struct imap *i = NULL;
	enum err e;

	memset(&s->why, 0, sizeof(s->why));
	e = imap_open(&i, &s->account, &s->why);
	if (!e)
		e = imap_poll(i, take, &s->taker, &s->why);
	imap_close(i);
	if (getenv("TALK"))
		printf("%d %s\n%s", e, s->why.text, buf_text(&s->box.commands));
	return e;
}

/* It may hold a token. */
static void a_mail_never_lies_in_swap(void **state)
{
	unsigned long before = support_locked();
	struct scene *s = begin();
	struct imap *i = NULL;

	(void)state;
#ifdef VOTEPOST_SANITIZED
	end(s);
	skip(); /* the sanitizer makes locking an empty word */
#endif
	assert_int_equal(imap_open(&i, &s->account, &s->why), OK);
	assert_true(support_locked() - before >= IMAP_MESSAGE_MAX / 1024);
	imap_close(i);
	assert_true(support_locked() <= before);
	end(s);
}

static void a_mailbox_is_emptied_mail_by_mail(void **state)
{
	struct scene *s = begin();

	(void)state;
	assert_int_equal(poll_once(s), OK);
	assert_int_equal(s->taker.taken, 0);
	add(s, "one");
	add(s, "");
	add(s, "three\r\n.\r\n)\r\n");
	assert_int_equal(poll_once(s), OK);
	assert_string_equal(buf_text(&s->taker.texts), "one\n\nthree\r\n.\r\n)\r\n\n");
	assert_int_equal(s->taker.received, RECEIVED);
	assert_int_equal(s->taker.cut, 0);
	assert_int_equal(postbox_left(&s->box), 0);
	assert_int_equal(s->box.connections, 2); /* one a poll */
	end(s);
}

static void the_same_text_twice_is_two_mails(void **state)
{
	struct scene *s = begin();

	(void)state;
	add(s, "the same");
	add(s, "the same");
	assert_int_equal(poll_once(s), OK);
	assert_int_equal(s->taker.taken, 2);
	assert_int_equal(postbox_left(&s->box), 0);
	end(s);
}

static void a_mail_that_is_handed_back_stays_and_blocks_none(void **state)
{
	struct scene *s = begin();

	(void)state;
	add_three(s);
	s->taker.refuses = "one";
	assert_int_equal(poll_once(s), ERR_AGAIN);
	assert_string_equal(s->why.text,
	                    "1 mail stays in the folder for now; the first: not today");
	assert_string_equal(buf_text(&s->taker.texts), "two\nthree\n");
	assert_true(postbox_has(&s->box, 1));
	assert_int_equal(postbox_left(&s->box), 1);
	s->taker.refuses = NULL;
	assert_int_equal(poll_once(s), OK);
	assert_string_equal(buf_text(&s->taker.texts), "two\nthree\none\n");
	assert_int_equal(postbox_left(&s->box), 0);
	end(s);
}

static void what_is_taken_goes_to_the_archive(void **state)
{
	struct scene *s = begin();

	(void)state;
	s->account.archive = (char *)"Dépouillés & lus";
	add_three(s);
	assert_int_equal(poll_once(s), OK);
	assert_int_equal(postbox_heard(&s->box, "CREATE \"D&AOk-pouill&AOk-s &- lus\""), 1);
	assert_int_equal(postbox_heard(&s->box, "UID MOVE 2 \"D&AOk-pouill&AOk-s &- lus\""), 1);
	assert_int_equal(s->box.archived, 3);
	assert_int_equal(postbox_left(&s->box), 0);
	/* And where the server cannot move */
	s->box.move = false;
	add_three(s);
	assert_int_equal(poll_once(s), OK);
	assert_int_equal(postbox_heard(&s->box, "CREATE"), 1);
	assert_int_equal(postbox_heard(&s->box, "UID COPY"), 3);
	assert_int_equal(postbox_heard(&s->box, "UID EXPUNGE"), 3);
	assert_int_equal(s->box.archived, 6);
	assert_int_equal(s->taker.taken, 6);
	assert_int_equal(postbox_left(&s->box), 0);
	end(s);
}

static void without_an_archive_nothing_is_taken(void **state)
{
	struct scene *s = begin();

	(void)state;
	s->account.archive = (char *)"Archive";
	s->box.no_archive = true;
	add_three(s);
	assert_int_equal(poll_once(s), ERR_SETTINGS);
	assert_non_null(strstr(s->why.text, "archive: "));
	assert_non_null(strstr(s->why.text, "you may not"));
	assert_int_equal(s->taker.taken, 0);
	assert_int_equal(postbox_left(&s->box), 3);
	end(s);
}

static void what_others_deleted_is_not_ours_to_remove(void **state)
{
	struct scene *s = begin();

	(void)state;
	add_three(s);
	s->box.mails[1].deleted = true;
	s->taker.refuses = "two";
	assert_int_equal(poll_once(s), ERR_AGAIN);
	assert_true(postbox_has(&s->box, 2));
	assert_int_equal(postbox_left(&s->box), 1);
	end(s);
}

/* A plain EXPUNGE would remove what others have marked, too. */
static void a_server_that_cannot_remove_one_mail_is_refused(void **state)
{
	struct scene *s = begin();

	(void)state;
	add_three(s);
	s->box.mails[1].deleted = true;
	s->box.uidplus = false;
	assert_int_equal(poll_once(s), ERR_SETTINGS);
	assert_non_null(strstr(s->why.text, "name a folder in archive"));
	s->box.move = false;
	s->account.archive = (char *)"Archive";
	assert_int_equal(poll_once(s), ERR_SETTINGS);
	assert_non_null(strstr(s->why.text, "take a mailbox elsewhere"));
	assert_int_equal(s->taker.taken, 0);
	assert_int_equal(postbox_left(&s->box), 3);
	s->box.move = true; /* which removes this one alone */
	assert_int_equal(poll_once(s), OK);
	assert_int_equal(s->taker.taken, 3);
	assert_int_equal(postbox_heard(&s->box, "EXPUNGE"), 0);
	end(s);
}

/* A mail that holds what a server would say of the second one, under every tag that libcurl may be
 * using: where a client asks for a part of a mail by a command of its own, libcurl reads on in it. */
static void add_forgery(struct scene *s)
{
	struct buf text = BUF_INIT(1 << 20);

	buf_adds(&text, "Subject: innocent\r\n\r\nvote\r\n");
	for (char letter = 'A'; letter <= 'Z'; letter++)
		for (unsigned n = 1; n < 40; n++)
			buf_addf(&text,
			         "* 2 FETCH (UID 2 INTERNALDATE \" 1-Jan-2020 00:00:00 +0000\" "
			         "RFC822.SIZE 6 BODY[] {6}\r\nforged)\r\n%c%03u OK done\r\n"
			         "* OK [UIDVALIDITY 99] x\r\n* 9 EXISTS\r\n",
			         letter, n);
	assert_int_equal(buf_err(&text), OK);
	postbox_add(&s->box, text.data, text.len);
	buf_free(&text);
}

static void no_mail_speaks_for_the_server(void **state)
{
	struct scene *s = begin();

	(void)state;
	add_forgery(s);
	add(s, "the real one");
	add_forgery(s);
	add(s, "the last one");
	assert_int_equal(poll_once(s), OK);
	assert_int_equal(s->taker.taken, 4);
	assert_string_equal(buf_text(&s->taker.texts), "the real one\nthe last one\n");
	assert_int_equal(s->taker.received, RECEIVED);
	assert_int_equal(postbox_left(&s->box), 0);
	assert_int_equal(s->box.connections, 1);
	end(s);
}

static void note_uid(void *context, const struct imap_item *item)
{
	uint32_t *uid = context;

	*uid = item->uid > *uid ? item->uid : *uid;
}

/* Why no command of ours may ask for a part of a mail: the forgery of the test above works. */
static void a_fetch_by_command_would_believe_a_mail(void **state)
{
	struct imap_talk *t = NULL;
	struct scene *s = begin();
	uint32_t uid = 0;

	(void)state;
	add_forgery(s);
	assert_int_equal(imap_talk_open(&t, &s->account, &s->why), OK);
	assert_int_equal(imap_talk_begin(t, &s->why), OK);
	assert_int_equal(imap_talk_do(t, "UID FETCH 1 BODY[]", note_uid, &uid, &s->why), OK);
	assert_int_equal(uid, 2);
	imap_talk_close(t);
	end(s);
}

/* libcurl cuts the answer to a SEARCH somewhere, and silently; a listing by places is never so
 * long, however many mails there are and however great their UIDs. */
static void twenty_thousand_mails_are_all_seen(void **state)
{
	struct scene *s = begin();

	(void)state;
	s->account.archive = (char *)"Archive"; /* MOVE: one command each */
	s->box.next_uid = 4294900000u;
	for (unsigned i = 0; i < 20000; i++)
		add(s, "x");
	assert_int_equal(poll_once(s), OK);

	assert_int_equal(s->taker.taken, 20000);
	assert_int_equal(postbox_left(&s->box), 0);
	assert_int_equal(postbox_heard(&s->box, "FETCH 19981:20000 "), 1);
	end(s);
}

static void a_listing_that_is_cut_is_told(void **state)
{
	struct scene *s = begin();

	(void)state;
	add_three(s);
	s->box.mails[2].uid = 1; /* what no server may do */
	assert_int_equal(poll_once(s), ERR_AGAIN);
	assert_non_null(strstr(s->why.text, "1 mails were not listed"));
	assert_int_equal(s->taker.taken, 2);
	end(s);
}

static void a_folder_numbered_anew_is_read_anew(void **state)
{
	struct scene *s = begin();

	(void)state;
	add_three(s);
	/* The second mail is given, then the connection is lost; by the next one all UIDs mean
	 * other mails. */
	postbox_misbehaves(&s->box, POSTBOX_RENUMBERS, "UID FETCH 2", 1);
	assert_int_equal(poll_once(s), OK);
	assert_string_equal(buf_text(&s->taker.texts), "one\ntwo\nthree\n");
	assert_int_equal(postbox_left(&s->box), 0);
	/* Before a mail is removed: not one is removed by its old number. */
	add_three(s);
	postbox_misbehaves(&s->box, POSTBOX_RENUMBERS, "UID FETCH 5", 1);
	s->taker.refuses = "t";
	assert_int_equal(poll_once(s), ERR_AGAIN);
	assert_int_equal(postbox_left(&s->box), 2);
	/* Between two polls it does not matter at all. */
	s->box.uidvalidity++;
	s->taker.refuses = NULL;
	assert_int_equal(poll_once(s), OK);
	assert_int_equal(postbox_left(&s->box), 0);
	/* A server that does nothing else is left alone. */
	add_three(s);
	postbox_misbehaves(&s->box, POSTBOX_RENUMBERS, "UID FETCH", -1);
	assert_int_equal(poll_once(s), ERR_AGAIN);
	assert_non_null(strstr(s->why.text, "anew"));
	assert_int_equal(postbox_left(&s->box), 3);
	end(s);
}

static void another_mail_than_asked_for_is_not_taken(void **state)
{
	static const enum postbox_mood moods[] = { POSTBOX_OTHER, POSTBOX_NAMELESS, POSTBOX_NIL,
		                                   POSTBOX_SHORT };
	struct scene *s = begin();

	(void)state;
	for (size_t i = 0; i < sizeof(moods) / sizeof(moods[0]); i++) {
		char at[40];

		buf_clear(&s->taker.texts);
		snprintf(at, sizeof(at), "UID FETCH %u", s->box.next_uid + 1);
		add_three(s);
		postbox_misbehaves(&s->box, moods[i], at, 1);
		assert_int_equal(poll_once(s), ERR_AGAIN);
		assert_string_equal(buf_text(&s->taker.texts), "one\nthree\n");
		assert_int_equal(postbox_left(&s->box), 1);
		assert_int_equal(poll_once(s), OK);
		assert_string_equal(buf_text(&s->taker.texts), "one\nthree\ntwo\n");
	}
	end(s);
}

static void a_server_may_be_chatty_and_name_a_mail_late(void **state)
{
	struct scene *s = begin();

	(void)state;
	add_three(s);
	postbox_misbehaves(&s->box, POSTBOX_LATE_NAME, "UID FETCH", -1);
	assert_int_equal(poll_once(s), OK);
	add_three(s);
	postbox_misbehaves(&s->box, POSTBOX_CHATTY, "UID FETCH", -1);
	assert_int_equal(poll_once(s), OK);
	add_three(s);
	postbox_misbehaves(&s->box, POSTBOX_CHATTY, "FETCH", -1);
	assert_int_equal(poll_once(s), OK);
	assert_int_equal(s->taker.taken, 9);
	assert_int_equal(s->box.connections, 3);
	end(s);
}

static void a_large_mail_is_cut_and_said_to_be(void **state)
{
	size_t len = IMAP_MESSAGE_MAX + 1000;
	char *large = malloc(len);
	struct scene *s = begin();

	(void)state;
	assert_non_null(large);
	memset(large, 'x', len);
	postbox_add(&s->box, large, IMAP_MESSAGE_MAX); /* as large as may be */
	assert_int_equal(poll_once(s), OK);
	assert_int_equal(s->taker.cut, 0);
	postbox_add(&s->box, large, len); /* known to be too large: its beginning is asked for */
	assert_int_equal(poll_once(s), OK);
	assert_int_equal(s->taker.cut, 1);
	assert_int_equal(postbox_heard(&s->box, "UID FETCH 2 BODY[]<0.1048576>"), 1);
	postbox_add(&s->box, large, len); /* larger than the server said */
	s->box.mails[2].says = 10;
	assert_int_equal(poll_once(s), OK);
	assert_int_equal(s->taker.cut, 2);
	add(s, "small, and said to be large");
	s->box.mails[3].says = len;
	assert_int_equal(poll_once(s), OK);
	assert_int_equal(s->taker.cut, 2);
	add(s, "4 GiB");
	postbox_misbehaves(&s->box, POSTBOX_HUGE, "UID FETCH 5", 1);
	assert_int_equal(poll_once(s), OK);
	assert_int_equal(s->taker.cut, 3);
	assert_int_equal(s->taker.taken, 5);
	assert_int_equal(s->taker.longest, IMAP_MESSAGE_MAX);
	assert_int_equal(postbox_left(&s->box), 0);
	free(large);
	end(s);
}

static void no_server_keeps_us_for_ever(void **state)
{
	static const struct {
		enum postbox_mood mood;
		const char *at;
	} trials[] = {
		{ POSTBOX_LINE, "" },           { POSTBOX_LINE, "FETCH" },
		{ POSTBOX_LINES, "SELECT" },    { POSTBOX_LINES, "FETCH" },
		{ POSTBOX_LINES, "UID FETCH" }, { POSTBOX_DRIPS, "FETCH" },
		{ POSTBOX_HANGS, "" },          { POSTBOX_HANGS, "SELECT" },
	};
	struct scene *s = begin();

	(void)state;
	s->account.timeout = 1;
	add(s, "one");
	for (size_t i = 0; i < sizeof(trials) / sizeof(trials[0]); i++) {
		uint64_t start = monotime_ms();

		postbox_misbehaves(&s->box, trials[i].mood, trials[i].at, -1);
		assert_int_equal(poll_once(s), ERR_AGAIN);
		assert_true(monotime_ms() - start < 8000);
		assert_true(s->why.text[0] != 0);
	}
	assert_int_equal(s->taker.taken, 0);
	postbox_misbehaves(&s->box, POSTBOX_FINE, NULL, 0);
	assert_int_equal(poll_once(s), OK);
	assert_int_equal(s->taker.taken, 1);
	end(s);
}

/* Whatever goes wrong wherever, once: a mail is taken before it goes, and in the end all are
 * taken and gone. */
static void trouble_at_any_step_loses_nothing(void **state)
{
	static const enum postbox_mood moods[] = { POSTBOX_NO, POSTBOX_BAD, POSTBOX_BYE,
		                                   POSTBOX_DROPS, POSTBOX_DOES };
	static const char *const places[] = {
		"",           "CAPABILITY",  "LOGIN",        "SELECT",
		"STATUS",     "FETCH",       "UID FETCH 2",  "UID MOVE 2",
		"UID COPY 2", "UID STORE 2", "UID EXPUNGE 2"
	};
	static const char *const texts[] = { "one", "two", "three" };

	(void)state;
	for (size_t i = 0; i < sizeof(moods) / sizeof(moods[0]); i++)
		for (size_t k = 0; k < sizeof(places) / sizeof(places[0]); k++) {
			struct scene *s = begin();
			unsigned polls = 0;

			s->box.move = strncmp(places[k], "UID MOVE", 8) == 0;
			s->account.archive = (char *)"Archive";
			add_three(s);
			postbox_misbehaves(&s->box, moods[i], places[k], 1);
			while (poll_once(s) && ++polls < 5)
				assert_true(s->why.text[0] && !strstr(s->why.text, "@"));
			assert_true(polls < 5);
			assert_int_equal(postbox_left(&s->box), 0);
			for (size_t n = 0; n < 3; n++)
				assert_non_null(strstr(buf_text(&s->taker.texts), texts[n]));
			assert_true(s->taker.taken <= 6);
			end(s);
		}
}

static void a_mail_marked_and_not_yet_gone_is_read_again(void **state)
{
	struct scene *s = begin();

	(void)state;
	add_three(s);
	postbox_misbehaves(&s->box, POSTBOX_DOES, "UID STORE 2", 1);
	assert_int_equal(poll_once(s), ERR_AGAIN);
	assert_string_equal(buf_text(&s->taker.texts), "one\ntwo\nthree\n");
	assert_true(postbox_has(&s->box, 2));
	assert_int_equal(poll_once(s), OK);
	assert_string_equal(buf_text(&s->taker.texts), "one\ntwo\nthree\ntwo\n");
	assert_int_equal(postbox_left(&s->box), 0);
	end(s);
}

static void what_cannot_be_removed_blocks_none(void **state)
{
	struct scene *s = begin();

	(void)state;
	for (int i = 0; i < 100; i++)
		add(s, "x");
	postbox_misbehaves(&s->box, POSTBOX_NO, "UID STORE", -1);
	assert_int_equal(poll_once(s), ERR_AGAIN);
	assert_int_equal(s->taker.taken, 100);
	assert_int_equal(postbox_heard(&s->box, "UID STORE"), 1);
	assert_non_null(strstr(s->why.text, "100 mails stay"));
	assert_non_null(strstr(s->why.text, "[CANNOT]"));
	/* Nor does what cannot be fetched, as long as there are not too many. */
	postbox_misbehaves(&s->box, POSTBOX_DROPS, "UID FETCH", 10);
	assert_int_equal(poll_once(s), ERR_AGAIN);
	assert_int_equal(postbox_left(&s->box), 10);
	assert_int_equal(poll_once(s), OK);
	end(s);
}

static void poll_remembering(struct scene *s, struct imap_memory *m, enum err want)
{
	struct imap *i = NULL;

	buf_clear(&s->taker.texts);
	memset(&s->why, 0, sizeof(s->why));
	assert_int_equal(imap_open(&i, &s->account, &s->why), OK);
	imap_remember(i, m);
	assert_int_equal(imap_poll(i, take, &s->taker, &s->why), want);
	imap_close(i);
}

static void what_failed_before_waits_behind_what_is_new(void **state)
{
	struct imap_memory m;
	struct scene *s = begin();

	(void)state;
	imap_memory_init(&m, 0);
	add_three(s);
	s->taker.refuses = "e"; /* the first and the third */
	poll_remembering(s, &m, ERR_AGAIN);
	assert_string_equal(buf_text(&s->taker.texts), "two\n");
	s->taker.refuses = NULL;
	add(s, "new");
	poll_remembering(s, &m, OK);
	assert_string_equal(buf_text(&s->taker.texts), "new\none\nthree\n");
	imap_memory_release(&m);
	end(s);
}

/* Each that cannot be fetched costs a connection, so that a poll ends after some. */
static void what_cannot_be_fetched_hides_none(void **state)
{
	struct imap_memory m;
	struct scene *s = begin();

	(void)state;
	imap_memory_init(&m, 0);
	for (unsigned i = 0; i < 50; i++)
		add(s, "broken");
	postbox_misbehaves(&s->box, POSTBOX_DROPS, "UID FETCH", -1);
	poll_remembering(s, &m, ERR_AGAIN);
	assert_int_equal(postbox_heard(&s->box, "UID FETCH"), 20);
	add(s, "behind them"); /* new ones first, and of those that failed the longest ago */
	poll_remembering(s, &m, ERR_AGAIN);
	poll_remembering(s, &m, ERR_AGAIN);
	for (unsigned uid = 1; uid <= 51; uid++) {
		char command[40];

		snprintf(command, sizeof(command), "UID FETCH %u BODY", uid);
		assert_true(postbox_heard(&s->box, command) >= 1);
	}
	postbox_misbehaves(&s->box, POSTBOX_NO, "UID FETCH 7 ", -1);
	poll_remembering(s, &m, ERR_AGAIN);
	assert_int_equal(postbox_left(&s->box), 1);
	assert_non_null(strstr(buf_text(&s->taker.texts), "behind them\n"));
	imap_memory_release(&m);
	end(s);
}

/* Each is tried, due or not; and what was taken before was taken, though it cannot be fetched now. */
static void whoever_is_in_a_hurry_knows_what_was_taken(void **state)
{
	struct imap_memory m;
	struct scene *s = begin();
	struct imap *i = NULL;

	(void)state;
	imap_memory_init(&m, 1000);
	add_three(s);
	s->taker.keeps = "two";
	s->taker.refuses = "three";
	poll_remembering(s, &m, ERR_AGAIN);
	m.urgent = true;
	assert_int_equal(imap_open(&i, &s->account, &s->why), OK);
	imap_remember(i, &m);
	assert_int_equal(imap_poll(i, take, &s->taker, &s->why), ERR_AGAIN);
	assert_false(imap_all_taken(i));
	s->taker.refuses = NULL;
	postbox_misbehaves(&s->box, POSTBOX_NO, "UID FETCH 2", -1);
	assert_int_equal(imap_poll(i, take, &s->taker, &s->why), ERR_AGAIN);
	assert_true(imap_all_taken(i));
	assert_int_equal(postbox_left(&s->box), 2);
	imap_close(i);
	/* It had no patience, and nobody else is to wait longer for it. */
	assert_int_equal(imap_memory_find(&m, 2).times, 1);
	imap_memory_release(&m);
	end(s);
}

/* What cannot be removed is no obstacle to them, however much it is. */
static void whoever_is_in_a_hurry_removes_nothing(void **state)
{
	struct imap_memory m;
	struct scene *s = begin();
	struct imap *i = NULL;

	(void)state;
	imap_memory_init(&m, 1000);
	m.urgent = true;
	for (unsigned k = 0; k < 30; k++)
		postbox_add(&s->box, "mail", 4);
	s->account.archive = (char *)"Archive";
	s->box.no_archive = true;
	postbox_misbehaves(&s->box, POSTBOX_DROPS, "UID STORE", -1);
	for (unsigned archived = 2; archived--;) {
		s->taker.taken = 0;
		s->account.archive = archived ? (char *)"Archive" : NULL;
		assert_int_equal(imap_open(&i, &s->account, &s->why), OK);
		imap_remember(i, &m);
		assert_int_equal(imap_poll(i, take, &s->taker, &s->why), ERR_AGAIN);
		assert_true(imap_all_taken(i));
		assert_int_equal(s->taker.taken, 30);
		imap_close(i);
	}
	imap_memory_release(&m);
	s->account.archive = NULL;
	postbox_misbehaves(&s->box, POSTBOX_FINE, "", 0);
	assert_int_equal(poll_once(s), OK);
	assert_int_equal(postbox_left(&s->box), 0);
	end(s);
}

static void what_fails_is_tried_at_a_growing_distance(void **state)
{
	struct imap_memory m;
	struct scene *s = begin();
	char first[WHY_MAX];

	(void)state;
	imap_memory_init(&m, 1000);
	add_three(s);
	s->taker.refuses = "two";
	poll_remembering(s, &m, ERR_AGAIN);
	snprintf(first, sizeof(first), "%s", s->why.text);
	poll_remembering(s, &m, ERR_AGAIN);
	assert_int_equal(postbox_heard(&s->box, "UID FETCH 2"), 1);
	assert_string_equal(s->why.text, first); /* and it is told as before, not as mended */
	/* It is the folder's: under another number, and for whoever forgets, it is new. */
	s->box.uidvalidity++;
	poll_remembering(s, &m, ERR_AGAIN);
	assert_int_equal(postbox_heard(&s->box, "UID FETCH 2"), 2);
	assert_int_equal(poll_once(s), ERR_AGAIN);
	assert_int_equal(postbox_heard(&s->box, "UID FETCH 2"), 3);
	s->taker.refuses = NULL;
	assert_int_equal(poll_once(s), OK);
	poll_remembering(s, &m, OK);
	add(s, "two");
	poll_remembering(s, &m, OK);
	assert_string_equal(buf_text(&s->taker.texts), "two\n");
	imap_memory_release(&m);
	end(s);
	assert_int_equal(imap_memory_wait(10, 1), 10);
	assert_int_equal(imap_memory_wait(10, 3), 40);
	assert_int_equal(imap_memory_wait(10, 1000), IMAP_MEMORY_WAIT_MAX);
	assert_int_equal(imap_memory_wait(0, 1000), 0);
}

static void a_login_is_told_without_its_secret(void **state)
{
	struct scene *s = begin();

	(void)state;
	s->box.user = "vote";
	s->box.password = "\"se \\\"cret\\\\\"";
	assert_int_equal(poll_once(s), ERR_SETTINGS);
	assert_string_equal(s->why.text,
	                    "127.0.0.1 does not let us in: [AUTHENTICATIONFAILED] wrong; see user "
	                    "and password_file");
	assert_int_equal(s->box.logins, 0);
	s->box.password = "hunter2";
	assert_int_equal(poll_once(s), OK);
	assert_int_equal(s->box.logins, 1);
	postbox_misbehaves(&s->box, POSTBOX_NO, "SELECT", 1);
	assert_int_equal(poll_once(s), ERR_SETTINGS);
	assert_non_null(strstr(s->why.text, "does not open the folder INBOX: [CANNOT]"));
	s->account.tls = SMTP_TLS_STARTTLS;
	assert_int_equal(poll_once(s), ERR_SETTINGS);
	assert_non_null(strstr(s->why.text, "tls = implicit"));
	s->account.tls = SMTP_TLS_IMPLICIT;
	assert_int_equal(poll_once(s), ERR_SETTINGS);
	assert_non_null(strstr(s->why.text, "tls = starttls"));
	assert_int_equal(s->box.logins, 2); /* of the folder that was not opened */
	end(s);
}

static void a_folder_must_be_writable_and_numbered(void **state)
{
	struct scene *s = begin();

	(void)state;
	add_three(s);
	s->box.read_only = true;
	assert_int_equal(poll_once(s), ERR_SETTINGS);
	assert_non_null(strstr(s->why.text, "may only be read"));
	s->box.read_only = false;
	s->box.no_uidvalidity = true;
	assert_int_equal(poll_once(s), ERR_SETTINGS);
	assert_non_null(strstr(s->why.text, "UIDVALIDITY"));
	assert_int_equal(s->taker.taken, 0);
	end(s);
}

static void a_folder_is_named_as_people_name_it(void **state)
{
	struct scene *s = begin();

	(void)state;
	add_three(s);
	s->account.folder = (char *)"INBOX/Réponses; un/deux";
	assert_int_equal(poll_once(s), OK);
	assert_int_equal(postbox_heard(&s->box, "SELECT \"INBOX/R&AOk-ponses; un/deux\""), 1);
	assert_int_equal(s->taker.taken, 3);
	end(s);
}

/* What imap_open says to an account, which is not used. */
static enum err open_it(const struct imap_account *a, struct why *why)
{
	struct imap *i = NULL;
	enum err e;

	memset(why, 0, sizeof(*why));
	e = imap_open(&i, a, why);
	imap_close(i);
	return e;
}

static void no_setting_becomes_a_command(void **state)
{
	static const char *const evil[] = {
		"INBOX\r\nA9 DELETE x", "a\"b", "a\\b", "a%0d%0ab", "a*", "", "\xff"
	};
	struct scene *s = begin();
	struct imap_account a;
	char path[] = "/tmp/password.XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	for (size_t i = 0; i < sizeof(evil) / sizeof(evil[0]); i++) {
		a = s->account;
		a.folder = (char *)evil[i];
		assert_int_equal(open_it(&a, &s->why), ERR_SETTINGS);
		a = s->account;
		a.archive = (char *)evil[i];
		assert_int_equal(open_it(&a, &s->why), evil[i][0] ? ERR_SETTINGS : OK);
	}
	a = s->account;
	a.archive = a.folder;
	assert_int_equal(open_it(&a, &s->why), ERR_SETTINGS);
	a = s->account;
	a.user = (char *)"vote\r\nA9 DELETE x";
	assert_int_equal(open_it(&a, &s->why), ERR_SETTINGS);
	a = s->account;
	a.host = (char *)"127.0.0.1/INBOX;UID=1";
	assert_int_equal(open_it(&a, &s->why), ERR_SETTINGS);
	a = s->account;
	a.password_file = path;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "a\r\nA9 DELETE x\n", 15), 15);
	close(fd);
	assert_int_equal(open_it(&a, &s->why), ERR_SETTINGS);
	unlink(path);
	assert_int_equal(s->box.connections, 0);
	end(s);
}

static void a_secret_goes_nowhere_in_the_clear(void **state)
{
	struct scene *s = begin();
	struct imap_account a;

	(void)state;
	a = s->account;
	a.host = (char *)"192.0.2.1";
	assert_int_equal(open_it(&a, &s->why), ERR_SETTINGS);
	assert_non_null(strstr(s->why.text, "in the clear"));
	a.tls = SMTP_TLS_STARTTLS;
	assert_int_equal(open_it(&a, &s->why), OK);
	chmod(password_file, 0644);
	assert_int_equal(open_it(&a, &s->why), ERR_SETTINGS);
	chmod(password_file, 0600);
	a.token_command = (char *)"/bin/true";
	assert_int_equal(open_it(&a, &s->why), ERR_SETTINGS); /* which of them? */
	a.token_command = a.password_file = NULL;
	assert_int_equal(open_it(&a, &s->why), ERR_SETTINGS);
	a = s->account;
	a.ca_file = (char *)"/nowhere/ca.pem";
	assert_int_equal(open_it(&a, &s->why), ERR_SETTINGS);
	assert_non_null(strstr(s->why.text, "/nowhere/ca.pem"));
	end(s);
}

static void a_token_is_asked_for_with_each_poll(void **state)
{
	struct scene *s = begin();

	(void)state;
	s->box.user = "vote";
	s->box.token = "ya29.a0-_~+/=";
	s->account.password_file = NULL;
	s->account.token_command = (char *)"/bin/sh -c \"printf 'ya29.a0-_~+/=\\nmore\\n'\"";
	add_three(s);
	assert_int_equal(poll_once(s), OK);
	assert_int_equal(s->taker.taken, 3);
	s->account.token_command = (char *)"/bin/echo old";
	assert_int_equal(poll_once(s), ERR_SETTINGS);
	assert_non_null(strstr(s->why.text, "see user and token_command"));
	assert_null(strstr(s->why.text, "old"));
	s->account.token_command = (char *)"/bin/false";
	assert_int_equal(poll_once(s), ERR_SETTINGS);
	assert_non_null(strstr(s->why.text, "token_command: /bin/false: it failed"));
	s->account.token_command = (char *)"/bin/sleep 20";
	s->account.timeout = 1;
	assert_int_equal(poll_once(s), ERR_AGAIN);
	s->box.token = NULL; /* a server that knows nothing of tokens */
	s->account.token_command = (char *)"/bin/echo x";
	assert_int_equal(poll_once(s), ERR_SETTINGS);
	assert_non_null(strstr(s->why.text, "no login of the kind that we have"));
	assert_int_equal(s->box.logins, 1);
	end(s);
}

static void *stop_soon(void *context)
{
	usleep(300000);
	imap_stop(context);
	return NULL;
}

static void a_poll_ends_when_it_must(void **state)
{
	static const char *const places[] = { "FETCH", "UID FETCH 2" };
	struct scene *s = begin();

	(void)state;
	add_three(s);
	s->account.timeout = 60;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct imap *imap = NULL;
		uint64_t start = monotime_ms();
		pthread_t thread;

		postbox_misbehaves(&s->box, POSTBOX_HANGS, places[i], -1);
		assert_int_equal(imap_open(&imap, &s->account, &s->why), OK);
		assert_int_equal(pthread_create(&thread, NULL, stop_soon, imap), 0);
		assert_int_equal(imap_poll(imap, take, &s->taker, &s->why), ERR_STATE);
		pthread_join(thread, NULL);
		imap_close(imap);
		assert_true(monotime_ms() - start < 4000);
	}
	end(s);
}

static void nobody_listening_is_for_later(void **state)
{
	struct scene *s = begin();

	(void)state;
	s->account.port = 1;
	assert_int_equal(poll_once(s), ERR_AGAIN);
	assert_non_null(strstr(s->why.text, "127.0.0.1"));
	end(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mail_never_lies_in_swap),
		cmocka_unit_test(a_mailbox_is_emptied_mail_by_mail),
		cmocka_unit_test(the_same_text_twice_is_two_mails),
		cmocka_unit_test(a_mail_that_is_handed_back_stays_and_blocks_none),
		cmocka_unit_test(what_is_taken_goes_to_the_archive),
		cmocka_unit_test(without_an_archive_nothing_is_taken),
		cmocka_unit_test(what_others_deleted_is_not_ours_to_remove),
		cmocka_unit_test(a_server_that_cannot_remove_one_mail_is_refused),
		cmocka_unit_test(no_mail_speaks_for_the_server),
		cmocka_unit_test(a_fetch_by_command_would_believe_a_mail),
		cmocka_unit_test(twenty_thousand_mails_are_all_seen),
		cmocka_unit_test(a_listing_that_is_cut_is_told),
		cmocka_unit_test(a_folder_numbered_anew_is_read_anew),
		cmocka_unit_test(another_mail_than_asked_for_is_not_taken),
		cmocka_unit_test(a_server_may_be_chatty_and_name_a_mail_late),
		cmocka_unit_test(a_large_mail_is_cut_and_said_to_be),
		cmocka_unit_test(no_server_keeps_us_for_ever),
		cmocka_unit_test(trouble_at_any_step_loses_nothing),
		cmocka_unit_test(a_mail_marked_and_not_yet_gone_is_read_again),
		cmocka_unit_test(what_cannot_be_removed_blocks_none),
		cmocka_unit_test(what_failed_before_waits_behind_what_is_new),
		cmocka_unit_test(what_cannot_be_fetched_hides_none),
		cmocka_unit_test(whoever_is_in_a_hurry_knows_what_was_taken),
		cmocka_unit_test(whoever_is_in_a_hurry_removes_nothing),
		cmocka_unit_test(what_fails_is_tried_at_a_growing_distance),
		cmocka_unit_test(a_login_is_told_without_its_secret),
		cmocka_unit_test(a_folder_must_be_writable_and_numbered),
		cmocka_unit_test(a_folder_is_named_as_people_name_it),
		cmocka_unit_test(no_setting_becomes_a_command),
		cmocka_unit_test(a_secret_goes_nowhere_in_the_clear),
		cmocka_unit_test(a_token_is_asked_for_with_each_poll),
		cmocka_unit_test(a_poll_ends_when_it_must),
		cmocka_unit_test(nobody_listening_is_for_later),
	};
	int fd = mkstemp(password_file);
	int failed;

	if (fd < 0 || write(fd, "hunter2\n", 8) != 8)
		return 1;
	close(fd);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(password_file);
	return failed;
}
