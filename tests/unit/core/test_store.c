/* SPDX-License-Identifier: MIT */
#include "core/store.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "tests/unit/temp.h"

enum { DATA, LOG };
static const char *const tables[] = { "data", "log", NULL };
#define MAP  (UINT64_C(1) << 30)
#define S(t) SPAN((t), strlen(t))

static struct store *open_store(void **state, uint64_t map)
{
	struct store *s = NULL;
	struct why why = { 0 };

	assert_int_equal(store_open(&s, temp_path(state, "db"), tables, map, true, &why), OK);
	return s;
}

static void put_one(struct store *s, const char *key, const char *value)
{
	struct txn t;

	txn_begin(&t, s, TXN_WRITE);
	txn_put(&t, DATA, S(key), S(value));
	assert_int_equal(txn_end(&t, NULL), OK);
}

/* The value in a transaction of its own; "" where there is none. */
static void must_hold(struct store *s, const char *key, const char *want)
{
	struct span value = { 0 };
	struct txn t;
	enum err e;

	txn_begin(&t, s, TXN_READ);
	e = txn_get(&t, DATA, S(key), &value);
	assert_int_equal(e, want[0] ? OK : ERR_NOT_FOUND);
	assert_int_equal(value.len, strlen(want));
	assert_memory_equal(value.data ? value.data : "", want, value.len);
	assert_int_equal(txn_end(&t, NULL), OK);
}

static void what_is_committed_stays(void **state)
{
	struct store *s = open_store(state, MAP);
	struct txn t;

	put_one(s, "a", "1");
	put_one(s, "a", "2");
	must_hold(s, "a", "2");
	must_hold(s, "b", "");
	store_close(s);
	s = open_store(state, MAP);
	must_hold(s, "a", "2");
	txn_begin(&t, s, TXN_WRITE);
	txn_delete(&t, DATA, S("a"));
	txn_delete(&t, DATA, S("absent"));
	assert_int_equal(txn_count(&t, DATA), 0);
	assert_int_equal(txn_end(&t, NULL), OK);
	must_hold(s, "a", "");
	store_trim(s);
	must_hold(s, "a", "");
	store_close(s);
}

static void the_first_failure_decides(void **state)
{
	struct store *s = open_store(state, MAP);
	struct span value;
	struct why why = { 0 };
	struct txn t;

	put_one(s, "a", "1");
	txn_begin(&t, s, TXN_WRITE);
	txn_put(&t, DATA, S("b"), S("2"));
	txn_add(&t, DATA, S("a"), S("again"));
	txn_put(&t, DATA, S("c"), S("3"));
	txn_fail(&t, ERR_FULL);
	assert_int_equal(txn_get(&t, DATA, S("a"), &value), ERR_EXISTS);
	assert_int_equal(txn_count(&t, DATA), 0);
	assert_int_equal(txn_end(&t, &why), ERR_EXISTS);
	assert_non_null(strstr(why.text, "/db: "));
	txn_abort(&t);
	must_hold(s, "a", "1");
	must_hold(s, "b", "");
	must_hold(s, "c", "");
	store_close(s);
}

static void a_caller_can_fail_or_abandon_a_transaction(void **state)
{
	struct store *s = open_store(state, MAP);
	struct txn t;

	txn_begin(&t, s, TXN_WRITE);
	txn_put(&t, DATA, S("b"), S("2"));
	txn_fail(&t, ERR_STATE);
	assert_int_equal(txn_end(&t, NULL), ERR_STATE);
	txn_begin(&t, s, TXN_WRITE);
	txn_put(&t, DATA, S("b"), S("2"));
	txn_abort(&t);
	txn_abort(&t);
	must_hold(s, "b", "");
	store_close(s);
}

static void walks_go_in_key_order(void **state)
{
	struct store *s = open_store(state, MAP);
	unsigned char key[8];
	struct span k, v;
	struct walk w;
	struct txn t;
	uint64_t i;

	txn_begin(&t, s, TXN_WRITE);
	for (i = 0; i < 1000; i++) {
		key_u64(key, i * 2);
		txn_append(&t, LOG, SPAN(key, 8), S("x"));
	}
	assert_int_equal(txn_count(&t, LOG), 1000);
	assert_int_equal(txn_end(&t, NULL), OK);

	txn_begin(&t, s, TXN_READ);
	walk_begin(&w, &t, LOG);
	for (i = 0; walk_next(&w, &k, &v) == OK; i++)
		assert_int_equal(key_read_u64(k.data), i * 2);
	assert_int_equal(i, 1000);
	key_u64(key, 501);
	assert_int_equal(walk_seek(&w, SPAN(key, 8), &k, NULL), OK);
	assert_int_equal(key_read_u64(k.data), 502);
	assert_int_equal(walk_last(&w, &k, &v), OK);
	assert_int_equal(key_read_u64(k.data), 1998);
	assert_int_equal(walk_next(&w, &k, &v), ERR_NOT_FOUND);
	assert_int_equal(walk_seek(&w, SPAN(NULL, 0), &k, &v), OK);
	assert_int_equal(key_read_u64(k.data), 0);
	key_u64(key, 1999);
	assert_int_equal(walk_seek(&w, SPAN(key, 8), &k, &v), ERR_NOT_FOUND);
	walk_end(&w);
	walk_begin(&w, &t, DATA);
	assert_int_equal(walk_next(&w, &k, &v), ERR_NOT_FOUND);
	assert_int_equal(walk_last(&w, &k, &v), ERR_NOT_FOUND);
	assert_int_equal(txn_end(&t, NULL), OK);
	walk_end(&w);
	store_close(s);
}

static void a_walk_may_outlive_its_broken_transaction(void **state)
{
	struct store *s = open_store(state, MAP);
	struct span k, v;
	struct walk w;
	struct txn t;

	put_one(s, "a", "1");
	txn_begin(&t, s, TXN_WRITE);
	walk_begin(&w, &t, DATA);
	assert_int_equal(walk_next(&w, &k, &v), OK);
	txn_fail(&t, ERR_STATE);
	assert_int_equal(walk_next(&w, &k, &v), ERR_STATE);
	walk_end(&w);
	assert_int_equal(txn_end(&t, NULL), ERR_STATE);
	store_close(s);
}

static void a_full_map_keeps_everything_consistent(void **state)
{
	static char large[3000];
	struct store *s = open_store(state, 256 << 10);
	struct why why = { 0 };
	unsigned char key[4];
	uint32_t n = 0, seen = 0;
	struct span k, v;
	struct walk w;
	struct txn t;
	enum err e;

	/* Two tables in one transaction: never one without the other. */
	do {
		txn_begin(&t, s, TXN_WRITE);
		key_u32(key, n);
		txn_append(&t, LOG, SPAN(key, 4), SPAN(large, sizeof(large)));
		txn_put(&t, DATA, SPAN(key, 4), S("x"));
		e = txn_end(&t, &why);
		n += !e;
	} while (!e && n < 1000);
	assert_int_equal(e, ERR_FULL);
	assert_true(n > 5);
	store_close(s);

	s = open_store(state, 1 << 20);
	txn_begin(&t, s, TXN_READ);
	assert_int_equal(txn_count(&t, LOG), n);
	assert_int_equal(txn_count(&t, DATA), n);
	walk_begin(&w, &t, LOG);
	while (walk_next(&w, &k, &v) == OK) {
		assert_int_equal(key_read_u32(k.data), seen++);
		assert_int_equal(v.len, sizeof(large));
	}
	walk_end(&w);
	assert_int_equal(seen, n);
	assert_int_equal(txn_end(&t, NULL), OK);
	/* With more room the same step goes through. */
	txn_begin(&t, s, TXN_WRITE);
	key_u32(key, n);
	txn_append(&t, LOG, SPAN(key, 4), SPAN(large, sizeof(large)));
	assert_int_equal(txn_end(&t, &why), OK);
	store_close(s);
}

/* In a child with a file system of half a MiB of its own: 0, or the line that failed. */
#define CHILD_EXPECT(x)                                                                            \
	do {                                                                                       \
		if (!(x))                                                                          \
			_exit(__LINE__ % 256);                                                     \
	} while (0)

static void fill_small_disk(const char *dir)
{
	static char large[9000];
	struct store *s = NULL;
	unsigned char key[4];
	struct span value;
	uint32_t n, i;
	struct txn t;
	enum err e = OK;

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", dir, "tmpfs", 0, "size=512k"))
		_exit(255);
	CHILD_EXPECT(!store_open(&s, dir, tables, MAP, true, NULL));
	for (n = 0; !e && n < 1000; n += !e) {
		txn_begin(&t, s, TXN_WRITE);
		key_u32(key, n);
		txn_append(&t, LOG, SPAN(key, 4), SPAN(large, sizeof(large)));
		e = txn_end(&t, NULL);
	}
	CHILD_EXPECT(e == ERR_FULL);
	CHILD_EXPECT(n > 3);
	txn_begin(&t, s, TXN_READ);
	CHILD_EXPECT(txn_count(&t, LOG) == n);
	for (i = 0; i < n; i++) {
		key_u32(key, i);
		CHILD_EXPECT(txn_get(&t, LOG, SPAN(key, 4), &value) == OK);
		CHILD_EXPECT(value.len == sizeof(large));
	}
	CHILD_EXPECT(!txn_end(&t, NULL));
	/* Room again: the same process goes on. */
	CHILD_EXPECT(!mount("tmpfs", dir, "tmpfs", MS_REMOUNT, "size=2m"));
	txn_begin(&t, s, TXN_WRITE);
	key_u32(key, n);
	txn_append(&t, LOG, SPAN(key, 4), SPAN(large, sizeof(large)));
	CHILD_EXPECT(!txn_end(&t, NULL));
	store_close(s);
	_exit(0);
}

static void a_full_disk_loses_nothing_and_goes_on_once_there_is_room(void **state)
{
	const char *dir = temp_path(state, "db");
	int status;
	pid_t child;

	assert_int_equal(mkdir(dir, 0700), 0);
	child = fork();
	if (child == 0)
		fill_small_disk(dir);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 255)
		skip(); /* not root: no file system of its own */
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_writer_killed_in_the_middle_leaves_the_last_commit(void **state)
{
	struct store *s = NULL;
	struct txn t;
	int status, ready[2];
	pid_t child;
	char c;

	s = open_store(state, MAP);
	put_one(s, "a", "1");
	store_close(s);
	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		s = open_store(state, MAP);
		txn_begin(&t, s, TXN_WRITE);
		txn_put(&t, DATA, S("a"), S("2"));
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	close(ready[0]);
	close(ready[1]);
	s = open_store(state, MAP);
	must_hold(s, "a", "1");
	put_one(s, "a", "3");
	must_hold(s, "a", "3");
	store_close(s);
}

static void a_smaller_cap_follows_a_larger_one(void **state)
{
	static char large[60000];
	struct store *small = open_store(state, 128 << 10), *big;
	unsigned char key[4];
	struct txn t;
	int status;
	uint32_t i;
	pid_t child = fork();

	if (child == 0) {
		if (store_open(&big, temp_path(state, "db"), tables, MAP, true, NULL))
			_exit(2);
		for (i = 0; i < 20; i++) {
			txn_begin(&t, big, TXN_WRITE);
			key_u32(key, i);
			txn_append(&t, LOG, SPAN(key, 4), SPAN(large, sizeof(large)));
			if (txn_end(&t, NULL))
				_exit(1);
		}
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	txn_begin(&t, small, TXN_READ);
	assert_int_equal(txn_count(&t, LOG), 20);
	assert_int_equal(txn_end(&t, NULL), OK);
	store_close(small);
}

static void what_is_no_database_of_ours_is_refused(void **state)
{
	static const char *const more[] = { "data", "log", "third", NULL };
	const char *dir = temp_path(state, "db");
	struct store *s = NULL;
	struct why why = { 0 };

	assert_int_equal(store_open(&s, dir, tables, MAP, false, &why), ERR_NOT_FOUND);
	store_close(open_store(state, MAP));
	assert_int_equal(store_open(&s, dir, more, MAP, false, &why), ERR_FORMAT);
	assert_non_null(strstr(why.text, "third"));
	assert_int_equal(store_open(&s, dir, tables, MAP, false, &why), OK);
	store_close(s);
	temp_text(state, "db/data.mdb", "this is not a database at all, only some words");
	assert_int_not_equal(store_open(&s, dir, tables, MAP, false, &why), OK);
	assert_non_null(strstr(why.text, dir));
}

static void files_are_for_their_owner_alone(void **state)
{
	struct stat st;

	umask(022);
	store_close(open_store(state, MAP));
	assert_int_equal(stat(temp_path(state, "db"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(temp_path(state, "db/data.mdb"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* The map's cap costs no disk. */
	assert_true(st.st_blocks < 1000);
}

struct race {
	struct store *store;
	unsigned thread;
};

static void *count_up(void *arg)
{
	struct race *race = arg;
	struct span value;
	unsigned char n[4];
	struct txn t;
	int i;

	for (i = 0; i < 50; i++) {
		txn_begin(&t, race->store, TXN_WRITE);
		key_u32(n, txn_get(&t, DATA, S("n"), &value) ? 1 : key_read_u32(value.data) + 1);
		txn_put(&t, DATA, S("n"), SPAN(n, 4));
		if (txn_end(&t, NULL))
			return (void *)1;
		txn_begin(&t, race->store, TXN_READ);
		if (txn_get(&t, DATA, S("n"), &value) || txn_end(&t, NULL))
			return (void *)1;
	}
	return NULL;
}

static void threads_write_one_at_a_time(void **state)
{
	struct race race = { .store = open_store(state, MAP) };
	pthread_t thread[4];
	struct span value;
	struct txn t;
	void *bad;
	int i;

	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, count_up, &race), 0);
	for (i = 0; i < 4; i++) {
		pthread_join(thread[i], &bad);
		assert_null(bad);
	}
	txn_begin(&t, race.store, TXN_READ);
	assert_int_equal(txn_get(&t, DATA, S("n"), &value), OK);
	assert_int_equal(key_read_u32(value.data), 200);
	assert_int_equal(txn_end(&t, NULL), OK);
	store_close(race.store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEMP_TEST(what_is_committed_stays),
		TEMP_TEST(the_first_failure_decides),
		TEMP_TEST(a_caller_can_fail_or_abandon_a_transaction),
		TEMP_TEST(walks_go_in_key_order),
		TEMP_TEST(a_walk_may_outlive_its_broken_transaction),
		TEMP_TEST(a_full_map_keeps_everything_consistent),
		TEMP_TEST(a_full_disk_loses_nothing_and_goes_on_once_there_is_room),
		TEMP_TEST(a_writer_killed_in_the_middle_leaves_the_last_commit),
		TEMP_TEST(a_smaller_cap_follows_a_larger_one),
		TEMP_TEST(what_is_no_database_of_ours_is_refused),
		TEMP_TEST(files_are_for_their_owner_alone),
		TEMP_TEST(threads_write_one_at_a_time),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
