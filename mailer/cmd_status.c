/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/json.h"
#include "core/ledger.h"
#include "core/text.h"
#include "mailer/amend.h"
#include "mailer/brake.h"
#include "mailer/cmd.h"
#include "mailer/outbox.h"
#include "mailer/roll.h"

struct status {
	struct cmd cmd;
	const char *id;
	bool json;
	uint64_t members;
	uint64_t state[SEND_STATES];
	uint64_t replaced, waiting; /* tokens: in force, and planned and not known to stand */
	uint64_t given_up;          /* deferred letters that are not tried again */
	const char *stage;          /* "new", "roll", "sealed", "issued", "sending" */
};

static enum err read_replacements(struct status *s, struct why *why)
{
	struct amend *amend = NULL;
	enum err e = amend_open(&amend, s->cmd.path, false, why);

	if (!e) {
		s->replaced = amend_standing(amend);
		s->waiting = amend_counts(amend).planned;
	}
	amend_close(amend);
	return e;
}

static enum err count_given_up(void *context, uint32_t place, const struct standing *standing)
{
	struct status *s = context;

	(void)place;
	s->given_up += standing->state == SEND_DEFERRED && !standing->next;
	return OK;
}

static enum err read_states(struct status *s, struct why *why)
{
	const struct home *home = &s->cmd.home;
	struct outbox *outbox = NULL;
	struct roll *roll = NULL;
	enum err e = roll_open(&roll, home->path, why);

	s->stage = "new";
	if (e == ERR_NOT_FOUND)
		return OK;
	if (e)
		return e;
	s->members = roll_summary(roll)->members;
	s->state[SEND_PLANNED] = s->members;
	s->stage = home_has(home, HOME_ISSUED)     ? "issued"
	           : home_has(home, HOME_MANIFEST) ? "sealed"
	                                           : "roll";
	e = outbox_open(&outbox, home->path, "outbox", 0, why);
	if (!e) {
		s->stage = "sending";
		e = outbox_counts(outbox, s->members, s->state, why);
		if (!e)
			e = outbox_each(outbox, count_given_up, s, why);
	} else if (e == ERR_NOT_FOUND) {
		e = OK;
	}
	if (!e)
		e = read_replacements(s, why);
	outbox_close(outbox);
	roll_close(roll);
	return e;
}

static void print_states(const struct status *s)
{
	if (s->json) {
		cli_out("{\"stage\":\"%s\",\"members\":%llu,\"states\":{", s->stage,
		        (unsigned long long)s->members);
		for (unsigned i = 0; i < SEND_STATES; i++)
			cli_out("%s\"%s\":%llu", i ? "," : "", send_state_name((enum send_state)i),
			        (unsigned long long)s->state[i]);
		cli_out("},\"given_up\":%llu,\"paused\":%s,\"replaced\":%llu,\"waiting\":%llu}\n",
		        (unsigned long long)s->given_up, brake_on(s->cmd.path) ? "true" : "false",
		        (unsigned long long)s->replaced, (unsigned long long)s->waiting);
		return;
	}
	cli_out("stage      %s\n", s->stage);
	cli_out("members    %llu\n", (unsigned long long)s->members);
	for (unsigned i = 0; i < SEND_STATES; i++)
		cli_out("%-10s %llu\n", send_state_name((enum send_state)i),
		        (unsigned long long)s->state[i]);
	if (s->given_up)
		cli_out("given up   %llu of the deferred: the vote leaves no time for another try; "
		        "reach them in another way\n",
		        (unsigned long long)s->given_up);
	if (brake_on(s->cmd.path))
		cli_out("paused     nothing is mailed before votepost-mailer resume\n");
	cli_out("replaced   %llu token%s; %llu wait%s to stand on the board\n",
	        (unsigned long long)s->replaced, s->replaced == 1 ? "" : "s",
	        (unsigned long long)s->waiting, s->waiting == 1 ? "s" : "");
}

static void print_standing(const struct standing *s)
{
	char at[TIME_TEXT];

	cli_out("state      %s\n", send_state_name(s->state));
	if (!s->at)
		return;
	time_write(at, s->at);
	cli_out("last try   %s, the %u%s\n", at, s->attempts,
	        s->attempts == 1   ? "st"
	        : s->attempts == 2 ? "nd"
	        : s->attempts == 3 ? "rd"
	                           : "th");
	if (s->code || *s->text)
		cli_out("relay      %u %s %s\n", s->code, s->status, s->text);
	if (*s->queue_id)
		cli_out("queue id   %s\n", s->queue_id);
	if (s->next) {
		time_write(at, s->next);
		cli_out("next try   after %s\n", at);
	} else if (s->state == SEND_DEFERRED) {
		cli_out("next try   none: the vote leaves no time for it\n");
	}
}

/* One member: for the person on the telephone who has no letter. */
static enum err tell_member(const struct status *s, struct why *why)
{
	struct standing standing = { 0 };
	struct outbox *outbox = NULL;
	struct roll *roll = NULL;
	struct member member;
	enum err e = roll_open(&roll, s->cmd.path, why);

	if (!e)
		e = roll_find(roll, s->id, &member, why);
	if (!e) {
		e = outbox_open(&outbox, s->cmd.path, "outbox", 0, why);
		if (!e)
			e = outbox_find(outbox, member.serial, &standing, why);
		else if (e == ERR_NOT_FOUND)
			e = OK;
	}
	if (!e)
		print_standing(&standing);
	outbox_close(outbox);
	roll_close(roll);
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
		e = read_states(s, why);
		if (!e)
			print_states(s);
	}
	cmd_end(&s->cmd);
	return e;
}

int cmd_status(int argc, char **argv)
{
	struct status s = { .cmd = CMD_INIT };
	const struct option_row options[] = {
		CMD_HOME(&s.cmd),
		{ "member", OPTION_TEXT, &s.id, "ID", "this member's letter alone", 0, 0 },
		{ "json", OPTION_FLAG, &s.json, NULL, "for programs", 0, 0 },
		{ 0 },
	};
	const struct usage usage = {
		"votepost-mailer status",
		"",
		0,
		0,
		"Members by state; the states add up to the roll at every moment, also while a\n"
		"send is running. No passphrase is needed.",
		options,
	};

	return cli_run(&usage, argc, argv, status, &s);
}
