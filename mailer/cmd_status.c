/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <time.h>

#include "core/ledger.h"
#include "core/text.h"
#include "mailer/alarm.h"
#include "mailer/brake.h"
#include "mailer/cmd.h"
#include "mailer/cmd_mail.h"
#include "mailer/cmd_survey.h"
#include "mailer/overview.h"
#include "mailer/unreached.h"

#define TOP         20
#define ALARM_FROM  20 /* where there are no settings; theirs is the same */
#define NOT_GIVEN   UINT64_MAX
#define PERCENT_MAX 100
#define SAID_TEXT   300

struct status {
	struct cmd cmd;
	/* Options */
	const char *id, *by, *html, *csv, *settings;
	bool json;
	uint64_t top, percent, from;
	/* What is looked at */
	struct conf conf;
	bool configured;
	struct definition *definition; /* before it is sealed */
	struct roll *roll;
	struct amend *amend;
	struct outbox *outbox;
	struct returns *returns;
	struct survey survey;
	struct alarm alarm;
	bool alarmed;
	struct cmd_survey said;
};

static const struct breakdown *breakdown_of(const struct status *s)
{
	return !s->by                       ? NULL
	       : !strcmp(s->by, "domain")   ? &s->survey.domain
	       : !strcmp(s->by, "group")    ? &s->survey.group
	       : !strcmp(s->by, "language") ? &s->survey.language_of
	                                    : NULL;
}

/* The home's own settings need not be there for what does not ask them. */
static enum err read_settings(struct status *s, struct why *why)
{
	enum err e = OK;

	if (s->by && !breakdown_of(s))
		return why_set(why, ERR_USAGE, "--by: domain, group or language, not %s", s->by);
	if (s->settings || s->html || home_has(&s->cmd.home, HOME_SETTINGS)) {
		e = conf_read(&s->conf, s->cmd.path, s->settings, why);
		s->configured = !e;
	}
	s->alarm.percent = (unsigned)(s->percent == NOT_GIVEN ? s->configured ? s->conf.alarm : 0
	                                                      : s->percent);
	s->alarm.from = s->from ? s->from : s->configured ? s->conf.alarm_from : ALARM_FROM;
	return e;
}

/* ERR_NOT_FOUND where there is no roll yet. */
static enum err open_all(struct status *s, struct why *why)
{
	const struct home *home = &s->cmd.home;
	const bool sealed = home_has(home, HOME_MANIFEST);
	enum err e = roll_open(&s->roll, home->path, why);

	s->said.stage = home_has(home, HOME_ISSUED) ? "issued" : sealed ? "sealed" : "roll";
	if (!e)
		e = sealed ? home_manifest(home, &s->cmd.m, why)
		           : home_definition(home, &s->definition, why);
	if (!e)
		e = amend_open(&s->amend, home->path, false, why);
	if (!e)
		e = returns_open(&s->returns, home->path, false, why);
	if (!e)
		e = outbox_open(&s->outbox, home->path, "outbox", 0, why);
	/* Nothing of the kind was mailed yet. */
	return e == ERR_NOT_FOUND && s->returns ? OK : e;
}

static void close_all(struct status *s)
{
	survey_release(&s->survey);
	returns_close(s->returns);
	outbox_close(s->outbox);
	amend_close(s->amend);
	roll_close(s->roll);
	definition_free(s->definition);
	if (s->configured)
		conf_release(&s->conf);
}

static enum err survey(struct status *s, struct why *why)
{
	const struct manifest *m = s->cmd.m;
	struct unreached list;
	enum err e = OK;

	s->survey = (struct survey){
		.roll = s->roll,
		.amend = s->amend,
		.outbox = s->outbox,
		.returns = s->returns,
		.language = m ? m->language : s->definition->language,
		.closes = m ? amend_closes(s->amend, m) : s->definition->closes,
		.step = cmd_step,
	};
	if (s->csv) {
		s->survey.visit = unreached_visit;
		s->survey.visitor = &list;
		e = unreached_begin(&list, s->csv, s->survey.language, why);
		list.outbox = s->outbox;
	}
	if (s->percent == NOT_GIVEN) /* a monitor wants one line */
		s->survey.progress = progress_start("records", survey_steps(&s->survey));
	if (!e)
		e = survey_make(&s->survey, why);
	progress_end(s->survey.progress);
	if (s->csv)
		e = unreached_end(&list, e, why);
	if (!e && s->csv)
		cli_say("%s: %llu unreached, %llu in doubt. It holds names and addresses: give it "
		        "to "
		        "those alone who call or write to them, and delete it afterwards",
		        s->csv, (unsigned long long)list.lost, (unsigned long long)list.warned);
	return e;
}

static enum err write_page(const struct status *s, struct why *why)
{
	const struct manifest *m = s->cmd.m;
	const struct definition *d = s->definition;
	const struct overview overview = {
		.survey = &s->survey,
		.alarm = &s->alarm,
		.title = m ? m->title.in[0] : d->title.in[0],
		.organiser = m ? m->organiser : d->organiser,
		.test = m ? m->test : d->test,
		.at = (uint64_t)time(NULL),
		.closes = s->survey.closes,
		.conf = &s->conf,
		.top = s->top,
	};

	return overview_html(&overview, s->html, why);
}

/* On standard output where a monitor asks for it, else a remark. */
static void tell_alarm(struct status *s)
{
	struct buf line = BUF_INIT(ALARM_LINE_MAX);
	const bool asked = s->percent != NOT_GIVEN && !s->json && !s->by;

	s->alarmed = alarm_line(&line, &s->alarm, &s->survey);
	if (asked)
		cli_out("%s\n", buf_text(&line));
	else if (s->alarmed)
		cli_say("%s", buf_text(&line));
	buf_free(&line);
}

static enum err tell_all(struct status *s, struct why *why)
{
	const struct breakdown *by = breakdown_of(s);
	enum err e = survey(s, why);

	if (!e && s->html)
		e = write_page(s, why);
	if (e)
		return e;
	s->said.s = &s->survey;
	if (survey_begun(&s->survey) || s->survey.state[SEND_IN_FLIGHT])
		s->said.stage = "sending";
	s->said.paused = brake_on(s->cmd.path);
	s->said.replaced = amend_standing(s->amend);
	s->said.waiting = amend_counts(s->amend).planned;
	if (s->json)
		cmd_survey_json(&s->said);
	else if (by)
		cmd_survey_print_by(by, s->by, &s->alarm, s->top);
	else if (s->percent == NOT_GIVEN)
		cmd_survey_print(&s->said);
	tell_alarm(s);
	return OK;
}

/* Nobody is on the roll yet. */
static enum err tell_new(struct status *s)
{
	const struct survey none = { .closes = 0 };

	s->said.stage = "new";
	s->said.s = &none;
	if (s->json)
		cmd_survey_json(&s->said);
	else if (s->percent == NOT_GIVEN)
		cmd_survey_print(&s->said);
	else
		cli_out("VOTEPOST OK - no letter was sent yet\n");
	return OK;
}

static void print_time(const char *what, uint64_t at, const char *more)
{
	char text[TIME_TEXT];

	time_write(text, at);
	cli_out("%-10s %s%s", what, text, more);
}

/* The words with their status, which most of them begin with anyway. */
static const char *said(char both[SAID_TEXT], const char *status, const char *text)
{
	const char *apart = *status && *text ? " " : "";

	if (strstr(text, status))
		return text;
	snprintf(both, SAID_TEXT, "%s%s%s", status, apart, text);
	return both;
}

static void print_standing(const struct standing *s)
{
	char both[SAID_TEXT];

	if (!s->at)
		return;
	print_time("last try", s->at, "");
	cli_out(", the %u%s\n", s->attempts,
	        s->attempts == 1   ? "st"
	        : s->attempts == 2 ? "nd"
	        : s->attempts == 3 ? "rd"
	                           : "th");
	if (s->code || *s->text)
		cli_out("relay      %u %s\n", s->code, said(both, s->status, s->text));
	if (*s->queue_id)
		cli_out("queue id   %s\n", s->queue_id);
	if (s->next)
		print_time("next try", s->next, " or later\n");
	else if (s->state == SEND_DEFERRED)
		cli_out("next try   none: the vote leaves no time for it\n");
}

static void print_back(const struct returned *r)
{
	char both[SAID_TEXT];

	print_time("came back", r->at, "");
	cli_out(", %u time%s: %s\n", r->times, r->times == 1 ? "" : "s", failure_name(r->failure));
	if (*r->status || *r->text)
		cli_out("it said    %s\n", said(both, r->status, r->text));
	if (*r->system)
		cli_out("written by %s\n", r->system);
}

/* One member: for the person on the telephone who has no letter. */
static enum err tell_member(struct status *s, struct why *why)
{
	struct standing standing = { .state = SEND_PLANNED };
	struct fate fate = { .warned = false };
	struct member member = { .serial = 0 };
	enum err e = open_all(s, why);

	if (!e)
		e = roll_find(s->roll, s->id, &member, why);
	if (!e && s->outbox)
		e = outbox_find(s->outbox, member.serial, &standing, why);
	if (!e)
		e = returns_find(s->returns, member.serial, &fate.last, &fate.returned, why);
	if (!e) {
		fate_letter(&fate, &standing, UINT64_MAX);
		fate_judge(&fate);
		cli_out("state      %s\n", reach_name(fate.reach));
		print_standing(&standing);
		if (fate.returned)
			print_back(&fate.last);
		cli_out("that is    %s\n", reach_meaning(fate.reach));
	}
	explicit_bzero(&member, sizeof(member));
	return e;
}

static enum err status(void *context, char **operand, struct why *why)
{
	struct status *s = context;
	enum err e = cmd_begin(&s->cmd, 0, why);

	(void)operand;
	if (!e && s->id) {
		e = tell_member(s, why);
	} else if (!e) {
		e = read_settings(s, why);
		if (!e)
			e = open_all(s, why);
		if (e == ERR_NOT_FOUND && !s->roll && !s->csv && !s->html)
			e = tell_new(s);
		else if (!e)
			e = tell_all(s, why);
	}
	close_all(s);
	cmd_end(&s->cmd);
	return e;
}

int cmd_status(int argc, char **argv)
{
	struct status s = { .cmd = CMD_INIT, .top = TOP, .percent = NOT_GIVEN };
	const struct option_row options[] = {
		CMD_HOME(&s.cmd),
		CMD_SETTINGS(&s),
		{ "member", OPTION_TEXT, &s.id, "ID", "this member's letter alone", 0, 0 },
		{ "by", OPTION_TEXT, &s.by, "WHAT", "a line each: domain, group or language", 0,
		  0 },
		{ "top", OPTION_NUMBER, &s.top, "N", "so many lines, the largest first (20)", 1,
		  BREAKDOWN_MAX },
		{ "json", OPTION_FLAG, &s.json, NULL, "all of it, for programs", 0, 0 },
		{ "html", OPTION_TEXT, &s.html, "FILE", "and a page with charts, into this file", 0,
		  0 },
		{ "unreached", OPTION_TEXT, &s.csv, "FILE",
		  "and who was not reached, as CSV, into this new file", 0, 0 },
		{ "alarm", OPTION_NUMBER, &s.percent, "PERCENT",
		  "a line for a monitor; ends with 1 where less was delivered", 0, PERCENT_MAX },
		{ "alarm-from", OPTION_NUMBER, &s.from, "N",
		  "letters of a domain or group that is looked at by itself", 1, UINT32_MAX },
		{ 0 },
	};
	const struct usage usage = {
		"votepost-mailer status",
		"",
		0,
		0,
		"Whom the letters have reached, in numbers that add up to the roll at every\n"
		"moment, also while a send is running. No passphrase is needed.\n"
		"\"Delivered\" is what the relay took and nothing came back of. It cannot tell\n"
		"a letter that is read from one in a spam folder.",
		options,
	};
	const int ended = cli_run(&usage, argc, argv, status, &s);

	return ended ? ended : s.alarmed;
}
