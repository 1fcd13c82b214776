/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sys/socket.h>

#include "core/program.h"
#include "receiver/parser/nursery.h"

/*
 * The program that reads mail, so that votepost-receiver need not. It links what reading takes
 * and nothing else, holds nothing of an election, and can be started only by the receiver.
 */
int main(void)
{
	enum err e = program_settle(SOCK_SEQPACKET);

	if (e == ERR_USAGE) {
		fputs("votepost-parser: votepost-receiver starts this; there is nothing to do by "
		      "hand\n",
		      stderr);
		return 64;
	}
	if (e)
		return 1;
	nursery_keep(PROGRAM_FD);
}
