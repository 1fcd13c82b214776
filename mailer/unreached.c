/* SPDX-License-Identifier: MIT */
#include "mailer/unreached.h"

#include <string.h>

#include "core/file.h"
#include "core/text.h"
#include "mailer/csv.h"

#define ROW_CAP    ((size_t)64 << 10)
#define TRIM_AFTER 500 /* rows: the outbox lies in another order than the roll */

enum err unreached_begin(struct unreached *u, const char *path, const char *const *language,
                         struct why *why)
{
	static const char header[] = "id,name,group,language,address,list,state,reason,status,"
				     "words,last_try,came_back\r\n";
	enum err e;

	memset(u, 0, sizeof(*u));
	buf_init(&u->row, ROW_CAP);
	u->language = language;
	if (file_there(path))
		return why_set(why, ERR_EXISTS,
		               "%s is there already; name another file, or remove it", path);
	e = aside_begin(&u->out, path, 0600, why);
	if (!e)
		aside_add(&u->out, header, sizeof(header) - 1);
	return e;
}

static void add_time(struct buf *row, uint64_t at, const char *end)
{
	char text[TIME_TEXT] = "";

	if (at)
		time_write(text, at);
	buf_adds(row, text);
	buf_adds(row, end);
}

/* What was said last: by whom it came back from, or by the relay. */
static void add_words(struct buf *row, const struct fate *f, const struct standing *standing)
{
	const bool back = f->returned && f->state != SEND_REFUSED && f->state != SEND_DEFERRED;
	const char *reason = strchr(reach_name(f->reach), ':');

	csv_add_field(row, reason ? reason + 2 : f->given_up ? "no further try" : "");
	csv_add_field(row, back ? f->last.status : standing->status);
	csv_add_field(row, back ? f->last.text : standing->text);
}

enum err unreached_visit(void *unreached, const struct member *m, const struct fate *f,
                         struct why *why)
{
	struct unreached *u = unreached;
	const bool lost = reach_kind(f->reach) == REACH_LOST;
	struct standing standing = { .state = SEND_PLANNED };
	char key[32];
	enum err e = OK;

	if (!lost && !f->warned)
		return OK;
	if (u->outbox)
		e = outbox_find(u->outbox, m->serial, &standing, why);
	if (e)
		return e;
	u->lost += lost;
	u->warned += !lost;
	reach_key(key, f->reach);
	buf_wipe(&u->row);
	csv_add_field(&u->row, m->id);
	csv_add_field(&u->row, m->name);
	csv_add_field(&u->row, m->group);
	csv_add_field(&u->row, u->language[m->language]);
	csv_add_field(&u->row, m->email);
	csv_add_field(&u->row, lost ? "unreached" : "warn");
	csv_add_field(&u->row, key);
	add_words(&u->row, f, &standing);
	add_time(&u->row, f->at, ",");
	add_time(&u->row, f->returned ? f->last.at : 0, "\r\n");
	if (buf_err(&u->row))
		return why_set(why, buf_err(&u->row), "%s", err_text(buf_err(&u->row)));
	aside_add(&u->out, u->row.data, u->row.len);
	if (u->outbox && (u->lost + u->warned) % TRIM_AFTER == 0)
		outbox_trim(u->outbox);
	return OK;
}

enum err unreached_end(struct unreached *u, enum err e, struct why *why)
{
	buf_free(&u->row);
	return aside_end(&u->out, e, why);
}
