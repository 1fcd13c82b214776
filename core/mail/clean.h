/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAIL_CLEAN_H
#define VOTEPOST_CORE_MAIL_CLEAN_H

/*
 * clean - libcurl with memory that leaves nothing behind: it copies what we hand it, a letter with
 * its token, into memory of its own, which is wiped when it gives it back.
 */

/* Once in a process; whatever uses libcurl calls this first. */
void clean_curl(void);

#endif
