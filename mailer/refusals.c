/* SPDX-License-Identifier: MIT */
#include "mailer/refusals.h"

#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "mailer/home.h"
#include "mailer/outbox.h"
#include "mailer/returns.h"
#include "mailer/serials.h"

struct taking {
	struct outbox *outbox;
	struct returns *returns;
	struct amend *amend;
	struct serials *fresh; /* those that are not known to be dead yet */
	struct refusals found;
};

static enum failure class_of(const struct standing *s)
{
	return failure_class(s->code, s->status, s->text);
}

/* Is this member's address dead by the outbox, and is it still the roll's? */
static enum err look(struct taking *t, uint32_t serial, struct standing *s, bool *dead,
                     struct why *why)
{
	struct amended amended;
	enum err e = outbox_find(t->outbox, serial, s, why);

	*dead = !e && s->state == SEND_REFUSED && class_of(s) == FAILURE_HARD;
	if (e || !*dead)
		return e;
	e = amend_get(t->amend, serial, &amended, why);
	*dead = !e && !*amended.email;
	return e;
}

static enum err find_fresh(struct taking *t, uint64_t members, struct why *why)
{
	struct returned known;
	struct standing s;
	bool dead, found;
	enum err e = serials_new(&t->fresh, members, why);

	for (uint64_t i = 0; !e && i < members; i++) {
		e = look(t, (uint32_t)i, &s, &dead, why);
		t->found.unwanted += !e && s.state == SEND_REFUSED && class_of(&s) != FAILURE_HARD;
		if (e || !dead)
			continue;
		t->found.dead++;
		e = returns_find(t->returns, (uint32_t)i, &known, &found, why);
		if (!e && (!found || !returns_dead(&known)))
			serials_add(t->fresh, (uint32_t)i);
	}
	return e;
}

static enum err add_fresh(struct taking *t, uint64_t members, struct why *why)
{
	struct returned report = { .failure = FAILURE_HARD };
	struct standing s;
	bool dead;
	enum err e = OK;

	returns_begin(t->returns);
	for (uint64_t i = 0; !e && i < members; i++) {
		if (!serials_has(t->fresh, (uint32_t)i))
			continue;
		e = look(t, (uint32_t)i, &s, &dead, why);
		report.at = s.at;
		snprintf(report.status, sizeof(report.status), "%s", s.status);
		snprintf(report.text, sizeof(report.text), "%s", s.text);
		if (!e)
			returns_add(t->returns, (uint32_t)i, &report, s.at);
	}
	return e ? e : returns_commit(t->returns, why);
}

static enum err take_all(struct taking *t, const char *home, uint64_t members, struct why *why)
{
	enum err e = returns_open(&t->returns, home, true, why);

	if (!e)
		e = find_fresh(t, members, why);
	if (!e && serials_count(t->fresh))
		e = add_fresh(t, members, why);
	serials_free(t->fresh);
	returns_close(t->returns);
	return e;
}

enum err refusals_take(struct refusals *out, const char *home, struct mailing mailing,
                       uint64_t members, struct amend *amend, struct why *why)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX);
	struct taking t = { .amend = amend };
	uint64_t state[SEND_STATES] = { 0 };
	char folder[MAILING_TEXT];
	enum err e = OK;

	mailing_folder(folder, mailing);
	if (file_there(file_path(&path, home, folder)))
		e = outbox_open(&t.outbox, home, folder, members, why);
	else
		e = buf_err(&path);
	if (!e && t.outbox)
		e = outbox_counts(t.outbox, members, state, why);
	if (!e && state[SEND_REFUSED])
		e = take_all(&t, home, members, why);
	outbox_close(t.outbox);
	buf_free(&path);
	*out = t.found;
	return e;
}
