/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sys/socket.h>

#include "receiver/parser/nursery.h"

#define CONTROL_FD 3

/*
 * The program that reads mail, so that votepost-receiver need not. It links what reading takes
 * and nothing else, holds nothing of an election, and can be started only by the receiver.
 */
int main(void)
{
	socklen_t len = sizeof(int);
	int type = 0;

	if (getsockopt(CONTROL_FD, SOL_SOCKET, SO_TYPE, &type, &len) || type != SOCK_SEQPACKET) {
		fputs("votepost-parser: votepost-receiver starts this; there is nothing to do by "
		      "hand\n",
		      stderr);
		return 64;
	}
	nursery_keep(CONTROL_FD);
}
