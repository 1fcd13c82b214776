/* SPDX-License-Identifier: MIT */
#include "receiver/wording.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/text.h"
#include "receiver/answer.h"

#define TEXT_FILE_MAX (64u << 10)
#define ENGLISH       "en"

/* One file of a language, its final line feeds gone. */
static enum err read_text(char **out, char **source, const char *folder, const char *tag,
                          const char *name, const char *ending, struct why *why)
{
	struct buf path = BUF_INIT(4096), text = BUF_INIT(TEXT_FILE_MAX);
	enum err e;

	buf_addf(&path, "%s/%s/%s.%s", folder, tag, name, ending);
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
	*out = strdup(buf_text(&text));
	if (source)
		*source = strdup(buf_text(&path));
	if (!*out || (source && !*source))
		e = ERR_MEMORY;
done:
	buf_free(&text);
	buf_free(&path);
	return e;
}

/* `tag` is a folder's; the titles are those of the manifest's language `index`. */
static enum err read_tongue(struct wording *w, const char *folder, const char *tag, unsigned index,
                            struct why *why)
{
	struct tongue *l = &w->tongue[w->languages++];
	enum err e = OK;

	l->index = index;
	snprintf(l->tag, sizeof(l->tag), "%s", tag);
	for (unsigned v = 0; v < VERDICTS && !e; v++) {
		struct text *t = &l->text[v];
		const char *name = answer_name((enum verdict)v);

		if (!name)
			continue;
		e = read_text(&t->subject, NULL, folder, tag, name, "subject", why);
		if (!e)
			e = read_text(&t->body, &t->source, folder, tag, name, "txt", why);
	}
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
	return e;
}

void wording_release(struct wording *w)
{
	for (unsigned i = 0; i < w->languages; i++) {
		for (unsigned v = 0; v < VERDICTS; v++) {
			free(w->tongue[i].text[v].subject);
			free(w->tongue[i].text[v].body);
			free(w->tongue[i].text[v].source);
		}
	}
	memset(w, 0, sizeof(*w));
}
