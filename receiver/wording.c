/* SPDX-License-Identifier: MIT */
#include "receiver/wording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/file.h"
#include "core/text.h"
#include "receiver/answer.h"

#define TEXT_FILE_MAX (64u << 10)
#define ENGLISH       "en"

/* One file, its final line feeds gone. */
static enum err read_text(struct text *out, const char *folder, const char *name, struct why *why)
{
	struct buf path = BUF_INIT(4096), text = BUF_INIT(TEXT_FILE_MAX);
	enum err e;

	buf_addf(&path, "%s/%s", folder, name);
	e = buf_err(&path);
	if (!e)
		e = file_read(&text, buf_text(&path), why);
	if (!e && !utf8_valid(buf_text(&text), text.len))
		e = why_set(why, ERR_SETTINGS, "%s: not UTF-8", buf_text(&path));
	if (e == ERR_NOT_FOUND)
		e = ERR_SETTINGS;
	if (e)
		goto done;
	while (text.len && text.data[text.len - 1] == '\n')
		text.data[--text.len] = '\0';
	out->text = strdup(buf_text(&text));
	out->source = strdup(buf_text(&path));
	if (!out->text || !out->source)
		e = ERR_MEMORY;
done:
	buf_free(&text);
	buf_free(&path);
	return e;
}

static enum err read_verdicts(struct tongue *l, const char *folder, struct why *why)
{
	enum err e = OK;

	for (unsigned v = 0; v < VERDICTS && !e; v++) {
		const char *name = answer_name((enum verdict)v);
		char file[64];

		if (!name)
			continue;
		snprintf(file, sizeof(file), "%s.txt", name);
		e = read_text(&l->verdict[v], folder, file, why);
	}
	return e;
}

static bool is_one_of(const char *const *words, size_t n, const char *word, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(words[i]) == len && !strncasecmp(words[i], word, len))
			return true;
	return false;
}

/* As the page decides it (receiver/web/page.js). */
static bool is_right_to_left(const char *tag)
{
	static const char *const languages[] = { "ar", "arc", "ckb", "dv", "fa", "he", "ku",
		                                 "ps", "sd",  "syr", "ug", "ur", "yi" };
	static const char *const yes[] = { "arab", "hebr" }, *const no[] = { "latn", "cyrl" };
	size_t len = strcspn(tag, "-");
	bool rtl = is_one_of(languages, sizeof(languages) / sizeof(languages[0]), tag, len);

	for (tag += len; *tag == '-'; tag += len) {
		len = strcspn(++tag, "-");
		rtl = (rtl || is_one_of(yes, 2, tag, len)) && !is_one_of(no, 2, tag, len);
	}
	return rtl;
}

/* `tag` is a folder's; the titles are those of the manifest's language `index`. */
static enum err read_tongue(struct wording *w, const char *answers, const char *tag, unsigned index,
                            struct why *why)
{
	struct tongue *l = &w->tongue[w->languages++];
	struct buf folder = BUF_INIT(4096);
	enum err e;

	l->index = index;
	l->right_to_left = is_right_to_left(tag);
	snprintf(l->tag, sizeof(l->tag), "%s", tag);
	buf_addf(&folder, "%s/%s", answers, tag);
	e = buf_err(&folder);
	if (!e)
		e = read_text(&l->name, buf_text(&folder), "language.txt", why);
	if (!e)
		e = read_text(&l->subject, buf_text(&folder), "subject.txt", why);
	if (!e)
		e = read_text(&l->frame, buf_text(&folder), "frame.txt", why);
	if (!e)
		e = read_text(&l->foot, buf_text(&folder), "foot.txt", why);
	if (!e)
		e = read_verdicts(l, buf_text(&folder), why);
	buf_free(&folder);
	return e;
}

static bool has_folder(const char *folder, const char *tag)
{
	struct buf path = BUF_INIT(4096);
	bool yes;

	buf_addf(&path, "%s/%s/.", folder, tag);
	yes = buf_err(&path) == OK && access(buf_text(&path), F_OK) == 0;
	buf_free(&path);
	return yes;
}

/* The folder that serves a language: its own, or "fr" for "fr-CA". False where there is none. */
static bool find_folder(char tag[WORDING_TAG], const char *folder, const char *language)
{
	char *hyphen;

	snprintf(tag, WORDING_TAG, "%s", language);
	if (has_folder(folder, tag))
		return true;
	hyphen = strchr(tag, '-');
	if (hyphen)
		*hyphen = '\0';
	return hyphen && has_folder(folder, tag);
}

static bool speaks(const struct wording *w, const char *tag)
{
	for (unsigned i = 0; i < w->languages; i++)
		if (!strcmp(w->tongue[i].tag, tag))
			return true;
	return false;
}

static void add_lacking(struct wording *w, const char *language)
{
	size_t len = strlen(w->lacking);

	snprintf(w->lacking + len, sizeof(w->lacking) - len, "%s%s", len ? ", " : "", language);
}

enum err wording_read(struct wording *w, const struct manifest *m, const char *folder,
                      struct why *why)
{
	unsigned first = 0; /* of those that lack texts */
	enum err e = OK;

	memset(w, 0, sizeof(*w));
	for (unsigned i = 0; i < m->languages && !e; i++) {
		char tag[WORDING_TAG];

		if (find_folder(tag, folder, m->language[i])) {
			e = read_tongue(w, folder, tag, i, why);
			continue;
		}
		if (!*w->lacking)
			first = i;
		add_lacking(w, m->language[i]);
	}
	if (!e && *w->lacking && !speaks(w, ENGLISH))
		e = read_tongue(w, folder, ENGLISH, first, why);
	return e ? e : read_text(&w->page, folder, "answer.html", why);
}

static void forget(struct text *t)
{
	free(t->text);
	free(t->source);
}

void wording_release(struct wording *w)
{
	for (unsigned i = 0; i < w->languages; i++) {
		struct tongue *l = &w->tongue[i];

		forget(&l->name);
		forget(&l->subject);
		forget(&l->frame);
		forget(&l->foot);
		for (unsigned v = 0; v < VERDICTS; v++)
			forget(&l->verdict[v]);
	}
	forget(&w->page);
	memset(w, 0, sizeof(*w));
}
