/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_CMD_H
#define VOTEPOST_SCRUTINEER_CMD_H

#include "scrutineer/audit.h"

/* cmd - the scrutineer's commands, one a file; each returns an exit status. */

int cmd_trustee_commit(int argc, char **argv);
int cmd_trustee_reveal(int argc, char **argv);
int cmd_trustee_deal(int argc, char **argv);
int cmd_trustee_accept(int argc, char **argv);
int cmd_share(int argc, char **argv);
int cmd_tally(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_receipt(int argc, char **argv);
int cmd_reconcile(int argc, char **argv);
int cmd_minutes(int argc, char **argv);
int cmd_minutes_key(int argc, char **argv);
int cmd_minutes_sign(int argc, char **argv);

/* What several of them do: a finding as a line on stderr, behind `before`. */
void cmd_tell(const char *before, const struct finding *f);

/* May its totals be opened? Closed, no failure, and ballots enough or none at all. `done` is
 * what is not done otherwise: "decrypted", "counted". */
MUST_CHECK enum err cmd_closed(const struct audit *a, const char *done, struct why *why);

#endif
