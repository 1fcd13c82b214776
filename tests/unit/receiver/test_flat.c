/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/unit/receiver/boxed.h"

/* A disk that takes half of a write and then nothing, not even a truncation. */
static int sick_fd = -1;
static bool half_written;

ssize_t write(int fd, const void *bytes, size_t len)
{
	if (fd != sick_fd)
		return (ssize_t)syscall(SYS_write, fd, bytes, len);
	if (!half_written) {
		half_written = true;
		return (ssize_t)syscall(SYS_write, fd, bytes, len / 2);
	}
	errno = ENOSPC;
	return -1;
}

int ftruncate(int fd, off_t len)
{
	if (fd != sick_fd)
		return (int)syscall(SYS_ftruncate, fd, len);
	errno = EIO;
	return -1;
}

static void vote(struct boxed *b, unsigned member, bool follows)
{
	struct buf line = BUF_INIT(1u << 20);
	struct why why = { 0 }, flat_why = { 0 };
	struct box_txn t;
	uint64_t index, at = b->e.m->opens + 10;

	poll_ballot(&line, &b->e, member, CHANNEL_REPLY, 0);
	box_begin(&t, b->box);
	assert_int_equal(enter_ballot(&t, &b->e.member[member].credential, CHANNEL_REPLY,
	                              buf_text(&line), line.len, at, at, &index),
	                 ENTRY_DONE);
	assert_ok(box_commit(&t, &why, &flat_why), &why);
	assert_int_equal(flat_why.text[0] == '\0', follows);
	buf_free(&line);
}

static void nothing_is_written_behind_a_fragment(void **state)
{
	struct boxed *b = *state;

	vote(b, 1, true);
	sick_fd = b->box->flat.fd;
	half_written = false;
	vote(b, 2, false);
	vote(b, 3, false);
	sick_fd = -1;
	vote(b, 4, true);
	boxed_verify(b, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_written_behind_a_fragment, boxed_setup,
		                                boxed_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
