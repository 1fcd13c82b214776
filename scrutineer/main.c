/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include "core/cli.h"
#include "scrutineer/cmd.h"

int main(int argc, char **argv)
{
	static const struct command commands[] = {
		{ "trustee commit", cmd_trustee_commit,
		  "draw a trustee's secrets, publish the hash of the public part" },
		{ "trustee reveal", cmd_trustee_reveal,
		  "once all have committed: publish the public part" },
		{ "trustee deal", cmd_trustee_deal,
		  "under the sealed manifest: a sealed box for each trustee" },
		{ "trustee accept", cmd_trustee_accept,
		  "check the boxes, keep the share, sign that it was accepted" },
		{ "share", cmd_share, "verify a closed record, then decrypt one trustee's part" },
		{ "tally", cmd_tally, "verify, combine the shares, write the result" },
		{ "verify", cmd_verify, "check everything in a record; name each failure" },
		{ "receipt", cmd_receipt, "is this ballot in the record?" },
		{ "reconcile", cmd_reconcile, "tokens issued against tokens used" },
		{ "minutes key", cmd_minutes_key, "make a key to sign minutes with" },
		{ "minutes sign", cmd_minutes_sign, "sign the minutes in a folder" },
		{ "minutes", cmd_minutes,
		  "write the minutes that a bureau signs; check who signed" },
		{ NULL, NULL, NULL },
	};
	static const struct program program = {
		.name = "votepost-scrutineer",
		.summary = "For scrutineers and trustees: check an election's public record, hold "
			   "the keys that count it. Works offline.",
		.command = commands,
	};

	return cli_main(&program, argc, argv);
}
