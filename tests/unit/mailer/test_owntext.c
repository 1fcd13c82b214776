/* SPDX-License-Identifier: MIT */
#include "mailer/owntext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "core/wrap.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/kit.h"

#define MEMBERS 20
#define WHOLE                                                                                      \
	"[subject]\nChoose for {{title}}\n\n[greeting]\nDear comrade {{name}}!\n\n"                \
	"[body]\nRead <all> the texts & talk.\n\nIt ends {{closes_utc}}.\n"                        \
	"[signature]\nFor the bureau,\nAnne Dupont\n"

static const struct template_value facts[] = {
	{ "title", "Congress", NULL, 0 },
	{ "closes_utc", "on Friday", NULL, 0 },
	{ "reply_to", "vote@example.org", NULL, 0 }, /* not for these texts */
	{ 0 },
};

static const char *value(const struct owntext *o, const char *name)
{
	for (const struct template_value *v = o->value; v->name; v++)
		if (!strcmp(v->name, name))
			return v->text ? v->text : v->rows ? "yes" : "no";
	return NULL;
}

static void read_text(struct owntext *o, void **state, const char *text)
{
	struct why why = { 0 };

	memset(o, 0, sizeof(*o));
	assert_ok(owntext_read(o, temp_text(state, "fr.txt", text), &why), &why);
	assert_ok(owntext_fill(o, facts, &why), &why);
}

static void a_text_is_filled_line_by_line(void **state)
{
	struct buf greeting = BUF_INIT(1000);
	struct owntext o;

	read_text(&o, state, WHOLE);
	assert_string_equal(value(&o, "subject"), "Choose for Congress");
	assert_string_equal(value(&o, "own_subject"), "yes");
	assert_string_equal(value(&o, "usual_subject"), "no");
	assert_string_equal(o.row[0][0].value[0].text, "Read <all> the texts & talk.");
	assert_string_equal(o.row[0][1].value[0].text, "It ends on Friday.");
	assert_int_equal(o.value[3].rows, 2);
	assert_string_equal(o.row[1][1].value[0].text, "Anne Dupont");
	assert_string_equal(value(&o, "signed"), "yes");
	assert_ok(owntext_greet(&greeting, &o, "Zoé {{name}}", NULL), NULL);
	assert_string_equal(buf_text(&greeting), "Dear comrade Zoé {{name}}!");
	/* Nobody is greeted by half. */
	buf_clear(&greeting);
	assert_ok(owntext_greet(&greeting, &o, "", NULL), NULL);
	assert_int_equal(greeting.len, 0);
	buf_free(&greeting);
	owntext_release(&o);
}

static void what_is_not_there_is_the_template_s(void **state)
{
	struct buf greeting = BUF_INIT(1000);
	struct owntext o = { 0 };

	assert_ok(owntext_read(&o, temp_path(state, "none.txt"), NULL), NULL);
	assert_ok(owntext_fill(&o, facts, NULL), NULL);
	assert_string_equal(o.file.path, "");
	assert_string_equal(value(&o, "usual_subject"), "yes");
	assert_string_equal(value(&o, "body"), "no");
	assert_string_equal(value(&o, "signed"), "no");
	owntext_release(&o);
	read_text(&o, state, "[greeting]\nDear all,\n");
	assert_ok(owntext_greet(&greeting, &o, "", NULL), NULL);
	assert_string_equal(buf_text(&greeting), "Dear all,");
	assert_string_equal(value(&o, "usual_subject"), "yes");
	owntext_release(&o);
	buf_free(&greeting);
}

/* Word processors and Windows have their ways. */
static void a_file_from_any_editor_is_read_alike(void **state)
{
	struct owntext o;

	read_text(&o, state,
	          "\357\273\277[subject]\r\n\r\n  Choose \t\r\n\r\n[body]\r\n\r\nOne\r\n\r\nTwo");
	assert_string_equal(value(&o, "subject"), "Choose");
	assert_int_equal(o.value[3].rows, 2);
	assert_string_equal(o.row[0][1].value[0].text, "Two");
	owntext_release(&o);
}

static void what_is_not_fit_for_a_mail_is_told_with_its_line(void **state)
{
	static const struct {
		const char *text, *want;
	} bad[] = {
		{ "Hello\n[body]\nword\n", "fr.txt:1: a text before the first section" },
		{ "[subject]\nword\n[Body]\nmore\n", "fr.txt:3: the sections are [subject]" },
		{ "[body]\nword\n[body]\nmore\n", "fr.txt:3: this section stands twice" },
		{ "[subject]\nword\nmore\n", "fr.txt: [subject] must be one line" },
		{ "[greeting]\nword\n\nmore\n", "fr.txt: [greeting] must be one line" },
		{ "[body]\n\n \n", "fr.txt: [body] is empty" },
		{ "[body]\nlong live\nA\n", "fr.txt:3: this line would be a vote" },
		{ "[signature]\nB, D / 0\n", "fr.txt:2: this line would be a vote" },
		{ "[signature]\n\357\274\241\n", "fr.txt:2: this line would be a vote" },
		{ "[body]\nas in\nthe code JWFZ-PTC5-MN1C-SK7C-KTG2-W3D3-PEKJ, say\n",
		  "fr.txt:3: this looks like a voting code" },
		{ "[body]\n----- reply above this line -----\n", "only the template may hold" },
		{ "[body]\na\001b\n", "fr.txt:2: a control or a direction character" },
		{ "[body]\na\342\200\256b\n", "fr.txt:2: a control or a direction character" },
		{ "[body]\n\351t\351\n", "fr.txt:2: not UTF-8; save the file as" },
	};
	static const struct {
		const char *text, *want;
	} unfilled[] = {
		{ "[body]\nword\n{{titel}}\n", "fr.txt [body]:2: {{titel}} is not known here" },
		{ "[body]\n{{token}}\n", "{{token}} is not known here" },
		{ "[body]\n{{reply_to}}\n", "{{reply_to}} is not known here" },
		{ "[subject]\nHello {{name}}\n", "fr.txt [subject]:1: {{name}} is not known here" },
		{ "[signature]\n{{title\n", "a {{ without its }}" },
	};
	struct owntext o = { 0 };
	struct why why = { 0 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(owntext_read(&o, temp_text(state, "fr.txt", bad[i].text), &why),
		                 ERR_SETTINGS);
		if (!strstr(why.text, bad[i].want))
			fail_msg("\"%s\" does not say \"%s\"", why.text, bad[i].want);
		owntext_release(&o);
	}
	for (size_t i = 0; i < sizeof(unfilled) / sizeof(unfilled[0]); i++) {
		assert_ok(owntext_read(&o, temp_text(state, "fr.txt", unfilled[i].text), &why),
		          &why);
		assert_int_equal(owntext_fill(&o, facts, &why), ERR_FORMAT);
		if (!strstr(why.text, unfilled[i].want))
			fail_msg("\"%s\" does not say \"%s\"", why.text, unfilled[i].want);
		owntext_release(&o);
	}
}

/* A text that is longer than anybody reads. */
static void there_is_an_end_to_what_is_read(void **state)
{
	struct buf text = BUF_INIT(1u << 20);
	struct owntext o = { 0 };
	struct why why = { 0 };

	buf_adds(&text, "[body]\n");
	for (unsigned i = 0; i < OWNTEXT_LINES + 1; i++)
		buf_adds(&text, "word\n");
	assert_int_equal(owntext_read(&o, temp_text(state, "fr.txt", buf_text(&text)), &why),
	                 ERR_SETTINGS);
	assert_non_null(strstr(why.text, "[body] has more than 64 lines"));
	owntext_release(&o);
	for (unsigned i = 0; i < OWNTEXT_FILE_MAX; i++)
		buf_addc(&text, 'x');
	assert_true(owntext_read(&o, temp_text(state, "fr.txt", buf_text(&text)), &why) != OK);
	owntext_release(&o);
	buf_free(&text);
}

/* In a whole letter. */
static void write_html(struct buf *out, const struct kit *k, const char *name,
                       enum mailing_kind kind)
{
	struct member member = { .generation = 1, .language = 0 };
	struct letter_desk desk;
	struct token token;
	char handle[HANDLE_TEXT];
	const struct letter_order order = { .mailing = { kind, 0 },
		                            .member = &member,
		                            .handle = handle,
		                            .token = mailing_is_letter(kind) ? &token : NULL };
	struct why why = { 0 };

	snprintf(member.name, sizeof(member.name), "%s", name);
	mint_dummy(&token, handle);
	letter_desk_init(&desk);
	assert_ok(letter_html(out, &desk, k->letters, &order, &why), &why);
	letter_desk_release(&desk);
}

static void open_kit(struct kit *k, void **state)
{
	kit_open(k, state, KIT_DEFINITION, MEMBERS);
	kit_post(k, state, 1, "");
	letter_free(k->letters);
	k->letters = NULL;
	free(k->conf.texts);
	k->conf.texts = strdup(temp_path(state, "letter"));
	assert_non_null(k->conf.texts);
	assert_int_equal(mkdir(k->conf.texts, 0700), 0);
}

static void a_letter_holds_it_in_its_places(void **state)
{
	struct buf html = BUF_INIT(LETTER_MAX);
	struct why why = { 0 };
	struct kit k;

	open_kit(&k, state);
	temp_text(state, "letter/fr.txt", WHOLE);
	assert_ok(letter_load(&k.letters, k.m, k.m->closes, &k.conf, &why), &why);
	assert_non_null(strstr(letter_own_text(k.letters, 0), "letter/fr.txt"));
	assert_null(letter_own_text(k.letters, 1));
	write_html(&html, &k, "Zoé", MAILING_INVITATION);
	assert_non_null(strstr(buf_text(&html), "Dear comrade Zoé!"));
	assert_null(strstr(buf_text(&html), "Bonjour"));
	assert_non_null(strstr(buf_text(&html), ">Read &lt;all&gt; the texts &amp; talk.<"));
	assert_non_null(strstr(buf_text(&html), "For the bureau,<br>Anne Dupont"));
	write_html(&html, &k, "", MAILING_REMINDER);
	assert_non_null(strstr(buf_text(&html), "Bonjour,"));
	write_html(&html, &k, "Zoé", MAILING_ANNOUNCEMENT);
	assert_non_null(strstr(buf_text(&html), "Dear comrade Zoé!"));
	assert_non_null(strstr(buf_text(&html), "For the bureau,<br>Anne Dupont"));
	assert_null(strstr(buf_text(&html), "Read &lt;all&gt;"));
	buf_free(&html);
	kit_close(&k);
}

static void a_text_of_no_language_of_the_election_is_a_slip(void **state)
{
	struct why why = { 0 };
	struct kit k;

	open_kit(&k, state);
	temp_text(state, "letter/fr.txt", WHOLE);
	temp_text(state, "letter/fr.txt~", "an editor's copy");
	temp_text(state, "letter/ft.txt", WHOLE);
	assert_int_equal(letter_load(&k.letters, k.m, k.m->closes, &k.conf, &why), ERR_SETTINGS);
	assert_non_null(strstr(why.text, "letter/ft.txt: the election has no such language"));
	k.letters = NULL;
	kit_close(&k);
}

/* Where the columns are counted, and where a line may break. */
static void lines_are_as_wide_as_they_look(void **state)
{
	struct buf out = BUF_INIT(4000), text = BUF_INIT(4000);
	size_t lines = 0;

	(void)state;
	for (int i = 0; i < 100; i++)
		buf_adds(&text, i % 10 == 9 ? "，" : "票");
	wrap_text(&out, buf_text(&text));
	for (char *rest = NULL, *line = strtok_r(out.data, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest), lines++) {
		assert_true(strlen(line) <= WRAP_WIDTH / 2 * 3);
		/* No line begins with a comma. */
		assert_true(strncmp(line, "，", 3) != 0);
	}
	assert_int_equal(lines, 3);
	buf_clear(&out);
	buf_clear(&text);
	/* Marks over letters take no room: this is exactly one line. */
	for (int i = 0; i < WRAP_WIDTH / 2; i++)
		buf_adds(&text, "e\314\201 ");
	wrap_text(&out, buf_text(&text));
	assert_null(strchr(buf_text(&out), '\n'));
	buf_free(&out);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(a_text_is_filled_line_by_line),
		TEMP_TEST(what_is_not_there_is_the_template_s),
		TEMP_TEST(a_file_from_any_editor_is_read_alike),
		TEMP_TEST(what_is_not_fit_for_a_mail_is_told_with_its_line),
		TEMP_TEST(there_is_an_end_to_what_is_read),
		TEMP_TEST(a_letter_holds_it_in_its_places),
		TEMP_TEST(a_text_of_no_language_of_the_election_is_a_slip),
		TEMP_TEST(lines_are_as_wide_as_they_look),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
