/* SPDX-License-Identifier: MIT */
#include "receiver/server.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/monotime.h"
#include "tests/support.h"
#include "tests/unit/temp.h"

#define TICK_MS 100

struct running {
	struct server *server;
	int stop[2];
	pthread_t thread;
};

/* One letter, then as long as the other side stays. */
static void talk(void *ctx, int fd)
{
	char c;

	assert_int_equal(write(fd, ctx, 1), 1);
	while (read(fd, &c, 1) > 0)
		;
}

static _Atomic unsigned ticks;

static void tick(void *ctx)
{
	(void)ctx;
	ticks++;
}

static void *run(void *arg)
{
	struct running *r = arg;

	server_run(r->server, r->stop[0], TICK_MS, tick, NULL);
	return NULL;
}

static int call(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static char heard(int fd)
{
	char c = '-';

	return read(fd, &c, 1) == 1 ? c : '-';
}

static int listen_at(void **state, char path[128], const char *name)
{
	struct why why = { 0 };
	struct stat st;
	char where[160];
	int fd;

	snprintf(path, 128, "%s", temp_path(state, name));
	snprintf(where, sizeof(where), "unix:%s", path);
	assert_ok(server_listen(&fd, where, "", &why), &why);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	return fd;
}

static void one_socket_that_is_full_leaves_the_other_free(void **state)
{
	char mail[128], errand[128];
	struct running r = { 0 };
	struct why why = { 0 };
	int a, b, c;

	assert_ok(server_new(&r.server, &why), &why);
	server_add(r.server, listen_at(state, mail, "mail"), 1, "B", talk, "M");
	server_add(r.server, listen_at(state, errand, "errand"), 1, "", talk, "E");
	assert_int_equal(pipe(r.stop), 0);
	assert_int_equal(pthread_create(&r.thread, NULL, run, &r), 0);
	a = call(mail);
	assert_int_equal(heard(a), 'M');
	b = call(mail);
	assert_int_equal(heard(b), 'B');
	c = call(errand);
	assert_int_equal(heard(c), 'E');
	assert_int_equal(write(r.stop[1], "x", 1), 1);
	assert_int_equal(pthread_join(r.thread, NULL), 0);
	server_free(r.server);
	close(a);
	close(b);
	close(c);
	close(r.stop[0]);
	close(r.stop[1]);
}

/* A connection every few milliseconds: the clock goes on all the same. */
static void the_tick_comes_however_busy_the_sockets_are(void **state)
{
	struct running r = { 0 };
	struct why why = { 0 };
	uint64_t begun = monotime_ms();
	char mail[128];
	int fd;

	ticks = 0;
	assert_ok(server_new(&r.server, &why), &why);
	server_add(r.server, listen_at(state, mail, "mail"), 50, "B", talk, "M");
	assert_int_equal(pipe(r.stop), 0);
	assert_int_equal(pthread_create(&r.thread, NULL, run, &r), 0);
	while (monotime_ms() < begun + 10 * TICK_MS) {
		fd = call(mail);
		assert_int_equal(heard(fd), 'M');
		close(fd);
		usleep(5000);
	}
	assert_in_range(ticks, 3, 10);
	assert_int_equal(write(r.stop[1], "x", 1), 1);
	assert_int_equal(pthread_join(r.thread, NULL), 0);
	server_free(r.server);
	close(r.stop[0]);
	close(r.stop[1]);
}

static void a_group_that_is_none_is_named(void **state)
{
	struct why why = { 0 };
	char where[160];
	int fd;

	snprintf(where, sizeof(where), "unix:%s", temp_path(state, "socket"));
	assert_int_equal(server_listen(&fd, where, "no-such-group-here", &why), ERR_SETTINGS);
	assert_non_null(strstr(why.text, "no-such-group-here"));
	assert_int_equal(fd, -1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, temp_setup, temp_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(one_socket_that_is_full_leaves_the_other_free),
		CASE(the_tick_comes_however_busy_the_sockets_are),
		CASE(a_group_that_is_none_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
