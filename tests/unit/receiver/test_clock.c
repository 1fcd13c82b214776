/* SPDX-License-Identifier: MIT */
#include "receiver/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tests/support.h"
#include "tests/unit/temp.h"

static enum err read_hands(void *ctx, struct clock_reading *out)
{
	*out = *(struct clock_reading *)ctx;
	return OK;
}

static const struct clock_reading noon = { .wall = 1796126400, .boot = 500, .boot_id = "one" };

static enum err look(void **state, struct clock_reading *hands, uint64_t *now)
{
	struct clock clock;
	struct why why = { 0 };
	enum err e;

	assert_ok(clock_open(&clock, ((struct temp *)*state)->dir, read_hands, hands, &why), &why);
	e = clock_now(&clock, now, &why);
	assert_true(e == OK || strstr(why.text, "clock --confirm"));
	clock_close(&clock);
	return e;
}

static void time_that_passes_evenly_is_believed(void **state)
{
	struct clock_reading hands = noon;
	uint64_t now = 0;

	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(look(state, &hands, &now), OK);
		assert_int_equal(now, hands.wall);
		hands.wall += 5000;
		hands.boot += 5000;
	}
}

static void a_minute_of_drift_is_the_limit(void **state)
{
	struct clock_reading hands = noon;
	uint64_t now;

	assert_int_equal(look(state, &hands, &now), OK);
	hands.wall = noon.wall + CLOCK_DRIFT_MAX;
	assert_int_equal(look(state, &hands, &now), OK);
	hands.wall = noon.wall - CLOCK_DRIFT_MAX;
	assert_int_equal(look(state, &hands, &now), OK);
	hands.wall = noon.wall + CLOCK_DRIFT_MAX + 1;
	assert_int_equal(look(state, &hands, &now), ERR_AGAIN);
	hands.wall = noon.wall - CLOCK_DRIFT_MAX - 1;
	assert_int_equal(look(state, &hands, &now), ERR_AGAIN);
}

static void a_reboot_starts_a_new_measure_but_time_never_goes_back(void **state)
{
	struct clock_reading hands = noon;
	uint64_t now;

	assert_int_equal(look(state, &hands, &now), OK);
	strcpy(hands.boot_id, "two");
	hands.boot = 3;
	hands.wall = noon.wall - 3600;
	assert_int_equal(look(state, &hands, &now), ERR_AGAIN);
	hands.wall = noon.wall + 7 * 86400;
	assert_int_equal(look(state, &hands, &now), OK);
	hands.wall += 3600;
	assert_int_equal(look(state, &hands, &now), ERR_AGAIN);
	hands.boot += 3600;
	assert_int_equal(look(state, &hands, &now), OK);
}

static void a_word_of_the_administrator_ends_the_doubt(void **state)
{
	struct clock_reading hands = noon;
	struct clock clock;
	struct why why = { 0 };
	uint64_t now;

	assert_int_equal(look(state, &hands, &now), OK);
	hands.wall += 40000;
	assert_int_equal(look(state, &hands, &now), ERR_AGAIN);
	assert_ok(clock_open(&clock, ((struct temp *)*state)->dir, read_hands, &hands, &why), &why);
	assert_ok(clock_confirm(&clock, &why), &why);
	clock_close(&clock);
	assert_int_equal(look(state, &hands, &now), OK);
}

static void the_systems_own_clock_can_be_read(void **state)
{
	struct clock clock;
	struct why why = { 0 };
	uint64_t now;

	assert_ok(clock_open(&clock, ((struct temp *)*state)->dir, NULL, NULL, &why), &why);
	assert_ok(clock_now(&clock, &now, &why), &why);
	assert_true((uint64_t)time(NULL) - now <= 2);
	clock_close(&clock);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, temp_setup, temp_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(time_that_passes_evenly_is_believed),
		CASE(a_minute_of_drift_is_the_limit),
		CASE(a_reboot_starts_a_new_measure_but_time_never_goes_back),
		CASE(a_word_of_the_administrator_ends_the_doubt),
		CASE(the_systems_own_clock_can_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
