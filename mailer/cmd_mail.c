/* SPDX-License-Identifier: MIT */
#include "mailer/cmd_mail.h"

#include <string.h>
#include <time.h>

#include "core/duration.h"
#include "core/progress.h"
#include "core/text.h"
#include "mailer/brake.h"
#include "mailer/estimate.h"
#include "mailer/gather.h"
#include "mailer/journal.h"
#include "mailer/living.h"
#include "mailer/sender.h"
#include "mailer/stop.h"
#include "mailer/texts.h"
#include "mailer/whom.h"

#define COUNTS SEND_STATES

/* The letters, with the closing time in force, and the words that were approved. */
static enum err load_letters(struct cmd_mail *s, const struct cmd *c, struct why *why)
{
	enum err e;

	letter_free(s->letters);
	s->letters = NULL;
	e = letter_load(&s->letters, c->m, amend_closes(s->members.amend, c->m), &s->conf, why);
	return e ? e : texts_check(c->path, s->letters, why);
}

enum err cmd_mail_open(struct cmd_mail *s, const struct cmd *c, struct why *why)
{
	enum err e = OK;

	/* Asked before the passphrase: it would be for nothing. A run that is paused on its way
	 * holds on instead, since its keys are unlocked. */
	if (brake_on(c->path))
		e = why_set(why, ERR_AGAIN,
		            "mailing is paused; votepost-mailer resume lets it go on");
	if (!e)
		e = cmd_members_open(&s->members, c, why);
	if (!e)
		e = conf_read(&s->conf, c->path, s->settings, why);
	if (!e)
		e = load_letters(s, c, why);
	return e;
}

void cmd_mail_close(struct cmd_mail *s)
{
	cmd_members_close(&s->members);
	letter_free(s->letters);
	conf_release(&s->conf);
}

enum err cmd_mail_settle(struct cmd_mail *s, const struct cmd *c, const struct cmd_board *b,
                         struct why *why)
{
	uint64_t was = amend_closes(s->members.amend, c->m);
	enum err e = OK;

	if (b->book)
		e = cmd_members_settle(&s->members, c, b, why);
	if (!e && amend_closes(s->members.amend, c->m) != was)
		e = load_letters(s, c, why);
	return e;
}

struct campaign cmd_mail_campaign(struct cmd_mail *s, const struct cmd *c,
                                  const struct cmd_board *b)
{
	return (struct campaign){
		.home = c->path,
		.m = c->m,
		.keys = c->keys,
		.book = b->book,
		.roll = s->members.roll,
		.amend = s->members.amend,
		.invitation = s->members.outbox,
		.now = (uint64_t)time(NULL),
		.step = cmd_step,
	};
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static enum err say_estimate(const struct cmd_mail *s, const char *what,
                             const struct sender *sender, struct why *why)
{
	const struct gather g = sender_orders(sender);
	const struct estimate_domain *slowest;
	char takes[DURATION_TEXT], usual[100] = "";
	struct estimate est;
	enum err e = estimate_make(&est, sender->lanes, &g, why);

	if (e)
		return e;
	duration_write(takes, est.seconds + 1);
	if (est.assumed)
		snprintf(usual, sizeof(usual),
		         " at %d letters a minute, which is usual; how fast this relay is shows on "
		         "the way",
		         ESTIMATE_USUAL);
	cli_say("%s: %llu letter%s to %llu domain%s through %s:%u over %llu connection%s: about "
	        "%s%s",
	        what, (unsigned long long)est.letters, plural(est.letters),
	        (unsigned long long)est.domains, plural(est.domains), s->conf.host,
	        (unsigned)s->conf.port, (unsigned long long)s->conf.connections,
	        plural(s->conf.connections), takes, usual);
	if (s->limit && s->limit < est.letters)
		cli_say("at most %llu of them now", (unsigned long long)s->limit);
	slowest = estimate_slowest(&est);
	if (slowest && *slowest->name)
		cli_say("%s decides that: %llu letter%s, at most %llu a minute", slowest->name,
		        (unsigned long long)slowest->letters, plural(slowest->letters),
		        (unsigned long long)slowest->limits.per_minute);
	return OK;
}

static enum err write_journal(const struct cmd *c, const struct cmd_mailing *one,
                              const struct sender *sender, struct why *why)
{
	struct journal_count count[COUNTS];

	for (unsigned i = 0; i < COUNTS; i++)
		count[i] = (struct journal_count){ send_state_name((enum send_state)i),
			                           sender->sent[i] };
	return journal_add(c->path, one->event, one->purpose, count, COUNTS, why);
}

static void add_count(struct buf *line, uint64_t n, const char *what)
{
	buf_addf(line, "%s%llu %s", line->len ? ", " : "", (unsigned long long)n, what);
}

/* What became of this run's letters; of an invitation, how all members stand, among whom those
 * that no letter goes to are not waited for. */
static void say_result(const struct cmd *c, const struct sender *sender)
{
	static const enum send_state order[] = { SEND_ACCEPTED,  SEND_DEFERRED,  SEND_REFUSED,
		                                 SEND_UNCERTAIN, SEND_IN_FLIGHT, SEND_PLANNED };
	bool all = sender->mailing.kind == MAILING_INVITATION;
	uint64_t state[SEND_STATES], dead = 0;
	struct buf line = BUF_INIT(512);

	memcpy(state, sender->sent, sizeof(state));
	if (all && (outbox_counts(sender->outbox, c->m->members, state, NULL) ||
	            living_unserved(&dead, c->path, sender->outbox, NULL)))
		return;
	state[SEND_PLANNED] -= dead;
	for (unsigned i = 0; i < SEND_STATES; i++)
		if (state[order[i]] || !i)
			add_count(&line, state[order[i]], send_state_name(order[i]));
	if (dead)
		add_count(&line, dead, dead == 1 ? "at a dead address" : "at dead addresses");
	cli_say("%s: %s%s",
	        sender->stopped ? "stopped"
	        : sender->over  ? "ended with the vote"
	                        : "done",
	        all ? "of all members " : "", buf_text(&line));
	if (state[SEND_DEFERRED] || state[SEND_UNCERTAIN] || state[SEND_PLANNED])
		cli_say("run it again for what is not accepted yet; it is safe");
	buf_free(&line);
}

/* A run at work, and what it says meanwhile. */
struct course {
	struct progress *progress;
	const char *home;
	bool held;
};

static void step(void *context, uint64_t more)
{
	struct course *course = context;

	progress_step(course->progress, more);
}

static void left(void *context, uint64_t seconds)
{
	struct course *course = context;

	progress_left(course->progress, seconds);
}

static void away(void *context, const char *words)
{
	(void)context;
	progress_hide();
	if (words)
		cli_say("the relay takes no mail now: %s; it is tried again, up to every minute",
		        words);
	else
		cli_say("the relay takes mail again");
}

static bool held(void *context)
{
	struct course *course = context;
	bool on = brake_on(course->home);

	if (on != course->held) {
		progress_hide();
		cli_say(on ? "paused, between two letters; votepost-mailer resume lets it go on"
		           : "it goes on");
	}
	course->held = on;
	return on;
}

static enum err mail_all(const struct cmd *c, const struct cmd_mailing *one, struct sender *sender,
                         struct why *why)
{
	uint64_t waiting = lanes_letters(sender->lanes);
	struct course course = { .home = c->path };
	struct why later = { 0 };
	enum err e, after;

	if (sender->limit && sender->limit < waiting)
		waiting = sender->limit;
	course.progress = progress_start("letters", waiting);
	sender->stop = stop_catch();
	sender->step = step;
	sender->left = left;
	sender->away = away;
	sender->held = held;
	sender->context = &course;
	e = sender_run(sender, why);
	progress_end(course.progress);
	after = write_journal(c, one, sender, &later);
	say_result(c, sender);
	if (!e && after) {
		*why = later;
		e = after;
	}
	if (!e && sender->stopped)
		e = why_set(why, ERR_AGAIN, "stopped by a signal, between two letters");
	return e;
}

static enum err recover(struct outbox *outbox, struct why *why)
{
	uint64_t lost;
	enum err e = outbox_recover(outbox, &lost, why);

	if (!e && lost)
		cli_say("the last run was cut short: %llu letters may have arrived and are sent "
		        "again, with the same token and Message-ID",
		        (unsigned long long)lost);
	return e;
}

/* What the vote has to do with it: after the close no letter leaves, and no deferred one can be
 * waited for. What a member is told about a ballot or an address is true at any time. */
static void bound(struct sender *sender, const struct cmd_mail *s, const struct cmd *c)
{
	uint64_t closes = amend_closes(s->members.amend, c->m);

	if (!mailing_ends(sender->mailing.kind))
		return;
	sender->until = closes;
	sender->retry = retry_until(s->conf.retry_after, c->m->opens, closes, s->conf.last_try);
}

static enum err run(struct cmd_mail *s, const struct cmd *c, const struct cmd_mailing *one,
                    struct why *why)
{
	bool own = one->mailing.kind != MAILING_INVITATION;
	struct sender sender = {
		.conf = &s->conf,
		.m = c->m,
		.keys = c->keys,
		.letters = s->letters,
		.mailing = one->mailing,
		.roll = s->members.roll,
		.amend = s->members.amend,
		.outbox = s->members.outbox,
		.only = one->only,
		.limit = s->limit,
		.refused = one->refused,
		.stay = s->stay,
	};
	char folder[MAILING_TEXT];
	enum err e = OK;

	bound(&sender, s, c);
	mailing_folder(folder, one->mailing);
	if (own)
		e = outbox_open(&sender.outbox, c->path, folder, c->m->members, why);
	if (e)
		return e;
	e = recover(sender.outbox, why);
	if (!e)
		e = sender_gather(&sender, why);
	if (!e)
		e = say_estimate(s, mailing_name(one->mailing.kind), &sender, why);
	if (!e)
		e = mail_all(c, one, &sender, why);
	lanes_free(sender.lanes);
	if (own)
		outbox_close(sender.outbox);
	return e;
}

/* What goes to an old address is not about the member's own. */
enum err cmd_mail_run(struct cmd_mail *s, const struct cmd *c, const struct cmd_mailing *one,
                      struct why *why)
{
	struct cmd_mailing living = *one;
	struct serials *set = NULL;
	uint64_t dead = 0;
	enum err e = whom_make_missing(c->path, c->m, s->members.roll, c->keys, why);

	if (!e && one->mailing.kind != MAILING_MOVED) {
		e = living_find(&set, &dead, c->path, c->m->members, one->only, why);
		living.only = set;
	}
	if (!e && dead)
		cli_say("%llu member%s nothing, since their last mail came back: nobody has "
		        "that address. Mend it with votepost-mailer reissue --email",
		        (unsigned long long)dead, dead == 1 ? " gets" : "s get");
	if (!e)
		e = run(s, c, &living, why);
	serials_free(set);
	return e;
}
