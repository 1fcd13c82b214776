/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_UNIT_TAKEN_OVER_H
#define VOTEPOST_TESTS_UNIT_TAKEN_OVER_H

/* taken_over - what a program that reads mail might do once a mail has taken it over; the mail's
 * body names it. Each is tried where a mail's own bytes would be in control: behind the sandbox.
 * Where one succeeds the mail is read like any other, and the test sees that. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static inline void taken_over_eats(void)
{
	volatile size_t size = 64u << 20;

	for (;;) {
		char *eaten = malloc(size);

		if (!eaten)
			abort();
		memset(eaten, 1, size);
	}
}

/* Did it get out? */
static inline bool taken_over_escapes(const char *raw)
{
	if (strstr(raw, "TRY file"))
		return open("/etc/hostname", O_RDONLY) >= 0;
	if (strstr(raw, "TRY write file"))
		return open("/tmp/votepost-escaped", O_WRONLY | O_CREAT, 0600) >= 0;
	if (strstr(raw, "TRY unlink"))
		return !unlink("/tmp/votepost-none") || errno == ENOENT;
	if (strstr(raw, "TRY socket"))
		return socket(AF_INET, SOCK_STREAM, 0) >= 0;
	if (strstr(raw, "TRY fork"))
		return fork() >= 0;
	if (strstr(raw, "TRY exec"))
		return !execl("/bin/true", "true", NULL) || errno == ENOENT;
	if (strstr(raw, "TRY code"))
		return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
	return true;
}

static inline void taken_over(const char *raw)
{
	if (strstr(raw, "TRY crash"))
		raise(SIGSEGV);
	if (strstr(raw, "TRY hang"))
		for (;;)
			;
	if (strstr(raw, "TRY sleep"))
		for (;;)
			poll(NULL, 0, -1);
	if (strstr(raw, "TRY memory"))
		taken_over_eats();
	if (strstr(raw, "TRY abort") || !taken_over_escapes(raw))
		abort();
}

#endif
