/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <time.h>

#include "core/duration.h"
#include "core/json.h"
#include "core/text.h"
#include "mailer/cmd.h"
#include "mailer/conf.h"
#include "mailer/estimate.h"
#include "mailer/providers.h"

#define FEW 3 /* domains that are told however small they are */

struct forecast {
	struct cmd cmd;
	const char *settings;
	uint64_t per_minute, domain_per_minute;
	bool json;
	struct conf conf;
	struct roll *roll;
	struct amend *amend;
	struct outbox *outbox;
	uint64_t now, opens, closes;
	struct estimate made;
};

/* The times, before and after the election is sealed. */
static enum err read_times(struct forecast *f, struct why *why)
{
	struct definition *d = NULL;
	struct manifest *m = NULL;
	enum err e;

	if (home_has(&f->cmd.home, HOME_MANIFEST)) {
		e = home_manifest(&f->cmd.home, &m, why);
		if (!e) {
			f->opens = m->opens;
			f->closes = amend_closes(f->amend, m);
		}
		manifest_free(m);
		return e;
	}
	e = home_definition(&f->cmd.home, &d, why);
	if (!e) {
		f->opens = d->opens;
		f->closes = d->closes;
	}
	definition_free(d);
	return e;
}

static enum err open_all(struct forecast *f, struct why *why)
{
	const char *home = f->cmd.path;
	enum err e = conf_read(&f->conf, home, f->settings, why);

	if (e)
		return e;
	if (f->per_minute)
		f->conf.per_minute = f->per_minute;
	if (f->domain_per_minute)
		f->conf.domain_limits.per_minute = f->domain_per_minute;
	e = roll_open(&f->roll, home, why);
	if (!e)
		e = amend_open(&f->amend, home, false, why);
	if (!e)
		e = outbox_open(&f->outbox, home, "outbox", 0, why);
	if (e == ERR_NOT_FOUND && f->amend)
		e = OK; /* nothing was sent yet */
	return e ? e : read_times(f, why);
}

static enum err make(struct forecast *f, struct why *why)
{
	const struct gather g = {
		.conf = &f->conf,
		.roll = f->roll,
		.amend = f->amend,
		.outbox = f->outbox,
		.now = f->now,
	};

	return estimate_letters(&f->made, &g, why);
}

/* "20 a minute", "no limit" */
static const char *rate_text(char out[40], uint64_t per_minute)
{
	if (per_minute)
		snprintf(out, 40, "%llu a minute", (unsigned long long)per_minute);
	return per_minute ? out : "no limit";
}

static void print_domains(const struct estimate *est)
{
	uint64_t told = 0;

	cli_out("\n%-32s %10s  %14s  %s\n", "the slowest domains", "letters", "at most", "takes");
	for (unsigned i = 0; i < est->tops; i++) {
		const struct estimate_domain *d = &est->top[i];
		char takes[DURATION_TEXT], rate[40];

		/* Small ones tell nothing. */
		if (i >= FEW && d->letters * 100 < est->letters)
			continue;
		duration_write(takes, d->seconds + 1);
		cli_out("%-32s %10llu  %14s  %s\n", *d->name ? d->name : "(rare domains)",
		        (unsigned long long)d->letters, rate_text(rate, d->limits.per_minute),
		        takes);
		told += d->letters;
	}
	if (told < est->letters)
		cli_out("%-32s %10llu\n", "the others", (unsigned long long)(est->letters - told));
}

/* Before a time, or after it? */
static void print_against(const char *what, uint64_t when, uint64_t done)
{
	char at[TIME_TEXT], apart[DURATION_TEXT];
	uint64_t between = when > done ? when - done : done - when;

	time_write(at, when);
	duration_write(apart, between);
	cli_out("%-11s %s: it is done %s %s\n", what, at, apart,
	        when > done ? "before" : "AFTER IT");
}

static void print_hints(const struct forecast *f)
{
	const char *last = NULL;

	for (unsigned i = 0; i < f->made.tops; i++) {
		const struct estimate_domain *d = &f->made.top[i];
		const struct provider *p = provider_receiver(d->name);

		if (!p || d->letters < p->many || p->hint == last)
			continue;
		cli_out("%s%s: %s\n", last ? "" : "\n", d->name, p->hint);
		last = p->hint;
	}
}

static void print_decider(const struct forecast *f)
{
	const struct estimate *est = &f->made;
	const struct estimate_domain *slowest = estimate_slowest(est);
	const uint64_t start = f->conf.domain_start;
	char rate[40], first[40] = "";

	if (slowest && start && (!slowest->limits.per_minute || start < slowest->limits.per_minute))
		snprintf(first, sizeof(first), ", %llu at first", (unsigned long long)start);
	if (slowest)
		cli_out("decided by  %s: %llu letter%s, %s%s\n",
		        *slowest->name ? slowest->name : "rare domains",
		        (unsigned long long)slowest->letters, slowest->letters == 1 ? "" : "s",
		        rate_text(rate, slowest->limits.per_minute), first);
	else if (est->relay)
		cli_out("decided by  the relay: %s\n", est->relay);
	else if (est->assumed)
		cli_out("decided by  the relay: no limit is set for it, and how fast it is nobody "
		        "knows; %d letters a minute are usual, and taken here\n",
		        ESTIMATE_USUAL);
	else
		cli_out("decided by  the relay: %s\n", rate_text(rate, f->conf.per_minute));
}

static void print(const struct forecast *f)
{
	const struct estimate *est = &f->made;
	char takes[DURATION_TEXT], at[TIME_TEXT];

	duration_write(takes, est->seconds + 1);
	time_write(at, f->now + est->seconds);
	cli_out("letters     %llu, to %llu domain%s, through %s:%u\n",
	        (unsigned long long)est->letters, (unsigned long long)est->domains,
	        est->domains == 1 ? "" : "s", f->conf.host, (unsigned)f->conf.port);
	cli_out("takes       about %s: begun now, it is done at %s\n", takes, at);
	print_decider(f);
	if (f->opens > f->now)
		print_against("opens", f->opens, f->now + est->seconds);
	print_against("closes", f->closes, f->now + est->seconds);
	print_domains(est);
	print_hints(f);
}

static void print_json(const struct forecast *f)
{
	const struct estimate *est = &f->made;
	uint64_t done = f->now + est->seconds;

	cli_out("{\"letters\":%llu,\"domains\":%llu,\"seconds\":%llu,\"relay_seconds\":%llu,"
	        "\"assumed\":%s,\"before_opening\":%s,\"before_closing\":%s,\"slowest\":[",
	        (unsigned long long)est->letters, (unsigned long long)est->domains,
	        (unsigned long long)est->seconds, (unsigned long long)est->relay_seconds,
	        est->assumed ? "true" : "false", done <= f->opens ? "true" : "false",
	        done <= f->closes ? "true" : "false");
	for (unsigned i = 0; i < est->tops; i++) {
		const struct estimate_domain *d = &est->top[i];

		cli_out("%s{\"domain\":\"%s\",\"letters\":%llu,\"seconds\":%llu,\"per_minute\":%llu"
		        ",\"at_once\":%llu}",
		        i ? "," : "", d->name, (unsigned long long)d->letters,
		        (unsigned long long)d->seconds, (unsigned long long)d->limits.per_minute,
		        (unsigned long long)d->limits.at_once);
	}
	cli_out("]}\n");
}

static enum err estimate(void *context, char **operand, struct why *why)
{
	struct forecast *f = context;
	enum err e = cmd_begin(&f->cmd, 0, why);

	(void)operand;
	f->now = (uint64_t)time(NULL);
	if (!e)
		e = open_all(f, why);
	if (!e)
		e = make(f, why);
	if (!e && f->json)
		print_json(f);
	else if (!e)
		print(f);
	outbox_close(f->outbox);
	amend_close(f->amend);
	roll_close(f->roll);
	conf_release(&f->conf);
	cmd_end(&f->cmd);
	return e;
}

int cmd_estimate(int argc, char **argv)
{
	struct forecast f = { .cmd = CMD_INIT };
	const struct option_row options[] = {
		CMD_HOME(&f.cmd),
		{ "settings", OPTION_TEXT, &f.settings, "FILE", "instead of the home's mailer.conf",
		  0, 0 },
		{ "per-minute", OPTION_NUMBER, &f.per_minute, "N",
		  "as if so many letters a minute left in all", 1, 1000000 },
		{ "domain-per-minute", OPTION_NUMBER, &f.domain_per_minute, "N",
		  "as if so many left to any one domain", 1, 1000000 },
		{ "json", OPTION_FLAG, &f.json, NULL, "for programs", 0, 0 },
		{ 0 },
	};
	const struct usage usage = {
		"votepost-mailer estimate",
		"",
		0,
		0,
		"How long the letters take that are not sent yet: in all, which domains decide\n"
		"that, and whether it ends before the vote opens or closes. Nothing is sent, and\n"
		"no passphrase is needed: try it before you choose a relay.",
		options,
	};

	return cli_run(&usage, argc, argv, estimate, &f);
}
