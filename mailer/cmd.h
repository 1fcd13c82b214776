/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_CMD_H
#define VOTEPOST_MAILER_CMD_H

#include "core/err.h"
#include "mailer/keys.h"

/*
 * cmd - the mailer's commands, one a file cmd_NAME.c, and what they share. They alone print.
 */
int cmd_new(int argc, char **argv);
int cmd_roll(int argc, char **argv);
int cmd_seal(int argc, char **argv);
int cmd_issue(int argc, char **argv);
int cmd_preview(int argc, char **argv);
int cmd_send(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_ledger(int argc, char **argv);

/* Ask for the passphrase and unlock the keys of a home; keys_close after. */
MUST_CHECK enum err cmd_unlock(struct keys **out, const char *home, const char *passphrase_file,
                               const char *purpose, struct why *why);

/* A `step` for long work: `context` is a struct progress, or NULL. */
void cmd_step(void *context);

#endif
