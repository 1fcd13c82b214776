/* SPDX-License-Identifier: MIT */
#include "core/cli.h"
#include "mailer/cmd.h"

static const struct command commands[] = {
	{ "new", cmd_new, "check a definition, make the mailer's home and its keys" },
	{ "roll", cmd_roll, "import and check the members" },
	{ "seal", cmd_seal, "make the manifest; freezes the question and the roll" },
	{ "issue", cmd_issue, "write every member's public credential, signed" },
	{ "preview", cmd_preview, "write a letter whose token opens nothing" },
	{ "preflight", cmd_preflight, "can this relay and this sender deliver the letters?" },
	{ "estimate", cmd_estimate, "say how long a send-out takes, and what decides that" },
	{ "approve", cmd_approve, "take the letters' texts as they are now, since one changed" },
	{ "announce", cmd_announce, "tell members that a vote is coming; no token in it" },
	{ "send", cmd_send, "mail every member not yet served; safe to repeat" },
	{ "bounce", cmd_bounce, "read what came back; unattended, without any key" },
	{ "pause", cmd_pause, "hold what is being mailed, from any terminal" },
	{ "resume", cmd_resume, "let it go on" },
	{ "remind", cmd_remind, "mail the letter again to who has not voted" },
	{ "notify", cmd_notify, "tell members that a ballot was received for them" },
	{ "extend", cmd_extend, "put the closing time off, and tell the members" },
	{ "attendance", cmd_attendance, "list who voted, for the bureau; after the close" },
	{ "reissue", cmd_reissue, "a new token for one member, in place of the old one" },
	{ "rotate", cmd_rotate, "after a leak: new tokens for all who have not voted" },
	{ "status", cmd_status, "say who was served; the states add up to the roll" },
	{ "ledger", cmd_ledger, "write the journal and signed totals, for the scrutineers" },
	{ "forget", cmd_forget, "destroy the token keys, once all is over" },
	{ 0 },
};

static const struct program mailer = {
	"votepost-mailer",
	"for administrators: mails every member a single-use token that nobody can list",
	commands,
};

int main(int argc, char **argv)
{
	return cli_main(&mailer, argc, argv);
}
