/* SPDX-License-Identifier: MIT */
#include "mailer/cmd_mail.h"

#include <signal.h>
#include <string.h>
#include <time.h>

#include "core/progress.h"
#include "core/text.h"
#include "mailer/journal.h"
#include "mailer/living.h"
#include "mailer/sender.h"
#include "mailer/whom.h"

#define USUAL_PER_MINUTE 1200 /* what a relay near by takes, for the estimate */
#define COUNTS           SEND_STATES

static volatile sig_atomic_t stop;

static void on_signal(int signal)
{
	(void)signal;
	stop = 1;
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* The letters, with the closing time in force. */
static enum err load_letters(struct cmd_mail *s, const struct cmd *c, struct why *why)
{
	letter_free(s->letters);
	s->letters = NULL;
	return letter_load(&s->letters, c->m, amend_closes(s->members.amend, c->m), &s->conf, why);
}

enum err cmd_mail_open(struct cmd_mail *s, const struct cmd *c, struct why *why)
{
	enum err e = cmd_members_open(&s->members, c, why);

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

static void say_estimate(const struct cmd_mail *s, const char *what, uint64_t letters)
{
	uint64_t pace = s->conf.per_minute ? s->conf.per_minute : USUAL_PER_MINUTE;
	uint64_t seconds = letters * 60 / pace + 1;
	unsigned long long n = seconds;
	const char *unit = n == 1 ? "second" : "seconds";

	if (seconds >= 2 * 86400) {
		n = seconds / 86400;
		unit = "days";
	} else if (seconds >= 2 * 3600) {
		n = seconds / 3600;
		unit = "hours";
	} else if (seconds >= 120) {
		n = seconds / 60;
		unit = "minutes";
	}
	cli_say("%s: %llu letter%s through %s:%u over %llu connection%s: about %llu %s at %llu a "
	        "minute%s",
	        what, (unsigned long long)letters, letters == 1 ? "" : "s", s->conf.host,
	        (unsigned)s->conf.port, (unsigned long long)s->conf.connections,
	        s->conf.connections == 1 ? "" : "s", n, unit, (unsigned long long)pace,
	        s->conf.per_minute ? "" : " (no pace is set; the relay decides)");
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

/* What became of this run's letters; of an invitation, how all members stand. */
static void say_result(const struct cmd *c, const struct sender *sender)
{
	bool all = sender->mailing.kind == MAILING_INVITATION;
	uint64_t state[SEND_STATES];
	const char *before = "";
	struct buf line = BUF_INIT(512);

	memcpy(state, sender->sent, sizeof(state));
	if (all && outbox_counts(sender->outbox, c->m->members, state, NULL))
		return;
	for (unsigned i = 0; i < SEND_STATES; i++) {
		if (!state[i] && i != SEND_ACCEPTED)
			continue;
		buf_addf(&line, "%s%llu %s", before, (unsigned long long)state[i],
		         send_state_name((enum send_state)i));
		before = ", ";
	}
	cli_say("%s: %s%s", sender->stopped ? "stopped" : "done", buf_text(&line),
	        all ? " of all members" : "");
	if (state[SEND_DEFERRED] || state[SEND_UNCERTAIN] || state[SEND_PLANNED])
		cli_say("run it again for what is not accepted yet; it is safe");
	buf_free(&line);
}

static enum err mail_all(struct cmd_mail *s, const struct cmd *c, const struct cmd_mailing *one,
                         struct outbox *outbox, uint64_t waiting, struct why *why)
{
	struct sender sender = {
		.conf = &s->conf,
		.m = c->m,
		.keys = c->keys,
		.letters = s->letters,
		.mailing = one->mailing,
		.roll = s->members.roll,
		.amend = s->members.amend,
		.outbox = outbox,
		.only = one->only,
		.limit = s->limit,
		.refused = one->refused,
		.stop = &stop,
		.step = cmd_step,
		.context = progress_start("letters", waiting),
	};
	struct why later = { 0 };
	enum err e, after;

	catch_signals();
	e = sender_run(&sender, why);
	progress_end(sender.context);
	after = write_journal(c, one, &sender, &later);
	say_result(c, &sender);
	if (!e && after) {
		*why = later;
		e = after;
	}
	if (!e && sender.stopped)
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

static enum err run(struct cmd_mail *s, const struct cmd *c, const struct cmd_mailing *one,
                    struct why *why)
{
	bool own = one->mailing.kind != MAILING_INVITATION;
	const struct choice choice = {
		.now = UINT64_MAX, .first = true, .refused = one->refused, .only = one->only
	};
	struct outbox *outbox = s->members.outbox;
	char folder[MAILING_TEXT];
	uint64_t waiting = 0;
	enum err e = OK;

	mailing_folder(folder, one->mailing);
	if (own)
		e = outbox_open(&outbox, c->path, folder, c->m->members, why);
	if (e)
		return e;
	e = recover(outbox, why);
	if (!e)
		e = outbox_waiting(outbox, &choice, &waiting, why);
	if (s->limit && s->limit < waiting)
		waiting = s->limit;
	if (!e) {
		say_estimate(s, mailing_name(one->mailing.kind), waiting);
		e = mail_all(s, c, one, outbox, waiting, why);
	}
	if (own)
		outbox_close(outbox);
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
		cli_say("%llu member%s get nothing, since their last mail came back: nobody has "
		        "that address. Mend it with votepost-mailer reissue --email",
		        (unsigned long long)dead, dead == 1 ? "" : "s");
	if (!e)
		e = run(s, c, &living, why);
	serials_free(set);
	return e;
}
