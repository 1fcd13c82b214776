/* SPDX-License-Identifier: MIT */
#include <stdatomic.h>
#include <string.h>

#include "scrutineer/crew.h"
#include "tests/support.h"

#define MANY 5000

struct tallied {
	atomic_uchar done[MANY];
	atomic_uint by_worker[8];
};

static void mark(void *ctx, unsigned worker, size_t i)
{
	struct tallied *t = ctx;

	atomic_fetch_add(&t->done[i], 1);
	atomic_fetch_add(&t->by_worker[worker], 1);
}

static void each_piece_is_done_once_whoever_does_it(void **state)
{
	static struct tallied t;
	struct crew *c;

	(void)state;
	for (unsigned workers = 1; workers <= 8; workers++) {
		assert_int_equal(crew_new(&c, workers), OK);
		assert_int_equal(crew_workers(c), workers);
		for (size_t n = 0; n < MANY; n = n * 7 + 1) {
			unsigned sum = 0;

			memset(&t, 0, sizeof(t));
			crew_run(c, mark, &t, n);
			for (size_t i = 0; i < MANY; i++)
				assert_int_equal(t.done[i], i < n);
			for (unsigned w = 0; w < 8; w++)
				sum += t.by_worker[w];
			assert_int_equal(sum, n);
		}
		crew_free(c);
	}
}

static void a_crew_that_never_worked_goes_home(void **state)
{
	struct crew *c;

	(void)state;
	assert_int_equal(crew_new(&c, 0), OK);
	assert_true(crew_workers(c) >= 1);
	crew_free(c);
	crew_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_piece_is_done_once_whoever_does_it),
		cmocka_unit_test(a_crew_that_never_worked_goes_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
