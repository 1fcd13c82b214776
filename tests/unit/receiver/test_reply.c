/* SPDX-License-Identifier: MIT */
#include "receiver/parser/reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/ballot.h"
#include "core/buf.h"
#include "core/group.h"
#include "tests/support.h"

/* Two tokens, and the first as people and programs write it. */
#define T1       "JWFZ-PTC5-MN1C-SK7C-KTG2-W3D3-PEKJ"
#define T1_PLAIN "JWFZPTC5MN1CSK7CKTG2W3D3PEKJ"

static struct reply reply;
static struct buf sealed;
static char t2[TOKEN_TEXT_MAX];

static void read_two(const char *one, const char *two)
{
	memset(&reply, 0, sizeof(reply));
	buf_clear(&sealed);
	reply_take(&reply, &sealed, one, strlen(one));
	if (two)
		reply_take(&reply, &sealed, two, strlen(two));
	reply_end(&reply);
}

static void read_text(const char *text)
{
	read_two(text, NULL);
}

static void assert_vote(const char *text, const char *choices)
{
	read_text(text);
	if (!reply.has_vote || strcmp(reply.vote.choices, choices) != 0)
		fail_msg("no vote for %s, but \"%s\": %s", choices, reply.vote.choices, text);
}

static void assert_no_vote(const char *text)
{
	read_text(text);
	if (reply.has_vote)
		fail_msg("a vote for %s in: %s", reply.vote.choices, text);
}

static void the_first_line_votes(void **state)
{
	static const char *const forms[][2] = {
		{ "A", "A" },
		{ "A\n", "A" },
		{ "\r\n \r\n  a \r\n\r\nThanks", "A" },
		{ "b , d / 0\n", "B,D/0" },
		{ "BLANK", "0" },
		{ "blanc / a\n", "0/A" },
		{ "Blank/BLANC/0/-", "0/0/0/-" },
		{ "-\n", "-" },
		{ "a2, b1,C12\n", "A2,B1,C12" },
		{ "VOTE " T1 " A", "A" },
		{ "vote " T1 "   b,c\n", "B,C" },
		{ "Vote jwfzptc5mnlcsk7cktg2w3d3pekj A", "A" },
		{ "VOTE JWFZ PTC5 MN1C SK7C KTG2 W3D3 PEKJ A", "A" },
		{ "  VOTE  " T1 "  A2 , B1 / 0 ", "A2,B1/0" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		assert_vote(forms[i][0], forms[i][1]);
}

static void nothing_else_votes(void **state)
{
	static const char *const texts[] = {
		"",
		"\n\n\n",
		"Yes",
		"A.",
		"A!",
		"(A)",
		"*A*",
		"A?",
		"A B",
		"A;B",
		"A,",
		",A",
		"A/",
		"/A",
		"A,,B",
		"AB",
		"A-B",
		"A 2",
		"A0",
		"A02",
		"A100",
		"1",
		"00",
		"--",
		"BLANKA",
		"BLANK,A",
		"0,A",
		"VOTE",
		"VOTE A",
		"VOTE " T1,
		"VOTE " T1 " ",
		"VOTE " T1 "A",
		"VOTE" T1 " A",
		"VOTE " T1 " maybe",
		"VOTE: " T1 " A",
		"I VOTE " T1 " A",
		"VOTE JWFZ-PTC5-MN1C-SK7C-KTG2-W3D3-PEKK A", /* a wrong check */
		"VOTE JWFZ-PTC5-MN1C-SK7C-KTG2-W3D3 A",
		"VOTE " T1 "-PEKJ A",
		"\320\220\n", /* a Cyrillic A */
		"\xC3\x81",
		"\xE2\x92\xB6", /* a circled A */
		"A\xE2\x80\xA6",
		"A\xC2\x85",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_no_vote(texts[i]);
}

/* A C string ends there; a line does not. */
static void a_nul_ends_no_vote_line(void **state)
{
	static const char text[] = "A\0 is the one I cannot accept\n\nVOTE " T1 " A\0B\n";
	size_t n;

	(void)state;
	for (n = 2; n < sizeof(text); n++) {
		memset(&reply, 0, sizeof(reply));
		buf_clear(&sealed);
		reply_take(&reply, &sealed, text, n);
		if (reply.has_vote)
			fail_msg("%zu bytes, with a NUL among them, are a vote", n);
	}
	reply_take(&reply, &sealed, "\nA\0B\n", 5);
	for (n = 0; n < reply.others; n++)
		assert_string_not_equal(reply.other[n].choices, "A");
}

static void no_option_has_the_letters_i_l_o(void **state)
{
	(void)state;
	assert_no_vote("I\n");
	assert_no_vote("l\n");
	assert_no_vote("O\n"); /* a zero that is an O is nobody's guess */
	assert_no_vote("VOTE " T1 " O\n");
	assert_no_vote("A,I\n");
	assert_vote("0\n", "0");
}

static void a_vote_line_must_end_its_paragraph(void **state)
{
	static const char *const endings[] = {
		"",
		"\n",
		"\n\nBest regards\nPaul",
		"\n \t\nis what I say",
		"\n-- \nPaul",
		"\n--\nPaul",
		"\n> A  Yes\n> B  No",
		"\n>\n",
		"\n----- reply above this line -----\nmore",
		"\nOn Tue, 4 Mar 2026 at 10:00, X <x@example.org> wrote:\n> A",
		"\nOn 3/4/26 10:00 AM, X Y wrote:\n> A",
		"\nOn Tue, 4 Mar 2026 at 10:00, A Person With A Long Name\n<x@example.org> "
		"wrote:\n> A",
		"\nOn Tuesday, 4 March 2026,\nA Person With A Long "
		"Name\n<x@example.org>\nwrote:\n\n> A",
		"\nLe mar. 4 mars 2026 \xC3\xA0 10:00, X <x@example.org> a \xC3\xA9"
		"crit :\n> A",
		"\nLe 04/03/2026 \xC3\xA0 10:00, X a \xC3\xA9"
		"crit\xC2\xA0:\n> A",
		"\nAm 04.03.26 um 10:00 schrieb X:\n> A",
		"\nEl mar, 4 mar 2026 a las 10:00, X (<x@example.org>) escribi\xC3\xB3:\n",
		"\nIl giorno mar 4 mar 2026 alle ore 10:00 X <x@y.it> ha scritto:\n",
		"\nOp di 4 mrt 2026 om 10:00 schreef X <x@y.nl>:\n",
		"\nEm ter., 4 de mar. de 2026 \xC3\xA0s 10:00, X <x@y.pt> escreveu:\n",
		"\nDen tis 4 mars 2026 kl 10:00 skrev X <x@y.se>:\n",
		"\nwt., 4 mar 2026 o 10:00 X <x@y.pl> napisa\xC5\x82(a):\n",
		"\n2026\xE5\xB9\xB4"
		"3\xE6\x9C\x88"
		"4\xE6\x97\xA5(\xE6\xB0\xB4) 10:00 X <x@y.jp>:\n",
		"\nX <x@y.cn> \xE4\xBA\x8E"
		"2026\xE5\xB9\xB4"
		"3\xE6\x9C\x88 10:00\xE5\x86\x99\xE9\x81\x93\xEF\xBC\x9A\n",
		"\n-----Original Message-----\nFrom: X",
		"\n-------- Message d'origine --------\nDe : X",
		"\n---------- Forwarded message ---------\n",
		"\n-----Urspr\xC3\xBCngliche Nachricht-----\n",
		"\n________________________________\nFrom: X <x@example.org>\nSent: Tuesday\n",
		"\n________________________________\n\n*From:* X <x@example.org>\n*To:* Y\n"
		"*Subject:* Z\n",
		"\n========\n> A  Yes",
		"\nFrom: X <x@example.org>\nSent: Tuesday\nTo: Y\n",
		"\nDe : X <x@example.org>\nEnvoy\xC3\xA9 : mardi\n\xC3\x80 : Y\n",
		"\n*From:* X <x@example.org>\n*Sent:* Tuesday\n",
		"\nVon: X <x@example.org>\nAn: Y\nGesendet: Dienstag\n",
		"\nBegin forwarded message:\n",
		"\n2026/3/4 X <x@example.org>\n> A  Yes",
		"\nX <x@example.org> hat am 04.03.2026 10:00 geschrieben:\n\n> A",
		"\nx@example.org \xE4\xBA\x8E 2026-03-04 10:00 \xE5\x86\x99\xE9\x81\x93:\n> A",
		"\r\n\r\nyours",
	};
	char text[1000];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		snprintf(text, sizeof(text), "B%s", endings[i]);
		assert_vote(text, "B");
		snprintf(text, sizeof(text), "VOTE " T1 " B%s", endings[i]);
		assert_vote(text, "B");
	}
}

static void a_sentence_that_goes_on_is_no_vote(void **state)
{
	static const char *const texts[] = {
		"A\nis the one I cannot accept",
		"A\nIs the one I cannot accept.\n\nB",
		"a\npropos, when does the vote end?",
		"A\nis what he wrote at 10:00:\nnever",
		"A\nis what X wrote:\nnever",
		"A\nDe: well, hm\nno header follows",
		"A\nFrom my point of view\nno",
		"A\n-\nB",
		"A\n---\nis out",
		"A\nB\n\n",
		"A\rB\r\r",
		"A \nB",
		"A\nPaul",
		"A\nSent from my telephone",
		"A\nIs what my wife wrote on 3/4:\nnot my view",
		"A\nIs what my wife wrote on 3/4:\n\nnot my view",
		"A\nIs what my wife wrote:\n> B",
		"A\nIs what my wife <w@x.org> wrote on 3/4/26 at 10:00:\n\nnot my view",
		"A\nOn Monday at 10:00 bob@x.org wrote\nthat this is a bad idea, and I agree",
		"A\nOn 3/4/26 10:00, X <x@example.org> wrote:\nthat this is a bad idea",
		"A\nbob@x.org said on 3/4/26 at 10:00 what he wrote:\n\nnot my view",
		"A\nbob, on 3/4/26 at 10:00, wrote:\n> B",
		"A\nIs what my wife says.\nOn 3/4/26 10:00, X <x@example.org> wrote:\n> A",
		"A\nDe : toutes facons je ne veux pas\nA : vous de voir",
		"A\nA : this is what I do not want\nDo: nothing with it",
		"A\nFrom: me\nSubject: out of the question",
		"A\nSubject: A\nDate: never",
		"A\nBegin forwarded message:\nnever",
		"B\n========\nis out of the question for me",
		"B\n________________\n\nis out of the question for me",
		"B\n----------\n",
		"A\xE2\x80\xA8is the one I cannot accept",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_no_vote(texts[i]);
}

static void the_traps(void **state)
{
	(void)state;
	/* An early vote quoted without marks under a change of mind. */
	assert_no_vote("I changed my mind\n\nVOTE " T1 " A\n\nB");
	assert_int_equal(reply.others, 2);
	/* A changed mind under a vote: both are seen, the judge calls it ambiguous. */
	assert_vote("B\n\nI changed my mind, before I wrote:\n\nA\n\n> VOTE " T1 " A\n", "B");
	assert_int_equal(reply.others, 2);
	assert_string_equal(reply.other[0].choices, "A");
	assert_true(reply.other[1].with_token);
	/* A signature that is a letter. */
	assert_no_vote("I cannot decide.\n\nA\n");
	assert_no_vote("-- \nA\n");
	assert_no_vote("Hello\n-- \nA");
	/* The answer below the quote. */
	assert_no_vote("> Which one?\n> A or B\n\nA\n");
	assert_no_vote(">\n\nA\n");
	/* A gateway's banner. */
	assert_no_vote("EXTERNAL EMAIL\n\nA\n");
	/* Only what is quoted. */
	assert_no_vote("> A\n");
	assert_int_equal(reply.others, 1);
}

static void a_bare_choice_takes_the_one_token_of_the_mail(void **state)
{
	char text[400];

	(void)state;
	read_text("A\n\n> your token: " T1 "\n");
	assert_true(reply.has_vote && reply.vote.with_token);
	assert_memory_equal(&reply.vote.token, &reply.token[0], sizeof(struct token));
	read_text("A\n\n> no token here\n");
	assert_true(reply.has_vote && !reply.vote.with_token);
	assert_int_equal(reply.tokens, 0);
	snprintf(text, sizeof(text), "A\n\n> " T1 "\n> %s\n", t2);
	read_text(text);
	assert_int_equal(reply.tokens, 2);
	assert_true(reply.has_vote && !reply.vote.with_token);
	snprintf(text, sizeof(text), "VOTE %s A\n\n> " T1 "\n> B\n\n", t2);
	read_text(text);
	assert_true(reply.vote.with_token);
	assert_int_equal(reply.others, 1);
	assert_false(reply.other[0].with_token);
}

static void a_token_is_found_however_it_is_written(void **state)
{
	static const char *const texts[] = {
		T1,
		T1_PLAIN,
		"token:" T1 ".",
		"<b>" T1 "</b>",
		"*" T1 "*",
		"jwfz-ptc5-mnic-sk7c-ktg2-w3d3-pekj",
		"JWFZ PTC5 MN1C SK7C KTG2 W3D3 PEKJ",
		"JWFZ\xC2\xA0PTC5\xC2\xA0MN1C\xC2\xA0SK7C\xC2\xA0KTG2\xC2\xA0W3D3\xC2\xA0PEKJ",
		"JWFZ\xE2\x80\x91PTC5\xE2\x80\x91MN1C\xE2\x80\x91SK7C\xE2\x80\x91KTG2\xE2\x80\x91W3"
		"D3\xE2\x80\x91PEKJ",
		"\xEF\xBC\xAA"
		"WFZ-PTC5-MN1C-SK7C-KTG2-W3D3-PEKJ",
		"JWFZ-PTC5-MN1C-\nSK7C-KTG2-W3D3-PEKJ",
		"> > JWFZ-PTC5-MN1C-SK7C-\r\n> > KTG2-W3D3-PEKJ\r\n",
		"> JWFZ-PTC5-MN1C\n> -SK7C-KTG2-W3D3-PEKJ",
		"mailto:vote@example.org?body=VOTE%20" T1 "%20A",
		"the word VOTE JWFZ PTC5 MN1C SK7C KTG2 W3D3 PEKJ is",
		"JWFZPTC5MN1CSK7CKTG2-W3D3PEKJ",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		read_text(texts[i]);
		if (reply.tokens != 1)
			fail_msg("%u tokens in: %s", reply.tokens, texts[i]);
	}
}

static void a_piece_or_a_longer_thing_is_no_token(void **state)
{
	static const char *const texts[] = {
		"https://vote.example.org/#JWFZ-PTC5-MN1C-SK7C-KTG2-W3D3",
		"https://vote.example.org/#JWFZ-PTC5-MN1C-SK7C-KTG2-W3D3\nPEKJ",
		"JWFZ-PTC5-MN1C-SK7C-KTG2-W3D3 PEKJ",
		"X" T1_PLAIN,
		T1_PLAIN "X",
		T1 "-AAAA",
		"AAAA-" T1,
		"U" T1,
		"JWFZ-PTC5-MN1C\nSK7C-KTG2-W3D3-PEKJ",
		"JWFZ  PTC5 MN1C SK7C KTG2 W3D3 PEKJ",
		"JWF ZPTC 5MN1 CSK7 CKTG 2W3D 3PEK J",
		"JWFZ-PTC5-MN1C-SK7C-KTG2-W3D3-PEKK",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		read_text(texts[i]);
		if (reply.tokens != 0)
			fail_msg("a token in: %s", texts[i]);
	}
}

static void the_same_twice_counts_once(void **state)
{
	(void)state;
	read_text("VOTE " T1 " A\n\n> VOTE " T1_PLAIN " A\n\n>> vote " T1 " a\n>>\n");
	assert_int_equal(reply.tokens, 1);
	assert_int_equal(reply.others, 1);
	assert_true(reply.has_vote);
}

static void too_many_of_anything_is_said(void **state)
{
	struct buf text = BUF_INIT(10000);
	char written[TOKEN_TEXT_MAX];
	struct token token;
	unsigned i;

	(void)state;
	for (i = 0; i <= REPLY_TOKENS_MAX; i++) {
		memset(&token, (int)i + 1, sizeof(token));
		token_write(written, &token);
		buf_addf(&text, "> %s\n", written);
	}
	read_text(buf_text(&text));
	assert_int_equal(reply.tokens, REPLY_TOKENS_MAX);
	assert_true(reply.too_many);
	buf_clear(&text);
	for (i = 0; i <= REPLY_VOTES_MAX; i++)
		buf_addf(&text, "> A%u\n\n", i + 1);
	read_text(buf_text(&text));
	assert_int_equal(reply.others, REPLY_VOTES_MAX);
	assert_true(reply.too_many);
	buf_free(&text);
}

static void folded_forms_are_the_same(void **state)
{
	(void)state;
	assert_vote("\xEF\xBC\xA1\n", "A"); /* full-width A */
	assert_vote("\xEF\xBC\xA2\xEF\xBC\x8C\xEF\xBC\xA4\xEF\xBC\x8F\xEF\xBC\x90", "B,D/0");
	assert_vote("\xC2\xA0"
	            "A\xC2\xA0\n\xC2\xA0\n",
	            "A"); /* no-break spaces */
	assert_vote("\xEF\xBB\xBF"
	            "A\n",
	            "A"); /* byte order mark */
	assert_vote("\xE2\x80\x8E"
	            "A\xE2\x80\x8B\n",
	            "A");                   /* marks unseen */
	assert_vote("\xE2\x80\x93\n", "-"); /* en dash */
	assert_vote("VOTE JWFZ\xE2\x80\x90PTC5\xE2\x80\x90MN1C\xE2\x80\x90SK7C\xE2\x80\x90KTG2"
	            "\xE2\x80\x90W3D3\xE2\x80\x90PEKJ B",
	            "B");
	assert_no_vote("\xE2\x80\xAE"
	               "A/B\n"); /* an override turns what is shown */
}

static void a_second_part_is_never_the_first_line(void **state)
{
	(void)state;
	read_two("Hello\n", "A\n");
	assert_false(reply.has_vote);
	assert_int_equal(reply.others, 1);
	read_two("\n \n", "A\n");
	assert_true(reply.has_vote);
}

/* The end of a part is no end of what its writer says. */
static void a_later_part_that_goes_on_takes_the_vote_back(void **state)
{
	static const char *const back[] = {
		"is the one I cannot accept",
		"This mail is confidential.\n",
		"A\n",
		"==========\nA list of ours\n",
	};
	static const char *const stays[] = {
		"\nThis mail is confidential.\n",          "-- \nPaul", "> A  Yes",
		"----- reply above this line -----\nmore", "",          " \n\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(back) / sizeof(back[0]); i++) {
		read_two("A\n", back[i]);
		assert_false(reply.has_vote);
		assert_int_equal(reply.vote.choices[0], 0);
		read_two("A\n\nyours\n", back[i]);
		assert_true(reply.has_vote);
	}
	for (i = 0; i < sizeof(stays) / sizeof(stays[0]); i++) {
		read_two("VOTE " T1 " A", stays[i]);
		assert_true(reply.has_vote);
		assert_false(reply.open_end);
	}
	/* Neither a blank part nor a quoted one between them is an end. */
	memset(&reply, 0, sizeof(reply));
	buf_clear(&sealed);
	reply_take(&reply, &sealed, "A\n", 2);
	reply_take(&reply, &sealed, "\n", 1);
	reply_take(&reply, &sealed, "> B\n", 4);
	reply_take(&reply, &sealed, "is out\n", 7);
	reply_end(&reply);
	assert_false(reply.has_vote);
}

/* A gateway's notice, in a part that it added. */
static void append(const char *one, const char *notice)
{
	memset(&reply, 0, sizeof(reply));
	buf_clear(&sealed);
	reply_take(&reply, &sealed, one, strlen(one));
	reply_append(&reply, &sealed, notice, strlen(notice));
	reply_end(&reply);
}

static void a_notice_behind_a_whole_vote_line_takes_nothing_back(void **state)
{
	static const char *const notices[] = {
		"This mail is confidential.\n",
		"________\nThis mail is confidential.\n",
		"\xC3\x89mis depuis un poste de la mairie\n",
		"* Virus free *",
		"2026 Example Ltd, all rights reserved",
	};
	static const char *const no_notices[] = {
		"is the one I cannot accept", "this mail is confidential",   "A\n",
		"Or rather\n\nB\n",           "Or rather\n\n> B\nis better", "My code is " T1 "\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(notices) / sizeof(notices[0]); i++) {
		append("VOTE " T1 " A\n", notices[i]);
		assert_true(reply.has_vote);
		assert_int_equal(reply.others, 0);
		append("A\n", notices[i]); /* which may begin a sentence */
		assert_false(reply.has_vote);
		append("A\n\n> " T1 "\n", notices[i]);
		assert_true(reply.has_vote);
	}
	for (i = 0; i < sizeof(no_notices) / sizeof(no_notices[0]); i++) {
		append("VOTE " T1 " A\n", no_notices[i]);
		if (reply.has_vote)
			fail_msg("a vote above: %s", no_notices[i]);
	}
}

/* Two forms of one letter, read from the same beginning. */
static void read_twins(const char *before, const char *one, const char *two)
{
	struct reply twin;

	memset(&reply, 0, sizeof(reply));
	buf_clear(&sealed);
	reply_take(&reply, &sealed, before, strlen(before));
	twin = reply;
	reply_take(&reply, &sealed, one, strlen(one));
	twin.sealed_len = reply.sealed_len;
	reply_take(&twin, &sealed, two, strlen(two));
	reply_twin(&reply, &twin);
	assert_int_equal(reply.sealed_len, sealed.len);
}

static void twins_agree_in_one_vote_or_in_none(void **state)
{
	static const char *const agree[][3] = {
		{ "", "A\n\n> what", "A\n-- \nAnna" },
		{ "", "VOTE " T1 " A,B", "vote " T1_PLAIN " a , b\n" },
		{ "", "I do not know", "> I do\nnot know" },
		{ "", "A\n", "" },
		{ "", " \n", "A\n" },
		{ "", "", "" },
		{ "EXTERNAL\n", "A\n", "B\n" }, /* others, which the judge compares */
		{ "A\n", "\nThanks", "-- \nThanks" },
	};
	static const char *const differ[][3] = {
		{ "", "A\n", "B\n" },
		{ "", "A\n", "A\nis the one I cannot accept" },
		{ "", "A\nis the one I cannot accept", "A\n\nis the one I cannot accept" },
		{ "", "A\n", "VOTE " T1 " A\n" },
		{ "", "A\n", "Hello\n\nA\n" },
		{ "", "Hello", "A\n" },
		{ "", "A\n", "> A\n" },
		{ "", "A,B\n", "A\n" },
		{ "", "A\n", "~A~\n" },
		{ "A\n", "\nThanks", "is the one I cannot accept" },
	};
	size_t i, turn;

	(void)state;
	for (turn = 1; turn < 3; turn++) {
		for (i = 0; i < sizeof(agree) / sizeof(agree[0]); i++) {
			read_twins(agree[i][0], agree[i][turn], agree[i][3 - turn]);
			if (reply.twins_differ)
				fail_msg("%zu, in turn %zu: doubt", i, turn);
		}
		for (i = 0; i < sizeof(differ) / sizeof(differ[0]); i++) {
			read_twins(differ[i][0], differ[i][turn], differ[i][3 - turn]);
			if (!reply.twins_differ)
				fail_msg("%zu, in turn %zu: no doubt", i, turn);
		}
	}
}

static void what_twins_hold_is_taken_together(void **state)
{
	char text[200];

	(void)state;
	snprintf(text, sizeof(text), "A\n\n> %s\n\nC\n\n", t2);
	read_twins("", "A\n\n> " T1 "\n\nB\n", text);
	assert_int_equal(reply.tokens, 2);
	assert_int_equal(reply.others, 2);
	assert_string_equal(reply.other[1].choices, "C");
	reply_end(&reply);
	assert_false(reply.vote.with_token);
	read_twins("", "", "A\n\n> " T1 "\n");
	reply_end(&reply);
	assert_true(reply.has_vote && reply.vote.with_token);
	/* The end of either form leaves it open to what comes behind both. */
	read_twins("", "A\n\nAnna", "A\n");
	reply_take(&reply, &sealed, "is out", 6);
	assert_false(reply.has_vote);
}

static void the_longest_choices_are_read_and_longer_ones_are_not(void **state)
{
	char text[2 * CHOICES_MAX];
	size_t i, n = (CHOICES_MAX - 2) / 2;

	(void)state;
	for (i = 0; i < n; i++)
		memcpy(text + 2 * i, "A,", 2);
	memcpy(text + 2 * n, "A", 2);
	read_text(text);
	assert_true(reply.has_vote);
	assert_int_equal(strlen(reply.vote.choices), 2 * n + 1);
	memcpy(text + 2 * n, "A,A", 4);
	assert_no_vote(text);
}

/* Bytes that stand for a ballot line; reading them is another module's business. */
static void block(struct buf *out, const char *line, const char *mark)
{
	struct buf plain = BUF_INIT(10000);
	char *at;

	armour_write(&plain, line, strlen(line));
	for (at = strtok(plain.data, "\n"); at; at = strtok(NULL, "\n"))
		buf_addf(out, "%s%s\n", mark, at);
	buf_free(&plain);
}

static void a_sealed_block_is_found_quoted_or_not(void **state)
{
	static const char *const marks[] = { "", "> ", ">>", "   ", "> > " };
	static const char line[] =
		"{\"type\":\"ballot\",\"a\":\"0123456789012345678901234567890\"}";
	struct buf text = BUF_INIT(10000);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		buf_clear(&text);
		buf_adds(&text, "Here it is.\n\n");
		block(&text, line, marks[i]);
		read_text(buf_text(&text));
		assert_int_equal(reply.sealed_len, strlen(line));
		assert_memory_equal(sealed.data, line, strlen(line));
		assert_false(reply.sealed_broken || reply.sealed_conflict);
	}
	buf_free(&text);
}

static void two_blocks_conflict_only_where_they_differ(void **state)
{
	struct buf text = BUF_INIT(10000);

	(void)state;
	block(&text, "{\"one\"}", "");
	block(&text, "{\"one\"}", "> ");
	read_text(buf_text(&text));
	assert_false(reply.sealed_conflict);
	assert_int_equal(reply.sealed_len, 7);
	block(&text, "{\"two\"}", "> ");
	read_text(buf_text(&text));
	assert_true(reply.sealed_conflict);
	assert_int_equal(reply.sealed_len, 7);
	assert_memory_equal(sealed.data, "{\"one\"}", 7);
	buf_free(&text);
}

static void a_block_that_cannot_be_read_is_said(void **state)
{
	(void)state;
	read_text(ARMOUR_BEGIN "\nabc!def\n" ARMOUR_END "\n");
	assert_true(reply.sealed_broken);
	read_text(ARMOUR_BEGIN "\neyJ9\n");
	assert_true(reply.sealed_broken);
	read_text(ARMOUR_BEGIN ARMOUR_END);
	assert_true(reply.sealed_broken);
	assert_int_equal(reply.sealed_len, 0);
}

/* Markup may spoil a block; its signature says whether it is good. */
static void a_block_that_one_of_two_twins_holds_whole_is_whole(void **state)
{
	struct buf text = BUF_INIT(10000), other = BUF_INIT(10000);

	(void)state;
	block(&text, "{\"one\"}", "");
	read_twins("", buf_text(&text), ARMOUR_BEGIN "\nabc!def\n" ARMOUR_END "\n");
	assert_false(reply.sealed_broken || reply.sealed_conflict);
	read_twins("", ARMOUR_BEGIN "\nabc!def\n" ARMOUR_END "\n", buf_text(&text));
	assert_false(reply.sealed_broken || reply.sealed_conflict);
	assert_int_equal(reply.sealed_len, 7);
	read_twins("", buf_text(&text), "Hello");
	assert_int_equal(reply.sealed_len, 7);
	read_twins(ARMOUR_BEGIN "\nabc\n", buf_text(&text), buf_text(&text));
	assert_true(reply.sealed_broken);
	block(&other, "{\"two\"}", "");
	read_twins("", buf_text(&text), buf_text(&other));
	assert_true(reply.sealed_conflict);
	buf_free(&text);
	buf_free(&other);
}

static void what_stands_in_a_block_is_neither_vote_nor_token(void **state)
{
	(void)state;
	read_text(ARMOUR_BEGIN "\n" T1_PLAIN "\n\nA\n\n" ARMOUR_END "\n");
	assert_int_equal(reply.tokens, 0);
	assert_int_equal(reply.others, 0);
	assert_false(reply.has_vote);
}

static int setup(void **state)
{
	struct token token;

	(void)state;
	buf_init(&sealed, SEALED_MAX);
	memset(&token, 7, sizeof(token));
	token_write(t2, &token);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_free(&sealed);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_line_votes),
		cmocka_unit_test(nothing_else_votes),
		cmocka_unit_test(a_nul_ends_no_vote_line),
		cmocka_unit_test(no_option_has_the_letters_i_l_o),
		cmocka_unit_test(a_vote_line_must_end_its_paragraph),
		cmocka_unit_test(a_sentence_that_goes_on_is_no_vote),
		cmocka_unit_test(the_traps),
		cmocka_unit_test(a_bare_choice_takes_the_one_token_of_the_mail),
		cmocka_unit_test(a_token_is_found_however_it_is_written),
		cmocka_unit_test(a_piece_or_a_longer_thing_is_no_token),
		cmocka_unit_test(the_same_twice_counts_once),
		cmocka_unit_test(too_many_of_anything_is_said),
		cmocka_unit_test(folded_forms_are_the_same),
		cmocka_unit_test(a_second_part_is_never_the_first_line),
		cmocka_unit_test(a_later_part_that_goes_on_takes_the_vote_back),
		cmocka_unit_test(a_notice_behind_a_whole_vote_line_takes_nothing_back),
		cmocka_unit_test(twins_agree_in_one_vote_or_in_none),
		cmocka_unit_test(what_twins_hold_is_taken_together),
		cmocka_unit_test(the_longest_choices_are_read_and_longer_ones_are_not),
		cmocka_unit_test(a_sealed_block_is_found_quoted_or_not),
		cmocka_unit_test(two_blocks_conflict_only_where_they_differ),
		cmocka_unit_test(a_block_that_cannot_be_read_is_said),
		cmocka_unit_test(a_block_that_one_of_two_twins_holds_whole_is_whole),
		cmocka_unit_test(what_stands_in_a_block_is_neither_vote_nor_token),
	};

	group_init();
	return cmocka_run_group_tests(tests, setup, teardown);
}
