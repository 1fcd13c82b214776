/* SPDX-License-Identifier: MIT */
#include "mailer/wording.h"

#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "core/template.h"
#include "mailer/home.h"

#define TEMPLATE_MAX ((size_t)64 << 10)

static const char *const names[WORDING_SETS][WORDING_PARTS] = {
	[WORDING_LETTER] = { "letter.subject", "letter.txt", "letter.html" },
	[WORDING_SHORT] = { "short.subject", "short.txt", "short.html" },
};

/* The folder of a language's templates, and a file in it. */
static void template_path(struct buf *path, const struct conf *conf, const char *language,
                          const char *name)
{
	file_path(path, conf->templates, language);
	buf_addc(path, '/');
	buf_adds(path, name);
}

static enum err read_template(struct wording *w, enum wording_set set, enum wording_part part,
                              const struct conf *conf, const char *language, struct why *why)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX);
	struct buf *out = &w->template[set][part];
	enum err e;

	buf_init(out, TEMPLATE_MAX);
	template_path(&path, conf, language, names[set][part]);
	e = buf_err(&path);
	if (!e)
		e = file_read(out, buf_text(&path), why);
	if (e == ERR_NOT_FOUND)
		e = why_set(why, ERR_SETTINGS,
		            "%s: no template; the election has the language %s ([letter] "
		            "templates)",
		            buf_text(&path), language);
	if (part == WORDING_SUBJECT && out->len && out->data[out->len - 1] == '\n')
		out->data[--out->len] = 0;
	snprintf(w->path[set][part], sizeof(w->path[set][part]), "%s", buf_text(&path));
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
		template_path(&path, conf, m->language[language], "letter.words");
		e = buf_err(&path);
	}
	if (!e)
		e = calendar_open(&w->calendar, buf_text(&path), why);
	if (!e)
		e = facts_make(&w->facts, m, language, closes, conf, w->calendar, why);
	buf_free(&path);
	return e;
}

void wording_release(struct wording *w)
{
	for (unsigned i = 0; i < WORDING_SETS * WORDING_PARTS; i++)
		buf_free(&w->template[i / WORDING_PARTS][i % WORDING_PARTS]);
	facts_release(&w->facts);
	calendar_free(w->calendar);
}

enum err wording_fill(struct buf *out, const struct wording *w, enum wording_set set,
                      enum wording_part part, const struct template_value *values, struct why *why)
{
	return template_fill(out, w->path[set][part], buf_text(&w->template[set][part]),
	                     part == WORDING_HTML ? TEMPLATE_HTML : TEMPLATE_TEXT, values, why);
}
