/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "receiver/parser/nursery.h"

/* What a parser that was taken over might try; the mail's body names it. Each is tried where
 * a mail's own bytes would be in control: behind the sandbox. */
void nursery_test_hook(const char *raw, size_t len)
{
	volatile size_t size = 64u << 20;
	char *eaten;

	(void)len;
	if (strstr(raw, "TRY crash"))
		raise(SIGSEGV);
	if (strstr(raw, "TRY abort"))
		abort();
	if (strstr(raw, "TRY hang"))
		for (;;)
			;
	if (strstr(raw, "TRY sleep"))
		for (;;)
			poll(NULL, 0, -1);
	if (strstr(raw, "TRY stop"))
		poll(NULL, 0, 5000); /* until the test stops it */
	if (strstr(raw, "TRY memory"))
		for (;;) {
			eaten = malloc(size);
			if (!eaten)
				abort();
			memset(eaten, 1, size);
		}
	if (strstr(raw, "TRY file"))
		_exit(open("/etc/hostname", O_RDONLY) >= 0 ? 0 : 9);
	if (strstr(raw, "TRY write file"))
		_exit(open("/tmp/votepost-escaped", O_WRONLY | O_CREAT, 0600) >= 0 ? 0 : 9);
	if (strstr(raw, "TRY socket"))
		_exit(socket(AF_INET, SOCK_STREAM, 0) >= 0 ? 0 : 9);
	if (strstr(raw, "TRY fork"))
		_exit(fork() >= 0 ? 0 : 9);
	if (strstr(raw, "TRY code"))
		_exit(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED
		              ? 0
		              : 9);
}
