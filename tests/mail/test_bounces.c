/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mailer/bounce.h"
#include "mailer/report/report.h"
#include "mailer/whom.h"
#include "tests/mail/mails.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/kit.h"

/*
 * Delivery reports of some eighty mail systems, where they are present: each is read as the class
 * that a person gave it (bounces.txt), and each, turned into a bounce of a member's letter, ends
 * at that member.
 */
#define SAMPLES_MAX 400
#define RIGHT_LEAST 98 /* of a hundred */
#define OTHER       "other"
#define COMPLAINT   "complaint"

struct sample {
	char file[64], class[16], status[12];
};
static struct sample sample[SAMPLES_MAX];
static unsigned samples;

static int read_table(void **state)
{
	FILE *f = fopen("mail/bounces.txt", "r");
	char line[200];

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		struct sample *s = &sample[samples];

		if (*line == '#')
			continue;
		assert_true(samples < SAMPLES_MAX);
		assert_int_equal(sscanf(line, "%63s %15s %11s", s->file, s->class, s->status), 3);
		samples++;
	}
	fclose(f);
	report_init();
	return 0;
}

/* False where the samples are not present: said loudly. */
static bool load(struct buf *raw, const struct sample *s)
{
	const char *folder = mails_samples();
	char path[4200];

	if (!folder) {
		print_message("samples of other people's mail are not present: skipped\n");
		return false;
	}
	snprintf(path, sizeof(path), "%s/bounces/%s", folder, s->file);
	mails_load(raw, path);
	return true;
}

static const char *class_of(const struct report *r)
{
	if (r->kind == REPORT_COMPLAINT)
		return COMPLAINT;
	if (r->kind == REPORT_OTHER)
		return OTHER;
	return failure_name(r->kind == REPORT_DELAYED
	                            ? FAILURE_DELAYED
	                            : failure_class(r->code, r->status, r->words));
}

static void each_is_read_as_what_it_is(void **state)
{
	const struct report_marks marks = { "bounce", "vote", "vote.test" };
	unsigned right = 0;

	(void)state;
	for (unsigned i = 0; i < samples; i++) {
		const struct sample *s = &sample[i];
		static struct report r;
		const char *class;
		struct buf raw;

		if (!load(&raw, s))
			return;
		report_read(&r, &marks, "", buf_text(&raw), raw.len);
		class = class_of(&r);
		right += !strcmp(class, s->class);
		if (strcmp(class, s->class) != 0)
			print_message("%s: %s, not %s\n", s->file, class, s->class);
		if ((!strcmp(s->class, OTHER) || !strcmp(s->class, COMPLAINT)) &&
		    strcmp(class, s->class) != 0)
			fail_msg("%s passes for a report", s->file);
		if (strcmp(s->status, "-") && strcmp(s->status, r.status) != 0)
			fail_msg("%s: status %s, not %s", s->file, r.status, s->status);
		buf_free(&raw);
	}
	print_message("%u of %u samples right\n", right, samples);
	assert_true(right * 100 >= samples * RIGHT_LEAST);
}

/* Behind mbox's line, if it has one, a header that names us; as if delivered to us. */
static void address(struct buf *out, const struct buf *raw, const char *mailbox)
{
	const char *text = buf_text(raw);
	size_t skip = 0;

	if (!strncmp(text, "From ", 5))
		skip = (size_t)(strchr(text, '\n') + 1 - text);
	buf_add(out, text, skip);
	buf_addf(out, "Delivered-To: prvs=0000000000=%s\n", mailbox);
	buf_add(out, text + skip, raw->len - skip);
	assert_int_equal(buf_err(out), OK);
}

static void put(struct bounce *b, struct kit *k, unsigned i)
{
	struct buf raw, ours = BUF_INIT(MAILS_ROOM);
	char handle[HANDLE_TEXT], mailbox[ADDRESS_TEXT];
	struct why why = { 0 };
	struct member member;

	assert_ok(roll_get(k->roll, i, &member, &why), &why);
	mint_handle(handle, k->keys.handle, k->m->id, member.id, strlen(member.id));
	letter_sender(mailbox, k->conf.bounce, handle, "");
	load(&raw, &sample[i]);
	address(&ours, &raw, mailbox);
	assert_ok(bounce_put(b, ours.data, ours.len, 1000 + i, NULL, &why), &why);
	if (i % BOUNCE_BATCH == BOUNCE_BATCH - 1)
		assert_ok(bounce_flush(b, &why), &why);
	buf_free(&raw);
	buf_free(&ours);
}

static void each_ends_at_its_member(void **state)
{
	const char *home = ((struct temp *)*state)->dir;
	struct bounce *b = NULL;
	struct returns *r = NULL;
	unsigned right = 0, reports = 0;
	struct why why = { 0 };
	struct returned one;
	struct kit k;
	bool found;

	if (!mails_samples())
		return;
	kit_open(&k, state, KIT_DEFINITION, samples);
	kit_post(&k, state, 25, "");
	assert_ok(whom_make(home, k.m, k.roll, &k.keys, &why), &why);
	assert_ok(bounce_open(&b, home, k.m, &k.conf, NULL, &why), &why);
	for (unsigned i = 0; i < samples; i++)
		put(b, &k, i);
	assert_ok(bounce_flush(b, &why), &why);
	assert_int_equal(bounce_counts(b)->kept, 0);
	assert_int_equal(bounce_counts(b)->forged, 0);
	bounce_close(b);
	assert_ok(returns_open(&r, home, false, &why), &why);
	for (unsigned i = 0; i < samples; i++) {
		const char *class = sample[i].class;

		assert_ok(returns_find(r, i, &one, &found, &why), &why);
		assert_int_equal(found, strcmp(class, OTHER) != 0 && strcmp(class, COMPLAINT) != 0);
		reports += found;
		right += found && !strcmp(failure_name(one.failure), class);
		assert_true(!found || one.at == 1000 + i);
	}
	assert_true(right * 100 >= reports * RIGHT_LEAST);
	returns_close(r);
	kit_close(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_read_as_what_it_is),
		TEMP_TEST(each_ends_at_its_member),
	};

	return cmocka_run_group_tests(tests, read_table, NULL);
}
