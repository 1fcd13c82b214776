/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
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

/* What a reader that was taken over might try; the mail's body names it. */
void report_test_hook(const char *raw)
{
	const char *at = strstr(raw, "TRY lie");

	if (at)
		lie(at);
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
