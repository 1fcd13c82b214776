/* SPDX-License-Identifier: MIT */
#include "receiver/route.h"

#include <stdio.h>
#include <string.h>

#include "tests/support.h"

#define KEY "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const struct {
	const char *method, *target;
	enum route_kind kind;
	uint64_t first, second;
} routes[] = {
	{ "GET", "/", ROUTE_VOTE, 0, 0 },
	{ "HEAD", "/", ROUTE_VOTE, 0, 0 },
	{ "GET", "/?", ROUTE_VOTE, 0, 0 },
	{ "GET", "/?utm_source=mail&x=%00", ROUTE_VOTE, 0, 0 },
	{ "GET", "/#ABCD", ROUTE_VOTE, 0, 0 },
	{ "GET", "/%23ABCD-EFGH", ROUTE_VOTE, 0, 0 },
	{ "GET", "/%2523ABCD", ROUTE_VOTE, 0, 0 },
	{ "GET", "/%23ABCD?x=y", ROUTE_VOTE, 0, 0 },
	{ "POST", "/", ROUTE_METHOD, 0, 0 },
	{ "POST", "/%23ABCD", ROUTE_METHOD, 0, 0 },
	{ "GET", "", ROUTE_NOT_FOUND, 0, 0 },
	{ "GET", "//", ROUTE_NOT_FOUND, 0, 0 },
	{ "GET", "*", ROUTE_NOT_FOUND, 0, 0 },
	{ "GET", "/ABCD", ROUTE_NOT_FOUND, 0, 0 },
	{ "GET", "/%24", ROUTE_NOT_FOUND, 0, 0 },
	{ "GET", "/check", ROUTE_CHECK, 0, 0 },
	{ "GET", "/check/", ROUTE_NOT_FOUND, 0, 0 },
	{ "GET", "/check?x", ROUTE_NOT_FOUND, 0, 0 },
	{ "GET", "/Check", ROUTE_NOT_FOUND, 0, 0 },
	{ "GET", "/manifest", ROUTE_MANIFEST, 0, 0 },
	{ "GET", "/head", ROUTE_HEAD, 0, 0 },
	{ "PUT", "/head", ROUTE_METHOD, 0, 0 },
	{ "GET", "/turnout", ROUTE_TURNOUT, 0, 0 },
	{ "GET", "/board", ROUTE_WRONG, 0, 0 },
	{ "GET", "/board?", ROUTE_WRONG, 0, 0 },
	{ "GET", "/board?from=0", ROUTE_BOARD, 0, ROUTE_END },
	{ "GET", "/board?from=7&to=9", ROUTE_BOARD, 7, 9 },
	{ "GET", "/board?from=7&to=7", ROUTE_BOARD, 7, 7 },
	{ "GET", "/board?from=7&to=6", ROUTE_WRONG, 0, 0 },
	{ "GET", "/board?from=9007199254740991", ROUTE_BOARD, 9007199254740991, ROUTE_END },
	{ "GET", "/board?from=9007199254740992", ROUTE_WRONG, 0, 0 },
	{ "GET", "/board?from=99999999999999999999999", ROUTE_WRONG, 0, 0 },
	{ "GET", "/board?from=07", ROUTE_WRONG, 0, 0 },
	{ "GET", "/board?from=-1", ROUTE_WRONG, 0, 0 },
	{ "GET", "/board?from=+1", ROUTE_WRONG, 0, 0 },
	{ "GET", "/board?from=1 ", ROUTE_WRONG, 0, 0 },
	{ "GET", "/board?from=", ROUTE_WRONG, 0, 0 },
	{ "GET", "/board?from", ROUTE_WRONG, 0, 0 },
	{ "GET", "/board?from=1&", ROUTE_WRONG, 0, 0 },
	{ "GET", "/board?from=1&to=", ROUTE_WRONG, 0, 0 },
	{ "GET", "/board?from=1&from=2", ROUTE_WRONG, 0, 0 },
	{ "GET", "/board?to=2&from=1", ROUTE_WRONG, 0, 0 },
	{ "GET", "/board?from=1&to=2&x=3", ROUTE_WRONG, 0, 0 },
	{ "GET", "/board?fromage=1", ROUTE_WRONG, 0, 0 },
	{ "GET", "/proof/inclusion?index=1&size=2", ROUTE_INCLUSION, 1, 2 },
	{ "GET", "/proof/inclusion?index=2&size=2", ROUTE_WRONG, 0, 0 },
	{ "GET", "/proof/inclusion?size=2&index=1", ROUTE_WRONG, 0, 0 },
	{ "GET", "/proof/inclusion?index=1", ROUTE_WRONG, 0, 0 },
	{ "GET", "/proof/consistency?first=1&second=2", ROUTE_CONSISTENCY, 1, 2 },
	{ "GET", "/proof/consistency?first=2&second=2", ROUTE_CONSISTENCY, 2, 2 },
	{ "GET", "/proof/consistency?first=0&second=0", ROUTE_CONSISTENCY, 0, 0 },
	{ "GET", "/proof/consistency?first=3&second=2", ROUTE_WRONG, 0, 0 },
	{ "GET", "/proof/", ROUTE_NOT_FOUND, 0, 0 },
	{ "GET", "/receipt/" KEY, ROUTE_RECEIPT, 0, 0 },
	{ "GET", "/receipt/" KEY "A", ROUTE_WRONG, 0, 0 },
	{ "GET", "/receipt/" KEY "=", ROUTE_WRONG, 0, 0 },
	{ "GET", "/receipt/", ROUTE_WRONG, 0, 0 },
	{ "GET", "/receipt", ROUTE_NOT_FOUND, 0, 0 },
	{ "GET", "/tracker/ABCDE-FGHJK-MNPQR-STVWX", ROUTE_TRACKER, 0, 0 },
	{ "GET", "/tracker/abcdefghjkmnpqrstvwx", ROUTE_TRACKER, 0, 0 },
	{ "GET", "/tracker/ABCDE-FGHJK-MNPQR-STVW", ROUTE_WRONG, 0, 0 },
	{ "GET", "/tracker/ABCDE-FGHJK-MNPQR-STVWXY", ROUTE_WRONG, 0, 0 },
	{ "GET", "/tracker/ABCDE-FGHJK-MNPQR-STVW!", ROUTE_WRONG, 0, 0 },
	{ "GET", "/tracker/", ROUTE_WRONG, 0, 0 },
	{ "GET", "/record/board.ndjson", ROUTE_RECORD, 0, 0 },
	{ "GET", "/record/head.json", ROUTE_RECORD, 0, 0 },
	{ "GET", "/record/result.json", ROUTE_RECORD, 0, 0 },
	{ "GET", "/record/heads.ndjson", ROUTE_RECORD, 0, 0 },
	{ "GET", "/record/opening.json", ROUTE_RECORD, 0, 0 },
	{ "GET", "/record/share-1.json", ROUTE_RECORD, 0, 0 },
	{ "GET", "/record/share-32.json", ROUTE_RECORD, 0, 0 },
	{ "GET", "/record/share-0.json", ROUTE_NOT_FOUND, 0, 0 },
	{ "GET", "/record/share-33.json", ROUTE_NOT_FOUND, 0, 0 },
	{ "GET", "/record/share-01.json", ROUTE_NOT_FOUND, 0, 0 },
	{ "GET", "/record/share-.json", ROUTE_NOT_FOUND, 0, 0 },
	{ "GET", "/record/funnel.json", ROUTE_NOT_FOUND, 0, 0 },
	{ "GET", "/record/../receiver.key", ROUTE_NOT_FOUND, 0, 0 },
	{ "GET", "/record/", ROUTE_NOT_FOUND, 0, 0 },
	{ "GET", "/record//head.json", ROUTE_NOT_FOUND, 0, 0 },
	{ "POST", "/ballot", ROUTE_BALLOT, 0, 0 },
	{ "POST", "/ballot?x", ROUTE_NOT_FOUND, 0, 0 },
	{ "GET", "/ballot", ROUTE_METHOD, 0, 0 },
	{ "HEAD", "/ballot", ROUTE_METHOD, 0, 0 },
	{ "post", "/ballot", ROUTE_METHOD, 0, 0 },
	{ "get", "/head", ROUTE_METHOD, 0, 0 },
	{ "OPTIONS", "*", ROUTE_NOT_FOUND, 0, 0 },
	{ "GET", "http://x/head", ROUTE_NOT_FOUND, 0, 0 },
};

static void each_target_leads_where_it_must(void **state)
{
	struct route r;

	(void)state;
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		route_read(&r, routes[i].method, routes[i].target);
		if (r.kind != routes[i].kind)
			print_error("%s %s\n", routes[i].method, routes[i].target);
		assert_int_equal(r.kind, routes[i].kind);
		if (r.kind == ROUTE_BOARD || r.kind == ROUTE_INCLUSION ||
		    r.kind == ROUTE_CONSISTENCY) {
			assert_true(r.first == routes[i].first);
			assert_true(r.second == routes[i].second);
		}
		assert_int_equal(r.head, strcmp(routes[i].method, "HEAD") == 0);
	}
}

static void a_target_has_a_cap(void **state)
{
	char target[ROUTE_TARGET_MAX + 3] = "/?";
	struct route r;

	(void)state;
	memset(target + 2, 'x', ROUTE_TARGET_MAX - 2);
	route_read(&r, "GET", target);
	assert_int_equal(r.kind, ROUTE_VOTE);
	target[ROUTE_TARGET_MAX] = 'x';
	route_read(&r, "GET", target);
	assert_int_equal(r.kind, ROUTE_NOT_FOUND);
}

/* One byte of any good target changed: it may lead nowhere, or to something that is whole. */
static void random_bytes_lead_nowhere_strange(void **state)
{
	uint64_t seed = support_seed();
	char target[64];
	struct route r;

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		size_t n = support_random(&seed) % (sizeof(routes) / sizeof(routes[0]));

		snprintf(target, sizeof(target), "%s", routes[n].target);
		if (target[0])
			target[support_random(&seed) % strlen(target)] =
				(char)(1 + support_random(&seed) % 255);
		route_read(&r, "GET", target);
		assert_true(r.kind < ROUTES && r.kind != ROUTE_BALLOT);
		assert_int_equal(r.kind == ROUTE_RECORD, r.name[0] != '\0');
		assert_null(strpbrk(r.name, "/%\\"));
		if (r.kind == ROUTE_BOARD || r.kind == ROUTE_CONSISTENCY)
			assert_true(r.first <= r.second);
		if (r.kind == ROUTE_INCLUSION)
			assert_true(r.first < r.second);
	}
}

static void an_encoding_is_taken_where_it_is_offered(void **state)
{
	static const char *const yes[] = { "gzip",     "GZIP",        "br, gzip",
		                           "gzip, br", "gzip;q=0.5",  "br;q=1.0, gzip;q=0.001",
		                           " gzip ",   "deflate,gzip" };
	static const char *const no[] = { "",      "br",    "gzip;q=0", "gzip; q=0.000",
		                          "xgzip", "gzipx", "identity", "gzip;q=0, br",
		                          ",,," };

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (!route_gzip(yes[i]))
			print_error("%s\n", yes[i]);
		assert_true(route_gzip(yes[i]));
	}
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		if (route_gzip(no[i]))
			print_error("%s\n", no[i]);
		assert_false(route_gzip(no[i]));
	}
}

static void a_ballot_is_json_and_says_so(void **state)
{
	(void)state;
	assert_true(route_json("application/json"));
	assert_true(route_json("Application/JSON; charset=UTF-8"));
	assert_false(route_json(""));
	assert_false(route_json("text/plain"));
	assert_false(route_json("application/json; charset=latin1"));
	assert_false(route_json("application/jsonx"));
	assert_false(route_json("application/x-www-form-urlencoded"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_target_leads_where_it_must),
		cmocka_unit_test(a_target_has_a_cap),
		cmocka_unit_test(random_bytes_lead_nowhere_strange),
		cmocka_unit_test(an_encoding_is_taken_where_it_is_offered),
		cmocka_unit_test(a_ballot_is_json_and_says_so),
	};

	return cmocka_run_group_tests_name("route", tests, NULL, NULL);
}
