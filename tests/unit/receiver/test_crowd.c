/* SPDX-License-Identifier: MIT */
#include "receiver/crowd.h"

#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "tests/support.h"

#define SECOND 1000

static struct crowd *begin(unsigned most, unsigned per_source, bool behind)
{
	struct crowd_plan plan = {
		.most = most, .per_source = per_source, .seconds = 10, .behind = behind
	};
	struct crowd *c;

	assert_int_equal(crowd_new(&c, &plan, NULL), OK);
	return c;
}

/* The address in `text`, in either family. */
static const struct sockaddr *at(const char *text)
{
	static struct sockaddr_in four;
	static struct sockaddr_in6 six;

	four = (struct sockaddr_in){ .sin_family = AF_INET };
	six = (struct sockaddr_in6){ .sin6_family = AF_INET6 };
	if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
		return (const struct sockaddr *)&four;
	assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
	return (const struct sockaddr *)&six;
}

static crowd_source of(struct crowd *c, const char *text)
{
	return crowd_of(c, at(text));
}

static void a_source_is_an_address_or_a_network_of_sixty_four_bits(void **state)
{
	struct crowd *c = begin(10, 2, false);

	(void)state;
	assert_int_equal(of(c, "192.0.2.1"), of(c, "192.0.2.1"));
	assert_int_not_equal(of(c, "192.0.2.1"), of(c, "192.0.2.2"));
	assert_int_equal(of(c, "2001:db8:1:2::1"), of(c, "2001:db8:1:2:ffff::9"));
	assert_int_not_equal(of(c, "2001:db8:1:2::1"), of(c, "2001:db8:1:3::1"));
	assert_int_equal(of(c, "::ffff:192.0.2.1"), of(c, "192.0.2.1"));
	crowd_free(c);
}

static void behind_a_proxy_the_last_address_counts(void **state)
{
	struct crowd *c = begin(10, 2, true), *d = begin(10, 2, false);

	(void)state;
	assert_int_equal(crowd_forwarded(c, "192.0.2.1"), crowd_forwarded(c, "1.1.1.1, 192.0.2.1"));
	assert_int_not_equal(crowd_forwarded(c, "192.0.2.1"),
	                     crowd_forwarded(c, "192.0.2.1, 1.1.1.1"));
	assert_int_equal(crowd_forwarded(c, "2001:db8::1"), crowd_forwarded(c, "2001:db8::2"));
	assert_int_equal(crowd_forwarded(c, ""), crowd_forwarded(c, "unknown"));
	assert_int_equal(crowd_forwarded(c, ""),
	                 crowd_forwarded(c, "1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16"));
	/* All connections are the proxy's own: they are not counted by source. */
	for (unsigned i = 0; i < 5; i++)
		assert_true(crowd_admits(c, at("127.0.0.1")));
	crowd_free(c);
	crowd_free(d);
}

static void connections_have_a_cap_in_all_and_by_source(void **state)
{
	struct crowd *c = begin(3, 2, false);
	struct guest *g[3];

	(void)state;
	g[0] = crowd_enter(c, -1, at("192.0.2.1"), 0);
	assert_true(crowd_admits(c, at("192.0.2.1")));
	g[1] = crowd_enter(c, -1, at("192.0.2.1"), 0);
	assert_false(crowd_admits(c, at("192.0.2.1")));
	assert_true(crowd_admits(c, at("192.0.2.2")));
	g[2] = crowd_enter(c, -1, at("192.0.2.2"), 0);
	assert_false(crowd_admits(c, at("192.0.2.3")));
	crowd_leave(c, g[0]);
	assert_true(crowd_admits(c, at("192.0.2.1")));
	crowd_leave(c, g[1]);
	crowd_leave(c, g[2]);
	crowd_leave(c, NULL);
	crowd_free(c);
}

/* Has the other end been hung up on? */
static bool hung_up(int fd)
{
	char c;

	return recv(fd, &c, 1, MSG_DONTWAIT) == 0;
}

static void who_asks_for_too_long_is_hung_up_on_and_who_waits_for_us_is_not(void **state)
{
	struct crowd *c = begin(100, 100, false);
	struct guest *asks, *waits, *answered;
	int a[2], w[2], r[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, a), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, w), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, r), 0);
	asks = crowd_enter(c, a[0], at("192.0.2.1"), 0);
	waits = crowd_enter(c, w[0], at("192.0.2.1"), 0);
	answered = crowd_enter(c, r[0], at("192.0.2.1"), 0);
	crowd_set(c, waits, GUEST_WAITS, 0);
	crowd_set(c, answered, GUEST_ANSWERED, 0);
	crowd_sweep(c, 9 * SECOND);
	assert_false(hung_up(a[1]));
	crowd_sweep(c, 11 * SECOND);
	assert_true(hung_up(a[1]));
	crowd_sweep(c, 10000 * SECOND);
	assert_false(hung_up(w[1]));
	assert_false(hung_up(r[1]));
	crowd_set(c, answered, GUEST_ASKS, 10000 * SECOND);
	crowd_sweep(c, 10009 * SECOND);
	assert_false(hung_up(r[1]));
	crowd_leave(c, asks);
	crowd_leave(c, waits);
	crowd_leave(c, answered);
	for (unsigned i = 0; i < 2; i++) {
		close(a[i]);
		close(w[i]);
		close(r[i]);
	}
	crowd_free(c);
}

static void where_room_is_short_everyone_has_less_time(void **state)
{
	struct crowd *c = begin(4, 100, false);
	struct guest *g[4];
	int a[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, a), 0);
	g[0] = crowd_enter(c, a[0], at("192.0.2.1"), 0);
	for (unsigned i = 1; i < 4; i++)
		g[i] = crowd_enter(c, -1, at("192.0.2.2"), 5 * SECOND);
	crowd_sweep(c, 5 * SECOND);
	assert_true(hung_up(a[1]));
	for (unsigned i = 0; i < 4; i++)
		crowd_leave(c, g[i]);
	close(a[0]);
	close(a[1]);
	crowd_free(c);
}

static void a_bucket_runs_dry_and_fills_again(void **state)
{
	struct crowd *c = begin(10, 10, false);
	crowd_source s = of(c, "192.0.2.1"), other = of(c, "192.0.2.2");
	unsigned may = 0;

	(void)state;
	for (unsigned i = 0; i < CROWD_AT_ONCE; i++)
		assert_true(crowd_may(c, s, 5));
	assert_false(crowd_may(c, s, 5));
	assert_false(crowd_may(c, s, 9));
	assert_true(crowd_may(c, other, 9));
	/* However often it is refused meanwhile. */
	for (int64_t ms = 10; ms < 10 + SECOND; ms++)
		may += crowd_may(c, s, ms);
	assert_in_range(may, CROWD_A_SECOND - 1, CROWD_A_SECOND + 1);
	for (unsigned i = 0; i < CROWD_AT_ONCE; i++)
		assert_true(crowd_may(c, s, 100 * SECOND));
	crowd_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_source_is_an_address_or_a_network_of_sixty_four_bits),
		cmocka_unit_test(behind_a_proxy_the_last_address_counts),
		cmocka_unit_test(connections_have_a_cap_in_all_and_by_source),
		cmocka_unit_test(who_asks_for_too_long_is_hung_up_on_and_who_waits_for_us_is_not),
		cmocka_unit_test(where_room_is_short_everyone_has_less_time),
		cmocka_unit_test(a_bucket_runs_dry_and_fills_again),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("crowd", tests, NULL, NULL);
}
