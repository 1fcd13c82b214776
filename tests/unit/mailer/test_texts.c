/* SPDX-License-Identifier: MIT */
#include "mailer/texts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/file.h"
#include "mailer/journal.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/kit.h"

#define MEMBERS 20

static void load(struct kit *k)
{
	struct why why = { 0 };

	letter_free(k->letters);
	k->letters = NULL;
	assert_ok(letter_load(&k->letters, k->m, k->m->closes, &k->conf, &why), &why);
}

static const char *open_kit(struct kit *k, void **state)
{
	kit_open(k, state, KIT_DEFINITION, MEMBERS);
	kit_post(k, state, 1, "");
	free(k->conf.texts);
	k->conf.texts = strdup(temp_path(state, "letter"));
	assert_non_null(k->conf.texts);
	assert_int_equal(mkdir(k->conf.texts, 0700), 0);
	return ((struct temp *)*state)->dir;
}

/* What is mailed now is not what was approved, and this is said of it. */
static void refused(struct kit *k, const char *home, const char *words)
{
	struct why why = { 0 };

	load(k);
	assert_int_equal(texts_check(home, k->letters, &why), ERR_STATE);
	if (!strstr(why.text, words) || !strstr(why.text, "votepost-mailer approve"))
		fail_msg("\"%s\" does not say \"%s\"", why.text, words);
}

static void good(struct kit *k, const char *home)
{
	struct why why = { 0 };

	load(k);
	assert_ok(texts_check(home, k->letters, &why), &why);
}

static void approve(struct kit *k, const char *home)
{
	struct why why = { 0 };

	load(k);
	assert_ok(texts_approve(home, k->letters, &why), &why);
}

static void a_text_that_changed_is_named_until_it_is_approved(void **state)
{
	struct journal_count files = { "files", 0 };
	struct kit k;
	const char *home = open_kit(&k, state);
	uint64_t lines;

	refused(&k, home, "texts.approved: not what the journal says");
	temp_text(state, "letter/fr.txt", "[body]\nAs the assembly has decided.\n");
	approve(&k, home);
	good(&k, home);
	temp_text(state, "letter/fr.txt", "[body]\nVote for the first one.\n");
	refused(&k, home, "letter/fr.txt: not as it was approved");
	approve(&k, home);
	good(&k, home);
	temp_text(state, "letter/en.txt", "[body]\nOne more.\n");
	refused(&k, home, "letter/en.txt: new since the approval");
	assert_int_equal(unlink(temp_path(state, "letter/en.txt")), 0);
	good(&k, home);
	assert_int_equal(unlink(temp_path(state, "letter/fr.txt")), 0);
	refused(&k, home, "fr/fr.txt: gone since the approval");
	assert_int_equal(journal_sum(home, "texts", &files, 1, &lines, NULL), OK);
	assert_int_equal(lines, 2);
	assert_int_equal(files.n, 2 * (7 * k.m->languages + 2));
	kit_close(&k);
}

static void a_template_counts_as_well(void **state)
{
	struct buf text = BUF_INIT((size_t)1 << 20);
	struct kit k;
	const char *home = open_kit(&k, state);
	char command[600], *old = k.conf.templates;

	snprintf(command, sizeof(command), "cp -r " KIT_TEMPLATES " %s",
	         temp_path(state, "templates"));
	assert_int_equal(system(command), 0);
	k.conf.templates = (char *)(uintptr_t)temp_path(state, "templates");
	approve(&k, home);
	k.conf.templates = old; /* elsewhere, and the same */
	good(&k, home);
	k.conf.templates = (char *)(uintptr_t)temp_path(state, "templates");
	assert_int_equal(file_read(&text, temp_path(state, "templates/fr/short.txt"), NULL), OK);
	buf_adds(&text, "Another word.\n");
	temp_text(state, "templates/fr/short.txt", buf_text(&text));
	refused(&k, home, "templates/fr/short.txt: not as it was approved");
	k.conf.templates = old;
	buf_free(&text);
	kit_close(&k);
}

/* The contact is in every letter, in whatever words. */
static void what_the_settings_say_in_a_letter_counts_as_well(void **state)
{
	struct kit k;
	const char *home = open_kit(&k, state);
	char words[] = "the secretariat, which votes for the first one", zone[] = "Europe/Madrid";
	char **const texts[] = { &k.conf.contact, &k.conf.name, &k.conf.timezone };

	approve(&k, home);
	for (size_t i = 0; i < 3; i++) {
		char *old = *texts[i];

		*texts[i] = i == 2 ? zone : words;
		refused(&k, home, "mailer.conf [sender]: not as it was approved");
		*texts[i] = old;
		good(&k, home);
	}
	kit_close(&k);
}

/* Whoever can change a text can change the list of them: not in silence. */
static void the_list_itself_is_bound_by_the_journal(void **state)
{
	struct buf list = BUF_INIT((size_t)1 << 20);
	struct kit k;
	const char *home = open_kit(&k, state);

	approve(&k, home);
	assert_int_equal(file_read(&list, temp_path(state, "texts.approved"), NULL), OK);
	list.data[0] = list.data[0] == '0' ? '1' : '0';
	temp_text(state, "texts.approved", buf_text(&list));
	refused(&k, home, "texts.approved: not what the journal says");
	buf_free(&list);
	kit_close(&k);
}

/* Whoever approves has seen the name of each. */
static void everything_that_differs_is_told(void **state)
{
	struct buf told = BUF_INIT((size_t)1 << 16);
	struct why why = { 0 };
	struct kit k;
	const char *home = open_kit(&k, state);
	char words[] = "the secretariat, which votes for the first one", *old = k.conf.contact;

	temp_text(state, "letter/fr.txt", "[body]\nAs the assembly has decided.\n");
	approve(&k, home);
	assert_ok(texts_differ(&told, home, k.letters, &why), &why);
	assert_int_equal(told.len, 0);
	assert_int_equal(unlink(temp_path(state, "letter/fr.txt")), 0);
	temp_text(state, "letter/en.txt", "[body]\nVote for the first one.\n");
	k.conf.contact = words;
	refused(&k, home, "mailer.conf [sender]: not as it was approved, and 2 more;");
	assert_ok(texts_differ(&told, home, k.letters, &why), &why);
	assert_non_null(strstr(buf_text(&told), "mailer.conf [sender]: not as it was approved\n"));
	assert_non_null(strstr(buf_text(&told), "letter/en.txt: new since the approval\n"));
	assert_non_null(strstr(buf_text(&told), "fr/fr.txt: gone since the approval\n"));
	k.conf.contact = old;
	buf_free(&told);
	kit_close(&k);
}

/* A file that changes while somebody is asked, or while letters leave, is not what was read. */
static void what_was_read_is_what_is_approved_and_mailed(void **state)
{
	struct why why = { 0 };
	struct kit k;
	const char *home = open_kit(&k, state);

	temp_text(state, "letter/fr.txt", "[body]\nAs the assembly has decided.\n");
	load(&k);
	temp_text(state, "letter/fr.txt", "[body]\nVote for the first one.\n");
	assert_ok(texts_approve(home, k.letters, &why), &why);
	assert_ok(texts_check(home, k.letters, &why), &why);
	refused(&k, home, "letter/fr.txt: not as it was approved");
	temp_text(state, "letter/fr.txt", "[body]\nAs the assembly has decided.\n");
	good(&k, home);
	kit_close(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(a_text_that_changed_is_named_until_it_is_approved),
		TEMP_TEST(a_template_counts_as_well),
		TEMP_TEST(what_the_settings_say_in_a_letter_counts_as_well),
		TEMP_TEST(everything_that_differs_is_told),
		TEMP_TEST(what_was_read_is_what_is_approved_and_mailed),
		TEMP_TEST(the_list_itself_is_bound_by_the_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
