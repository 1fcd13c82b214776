/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_EMBEDDED_H
#define VOTEPOST_RECEIVER_EMBEDDED_H

#include <stddef.h>

/*
 * embedded - the pages as they were assembled when this program was built, inside of it: nothing
 * to install, nothing to be swapped. The build writes the .c file (receiver/embed.cmake).
 */
struct embedded {
	const unsigned char *bytes;
	size_t len;
	const char *hashes; /* of its scripts and styles, as a Content-Security-Policy names them */
};
extern const struct embedded embedded_vote, embedded_check;

#endif
