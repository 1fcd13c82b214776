/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <string.h>

#include "core/progress.h"
#include "mailer/cmd.h"
#include "mailer/conf.h"
#include "mailer/journal.h"
#include "mailer/letter.h"
#include "mailer/outbox.h"
#include "mailer/sender.h"

#define USUAL_PER_MINUTE 1200 /* what a relay near by takes, for the estimate */
#define COUNTS           SEND_STATES

struct send {
	struct cmd cmd;
	const char *settings;
	uint64_t limit;
	bool refused;
	/* What is opened on the way */
	struct conf conf;
	struct letters *letters;
	struct roll *roll;
	struct outbox *outbox;
	uint64_t waiting;
};

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

/* Everything that can fail for a reason of ours does so before the keys are unlocked. */
static enum err open_all(struct send *s, struct why *why)
{
	uint64_t lost, state[SEND_STATES];
	const struct manifest *m = s->cmd.m;
	const char *home = s->cmd.path;
	enum err e = OK;

	if (!home_has(&s->cmd.home, HOME_ISSUED))
		e = why_set(why, ERR_STATE, "%s: nothing issued yet; see votepost-mailer issue",
		            home);
	if (!e)
		e = conf_read(&s->conf, home, s->settings, why);
	if (!e)
		e = letter_load(&s->letters, m, &s->conf, why);
	if (!e)
		e = roll_open(&s->roll, home, why);
	if (!e && roll_summary(s->roll)->members != m->members)
		e = why_set(why, ERR_STATE, "%s: the roll is not the one that was sealed", home);
	if (!e)
		e = outbox_open(&s->outbox, home, m->members, why);
	if (!e)
		e = outbox_recover(s->outbox, &lost, why);
	if (!e && lost)
		cli_say("the last run was cut short: %llu letters may have arrived and are sent "
		        "again, with the same token and Message-ID",
		        (unsigned long long)lost);
	if (!e)
		e = outbox_counts(s->outbox, m->members, state, why);
	if (!e)
		s->waiting = state[SEND_PLANNED] + state[SEND_DEFERRED] + state[SEND_UNCERTAIN] +
		             (s->refused ? state[SEND_REFUSED] : 0);
	return e;
}

static void close_all(struct send *s)
{
	outbox_close(s->outbox);
	roll_close(s->roll);
	letter_free(s->letters);
	conf_release(&s->conf);
	cmd_end(&s->cmd);
}

static void say_estimate(const struct send *s)
{
	uint64_t pace = s->conf.per_minute ? s->conf.per_minute : USUAL_PER_MINUTE;
	uint64_t letters = s->limit && s->limit < s->waiting ? s->limit : s->waiting;
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
	cli_say("%llu letter%s through %s:%u over %llu connection%s: about %llu %s at %llu a "
	        "minute%s",
	        (unsigned long long)letters, letters == 1 ? "" : "s", s->conf.host,
	        (unsigned)s->conf.port, (unsigned long long)s->conf.connections,
	        s->conf.connections == 1 ? "" : "s", n, unit, (unsigned long long)pace,
	        s->conf.per_minute ? "" : " (no pace is set; the relay decides)");
}

static enum err write_journal(const struct send *s, const struct sender *sender, struct why *why)
{
	struct journal_count count[COUNTS];

	for (unsigned i = 0; i < COUNTS; i++)
		count[i] = (struct journal_count){ send_state_name((enum send_state)i),
			                           sender->sent[i] };
	return journal_add(s->cmd.path, "send", "letters by outcome", count, COUNTS, why);
}

static void say_result(struct send *s, const struct sender *sender)
{
	uint64_t state[SEND_STATES];
	const char *before = "";
	struct buf line = BUF_INIT(512);

	if (outbox_counts(s->outbox, s->cmd.m->members, state, NULL))
		return;
	for (unsigned i = 0; i < SEND_STATES; i++) {
		if (!state[i] && i != SEND_ACCEPTED)
			continue;
		buf_addf(&line, "%s%llu %s", before, (unsigned long long)state[i],
		         send_state_name((enum send_state)i));
		before = ", ";
	}
	cli_say("%s: %s of %llu members", sender->stopped ? "stopped" : "done", buf_text(&line),
	        (unsigned long long)s->cmd.m->members);
	if (state[SEND_DEFERRED] || state[SEND_UNCERTAIN] || state[SEND_PLANNED])
		cli_say("send again for what is not accepted yet; it is safe");
	buf_free(&line);
}

static enum err mail_all(struct send *s, struct why *why)
{
	struct sender sender = {
		.conf = &s->conf,
		.m = s->cmd.m,
		.keys = s->cmd.keys,
		.letters = s->letters,
		.roll = s->roll,
		.outbox = s->outbox,
		.limit = s->limit,
		.refused = s->refused,
		.stop = &stop,
		.step = cmd_step,
		.context = progress_start(
			"letters", s->limit && s->limit < s->waiting ? s->limit : s->waiting),
	};
	struct why later = { 0 };
	enum err e, after;

	catch_signals();
	e = sender_run(&sender, why);
	progress_end(sender.context);
	after = write_journal(s, &sender, &later);
	say_result(s, &sender);
	if (!e && after) {
		*why = later;
		e = after;
	}
	if (!e && sender.stopped)
		e = why_set(why, ERR_AGAIN, "stopped by a signal, between two letters");
	return e;
}

static enum err send(void *context, char **operand, struct why *why)
{
	struct send *s = context;
	enum err e = cmd_begin(&s->cmd, CMD_ALONE | CMD_SEALED, why);

	(void)operand;
	if (!e)
		e = open_all(s, why);
	if (!e)
		say_estimate(s);
	if (!e)
		e = cmd_unlock(&s->cmd, KEYS_TOKEN, "send", why);
	if (!e)
		e = mail_all(s, why);
	close_all(s);
	return e;
}

int cmd_send(int argc, char **argv)
{
	struct send s = { .cmd = CMD_INIT };
	const struct option_row options[] = {
		CMD_HOME(&s.cmd),
		{ "settings", OPTION_TEXT, &s.settings, "FILE", "instead of the home's mailer.conf",
		  0, 0 },
		{ "limit", OPTION_NUMBER, &s.limit, "N", "at most so many letters now", 1,
		  UINT32_MAX },
		{ "refused", OPTION_FLAG, &s.refused, NULL,
		  "also to members whom the relay has refused", 0, 0 },
		CMD_UNLOCK(&s.cmd),
		{ 0 },
	};
	const struct usage usage = {
		"votepost-mailer send",
		"",
		0,
		0,
		"Mail a letter with a token to every member not yet served, through the relay of\n"
		"mailer.conf. Safe to stop, to kill and to repeat: a member who gets a letter\n"
		"twice gets the same token twice. What the relay defers is tried again, in this\n"
		"run or the next.",
		options,
	};

	return cli_run(&usage, argc, argv, send, &s);
}
