/* SPDX-License-Identifier: MIT */
#include "mailer/wording.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "core/template.h"
#include "core/text.h"
#include "core/tokenlike.h"
#include "mailer/home.h"

#define TEMPLATE_MAX ((size_t)64 << 10)

static const char *const names[WORDING_SETS][WORDING_PARTS] = {
	[WORDING_LETTER] = { "letter.subject", "letter.txt", "letter.html" },
	[WORDING_SHORT] = { "short.subject", "short.txt", "short.html" },
};

/* Every name that config/templates/README lists. */
#define ALL_KNOWN                                                                                  \
	"name", "named", "nameless", "greeting", "own_greeting", "usual_greeting", "subject",      \
		"own_subject", "usual_subject", "body", "paragraph", "signed", "signature",        \
		"line", "title", "organiser", "fingerprint", "contact", "sender", "test",          \
		"opens_local", "closes_local", "opens_utc", "closes_utc", "timezone",              \
		"local_time", "utc_only", "extended", "questions", "number", "question",           \
		"choose_one", "choose_exactly", "choose_range", "graded", "least", "most",         \
		"options", "letter", "option", "blank", "none", "grades", "grade_number", "grade", \
		"last_grade", "one_question", "several_questions", "link_channel",                 \
		"no_link_channel", "sealed_channel", "page", "second_factor", "reply_channel",     \
		"waiver", "buttons", "prepared", "just_a_letter", "more_than_a_letter", "example", \
		"commas", "any_grades"

static const char *const letter_known[] = { ALL_KNOWN,  "invitation", "reminder", "renewed",
	                                    "token",    "four",       "link",     "mailto",
	                                    "reply_to", NULL };
static const char *const short_known[] = { ALL_KNOWN,   "announcement", "notice",
	                                   "extension", "moved",        NULL };
static const char *const *const known[WORDING_SETS] = {
	[WORDING_LETTER] = letter_known,
	[WORDING_SHORT] = short_known,
};

/* How much of a language's tag names what is there, up to one of its hyphens; all of it where
 * nothing is. */
static int served_by(const char *folder, const char *language, const char *ending)
{
	char path[HOME_PATH_MAX]; /* not on the heap: want of memory must not look like "no" */
	int len = (int)strlen(language), whole = len, n;

	while (len) {
		n = snprintf(path, sizeof(path), "%s/%.*s%s", folder, len, language, ending);
		if (n > 0 && (size_t)n < sizeof(path) && file_there(path))
			return len;
		do
			len--;
		while (len && language[len] != '-');
	}
	return whole;
}

void wording_path(struct buf *path, const struct conf *conf, const char *language, const char *name)
{
	buf_clear(path);
	buf_addf(path, "%s/%.*s/%s", conf->templates, served_by(conf->templates, language, "/."),
	         language, name);
}

static void own_path(struct buf *path, const struct conf *conf, const char *language)
{
	buf_clear(path);
	buf_addf(path, "%s/%.*s.txt", conf->texts, served_by(conf->texts, language, ".txt"),
	         language);
}

static bool serves(const struct wording *w, unsigned languages, const char *name)
{
	for (unsigned i = 0; i < languages; i++) {
		const char *slash = strrchr(w[i].own.file.path, '/');

		if (slash && !strcmp(slash + 1, name))
			return true;
	}
	return false;
}

enum err wording_strays(const struct wording *w, unsigned languages, const struct conf *conf,
                        struct why *why)
{
	DIR *folder = conf->texts ? opendir(conf->texts) : NULL;
	const struct dirent *entry;
	enum err e = OK;

	while (!e && folder && (entry = readdir(folder))) {
		size_t len = strlen(entry->d_name);

		if (len > 4 && !strcmp(entry->d_name + len - 4, ".txt") && *entry->d_name != '.' &&
		    !serves(w, languages, entry->d_name))
			e = why_set(why, ERR_SETTINGS,
			            "%s/%s: the election has no such language; a text is named by "
			            "its tag, like fr.txt",
			            conf->texts, entry->d_name);
	}
	if (folder)
		closedir(folder);
	return e;
}

/* Control and direction characters would hide what is there, and a token is its member's alone; the
 * line is named. */
static enum err check_clean(const char *path, const char *text, struct why *why)
{
	for (unsigned line = 1; *text; line++) {
		size_t n = strcspn(text, "\n"), start = 0;

		while (start < n && text[start] == '\t')
			start++;
		if (!text_clean(text + start, n - start))
			return why_set(why, ERR_SETTINGS,
			               "%s:%u: not UTF-8, or a control or a direction character",
			               path, line);
		if (tokenlike(text, n))
			return why_set(why, ERR_SETTINGS,
			               "%s:%u: this looks like a voting code: none may stand in "
			               "what goes to everyone, not even as an example",
			               path, line);
		text += n + (text[n] == '\n');
	}
	return OK;
}

static enum err read_template(struct wording *w, enum wording_set set, enum wording_part part,
                              const struct conf *conf, const char *language, struct why *why)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX);
	struct buf *out = &w->template[set][part];
	enum err e;

	buf_init(out, TEMPLATE_MAX);
	wording_path(&path, conf, language, names[set][part]);
	e = buf_err(&path);
	if (!e)
		e = file_read(out, buf_text(&path), why);
	if (e == ERR_NOT_FOUND)
		e = why_set(why, ERR_SETTINGS,
		            "%s: no template for the election's language %s; where the templates "
		            "lie (config/templates of the sources) stands in mailer.conf, [letter] "
		            "templates",
		            buf_text(&path), language);
	source_take(&w->file[set][part], buf_text(&path), out);
	if (part == WORDING_SUBJECT && out->len && out->data[out->len - 1] == '\n')
		out->data[--out->len] = 0;
	if (!e)
		e = check_clean(buf_text(&path), buf_text(out), why);
	if (!e)
		e = template_check(buf_text(&path), buf_text(out), known[set], why);
	buf_free(&path);
	return e;
}

enum err wording_load(struct wording *w, const struct manifest *m, unsigned language,
                      uint64_t closes, const struct conf *conf, struct why *why)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX);
	enum err e = OK;

	for (unsigned i = 0; !e && i < WORDING_SETS * WORDING_PARTS; i++)
		e = read_template(w, (enum wording_set)(i / WORDING_PARTS),
		                  (enum wording_part)(i % WORDING_PARTS), conf,
		                  m->language[language], why);
	if (!e) {
		wording_path(&path, conf, m->language[language], "letter.words");
		e = buf_err(&path);
	}
	if (!e)
		e = calendar_open(&w->calendar, &w->words, buf_text(&path), why);
	if (!e)
		e = facts_make(&w->facts, m, language, closes, conf, w->calendar, why);
	if (!e && conf->texts) {
		own_path(&path, conf, m->language[language]);
		e = buf_err(&path) ? buf_err(&path) : owntext_read(&w->own, buf_text(&path), why);
	}
	if (!e)
		e = owntext_fill(&w->own, w->facts.value, why);
	buf_free(&path);
	return e;
}

void wording_release(struct wording *w)
{
	for (unsigned i = 0; i < WORDING_SETS * WORDING_PARTS; i++)
		buf_free(&w->template[i / WORDING_PARTS][i % WORDING_PARTS]);
	owntext_release(&w->own);
	facts_release(&w->facts);
	calendar_free(w->calendar);
}

enum err wording_sources(const struct wording *w, const char *language, wording_source *visit,
                         void *context, struct why *why)
{
	enum err e = OK;

	for (unsigned n = 0; !e && n < WORDING_SETS * WORDING_PARTS; n++)
		e = visit(context, language, &w->file[n / WORDING_PARTS][n % WORDING_PARTS], why);
	if (!e)
		e = visit(context, language, &w->words, why);
	if (!e && *w->own.file.path)
		e = visit(context, language, &w->own.file, why);
	return e;
}

enum err wording_fill(struct buf *out, const struct wording *w, enum wording_set set,
                      enum wording_part part, const struct template_value *values, struct why *why)
{
	return template_fill(out, w->file[set][part].path, buf_text(&w->template[set][part]),
	                     part == WORDING_HTML ? TEMPLATE_HTML : TEMPLATE_TEXT, values, why);
}
