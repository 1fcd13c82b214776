/* SPDX-License-Identifier: MIT */
#include "mailer/campaign.h"

#include <string.h>

#include "core/file.h"
#include "mailer/changes.h"
#include "mailer/home.h"
#include "mailer/mailing.h"
#include "mailer/stand.h"

#define HOUR 3600

/* One look at the roll, for one kind of mail. */
struct looking {
	struct campaign *c;
	struct outbox *round[CAMPAIGN_ROUNDS_MAX]; /* NULL: nobody was served in it yet */
	unsigned rounds;
	uint64_t hours;
};

static enum err add_due(struct campaign *c, unsigned round, uint32_t serial, struct why *why)
{
	enum err e = OK;

	if (!c->due[round])
		e = serials_new(&c->due[round], c->m->members, why);
	if (!e)
		serials_add(c->due[round], serial);
	return e;
}

/* Any of the member's tokens may have been used: a plan may stand on a board newer than the last
 * one that was taken in. */
enum err campaign_voted(const struct campaign *c, const struct member *member, uint64_t *hour,
                        struct why *why)
{
	struct point credential[AMEND_PLANS_MAX + 1];
	enum pollbook_state newest = POLLBOOK_UNMARKED;
	struct amended amended;
	enum err e = amend_get(c->amend, member->serial, &amended, why);

	*hour = 0;
	if (!e)
		e = changes_credentials(credential, c->keys, c->m, member, &amended, why);
	for (unsigned i = 0; !e && !*hour && i <= amended.plans; i++) {
		enum pollbook_state state = pollbook_find(c->book, &credential[i], hour);

		newest = state == POLLBOOK_UNMARKED ? newest : state;
	}
	explicit_bzero(&amended, sizeof(amended));
	return !e && newest == POLLBOOK_REPLACED ? stand_stale(why) : e;
}

/* Is there something to wait for, in the state of a letter that is to leave once? */
static bool open_state(enum send_state state)
{
	return state != SEND_ACCEPTED && state != SEND_REFUSED;
}

static enum err find(struct outbox *o, uint32_t serial, struct standing *standing, struct why *why)
{
	memset(standing, 0, sizeof(*standing)); /* planned */
	return o ? outbox_find(o, serial, standing, why) : OK;
}

/* The round that this member is due in, or `rounds`. */
static enum err due_round(const struct looking *l, const struct member *member, unsigned *round,
                          struct why *why)
{
	struct campaign *c = l->c;
	struct standing s;
	enum err e = find(c->invitation, member->serial, &s, why);
	uint64_t last = s.at;

	*round = l->rounds;
	if (e || s.state != SEND_ACCEPTED)
		return e;
	for (unsigned r = 0; !e && r < l->rounds; r++) {
		e = find(l->round[r], member->serial, &s, why);
		if (e || s.state == SEND_REFUSED)
			return e;
		if (s.state == SEND_ACCEPTED) {
			last = s.at > last ? s.at : last;
			continue;
		}
		if (s.state != SEND_PLANNED || last + l->hours * HOUR <= c->now) {
			*round = r;
			return OK;
		}
		c->early++;
		if (!c->soon || last + l->hours * HOUR < c->soon)
			c->soon = last + l->hours * HOUR;
		return OK;
	}
	return e;
}

static enum err look_remind(void *context, const struct member *member, struct why *why)
{
	const struct looking *l = context;
	struct campaign *c = l->c;
	struct amended amended;
	unsigned round = l->rounds;
	uint64_t hour = 0;
	enum err e = amend_get(c->amend, member->serial, &amended, why);

	if (!e && !amended.plans)
		e = due_round(l, member, &round, why);
	if (!e && round < l->rounds) {
		e = campaign_voted(c, member, &hour, why);
		c->voted += hour != 0;
		if (!e && !hour)
			e = add_due(c, round, member->serial, why);
	}
	if (c->step)
		c->step(c->context, 1);
	return e;
}

static enum err look_notify(void *context, const struct member *member, struct why *why)
{
	const struct looking *l = context;
	struct campaign *c = l->c;
	struct standing s;
	uint64_t hour = 0;
	enum err e = find(l->round[0], member->serial, &s, why);

	if (!e && open_state(s.state)) {
		e = campaign_voted(c, member, &hour, why);
		if (!e && hour)
			e = add_due(c, 0, member->serial, why);
	}
	if (c->step)
		c->step(c->context, 1);
	return e;
}

static enum err look_announce(void *context, const struct member *member, struct why *why)
{
	const struct looking *l = context;
	struct campaign *c = l->c;
	struct standing letter, told;
	enum err e = find(c->invitation, member->serial, &letter, why);

	if (!e)
		e = find(l->round[0], member->serial, &told, why);
	if (!e && letter.state == SEND_PLANNED && open_state(told.state))
		e = add_due(c, 0, member->serial, why);
	if (c->step)
		c->step(c->context, 1);
	return e;
}

static enum err look_extend(void *context, const struct member *member, struct why *why)
{
	const struct looking *l = context;
	struct campaign *c = l->c;
	struct standing letter, told;
	uint64_t hour = 0;
	enum err e = find(c->invitation, member->serial, &letter, why);

	if (!e)
		e = find(l->round[0], member->serial, &told, why);
	if (!e && letter.state == SEND_ACCEPTED && open_state(told.state)) {
		e = campaign_voted(c, member, &hour, why);
		c->voted += hour != 0;
		if (!e && !hour)
			e = add_due(c, 0, member->serial, why);
	}
	if (c->step)
		c->step(c->context, 1);
	return e;
}

/* A mailing's outbox, or NULL where nothing was mailed of it yet. */
static enum err open_round(struct outbox **out, const struct campaign *c, struct mailing mailing,
                           struct why *why)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX);
	char folder[MAILING_TEXT];
	enum err e = OK;

	mailing_folder(folder, mailing);
	*out = NULL;
	/* Where the folder is there, a crash may have left it half made. */
	if (file_there(file_path(&path, c->home, folder)))
		e = outbox_open(out, c->home, folder, c->m->members, why);
	else
		e = buf_err(&path);
	buf_free(&path);
	return e;
}

static enum err look(struct looking *l, struct mailing first, roll_visit *visit, struct why *why)
{
	enum err e = OK;

	for (unsigned r = 0; !e && r < l->rounds; r++) {
		struct mailing mailing = first;

		mailing.number += r;
		e = open_round(&l->round[r], l->c, mailing, why);
	}
	if (!e)
		e = roll_each(l->c->roll, visit, l, why);
	for (unsigned r = 0; r < l->rounds; r++)
		outbox_close(l->round[r]);
	return e;
}

enum err campaign_remind(struct campaign *c, unsigned most, uint64_t hours, struct why *why)
{
	struct looking l = { .c = c, .rounds = most, .hours = hours };

	if (most > CAMPAIGN_ROUNDS_MAX)
		bug("more rounds of reminders than there can be");
	return look(&l, (struct mailing){ MAILING_REMINDER, 1 }, look_remind, why);
}

enum err campaign_notify(struct campaign *c, struct why *why)
{
	struct looking l = { .c = c, .rounds = 1 };

	return look(&l, (struct mailing){ MAILING_NOTICE, 0 }, look_notify, why);
}

enum err campaign_announce(struct campaign *c, struct why *why)
{
	struct looking l = { .c = c, .rounds = 1 };

	return look(&l, (struct mailing){ MAILING_ANNOUNCEMENT, 0 }, look_announce, why);
}

enum err campaign_extend(struct campaign *c, uint64_t closes, struct why *why)
{
	struct looking l = { .c = c, .rounds = 1 };

	return look(&l, (struct mailing){ MAILING_EXTENSION, closes }, look_extend, why);
}

static enum err look_moved(void *context, uint32_t serial, const struct amended *amended,
                           struct why *why)
{
	return amended->olds ? add_due(context, 0, serial, why) : OK;
}

enum err campaign_moved(struct campaign *c, struct why *why)
{
	return amend_each(c->amend, look_moved, c, why);
}

void campaign_end(struct campaign *c)
{
	for (unsigned i = 0; i < CAMPAIGN_ROUNDS_MAX; i++) {
		serials_free(c->due[i]);
		c->due[i] = NULL;
	}
}
