/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_CMD_H
#define VOTEPOST_RECEIVER_CMD_H

#include "core/err.h"

/* cmd - the commands of votepost-receiver, one a file: cmd_<name>.c. */
int cmd_key(int argc, char **argv);
int cmd_open(int argc, char **argv);
int cmd_serve(int argc, char **argv);
int cmd_deliver(int argc, char **argv);
int cmd_apply(int argc, char **argv);
int cmd_head(int argc, char **argv);
int cmd_close(int argc, char **argv);
int cmd_record(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_clock(int argc, char **argv);

/* What the writer's thread has to say, to the log: a cast_trouble. */
void cmd_trouble(void *ctx, const char *event, const struct why *why);

#endif
