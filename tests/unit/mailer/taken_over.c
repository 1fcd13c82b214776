/* SPDX-License-Identifier: MIT */
#include "tests/unit/taken_over.h"

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
	taken_over(raw);
}
