/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/text.h"
#include "mailer/cmd.h"
#include "mailer/conf.h"
#include "mailer/mailbox.h"
#include "mailer/preflight_trip.h"
#include "mailer/sheet.h"

#define MAIL_MAX    ((size_t)16 << 20) /* of a letter that was saved */
#define SHEET_MAX   ((size_t)1 << 20)
#define DNS_TIMEOUT 3000 /* milliseconds, twice */

struct preflight_run {
	struct cmd cmd;
	const char *settings, *to, *received;
	char handle[HANDLE_TEXT]; /* of the letter to `to` */
	bool json;
	struct conf conf;
	struct definition *definition; /* before the election is sealed */
	struct findings findings;
	struct preflight look;
};

/* Sealed or not: what was decided so far. */
static enum err open_election(struct preflight_run *r, struct why *why)
{
	struct preflight *p = &r->look;
	enum err e;

	if (!home_has(&r->cmd.home, HOME_MANIFEST)) {
		e = home_definition(&r->cmd.home, &r->definition, why);
		if (e)
			return e;
		p->title = r->definition->title.in[0];
		p->reply_to = r->definition->reply_to;
		p->link = r->definition->link;
		p->closes = r->definition->closes;
		return OK;
	}
	e = home_manifest(&r->cmd.home, &r->cmd.m, why);
	if (e)
		return e;
	p->m = r->cmd.m;
	p->title = p->m->title.in[0];
	p->reply_to = p->m->reply_to;
	p->link = p->m->link;
	p->closes = amend_closes(p->amend, p->m);
	return letter_load(&p->letters, p->m, p->closes, &r->conf, why);
}

/* Either may be missing yet. */
static enum err open_members(struct preflight *p, const char *home, struct why *why)
{
	enum err e = outbox_open(&p->outbox, home, "outbox", 0, why);

	if (!e || e == ERR_NOT_FOUND)
		e = roll_open(&p->roll, home, why);
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum err open_all(struct preflight_run *r, struct why *why)
{
	struct preflight *p = &r->look;
	enum err e = cmd_begin(&r->cmd, r->to ? CMD_ALONE : 0, why);

	p->conf = &r->conf;
	p->findings = &r->findings;
	p->now = (uint64_t)time(NULL);
	if (!e)
		e = conf_read(&r->conf, r->cmd.path, r->settings, why);
	if (!e)
		e = amend_open(&p->amend, r->cmd.path, false, why);
	if (!e)
		e = open_election(r, why);
	if (!e)
		e = open_members(p, r->cmd.path, why);
	if (!e)
		e = dns_open(&p->dns, r->conf.preflight.resolver, DNS_TIMEOUT, why);
	return e;
}

static void close_all(struct preflight_run *r)
{
	struct preflight *p = &r->look;

	dns_close(p->dns);
	letter_free(p->letters);
	roll_close(p->roll);
	outbox_close(p->outbox);
	amend_close(p->amend);
	definition_free(r->definition);
	findings_release(&r->findings);
	conf_release(&r->conf);
	cmd_end(&r->cmd);
}

static void say(void *context, const char *what)
{
	(void)context;
	cli_say("%s …", what);
}

/* Everything that a trip needs is asked for before the looks, which take a while; the keys are
 * locked again at once. */
static enum err check_trip(struct preflight_run *r, struct why *why)
{
	const char *odd, *bad;
	char mailbox[ADDRESS_TEXT];
	enum err e;

	if (!r->to)
		return OK;
	bad = mailbox_read(mailbox, r->to, &odd);
	if (bad)
		return why_set(why, ERR_USAGE, "--to: %s", bad);
	if (!r->look.m)
		return why_set(why, ERR_STATE,
		               "--to: the letter can be sent once the election is sealed");
	e = cmd_unlock(&r->cmd, KEYS_TOKEN, "preflight", why);
	if (e)
		return e;
	mint_handle(r->handle, r->cmd.keys->handle, r->look.m->id, MINT_NOBODY,
	            strlen(MINT_NOBODY));
	keys_close(r->cmd.keys);
	r->cmd.keys = NULL;
	return OK;
}

static enum err travel(struct preflight_run *r, struct why *why)
{
	const struct trip trip = {
		.to = r->to,
		.handle = r->handle,
		.issued = home_has(&r->cmd.home, HOME_HANDLES),
		.say = say,
	};

	return preflight_trip(&r->look, &trip, why);
}

/* A letter that a person saved. */
static enum err read_received(struct preflight_run *r, struct why *why)
{
	struct buf mail = BUF_INIT(MAIL_MAX);
	enum err e = file_read(&mail, r->received, why);

	if (!e) {
		e = preflight_arrival(&r->look, buf_text(&mail), mail.len, why);
		if (e)
			why_prefix(why, "%s", r->received);
	}
	buf_free(&mail);
	return e;
}

static enum err look_around(struct preflight *p, struct why *why)
{
	enum err e = preflight_relay(p, why);

	if (!e)
		e = preflight_spf(p);
	if (!e)
		e = preflight_domain(p);
	if (!e)
		e = preflight_back(p);
	if (!e)
		e = preflight_letter(p, why);
	if (!e)
		e = preflight_members(p, why);
	return e;
}

static enum err print(const struct preflight_run *r)
{
	bool colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	struct buf out = BUF_INIT(SHEET_MAX);
	char now[TIME_TEXT];
	enum err e;

	if (r->json) {
		sheet_json(&out, &r->findings);
	} else {
		time_write(now, r->look.now);
		buf_addf(&out, "\n  %sPreflight of “%s”%s\n  %s, from %s through %s\n",
		         colour ? "\033[1m" : "", r->look.title, colour ? "\033[0m" : "", now,
		         r->conf.address, r->conf.host);
		sheet_text(&out, &r->findings, colour);
		buf_addc(&out, '\n');
	}
	e = buf_err(&out);
	if (!e)
		cli_out_bytes(out.data, out.len);
	buf_free(&out);
	return e;
}

/* The exit status says it, too. */
static enum err verdict(const struct findings *f, struct why *why)
{
	unsigned stop = findings_count(f, FINDING_STOP), unseen = findings_count(f, FINDING_UNSEEN);

	if (stop)
		return why_set(why, ERR_INVALID, "%u finding%s in the way of sending", stop,
		               stop == 1 ? " stands" : "s stand");
	if (unseen)
		return why_set(why, ERR_AGAIN, "%u thing%s could not be looked at", unseen,
		               unseen == 1 ? "" : "s");
	return OK;
}

static enum err preflight(void *context, char **operand, struct why *why)
{
	struct preflight_run *r = context;
	enum err e = open_all(r, why);

	(void)operand;
	if (!e)
		e = check_trip(r, why);
	if (!e)
		e = look_around(&r->look, why);
	if (!e && r->to)
		e = travel(r, why);
	if (!e && r->received)
		e = read_received(r, why);
	if (!e)
		e = findings_err(&r->findings);
	if (!e)
		e = print(r);
	if (!e)
		e = verdict(&r->findings, why);
	close_all(r);
	return e;
}

int cmd_preflight(int argc, char **argv)
{
	struct preflight_run r = { .cmd = CMD_INIT };
	const struct option_row options[] = {
		CMD_HOME(&r.cmd),
		{ "settings", OPTION_TEXT, &r.settings, "FILE", "instead of the home's mailer.conf",
		  0, 0 },
		{ "to", OPTION_TEXT, &r.to, "ADDRESS",
		  "send a letter to this mailbox of yours, and reply to it", 0, 0 },
		{ "received", OPTION_TEXT, &r.received, "FILE",
		  "read how such a letter came, saved as a file", 0, 0 },
		CMD_UNLOCK(&r.cmd),
		{ "json", OPTION_FLAG, &r.json, NULL, "for programs", 0, 0 },
		{ 0 },
	};
	const struct usage usage = {
		"votepost-mailer preflight",
		"",
		0,
		0,
		"Look, before anything is sent, whether this relay and this sender can deliver:\n"
		"the sender's names in the DNS, the relay, the letter, the members' providers. A\n"
		"page of findings, each with what to do about it. Exits 1 where one stops the\n"
		"send-out, 75 where something could not be looked at. Needs no passphrase but for\n"
		"--to.",
		options,
	};

	return cli_run(&usage, argc, argv, preflight, &r);
}
