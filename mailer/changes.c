/* SPDX-License-Identifier: MIT */
#include "mailer/changes.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/aside.h"
#include "core/board.h"
#include "core/file.h"
#include "mailer/derive.h"
#include "mailer/home.h"
#include "mailer/sorter.h"

#define LINE_MAX_BYTES 4096

/* A replacement as it is sorted. */
struct pair {
	struct point old, by;
};

struct changing {
	const struct manifest *m;
	const struct keys *keys;
	struct roll *roll;
	struct sorter *pairs;
	void (*step)(void *context, uint64_t more);
	void *context;
};

enum err changes_credentials(struct point credential[AMEND_PLANS_MAX + 1], const struct keys *keys,
                             const struct manifest *m, const struct member *member,
                             const struct amended *amended, struct why *why)
{
	struct member each = *member;
	enum err e;

	each.generation = amended->generation;
	each.epoch = amended->epoch;
	e = derive_credential(&credential[0], keys, m, &each, why);
	for (unsigned i = 0; !e && i < amended->plans; i++) {
		each.generation = amended->plan[i].generation;
		each.epoch = amended->plan[i].epoch;
		e = derive_credential(&credential[i + 1], keys, m, &each, why);
	}
	explicit_bzero(&each, sizeof(each));
	return e;
}

static enum err add_pairs(void *context, uint32_t serial, const struct amended *amended,
                          struct why *why)
{
	struct point credential[AMEND_PLANS_MAX + 1];
	struct changing *c = context;
	struct member member;
	enum err e;

	if (!amended->plans)
		return OK;
	if (amended->plan[amended->plans - 1].epoch != c->keys->epochs - 1)
		return why_set(
			why, ERR_STATE,
			"a replacement is planned under an earlier token key, and is not "
			"signed: a rotation was cut short; run votepost-mailer rotate again");
	e = roll_get(c->roll, serial, &member, why);
	if (!e)
		e = changes_credentials(credential, c->keys, c->m, &member, amended, why);
	for (unsigned i = 0; !e && i < amended->plans; i++) {
		const struct pair pair = { credential[i], credential[amended->plans] };

		e = sorter_add(c->pairs, &pair, why);
	}
	if (!e && c->step)
		c->step(c->context, 1);
	explicit_bzero(&member, sizeof(member));
	return e;
}

static void add_line(struct aside *out, struct buf *line, uint64_t *lines)
{
	buf_addc(line, '\n');
	if (buf_err(line) && !out->e)
		out->e = buf_err(line);
	aside_add(out, line->data, line->len);
	buf_clear(line);
	(*lines)++;
}

static enum err write_lines(struct aside *out, const struct changing *c, uint64_t closes,
                            uint64_t *lines, struct why *why)
{
	struct buf line = BUF_INIT(LINE_MAX_BYTES);
	struct pair pair;
	enum err e;

	while (!(e = sorter_next(c->pairs, &pair, why))) {
		replaced_write(&line, c->m, &pair.old, &pair.by, c->keys->sign);
		add_line(out, &line, lines);
	}
	if (closes) {
		extended_write(&line, c->m, closes, c->keys->sign);
		add_line(out, &line, lines);
	}
	buf_free(&line);
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum err put_down(const char *home, const struct changing *c, uint64_t closes,
                         uint64_t *lines, struct why *why)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX);
	struct aside out;
	enum err e = aside_begin(&out, file_path(&path, home, CHANGES_FILE), 0600, why);

	if (!e)
		e = write_lines(&out, c, closes, lines, why);
	e = aside_end(&out, e, why);
	buf_free(&path);
	return e;
}

/* What was planned once may all stand by now. */
static enum err take_away(const char *home, struct why *why)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX);
	const char *name = file_path(&path, home, CHANGES_FILE);
	enum err e = buf_err(&path);

	if (!e && unlink(name) && errno != ENOENT)
		e = file_trouble(why, name, errno);
	buf_free(&path);
	return e;
}

enum err changes_write(const char *home, const struct manifest *m, const struct keys *keys,
                       struct roll *roll, struct amend *amend, uint64_t *lines,
                       void (*step)(void *context, uint64_t more), void *context, struct why *why)
{
	struct changing c = {
		.m = m, .keys = keys, .roll = roll, .step = step, .context = context
	};
	const struct amend_counts counts = amend_counts(amend);
	enum err e;

	*lines = 0;
	if (!counts.planned && !counts.next_closes)
		return take_away(home, why);
	e = sorter_new(&c.pairs, home, sizeof(struct pair), why);
	if (!e)
		e = amend_each(amend, add_pairs, &c, why);
	if (!e)
		e = put_down(home, &c, counts.next_closes, lines, why);
	sorter_free(c.pairs);
	return e;
}
