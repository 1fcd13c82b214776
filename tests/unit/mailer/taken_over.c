/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/program.h"
#include "mailer/report/report.h"

/* An answer that no honest reader gives. */
static void lie(const char *how)
{
	struct report report = { .kind = REPORT_FAILED };

	if (strstr(how, "kind"))
		report.kind = 99;
	if (strstr(how, "end"))
		memset(report.words, 'x', sizeof(report.words));
	if (strstr(how, "handle"))
		strcpy(report.handle, "../../../../");
	if (strstr(how, "status"))
		strcpy(report.status, "\033[2J");
	(void)!write(PROGRAM_FD, &report, sizeof(report));
	_exit(0);
}

#ifndef VOTEPOST_SANITIZED /* whose own heap keeps what was freed, to see who uses it */
static char *heap;

__attribute__((constructor)) static void note_heap(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];

	while (maps && fgets(line, sizeof(line), maps))
		if (strstr(line, "[heap]"))
			heap = (char *)strtoul(line, NULL, 16);
	if (maps)
		fclose(maps);
}

/* A mail of before, anywhere in memory that was, or is, a library's. */
static void find_rest(void)
{
	const char *end = sbrk(0);
	char token[] = "IVEY-OSB4";

	for (char *p = token; *p; p++) /* it must not stand here either */
		*p = (char)(*p == '-' ? '-' : *p + 1);
	if (!heap || memmem(heap, (size_t)(end - heap), token, sizeof(token) - 1))
		abort();
}
#endif

/* What a reader that was taken over might try; the mail's body names it. */
void report_test_hook(const char *raw)
{
	const char *at = strstr(raw, "TRY lie");

	if (at)
		lie(at);
	if (strstr(raw, "TRY crash"))
		raise(SIGSEGV);
#ifndef VOTEPOST_SANITIZED
	if (strstr(raw, "TRY find"))
		find_rest();
#endif
	if (strstr(raw, "TRY abort"))
		abort();
	if (strstr(raw, "TRY hang"))
		for (;;)
			;
	if (strstr(raw, "TRY sleep"))
		for (;;)
			poll(NULL, 0, -1);
	if (strstr(raw, "TRY file") && open("/etc/passwd", O_RDONLY) < 0)
		abort();
	if (strstr(raw, "TRY socket"))
		(void)!socket(AF_INET, SOCK_STREAM, 0);
	if (strstr(raw, "TRY exec"))
		(void)!execl("/bin/true", "true", NULL);
	if (strstr(raw, "TRY fork"))
		(void)!fork();
	if (strstr(raw, "TRY unlink"))
		(void)!unlink("/tmp/none");
	if (strstr(raw, "TRY memory"))
		for (;;) {
			char *eaten = malloc(64u << 20);

			if (!eaten)
				abort();
			memset(eaten, 1, 64u << 20);
		}
}
