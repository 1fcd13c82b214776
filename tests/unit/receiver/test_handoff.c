/* SPDX-License-Identifier: MIT */
#include "receiver/parser/handoff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/group.h"
#include "tests/support.h"

static unsigned char bytes[sizeof(struct reply)];
static struct reply out;

/* An answer that a good parser gives. */
static struct reply good(void)
{
	struct reply r;

	memset(&r, 0, sizeof(r));
	r.begun = r.has_vote = r.vote.with_token = true;
	memcpy(r.vote.choices, "B,D/0", sizeof("B,D/0"));
	r.others = 1;
	strcpy(r.other[0].choices, "A");
	r.tokens = 1;
	memset(&r.token[0], 7, sizeof(r.token[0]));
	r.sealed_len = 12;
	memcpy(r.reason, "", sizeof(""));
	memcpy(r.handle, "0123456789abc", sizeof("0123456789abc"));
	memcpy(r.from, "anna@example.org", sizeof("anna@example.org"));
	memcpy(r.message_id, "x@example.org", sizeof("x@example.org"));
	return r;
}

static enum err check(const struct reply *r)
{
	memcpy(bytes, r, sizeof(bytes));
	return handoff_check(&out, bytes);
}

static void a_good_answer_comes_through_whole(void **state)
{
	struct reply r = good();

	(void)state;
	assert_int_equal(check(&r), OK);
	assert_memory_equal(&out, &r, sizeof(r));
}

#define REFUSED(change)                                                                            \
	do {                                                                                       \
		struct reply r = good();                                                           \
		change;                                                                            \
		assert_int_equal(check(&r), ERR_FORMAT);                                           \
		assert_false(out.has_vote || out.tokens || out.from[0]);                           \
	} while (0)

static void counts_over_their_caps_are_refused(void **state)
{
	(void)state;
	REFUSED(r.others = REPLY_VOTES_MAX + 1);
	REFUSED(r.tokens = REPLY_TOKENS_MAX + 1);
	REFUSED(r.tokens = 0x80000000u);
	REFUSED(r.sealed_len = SEALED_MAX + 1);
	REFUSED(r.sealed_len = SIZE_MAX);
}

static void texts_without_an_end_or_with_more_than_text_are_refused(void **state)
{
	(void)state;
	REFUSED(memset(r.reason, 'x', sizeof(r.reason)));
	REFUSED(memset(r.from, 'x', sizeof(r.from)));
	REFUSED(memset(r.message_id, 'x', sizeof(r.message_id)));
	REFUSED(memset(r.handle, '0', sizeof(r.handle)));
	REFUSED(memset(r.vote.choices, 'A', sizeof(r.vote.choices)));
	REFUSED(memcpy(r.reason, "line\nline", sizeof("line\nline")));
	REFUSED(memcpy(r.from, "a@b\r\nRCPT TO:<c@d>", sizeof("a@b\r\nRCPT TO:<c@d>")));
	REFUSED(memcpy(r.from, "a@b c", sizeof("a@b c")));
	REFUSED(memcpy(r.from, "a@b>", sizeof("a@b>")));
	REFUSED(memcpy(r.from, "\xFF@b", sizeof("\xFF@b")));
	REFUSED(memcpy(r.message_id, "a>b", sizeof("a>b")));
	REFUSED(memcpy(r.handle, "0123", sizeof("0123")));
	REFUSED(memcpy(r.handle, "0123456789abL", sizeof("0123456789abL")));
	REFUSED(memcpy(r.handle, "0123456789abi", sizeof("0123456789abi")));
}

static void choices_that_no_grammar_wrote_are_refused(void **state)
{
	(void)state;
	REFUSED(memcpy(r.vote.choices, "", sizeof("")));
	REFUSED(memcpy(r.vote.choices, "a", sizeof("a")));
	REFUSED(memcpy(r.vote.choices, "A , B", sizeof("A , B")));
	REFUSED(memcpy(r.vote.choices, "BLANK", sizeof("BLANK")));
	REFUSED(memcpy(r.vote.choices, "A;B", sizeof("A;B")));
	REFUSED(memcpy(r.vote.choices, "%s%n", sizeof("%s%n")));
	REFUSED(strcpy(r.other[0].choices, "O"));
}

static void a_truth_value_is_true_or_false(void **state)
{
	static const size_t at[] = {
		offsetof(struct reply, begun),
		offsetof(struct reply, has_vote),
		offsetof(struct reply, runs_on),
		offsetof(struct reply, too_many),
		offsetof(struct reply, sealed_conflict),
		offsetof(struct reply, sealed_broken),
		offsetof(struct reply, automatic),
		offsetof(struct reply, bounce),
		offsetof(struct reply, unreadable),
		offsetof(struct reply, sender_told),
		offsetof(struct reply, too_large),
		offsetof(struct reply, vote.with_token),
		offsetof(struct reply, other[0].with_token),
	};
	struct reply r = good();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		memcpy(bytes, &r, sizeof(bytes));
		bytes[at[i]] = 2;
		assert_int_equal(handoff_check(&out, bytes), ERR_FORMAT);
		bytes[at[i]] = 0xFF;
		assert_int_equal(handoff_check(&out, bytes), ERR_FORMAT);
	}
}

/* Whatever a parser that was taken over sends, what passes stays in its caps. */
static void any_bytes_are_refused_or_safe(void **state)
{
	uint64_t random = support_seed();
	struct reply r = good();
	unsigned round, i;

	(void)state;
	for (round = 0; round < 20000; round++) {
		memcpy(bytes, &r, sizeof(bytes));
		for (i = 0; i < 3; i++)
			bytes[support_random(&random) % sizeof(bytes)] =
				(unsigned char)support_random(&random);
		if (handoff_check(&out, bytes) != OK)
			continue;
		assert_true(out.others <= REPLY_VOTES_MAX && out.tokens <= REPLY_TOKENS_MAX);
		assert_non_null(memchr(out.from, '\0', sizeof(out.from)));
		assert_null(strpbrk(out.from, "\r\n <>"));
		assert_null(strpbrk(out.message_id, "\r\n <>"));
	}
}

static void bytes_and_descriptors_cross(void **state)
{
	struct handoff_patience soon = handoff_patience(5);
	int packet[2], stream[2], got;
	char text[6];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, packet), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, stream), 0);
	assert_int_equal(handoff_send_fd(packet[0], stream[1], &soon), OK);
	close(stream[1]);
	assert_int_equal(handoff_receive_fd(packet[1], &got), OK);
	assert_int_equal(handoff_send(got, "hello", 6, &soon), OK);
	assert_int_equal(handoff_receive(stream[0], text, 6, &soon), OK);
	assert_string_equal(text, "hello");
	close(got);
	assert_int_equal(handoff_receive(stream[0], text, 1, &soon), ERR_IO);
	assert_int_equal(handoff_send(stream[0], text, 1, &soon), ERR_IO);
	assert_int_equal(write(packet[0], "x", 1), 1); /* a packet without a descriptor */
	assert_int_equal(handoff_receive_fd(packet[1], &got), ERR_FORMAT);
	close(packet[0]);
	assert_int_equal(handoff_receive_fd(packet[1], &got), ERR_NOT_FOUND);
	close(packet[1]);
	close(stream[0]);
}

static void nobody_waits_for_ever(void **state)
{
	struct handoff_patience soon = handoff_patience(1), again = soon;
	char *much = calloc(1, 16u << 20), byte;
	int pair[2];

	(void)state;
	assert_non_null(much);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(handoff_receive(pair[0], &byte, 1, &soon), ERR_AGAIN);
	assert_int_equal(handoff_send(pair[0], much, 16u << 20, &again), ERR_AGAIN);
	close(pair[0]);
	close(pair[1]);
	free(much);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_answer_comes_through_whole),
		cmocka_unit_test(counts_over_their_caps_are_refused),
		cmocka_unit_test(texts_without_an_end_or_with_more_than_text_are_refused),
		cmocka_unit_test(choices_that_no_grammar_wrote_are_refused),
		cmocka_unit_test(a_truth_value_is_true_or_false),
		cmocka_unit_test(any_bytes_are_refused_or_safe),
		cmocka_unit_test(bytes_and_descriptors_cross),
		cmocka_unit_test(nobody_waits_for_ever),
	};

	group_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
