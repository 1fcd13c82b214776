/* SPDX-License-Identifier: MIT */
#include "mailer/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include "tests/support.h"

static const struct report_marks marks = { "bounce", "vote", "vote.test" };

static struct reader *start(const char *program, unsigned seconds)
{
	struct reader *r = NULL;
	struct why why = { 0 };

	assert_ok(reader_start(&r, program, seconds, &marks, &why), &why);
	return r;
}

static void put(struct reader *r, const char *text)
{
	struct why why = { 0 };

	assert_ok(reader_put(r, text, strlen(text), "bounce+0123456789abc@vote.test", &why), &why);
}

static bool take(struct reader *r, struct report *out, const char *wanted)
{
	const struct buf *raw;
	struct why why = { 0 };
	bool readable;

	assert_ok(reader_take(r, out, &readable, &raw, &why), &why);
	assert_string_equal(buf_text(raw), wanted);
	return readable;
}

static void answers_come_in_order(void **state)
{
	struct reader *r = start(NULL, 0);
	unsigned sent = 0, taken = 0;
	struct report report;
	char mail[64], wanted[64];

	(void)state;
	while (taken < 1000) {
		snprintf(mail, sizeof(mail), "Subject: %u\n\n550 5.1.%u x\n", sent, sent % 900);
		if (sent < 1000 && reader_has_room(r)) {
			put(r, mail);
			sent++;
			continue;
		}
		snprintf(mail, sizeof(mail), "Subject: %u\n\n550 5.1.%u x\n", taken, taken % 900);
		assert_true(take(r, &report, mail));
		snprintf(wanted, sizeof(wanted), "5.1.%u", taken % 900);
		assert_string_equal(report.status, wanted);
		assert_string_equal(report.handle, "0123456789abc");
		taken++;
	}
	assert_true(reader_is_idle(r));
	reader_stop(r);
}

/* Whatever a mail does to the process that reads it, it is unreadable itself, and its neighbours
 * are not. */
static void a_mail_takes_nobody_with_it(void **state)
{
	static const char *const tries[] = {
		"crash", "abort",  "hang",   "sleep",    "file",    "socket",     "exec",
		"fork",  "unlink", "memory", "lie kind", "lie end", "lie handle", "lie status",
	};
	struct report report;

	(void)state;
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		struct reader *r = start(REPORT_TAKEN_OVER, 1);
		char bad[64];

		snprintf(bad, sizeof(bad), "Subject: x\n\nTRY %s\n", tries[i]);
		put(r, "Subject: before\n\n");
		put(r, bad);
		put(r, "Subject: after\n\n");
		assert_true(take(r, &report, "Subject: before\n\n"));
		if (take(r, &report, bad))
			fail_msg("%s is read", tries[i]);
		assert_true(take(r, &report, "Subject: after\n\n"));
		put(r, "Subject: later\n\n");
		assert_true(take(r, &report, "Subject: later\n\n"));
		reader_stop(r);
	}
}

#define TOKEN "JWFZ-PTC5-MN1C-SK7C-KTG2-W3D3-PEKJ"

static void write_quoting(struct buf *out)
{
	buf_clear(out);
	buf_adds(out, "From: MAILER-DAEMON@mx.test\nSubject: VOTE " TOKEN "\nX-Token: " TOKEN "\n"
	              "MIME-Version: 1.0\n"
	              "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
	              "--b\n\n");
	for (unsigned i = 0; i < 1000; i++)
		buf_adds(out, "550 5.1.1 VOTE " TOKEN " A\n");
	buf_adds(out,
	         "--b\nContent-Type: message/rfc822\n\nSubject: " TOKEN
	         "\nContent-Transfer-Encoding: base64\n\nVk9URSBKV0ZaLVBUQzUtTU4xQyBB\n\n--b--\n");
	assert_int_equal(buf_err(out), OK);
}

/* GMime frees what it has copied, and would leave it lying there for the rest of the run. */
static void the_process_keeps_nothing_of_a_mail_that_it_has_read(void **state)
{
	struct reader *r = start(REPORT_TAKEN_OVER, 10);
	struct buf raw = BUF_INIT(100000);
	struct report report;

	(void)state;
	write_quoting(&raw);
	for (unsigned i = 0; i < 3; i++) {
		put(r, buf_text(&raw));
		assert_true(take(r, &report, buf_text(&raw)));
		assert_string_equal(report.status, "5.1.1");
		put(r, "Subject: x\n\nTRY find\n");
		assert_true(take(r, &report, "Subject: x\n\nTRY find\n"));
	}
	buf_free(&raw);
	reader_stop(r);
}

/* A word that lies in memory only where a mail does: here it is upside down. */
#define WORD 16
static unsigned char hidden[WORD];

static bool has_word(const unsigned char *at, size_t len)
{
	for (size_t i = 0; i + WORD <= len; i++) {
		unsigned n = 0;

		while (n < WORD && at[i + n] == (hidden[n] ^ 0xff))
			n++;
		if (n == WORD)
			return true;
	}
	return false;
}

/* Does it lie anywhere in memory that is ours to write? */
static bool in_memory(void)
{
	static unsigned char part[65536];
	FILE *maps = fopen("/proc/self/maps", "r");
	int mem = open("/proc/self/mem", O_RDONLY);
	char line[512], mode[5];
	unsigned long begin, end;
	bool found = false;

	assert_non_null(maps);
	assert_true(mem >= 0);
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %4s", &begin, &end, mode) != 3 || mode[1] != 'w')
			continue;
		for (ssize_t n;
		     begin < end && (n = pread(mem, part, sizeof(part), (off_t)begin)) > 0;
		     begin += (unsigned long)n) {
			found = found || has_word(part, (size_t)n);
			explicit_bzero(part, sizeof(part));
		}
	}
	fclose(maps);
	close(mem);
	return found;
}

static void a_mail_is_locked_while_it_is_read_and_wiped_after(void **state)
{
	struct buf raw = BUF_INIT(100000);
	unsigned long before = support_locked();
	struct report report;
	const struct buf *was;
	struct why why = { 0 };
	struct reader *r;
	bool readable;

	(void)state;
#ifdef VOTEPOST_SANITIZED
	skip(); /* the sanitizer makes locking an empty word, and keeps what was freed */
#endif
	r = start(NULL, 0);
	assert_true(support_locked() - before >= READER_WINDOW * REPORT_RAW_MAX / 1024);
	buf_adds(&raw, "Subject: x\n\n");
	for (unsigned i = 0; i < WORD; i++)
		hidden[i] = (unsigned char)~('a' + randombytes_uniform(26));
	for (unsigned i = 0; i < 5000 * WORD; i++)
		buf_addc(&raw, (char)(hidden[i % WORD] ^ 0xff));
	assert_ok(reader_put(r, raw.data, raw.len, NULL, &why), &why);
	buf_free(&raw);
	assert_true(in_memory());
	assert_ok(reader_take(r, &report, &readable, &was, &why), &why);
	assert_true(readable);
	explicit_bzero(&report, sizeof(report));
	assert_true(in_memory());
	reader_forget(r);
	assert_false(in_memory());
	reader_stop(r);
	assert_true(support_locked() <= before);
}

static void a_program_that_is_not_there_is_told(void **state)
{
	struct reader *r = NULL;
	struct why why = { 0 };

	(void)state;
	assert_int_equal(reader_start(&r, "/nowhere/votepost-report", 0, &marks, &why), ERR_IO);
	assert_non_null(strstr(why.text, "/nowhere/votepost-report"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_come_in_order),
		cmocka_unit_test(a_mail_takes_nobody_with_it),
		cmocka_unit_test(the_process_keeps_nothing_of_a_mail_that_it_has_read),
		cmocka_unit_test(a_mail_is_locked_while_it_is_read_and_wiped_after),
		cmocka_unit_test(a_program_that_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
