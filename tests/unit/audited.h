/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_UNIT_AUDITED_H
#define VOTEPOST_TESTS_UNIT_AUDITED_H

/* audited - an audit whose findings are kept, for tests. Include after cmocka. */

#include <string.h>

#include "scrutineer/audit.h"
#include "scrutineer/checkpoint.h"
#include "scrutineer/course.h"

#define AUDITED_MAX 64
struct audited {
	struct audit a;
	struct audit_options o;
	bool follow; /* the course too; course_release(&t->course) after */
	struct course course;
	unsigned n, remarks;
	struct finding finding[AUDITED_MAX];
};

static inline void audited_found(void *ctx, const struct finding *f)
{
	struct audited *t = ctx;

	if (!f->fails)
		t->remarks++;
	else if (t->n < AUDITED_MAX)
		t->finding[t->n++] = *f;
}

static inline void audited_took(void *ctx, const struct audit *a, const struct line *line)
{
	struct audited *t = ctx;

	course_take(&t->course, a, line);
}

/* `t` zero but for what the test wants in t->o. audit_release(&t->a) after. */
static inline void audited_run(struct audited *t, const char *record)
{
	struct why why = { 0 };

	t->o.record = record;
	t->o.found = audited_found;
	t->o.took = t->follow ? audited_took : NULL;
	t->o.ctx = t;
	if (!t->o.threads)
		t->o.threads = 2;
	assert_ok(audit_run(&t->a, &t->o, &why), &why);
	assert_int_equal(t->a.failures != 0, t->n != 0);
}

static inline int audited_has(const struct audited *t, const char *check)
{
	for (unsigned i = 0; i < t->n; i++) {
		if (!strcmp(t->finding[i].why.check, check))
			return 1;
	}
	return 0;
}

/* The one failure is this; "" for none. Releases. */
static inline void audited_expect(struct audited *t, const char *record, enum stage stage,
                                  const char *check)
{
	audited_run(t, record);
	if (check[0] && !audited_has(t, check))
		fail_msg("%s is missing; %u others, the first %s", check, t->n,
		         t->n ? t->finding[0].why.text : "-");
	if (!check[0] && t->n)
		fail_msg("it should hold: %s: %s", t->finding[0].why.check, t->finding[0].why.text);
	assert_string_equal(stage_name(t->a.stage), stage_name(stage));
	audit_release(&t->a);
}

#endif
