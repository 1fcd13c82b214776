/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "core/file.h"
#include "scrutineer/minutes.h"
#include "scrutineer/paper.h"

static enum err write_file(const char *dir, const char *name, const struct buf *bytes,
                           struct why *why)
{
	struct buf path = BUF_INIT(FILENAME_MAX);
	enum err e = buf_err(bytes);

	if (e)
		(void)why_set(why, e, "%s: %s", name, err_text(e));
	else
		e = file_write(file_path(&path, dir, name), buf_text(bytes), bytes->len, 0644, why);
	buf_free(&path);
	return e;
}

/* All four are made before the first is written. */
enum err minutes_write(const struct minutes *mi, const char *fonts, const char *dir,
                       struct why *why)
{
	struct buf text = BUF_INIT(MINUTES_MAX), html = BUF_INIT(MINUTES_MAX),
		   pdf = BUF_INIT(MINUTES_MAX), json = BUF_INIT(MINUTES_MAX);
	struct document d;
	enum err e;

	minutes_document(&d, mi);
	e = document_err(&d);
	if (e) {
		(void)why_set(why, e, "the minutes: %s", err_text(e));
		goto done;
	}
	document_text(&text, &d);
	document_html(&html, &d);
	minutes_json(&json, mi);
	buf_addc(&json, '\n');
	e = paper_write(&pdf, &d, fonts, mi->w->word[WORD_GLYPHS], why);
	if (!e)
		e = file_make_folder(dir, why);
	if (!e)
		e = write_file(dir, MINUTES_TEXT, &text, why);
	if (!e)
		e = write_file(dir, MINUTES_HTML, &html, why);
	if (!e)
		e = write_file(dir, MINUTES_PDF, &pdf, why);
	if (!e)
		e = write_file(dir, MINUTES_JSON, &json, why);
done:
	document_release(&d);
	buf_free(&text);
	buf_free(&html);
	buf_free(&pdf);
	buf_free(&json);
	return e;
}
