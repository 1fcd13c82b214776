/* SPDX-License-Identifier: MIT */
#include "mailer/gather.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support.h"
#include "tests/unit/temp.h"

#include "tests/unit/mailer/kit.h"

#define MEMBERS 12
#define DOMAINS 3
#define NOW     10000

struct desk {
	struct kit kit;
	struct amend *amend;
	struct outbox *outbox;
	struct gather g;
};

static void open_desk(struct desk *d, void **state)
{
	const char *home = ((struct temp *)*state)->dir;
	struct why why = { 0 };

	memset(d, 0, sizeof(*d));
	kit_domains = DOMAINS;
	kit_open(&d->kit, state, KIT_DEFINITION, MEMBERS);
	kit_domains = 0;
	kit_post(&d->kit, state, 25, "");
	assert_ok(amend_open(&d->amend, home, true, &why), &why);
	assert_ok(outbox_open(&d->outbox, home, "outbox", MEMBERS, &why), &why);
	d->g = (struct gather){ .conf = &d->kit.conf,
		                .roll = d->kit.roll,
		                .amend = d->amend,
		                .outbox = d->outbox,
		                .retry = { 300, NOW + 5000, NOW + 9000 },
		                .now = NOW };
}

static void close_desk(struct desk *d)
{
	outbox_close(d->outbox);
	amend_close(d->amend);
	kit_close(&d->kit);
}

/* A letter of this member came to this, at the first try. */
static void note(struct desk *d, uint32_t serial, enum send_state state, uint64_t at, uint64_t next)
{
	uint32_t place = outbox_place(d->outbox, serial);
	struct outcome o = { .state = state, .tried = true, .at = at, .next = next };

	assert_int_equal(outbox_exchange(d->outbox, NULL, 0, &place, &o.claim, 1, NULL), OK);
	assert_int_equal(outbox_exchange(d->outbox, &o, 1, NULL, NULL, 0, NULL), OK);
}

/* Who may be mailed at a time, as bits by serial. */
static unsigned due(struct desk *d, uint64_t ms)
{
	struct lanes *lanes = NULL;
	struct why why = { 0 };
	uint32_t place[MEMBERS + 1];
	unsigned n = MEMBERS + 1, found = 0;

	assert_ok(gather_letters(&lanes, NULL, &d->g, &why), &why);
	assert_int_equal(lanes_take(lanes, ms, place, &n), OK);
	for (unsigned i = 0; i < n; i++)
		found |= 1u << (d->g.outbox ? outbox_serial(d->outbox, place[i]) : place[i]);
	lanes_free(lanes);
	return found;
}

#define ALL ((1u << MEMBERS) - 1)

static void before_the_first_send_everyone_is_due(void **state)
{
	struct desk d;

	open_desk(&d, state);
	assert_int_equal(due(&d, 0), ALL);
	d.g.outbox = NULL;
	assert_int_equal(due(&d, 0), ALL);
	close_desk(&d);
}

static void each_state_is_due_in_its_own_way(void **state)
{
	struct desk d;

	open_desk(&d, state);
	note(&d, 0, SEND_ACCEPTED, NOW - 9, 0);
	note(&d, 1, SEND_REFUSED, NOW - 9, 0);
	note(&d, 2, SEND_UNCERTAIN, NOW - 9, NOW + 100);
	note(&d, 3, SEND_DEFERRED, NOW - 900, NOW - 1);
	note(&d, 4, SEND_DEFERRED, NOW - 9, NOW + 100);
	assert_int_equal(due(&d, 0), ALL & ~(1u << 0 | 1u << 1 | 1u << 4));
	assert_int_equal(due(&d, 99999), ALL & ~(1u << 0 | 1u << 1 | 1u << 4));
	assert_int_equal(due(&d, 100000), ALL & ~(1u << 0 | 1u << 1));
	d.g.refused = true;
	assert_int_equal(due(&d, 0), ALL & ~(1u << 0 | 1u << 4));
	close_desk(&d);
}

/* Given up since the vote left no time; due again once it does. */
static void a_later_closing_time_brings_back_what_was_given_up(void **state)
{
	struct desk d;

	open_desk(&d, state);
	note(&d, 5, SEND_DEFERRED, NOW - 100, 0);
	d.g.retry.closes = NOW - 50;
	assert_int_equal(due(&d, 0), ALL & ~(1u << 5));
	d.g.retry.closes = NOW + 9000;
	assert_int_equal(due(&d, 0), ALL & ~(1u << 5));
	assert_int_equal(due(&d, 230000), ALL);
	d.g.retry.closes = NOW - 50;
	d.g.refused = true;
	assert_int_equal(due(&d, 0), ALL);
	close_desk(&d);
}

static void only_those_that_it_is_for_are_in_it(void **state)
{
	struct serials *only = NULL;
	struct desk d;

	open_desk(&d, state);
	assert_int_equal(serials_new(&only, MEMBERS, NULL), OK);
	serials_add(only, 3);
	serials_add(only, 8);
	d.g.only = only;
	note(&d, 8, SEND_ACCEPTED, NOW - 9, 0);
	assert_int_equal(due(&d, 0), 1u << 3);
	serials_free(only);
	close_desk(&d);
}

/* A new address is another domain's affair. */
static void a_lane_has_the_domain_of_today(void **state)
{
	struct lanes *lanes = NULL;
	struct serials *only = NULL;
	struct lanes_view view;
	char name[ADDRESS_TEXT];
	struct why why = { 0 };
	unsigned found = 0;
	struct desk d;

	open_desk(&d, state);
	amend_begin(d.amend);
	amend_address(d.amend, 4, "m4@elsewhere.test", "m4@d1.test");
	assert_ok(amend_commit(d.amend, &why), &why);
	assert_ok(gather_letters(&lanes, NULL, &d.g, &why), &why);
	assert_int_equal(lanes_count(lanes), DOMAINS + 1);
	for (unsigned i = 0; i < lanes_count(lanes); i++) {
		view = lanes_look(lanes, i, 0);
		assert_ok(gather_domain(name, &d.g, &view, &why), &why);
		if (strcmp(name, "elsewhere.test") != 0)
			continue;
		assert_int_equal(view.letters, 1);
		found++;
	}
	assert_int_equal(found, 1);
	lanes_free(lanes);
	/* And the mail that tells of it goes to the old one's. */
	d.g.kind = MAILING_MOVED;
	assert_int_equal(serials_new(&only, MEMBERS, NULL), OK);
	serials_add(only, 4);
	d.g.only = only;
	assert_ok(gather_letters(&lanes, NULL, &d.g, &why), &why);
	assert_int_equal(lanes_count(lanes), 1);
	view = lanes_look(lanes, 0, 0);
	assert_ok(gather_domain(name, &d.g, &view, &why), &why);
	assert_string_equal(name, "d1.test");
	lanes_free(lanes);
	serials_free(only);
	close_desk(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(before_the_first_send_everyone_is_due),
		TEMP_TEST(each_state_is_due_in_its_own_way),
		TEMP_TEST(a_later_closing_time_brings_back_what_was_given_up),
		TEMP_TEST(only_those_that_it_is_for_are_in_it),
		TEMP_TEST(a_lane_has_the_domain_of_today),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
