/* SPDX-License-Identifier: MIT */
#include "mailer/wording.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "mailer/calendar.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/kit.h"

#define MEMBERS 20

static const char *const names[] = { "letter.subject", "letter.txt", "letter.html", "letter.words",
	                             "short.subject",  "short.txt",  "short.html" };

/* A copy of the box's templates in two languages. */
static void copy_templates(struct kit *k, void **state)
{
	static const char *const languages[] = { "fr", "en" };
	char path[128];

	mkdir(temp_path(state, "templates"), 0700);
	for (size_t l = 0; l < 2; l++) {
		snprintf(path, sizeof(path), "templates/%s", languages[l]);
		mkdir(temp_path(state, path), 0700);
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			struct buf text = BUF_INIT(1u << 20);
			char from[128];

			snprintf(from, sizeof(from), KIT_TEMPLATES "/%s/%s", languages[l],
			         names[i]);
			snprintf(path, sizeof(path), "templates/%s/%s", languages[l], names[i]);
			assert_ok(file_read(&text, from, NULL), NULL);
			temp_text(state, path, buf_text(&text));
			buf_free(&text);
		}
	}
	k->conf.templates = (char *)(uintptr_t)temp_path(state, "templates");
}

/* With this change in the templates no letter is written, and the message says so. */
static void refuse(struct kit *k, void **state, const char *file, const char *from, const char *to,
                   const char *want)
{
	struct letters *letters = NULL;
	struct why why = { 0 };
	char name[64], path[256];
	char *text;
	enum err e;

	copy_templates(k, state);
	snprintf(name, sizeof(name), "templates/fr/%s", file);
	snprintf(path, sizeof(path), KIT_TEMPLATES "/fr/%s", file);
	text = kit_replace(path, from, to);
	temp_text(state, name, text);
	free(text);
	e = letter_load(&letters, k->m, k->m->closes, &k->conf, &why);
	if ((e != ERR_SETTINGS && e != ERR_FORMAT) || !strstr(why.text, want))
		fail_msg("\"%s\" does not say \"%s\"", why.text, want);
}

static void mistakes_in_a_template_show_before_any_letter(void **state)
{
	static const struct {
		const char *file, *from, *to, *want;
	} mistakes[] = {
		{ "letter.txt", "{{token}}", "{{tokne}}", "letter.txt:81: {{tokne}} is not known" },
		/* Also in what this election does not show. */
		{ "letter.html", "{{#extended}}", "{{#extended}}{{exended}}",
		  "{{exended}} is not known" },
		{ "letter.txt", "{{/graded}}", "", "{{graded}} is a section that is never closed" },
		{ "letter.words", "janvier;", "", "months: must be 12 words" },
		/* A short mail cannot hold a code at all. */
		{ "short.txt", "{{contact}}", "{{token}}", "{{token}} is not known" },
		{ "letter.subject", "Votre vote", "{{name}}", "{{name}} is not known here" },
		{ "letter.txt", "{{token}}", "x", "letter.txt: {{token}} is missing," },
		{ "letter.html", "{{fingerprint}}", "x",
		  "letter.html: {{fingerprint}} is missing," },
		{ "letter.txt", "{{contact}}", "x", "letter.txt: {{contact}} is missing," },
		{ "short.html", "{{contact}}", "x", "short.html: {{contact}} is missing," },
		{ "letter.html", "{{waiver}}", "x", "letter.html: {{waiver}} is missing," },
		{ "letter.txt", "{{link}}", "x", "letter.txt: {{link}} is missing," },
		{ "letter.html", "{{four}}", "x", "letter.html: {{four}} is missing," },
		{ "letter.txt", "{{reply_to}}", "x", "letter.txt: {{reply_to}} is missing," },
		{ "letter.html", "{{mailto}}", "x", "letter.html: {{mailto}} is missing," },
		{ "letter.txt", "----- reply above this line -----", "---",
		  "letter.txt: ----- reply above this line ----- is missing," },
		{ "letter.txt", "{{#reply_channel}}\n-----", "x{{#reply_channel}}\n-----",
		  "must be the first line" },
		{ "letter.txt", "({{letter}})  {{option}}", "{{letter}}",
		  "letter.txt: \"   A\" would stand in a line by itself" },
		{ "letter.html", "({{letter}})", "{{letter}}",
		  "letter.html: \"A\" would stand in a line by itself" },
		{ "letter.html", "{{example}}", "<br>{{example}}<br>",
		  "letter.html: \"A\" would stand in a line by itself" },
		{ "short.txt", "{{contact}}", "{{contact}}\nBLANC\n",
		  "short.txt: \"BLANC\" would stand in a line by itself" },
		{ "short.txt", "{{contact}}", "{{contact}}\342\200\250B,C",
		  "short.txt: \"B,C\" would stand in a line by itself" },
		{ "letter.html", "{{token}}", "VOTE {{token}} A",
		  "would stand in a line by itself" },
		{ "letter.txt", "Votre code", "\342\200\256Votre code",
		  "letter.txt:81: not UTF-8, or a control or a direction character" },
		{ "letter.txt", "Votre code", "(JWFZ-PTC5-MN1C-SK7C-KTG2-W3D3-PEKJ) Votre code",
		  "letter.txt:81: this looks like a voting code" },
		{ "short.html", "Bonjour", "Bonj\377ur", "short.html:" },
	};
	struct letters *letters = NULL;
	struct why why = { 0 };
	struct kit k;
	char *old;

	/* A letter is A; there is no example otherwise. */
	char *text = kit_replace(KIT_DEFINITION, "max = 1\n", "max = 2\n");
	const char *path = temp_text(state, "election.conf", text);

	free(text);
	kit_open(&k, state, path, MEMBERS);
	kit_post(&k, state, 1, "");
	old = k.conf.templates;
	k.conf.templates = (char *)(uintptr_t)temp_path(state, "nowhere");
	assert_int_equal(letter_load(&letters, k.m, k.m->closes, &k.conf, &why), ERR_SETTINGS);
	assert_non_null(strstr(why.text, "nowhere/fr/letter.subject: no template"));
	copy_templates(&k, state);
	assert_ok(letter_load(&letters, k.m, k.m->closes, &k.conf, &why), &why);
	letter_free(letters);
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++)
		refuse(&k, state, mistakes[i].file, mistakes[i].from, mistakes[i].to,
		       mistakes[i].want);
	k.conf.templates = old;
	kit_close(&k);
}

static void a_language_is_served_by_what_its_tag_begins_with(void **state)
{
	static const char *const served[][2] = {
		{ "fr", "fr" },         { "fr-CA", "fr" }, { "zh-CN", "zh" },
		{ "zh-Hans", "zh" },    { "pt-BR", "pt" }, { "ar-EG", "ar" },
		{ "zh-Hans-CN", "zh" }, { "it", "it" },    { "it-CH", "it-CH" },
	};
	char templates[] = KIT_TEMPLATES;
	struct conf conf = { .templates = templates };
	struct buf path = BUF_INIT(4096);

	for (size_t i = 0; i < sizeof(served) / sizeof(served[0]); i++) {
		char want[128];

		wording_path(&path, &conf, served[i][0], "letter.txt");
		snprintf(want, sizeof(want), KIT_TEMPLATES "/%s/letter.txt", served[i][1]);
		assert_string_equal(buf_text(&path), want);
	}
	/* Its own folder comes first, and "zh-Hant" is never half of one. */
	mkdir(temp_path(state, "zh"), 0700);
	mkdir(temp_path(state, "zh-Hant"), 0700);
	conf.templates = ((struct temp *)*state)->dir;
	wording_path(&path, &conf, "zh-Hant-TW", "x");
	assert_non_null(strstr(buf_text(&path), "/zh-Hant/x"));
	wording_path(&path, &conf, "zh-Hans-CN", "x");
	assert_non_null(strstr(buf_text(&path), "/zh/x"));
	buf_free(&path);
}

static void a_day_is_written_as_the_language_writes_it(void **state)
{
	static const struct {
		const char *language, *zone, *want;
		uint64_t seconds;
	} days[] = {
		{ "fr", "Europe/Paris", "mardi 1er décembre 2026 à 13:00", 1796126400 },
		{ "fr", NULL, "mercredi 2 décembre 2026 à 12:00", 1796212800 },
		{ "en", NULL, "Tuesday 1 December 2026, 12:00", 1796126400 },
		{ "zh", NULL, "2026年12月1日（星期二）12:00", 1796126400 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		struct buf text = BUF_INIT(256);
		struct calendar *c = NULL;
		char path[128];

		snprintf(path, sizeof(path), KIT_TEMPLATES "/%s/letter.words", days[i].language);
		assert_ok(calendar_open(&c, NULL, path, NULL), NULL);
		assert_ok(calendar_write(&text, c, days[i].seconds, days[i].zone, NULL), NULL);
		assert_string_equal(buf_text(&text), days[i].want);
		calendar_free(c);
		buf_free(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(mistakes_in_a_template_show_before_any_letter,
		                                temp_setup, temp_teardown),
		cmocka_unit_test_setup_teardown(a_language_is_served_by_what_its_tag_begins_with,
		                                temp_setup, temp_teardown),
		cmocka_unit_test(a_day_is_written_as_the_language_writes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
