/* SPDX-License-Identifier: MIT */
#include "tests/unit/taken_over.h"

#include <stdio.h>

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
#ifndef VOTEPOST_SANITIZED
	if (strstr(raw, "TRY find"))
		find_rest();
#endif
	taken_over(raw);
}
