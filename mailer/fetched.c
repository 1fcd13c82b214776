/* SPDX-License-Identifier: MIT */
#include "mailer/fetched.h"

#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/mail/fetch.h"
#include "mailer/home.h"
#include "mailer/whose.h"

#define BOARD_FILE "fetched-board.ndjson"
#define HEAD_FILE  "fetched-head.json"
#define HEAD_MAX   4096
#define URL_MAX    2048
#define TIMEOUT    30
#define LINE_ROOM  1024                /* what a member may bring to a board beside their ballot */
#define FREE_ROOM  ((uint64_t)8 << 20) /* and what nobody brings: the times, the trustees */

static uint64_t longest(const struct manifest *m)
{
	struct whose w;

	whose_init(&w, m);
	return FREE_ROOM + m->len + m->members * (w.longest + LINE_ROOM);
}

static enum err get(const char *path, const struct manifest *m, const char *what,
                    struct fetch *fetch, struct why *why)
{
	struct buf url = BUF_INIT(URL_MAX);
	size_t len = strlen(m->link);
	struct why was = { 0 };
	enum err e;

	buf_add(&url, m->link, len);
	if (len && m->link[len - 1] != '/')
		buf_addc(&url, '/');
	buf_adds(&url, what);
	e = buf_err(&url);
	fetch->url = buf_text(&url);
	if (!e)
		e = fetch_file(path, fetch, &was);
	if (e == ERR_AGAIN)
		why_set(why, e, "%s; or give --board and --head, with files from the operator",
		        was.text);
	else if (e && why)
		*why = was;
	buf_free(&url);
	return e;
}

enum err fetched_get(struct fetched *f, const char *home, const struct manifest *m,
                     void (*step)(void *context, uint64_t more), void *context, struct why *why)
{
	struct fetch head = { .max = HEAD_MAX, .timeout = TIMEOUT };
	struct fetch board = { .max = longest(m), .timeout = TIMEOUT, .step = step };
	enum err e;

	board.context = context;
	f->board = BUF_INIT(HOME_PATH_MAX);
	f->head = BUF_INIT(HOME_PATH_MAX);
	if (!m->link || !*m->link)
		return why_set(why, ERR_SETTINGS,
		               "the election has no page to fetch from: give --board and --head");
	/* The head first: a board that grows meanwhile is longer than it, never shorter. */
	e = get(file_path(&f->head, home, HEAD_FILE), m, "head", &head, why);
	if (!e)
		e = get(file_path(&f->board, home, BOARD_FILE), m, "board?from=0", &board, why);
	return e;
}

void fetched_end(struct fetched *f)
{
	if (f->head.len)
		unlink(buf_text(&f->head));
	if (f->board.len)
		unlink(buf_text(&f->board));
	buf_free(&f->head);
	buf_free(&f->board);
}
