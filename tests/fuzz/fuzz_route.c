/* SPDX-License-Identifier: MIT */
#include "receiver/route.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "receiver/crowd.h"
#include "tests/fuzz/fuzz.h"

/* A request's target as a stranger writes it; the same bytes as the headers that are read. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const methods[] = { "GET", "HEAD", "POST", "get", "" };
	static struct crowd *crowd;
	struct crowd_plan plan = { .most = 1, .per_source = 1, .seconds = 1, .behind = true };
	char *text = fuzz_text(data, size);
	struct route r;

	if (sodium_init() < 0 || (!crowd && crowd_new(&crowd, &plan, NULL)))
		abort();
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		route_read(&r, methods[i], text);
		fuzz_must(r.kind < ROUTES);
		fuzz_must(r.kind != ROUTE_BALLOT || i == 2);
		fuzz_must(i < 2 || r.kind <= ROUTE_METHOD || r.kind == ROUTE_BALLOT);
		fuzz_must(r.kind != ROUTE_BOARD || r.first <= r.second);
		fuzz_must(r.kind != ROUTE_INCLUSION || r.first < r.second);
		fuzz_must(strnlen(r.name, sizeof(r.name)) < sizeof(r.name) && !strchr(r.name, '/'));
	}
	(void)route_gzip(text);
	fuzz_must(!route_json(text) || strlen(text) < 40);
	fuzz_must(crowd_forwarded(crowd, text) < CROWD_SLOTS);
	free(text);
	return 0;
}
