/* SPDX-License-Identifier: MIT */
#include "mailer/report/report.h"

#include <stdbool.h>
#include <string.h>

#include "core/mail/failure.h"
#include "core/text.h"
#include "mailer/scrub.h"
#include "tests/fuzz/fuzz.h"

/* Any mail at the bounce address: what comes out is what the mailer takes from its reader, whose
 * handle has the form of one, and strangers' words are clean once they are scrubbed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct report_marks marks = { "bounce", "vote", "vote.test" };
	static struct report report;
	static bool ready;
	size_t n;

	if (!ready)
		report_init();
	ready = true;
	if (size > REPORT_RAW_MAX)
		size = REPORT_RAW_MAX;
	report_read(&report, &marks, "", (const char *)data, size);
	fuzz_must(report.kind < REPORT_KINDS && report.code < 600);
	fuzz_must(memchr(report.status, 0, sizeof(report.status)) != NULL);
	fuzz_must(memchr(report.system, 0, sizeof(report.system)) != NULL);
	fuzz_must(memchr(report.words, 0, sizeof(report.words)) != NULL);
	fuzz_must(strspn(report.status, "0123456789.") == strlen(report.status));
	n = strlen(report.handle);
	fuzz_must(!n || (n == HANDLE_CHARS &&
	                 strspn(report.handle, "0123456789abcdefghjkmnpqrstvwxyz") == n));
	fuzz_must(failure_class(report.code, report.status, report.words) < FAILURE_DELAYED);
	scrub_text(report.words);
	fuzz_must(text_clean(report.words, strlen(report.words)));
	return 0;
}
