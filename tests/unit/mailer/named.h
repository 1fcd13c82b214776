/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_UNIT_MAILER_NAMED_H
#define VOTEPOST_TESTS_UNIT_MAILER_NAMED_H

/* named - the DNS server of tests/flow/names.py, with a zone of the test's own. Include after cmocka
 * and tests/unit/temp.h. Everything asserts. */

#include <signal.h>
#include <sys/wait.h>

#include "mailer/dns.h"

struct named {
	pid_t pid;
	int keep;          /* it ends when this does */
	char resolver[40]; /* where it is */
	struct dns *dns;
};

/* `zone` is JSON, as names.py explains it. `timeout`: of the client, milliseconds. */
static inline void named_start(struct named *n, void **state, const char *zone, unsigned timeout)
{
	const char *path = temp_text(state, "zone.json", zone);
	struct why why = { 0 };
	int in[2], out[2];
	char port[16] = "";

	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	n->pid = fork();
	if (!n->pid) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		close(in[1]);
		close(out[0]);
		execlp("python3", "python3", "-B", "flow/names.py", path, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	n->keep = in[1];
	assert_true(read(out[0], port, sizeof(port) - 1) > 1);
	close(out[0]);
	port[strcspn(port, "\n")] = 0;
	snprintf(n->resolver, sizeof(n->resolver), "127.0.0.1:%s", port);
	assert_ok(dns_open(&n->dns, n->resolver, timeout, &why), &why);
}

static inline void named_stop(struct named *n)
{
	dns_close(n->dns);
	close(n->keep);
	assert_int_equal(waitpid(n->pid, NULL, 0), n->pid);
}

#endif
