/* SPDX-License-Identifier: MIT */
#include "mailer/letter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <gmime/gmime.h>

#include "core/wrap.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/kit.h"

#define MEMBERS 20

/* A letter and what a mail program makes of it. */
struct written {
	struct buf raw;
	char *text, *html;
	struct token token;
	char token_text[TOKEN_TEXT_MAX], handle[HANDLE_TEXT];
};

static char *part(GMimeMessage *m, int i)
{
	GMimeMultipart *both = GMIME_MULTIPART(g_mime_message_get_mime_part(m));
	char *text = g_mime_text_part_get_text(GMIME_TEXT_PART(g_mime_multipart_get_part(both, i)));
	size_t n = 0;

	for (char *p = text; *p; p++)
		if (*p != '\r')
			text[n++] = *p;
	text[n] = 0;
	return text;
}

static void write_mail(struct written *w, const struct kit *k, const struct member *member,
                       struct mailing mailing)
{
	const struct letter_order order = { .mailing = mailing,
		                            .member = member,
		                            .handle = w->handle,
		                            .token = mailing_is_letter(mailing.kind) ? &w->token
		                                                                     : NULL };
	struct letter_desk desk;
	GMimeStream *stream;
	GMimeParser *parser;
	GMimeMessage *m;
	struct why why = { 0 };

	memset(w, 0, sizeof(*w));
	buf_init(&w->raw, LETTER_MAX);
	mint_dummy(&w->token, w->handle);
	token_write(w->token_text, &w->token);
	letter_desk_init(&desk);
	assert_ok(letter_write(&w->raw, &desk, k->letters, &order, &why), &why);
	assert_int_equal(desk.text.len + desk.html.len + desk.token.len, 0);
	letter_desk_release(&desk);
	stream = g_mime_stream_mem_new_with_buffer(w->raw.data, w->raw.len);
	parser = g_mime_parser_new_with_stream(stream);
	m = g_mime_parser_construct_message(parser, NULL);
	w->text = part(m, 0);
	w->html = part(m, 1);
	g_object_unref(m);
	g_object_unref(parser);
	g_object_unref(stream);
}

static void write_letter(struct written *w, const struct kit *k, const struct member *member)
{
	write_mail(w, k, member, (struct mailing){ MAILING_INVITATION, 0 });
}

static void drop(struct written *w)
{
	buf_free(&w->raw);
	g_free(w->text);
	g_free(w->html);
}

static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static void check_road(const struct buf *b)
{
	size_t column = 0;
	bool body = false;

	for (size_t i = 0; i < b->len; i++) {
		assert_true((unsigned char)b->data[i] < 0x80);
		if (b->data[i] == '\n') {
			assert_true(b->data[i - 1] == '\r');
			body = body || column == 0;
			column = 0;
		} else if (b->data[i] != '\r') {
			column++;
		}
		assert_true(column <= 76 || !body);
	}
}

/* One of CHOICES: a letter with or without a grade, a blank, nothing. */
static bool is_choice(const char *item)
{
	size_t letter = strspn(item, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

	if (!strcmp(item, "0") || !strcmp(item, "-") || !strcasecmp(item, "blank") ||
	    !strcasecmp(item, "blanc"))
		return true;
	return letter == 1 && strspn(item + 1, "0123456789") == strlen(item + 1);
}

static bool is_choices(const char *line, size_t len)
{
	char bare[2000];
	size_t n = 0;

	for (size_t i = 0; i < len && n + 1 < sizeof(bare); i++)
		if (line[i] != ' ')
			bare[n++] = line[i];
	bare[n] = 0;
	for (char *rest = NULL, *item = strtok_r(bare, ",/", &rest); item;
	     item = strtok_r(NULL, ",/", &rest))
		if (!is_choice(item))
			return false;
	return n > 0;
}

/* Could this line vote, bare or as what a reply quotes? */
static void check_line_is_no_vote(const char *line, size_t len)
{
	while (len && strchr("> |\t", *line)) {
		line++;
		len--;
	}
	if (is_choices(line, len) || (len > 5 && !strncasecmp(line, "vote ", 5)))
		fail_msg("this line could be a vote: %.*s", (int)len, line);
}

static void check_no_vote(const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		check_line_is_no_vote(text, len);
		text += len + (text[len] == '\n');
	}
}

static void check_letter(const struct kit *k, const struct member *member)
{
	bool reply = k->m->channel[CHANNEL_REPLY], link = k->m->channel[CHANNEL_LINK];
	char head[TOKEN_TEXT_MAX], id[128];
	struct written w;

	write_letter(&w, k, member);
	check_road(&w.raw);
	check_no_vote(w.text);
	assert_int_equal(count(w.text, w.token_text), 1);
	assert_int_equal(count(w.raw.data, "List-Unsubscribe"), 0);
	assert_int_equal(count(w.raw.data, "\r\nAuto-Submitted: auto-generated\r\n"), 1);
	snprintf(id, sizeof(id), "\r\nMessage-ID: <vote.%s.1@example.org>\r\n", w.handle);
	assert_int_equal(count(w.raw.data, id), 1);
	snprintf(id, sizeof(id), "\r\nReply-To: vote+%s@example.org\r\n", w.handle);
	assert_int_equal(count(w.raw.data, id), 1);
	/* No header holds any of it. */
	*strstr(w.raw.data, "\r\n\r\n") = 0;
	memcpy(head, w.token_text, 9);
	head[9] = 0;
	assert_int_equal(count(w.raw.data, head), 0);
	assert_non_null(strstr(w.text, k->m->fingerprint));
	assert_non_null(strstr(w.html, k->m->fingerprint));
	assert_non_null(strstr(w.text, "secretariat@example.org"));
	memcpy(head, w.token_text, strlen(w.token_text));
	head[strlen(w.token_text) - 5] = 0;
	snprintf(id, sizeof(id), "#%s\n", head);
	assert_int_equal(count(w.text, id), link);
	assert_int_equal(count(w.text, "----- reply above this line -----"), reply);
	assert_int_equal(count(w.html, "----- reply above this line -----"), reply);
	assert_true(reply || !strstr(w.html, "mailto:"));
	assert_int_equal(count(w.text, "TEST") > 0, k->m->test);
	assert_int_equal(count(w.html, "TEST") > 0, k->m->test);
	drop(&w);
}

/* All members' kinds of letters of an election. */
static void check_election(void **state, const char *definition)
{
	struct member member = { .generation = 1, .email = "m@voters.test" };
	static const char *const names[] = { "", "A", "Zoé d’Arc", "VOTE 0", "BLANK" };
	struct kit k;

	kit_open(&k, state, definition, MEMBERS);
	kit_post(&k, state, 1, "");
	for (unsigned language = 0; language < k.m->languages; language++) {
		member.language = language;
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			strcpy(member.name, names[i]);
			check_letter(&k, &member);
		}
	}
	kit_close(&k);
}

static void the_example_s_letter_keeps_the_rules(void **state)
{
	check_election(state, KIT_DEFINITION);
}

static void check_changed(void **state, const char *from, const char *to)
{
	char *text = kit_replace(KIT_DEFINITION, from, to);

	check_election(state, temp_text(state, "election.conf", text));
	free(text);
}

static void a_test_says_so(void **state)
{
	check_changed(state, "test = false", "test = true");
}

static void only_the_channels_that_are_open_are_offered(void **state)
{
	char *text = kit_replace(KIT_DEFINITION, "channels = reply;sealed-reply;link",
	                         "channels = link");
	const char *path = temp_text(state, "1.conf", text);

	free(text);
	text = kit_replace(path, "waiver", "# waiver");
	path = temp_text(state, "2.conf", text);
	free(text);
	check_election(state, path);
	text = kit_replace(path, "second_factor = false", "second_factor = false\n#");
	free(text);
	text = kit_replace(path, "channels = link", "channels = sealed-reply");
	check_election(state, temp_text(state, "3.conf", text));
	free(text);
}

/* Texts that would be votes if they had a line to themselves. */
static void texts_that_look_like_votes_stay_harmless(void **state)
{
	char *text = kit_replace(KIT_DEFINITION, "title[en] = Congress 2026", "title[en] = A");
	const char *path = temp_text(state, "1.conf", text);
	static const char *const changes[][2] = {
		{ "option1[en] = Text 1, “Refoundations”",
		  "option1[en] = the very long text that ends where a line ends, all of it, with "
		  "A" },
		{ "option2[en] = Text 2, “The course ahead”", "option2[en] = B,D/0" },
		{ "title[en] = Which orientation text for the congress?", "title[en] = BLANK" },
		{ "organiser = ", "organiser = 0 #" },
	};

	free(text);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		char name[8];

		text = kit_replace(path, changes[i][0], changes[i][1]);
		snprintf(name, sizeof(name), "%zu.conf", i + 2);
		path = temp_text(state, name, text);
		free(text);
	}
	check_election(state, path);
}

static void every_kind_of_question_is_told(void **state)
{
	check_changed(
		state, "max = 1\nblank = true\n",
		"max = 2\nblank = false\n"
		"[question budget]\nkind = grades\ntitle[fr] = B\ntitle[en] = B\n"
		"option1[fr] = x\noption1[en] = x\n"
		"grade1[fr] = bon\ngrade1[en] = good\ngrade2[fr] = mauvais\ngrade2[en] = bad\n"
		"[question last]\nkind = choice\ntitle[fr] = C\ntitle[en] = C\n"
		"option1[fr] = x\noption1[en] = x\noption2[fr] = y\n"
		"option2[en] = y\nmin = 0\nmax = 2\nblank = false\n");
}

static void nothing_is_told_that_does_not_apply(void **state)
{
	static const char *const both[] = { "commas between options" };
	static const char *const neither[] = { "slashes between questions", "each grade",
		                               "Question 1", "page is blocked", "PAGE IS BLOCKED" };
	struct member member = { .generation = 1, .language = 1, .email = "m@voters.test" };
	char *text = kit_replace(KIT_DEFINITION, "channels = reply;sealed-reply;link",
	                         "channels = reply;sealed-reply");
	const char *path = temp_text(state, "1.conf", text);
	struct written w;
	struct kit k;

	free(text);
	text = kit_replace(path, "max = 1\n", "max = 2\n");
	kit_open(&k, state, temp_text(state, "2.conf", text), MEMBERS);
	kit_post(&k, state, 1, "");
	write_letter(&w, &k, &member);
	for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
		assert_non_null(strstr(w.text, both[i]));
		assert_non_null(strstr(w.html, both[i]));
	}
	for (size_t i = 0; i < sizeof(neither) / sizeof(neither[0]); i++) {
		assert_null(strstr(w.text, neither[i]));
		assert_null(strstr(w.html, neither[i]));
	}
	assert_non_null(strstr(w.text, "BY A SEALED REPLY"));
	free(text);
	drop(&w);
	kit_close(&k);
}

static void a_button_casts_what_it_says(void **state)
{
	struct member member = { .generation = 1, .language = 1, .email = "m@voters.test" };
	struct written w;
	struct kit k;
	char want[200];

	kit_open(&k, state, KIT_DEFINITION, MEMBERS);
	kit_post(&k, state, 1, "");
	write_letter(&w, &k, &member);
	for (const char *c = "ABC0"; *c; c++) {
		snprintf(want, sizeof(want),
		         "href=\"mailto:vote%%2B%s@example.org?subject=Your%%20vote%%3A%%20Congress"
		         "%%202026&amp;body=VOTE%%20%s%%20%c\"",
		         w.handle, w.token_text, *c);
		assert_int_equal(count(w.html, want), 1);
	}
	assert_int_equal(count(w.html, "href=\"mailto:"), 4);
	drop(&w);
	kit_close(&k);
}

static void a_member_s_second_copy_has_the_same_message_id(void **state)
{
	struct member member = { .generation = 2, .email = "m@voters.test" };
	struct buf one = BUF_INIT(LETTER_MAX);
	struct letter_desk desk;
	char handle[HANDLE_TEXT];
	struct token token;
	const struct letter_order order = { .member = &member, .handle = handle, .token = &token };
	struct kit k;

	kit_open(&k, state, KIT_DEFINITION, MEMBERS);
	kit_post(&k, state, 1, "");
	letter_desk_init(&desk);
	mint_handle(handle, k.keys.handle, k.m->id, "M1", 2);
	mint_token(&token, k.keys.token[0], k.m->id, 1, "M1", 2);
	for (int i = 0; i < 2; i++) {
		char want[100];

		assert_ok(letter_write(&one, &desk, k.letters, &order, NULL), NULL);
		snprintf(want, sizeof(want), "Message-ID: <vote.%s.2@example.org>", handle);
		assert_int_equal(count(one.data, want), 1);
	}
	letter_desk_release(&desk);
	buf_free(&one);
	kit_close(&k);
}

/* In every language: what a short mail must hold, and must not. */
static void check_short(const struct kit *k, const struct member *member, enum mailing_kind kind)
{
	char head[TOKEN_TEXT_MAX];
	struct written w;

	write_mail(&w, k, member, (struct mailing){ kind, 0 });
	check_road(&w.raw);
	check_no_vote(w.text);
	memcpy(head, w.token_text, 9);
	head[9] = 0;
	assert_null(strstr(w.text, head));
	assert_null(strstr(w.html, head));
	assert_null(strstr(w.raw.data, "Reply-To:"));
	assert_null(strstr(w.html, "href="));
	assert_null(strstr(w.text, k->m->reply_to));
	assert_null(strstr(w.text, "reply above this line"));
	assert_int_equal(count(w.raw.data, "\r\nAuto-Submitted: auto-generated\r\n"), 1);
	assert_true(count(w.text, "secretariat@example.org") >= 1);
	assert_true(count(w.html, "secretariat@example.org") >= 1);
	assert_non_null(strstr(w.html, k->m->title.in[member->language]));
	assert_non_null(strstr(w.text, k->m->fingerprint));
	drop(&w);
}

static void a_short_mail_holds_no_token_and_no_way_to_vote(void **state)
{
	struct member member = { .generation = 1, .email = "m@voters.test" };
	struct kit k;

	kit_open(&k, state, KIT_DEFINITION, MEMBERS);
	kit_post(&k, state, 1, "");
	for (unsigned i = 0; i < 2 * k.m->languages; i++) {
		member.language = i / 2;
		strcpy(member.name, i % 2 ? "VOTE 0" : "");
		check_short(&k, &member, MAILING_NOTICE);
		check_short(&k, &member, MAILING_EXTENSION);
		check_short(&k, &member, MAILING_MOVED);
		check_short(&k, &member, MAILING_ANNOUNCEMENT);
	}
	kit_close(&k);
}

static void each_kind_says_what_it_is(void **state)
{
	static const struct {
		struct mailing mailing;
		unsigned generation;
		const char *subject, *id, *words;
	} kinds[] = {
		{ { MAILING_INVITATION, 0 }, 1, "Subject: Your vote:", "vote.", "invites you" },
		{ { MAILING_INVITATION, 0 },
		  2,
		  "Subject: New code:",
		  "vote.",
		  "no longer works. It was replaced because" },
		{ { MAILING_REMINDER, 2 },
		  1,
		  "Subject: Reminder:",
		  "reminder-2.",
		  "received no ballot with your code" },
		{ { MAILING_REMINDER, 2 },
		  2,
		  "Subject: Reminder:",
		  "reminder-2.",
		  "received no ballot with your code" },
		{ { MAILING_NOTICE, 0 },
		  1,
		  "Subject: A ballot was received",
		  "notice.",
		  "cannot be taken out by anyone" },
		{ { MAILING_EXTENSION, 7 },
		  1,
		  "Subject: Voting is open longer",
		  "extended-7.",
		  "stays open longer" },
		{ { MAILING_ANNOUNCEMENT, 0 },
		  1,
		  "Subject: A vote is coming",
		  "announcement.",
		  "You will receive a letter with your personal voting code" },
		{ { MAILING_MOVED, 0 },
		  1,
		  "Subject: Your voting mail goes",
		  "moved.",
		  "no longer sent to this address" },
	};
	struct member member = { .language = 1, .email = "m@voters.test" };
	struct kit k;

	kit_open(&k, state, KIT_DEFINITION, MEMBERS);
	kit_post(&k, state, 1, "");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct written w;
		char id[128], flat[100000];

		member.generation = kinds[i].generation;
		write_mail(&w, &k, &member, kinds[i].mailing);
		snprintf(id, sizeof(id), "\r\nMessage-ID: <%s%s.%u@example.org>\r\n", kinds[i].id,
		         w.handle, member.generation);
		assert_int_equal(count(w.raw.data, id), 1);
		assert_non_null(strstr(w.raw.data, kinds[i].subject));
		assert_non_null(strstr(w.html, kinds[i].words));
		snprintf(flat, sizeof(flat), "%s", w.text);
		for (char *p = flat; *p; p++)
			*p = *p == '\n' ? ' ' : *p;
		assert_non_null(strstr(flat, kinds[i].words));
		for (size_t j = 0; j < sizeof(kinds) / sizeof(*kinds); j++)
			if (strcmp(kinds[i].words, kinds[j].words) && j)
				assert_null(strstr(flat, kinds[j].words));
		drop(&w);
	}
	kit_close(&k);
}

static void every_letter_names_the_closing_time_in_force(void **state)
{
	struct member member = { .generation = 1, .language = 1, .email = "m@voters.test" };
	struct why why = { 0 };
	struct written w;
	struct kit k;

	kit_open(&k, state, KIT_DEFINITION, MEMBERS);
	kit_post(&k, state, 1, "");
	write_letter(&w, &k, &member);
	assert_null(strstr(w.text, "put off"));
	drop(&w);
	letter_free(k.letters);
	assert_ok(letter_load(&k.letters, k.m, UINT64_C(1893499200), &k.conf, &why), &why);
	for (unsigned kind = 0; kind < MAILING_KINDS; kind++) {
		if (kind == MAILING_NOTICE || kind == MAILING_MOVED)
			continue;
		write_mail(&w, &k, &member, (struct mailing){ (enum mailing_kind)kind, 1 });
		assert_non_null(strstr(w.text, "1 January 2030"));
		assert_non_null(strstr(w.html, "1 January 2030"));
		assert_int_equal(count(w.text, "put off"),
		                 mailing_is_letter((enum mailing_kind)kind));
		assert_int_equal(count(w.html, "put off"),
		                 mailing_is_letter((enum mailing_kind)kind));
		drop(&w);
	}
	kit_close(&k);
}

/* An answer to a mail without a Reply-To would end in the box, and nobody would read it. */
static void the_sender_is_not_the_address_for_votes(void **state)
{
	char twin[] = "VOTE@example.org", near[] = "votes@example.org", *old;
	struct letters *letters = NULL;
	struct why why = { 0 };
	struct kit k;

	kit_open(&k, state, KIT_DEFINITION, MEMBERS);
	kit_post(&k, state, 1, "");
	old = k.conf.address;
	k.conf.address = twin;
	assert_int_equal(letter_load(&letters, k.m, k.m->closes, &k.conf, &why), ERR_SETTINGS);
	assert_non_null(strstr(why.text, "[sender] address: VOTE@example.org is the election's "
	                                 "address for votes"));
	k.conf.address = near;
	assert_ok(letter_load(&letters, k.m, k.m->closes, &k.conf, &why), &why);
	letter_free(letters);
	k.conf.address = old;
	/* Nor do bounces come back there: what reads them destroys what it has read. */
	old = k.conf.bounce;
	k.conf.bounce = twin;
	assert_int_equal(letter_load(&letters, k.m, k.m->closes, &k.conf, &why), ERR_SETTINGS);
	assert_non_null(strstr(why.text, "[sender] bounce: VOTE@example.org"));
	k.conf.bounce = old;
	kit_close(&k);
}

/* Wherever a code was pasted, it does not go to everyone. */
static void nobody_s_code_is_in_everyone_s_letter(void **state)
{
#define CODE "JWFZ-PTC5-MN1C-SK7C-KTG2-W3D3-PEKJ"
	char contact[] = "ask us about " CODE, name[] = "Votes " CODE,
	     apart[] = "JWFZ PTC5 MN1C "
		       "SK7C KTG2 W3D3 PEKJ";
	struct letters *letters = NULL;
	struct why why = { 0 };
	struct kit k;
	char *old;

	kit_open(&k, state, KIT_DEFINITION, MEMBERS);
	kit_post(&k, state, 1, "");
	old = k.conf.contact;
	for (int i = 0; i < 2; i++) {
		k.conf.contact = i ? apart : contact;
		assert_int_equal(letter_load(&letters, k.m, k.m->closes, &k.conf, &why),
		                 ERR_FORMAT);
		assert_non_null(strstr(why.text, "{{contact}} looks like a voting code"));
		assert_null(strstr(why.text, "JWFZ"));
	}
	k.conf.contact = old;
	old = k.conf.name;
	k.conf.name = name;
	assert_int_equal(letter_load(&letters, k.m, k.m->closes, &k.conf, &why), ERR_FORMAT);
	assert_non_null(strstr(why.text, "[sender] name: looks like a voting code"));
	k.conf.name = old;
	k.m->question[0].option[0].in[1] = "nor " CODE;
	assert_int_equal(letter_load(&letters, k.m, k.m->closes, &k.conf, &why), ERR_FORMAT);
	assert_non_null(strstr(why.text, "this looks like a voting code"));
	kit_close(&k);
}

static void wrapping_never_makes_a_vote(void **state)
{
	uint64_t seed = support_seed();
	static const char *const words[] = { "A",
		                             "B,",
		                             "0",
		                             "/",
		                             "blank",
		                             "a1",
		                             "word",
		                             "longerword",
		                             "é",
		                             "-",
		                             "averyveryverylongwordthatfillsalmostaline" };

	(void)state;
	for (int round = 0; round < 3000; round++) {
		char text[1200] = "   (A)  start";
		struct buf out = BUF_INIT(4000);

		for (uint64_t i = support_random(&seed) % 60; i > 0; i--) {
			strcat(text, " ");
			strcat(text,
			       words[support_random(&seed) % (sizeof(words) / sizeof(words[0]))]);
		}
		wrap_text(&out, text);
		check_no_vote(buf_text(&out));
		buf_free(&out);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, temp_setup, temp_teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_example_s_letter_keeps_the_rules),
		TEST(a_test_says_so),
		TEST(only_the_channels_that_are_open_are_offered),
		TEST(texts_that_look_like_votes_stay_harmless),
		TEST(every_kind_of_question_is_told),
		TEST(nothing_is_told_that_does_not_apply),
		TEST(a_button_casts_what_it_says),
		TEST(a_member_s_second_copy_has_the_same_message_id),
		TEST(a_short_mail_holds_no_token_and_no_way_to_vote),
		TEST(each_kind_says_what_it_is),
		TEST(every_letter_names_the_closing_time_in_force),
		TEMP_TEST(the_sender_is_not_the_address_for_votes),
		TEST(nobody_s_code_is_in_everyone_s_letter),
		TEST(wrapping_never_makes_a_vote),
	};

	group_init();
	g_mime_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
