/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/err.h"
#include "receiver/lmtp.h"
#include "tests/fuzz/fuzz.h"

/* LMTP: whatever the other side says, every mail that is taken has a recipient and keeps to its
 * caps, and the conversation ends when the other side does. */
struct input {
	int fd;
	const uint8_t *bytes;
	size_t len;
};

static enum err take(void *ctx, const struct intake_mail *mail)
{
	unsigned *taken = ctx;

	if (!mail->from || !mail->to || !mail->to[0] || mail->len > MAIL_MAX ||
	    strpbrk(mail->from, "\r\n") || strpbrk(mail->to, "\r\n"))
		bug("a mail that no one sent");
	return (*taken)++ % 2 ? ERR_AGAIN : OK;
}

static void *speak(void *arg)
{
	const struct input *in = arg;
	char heard[4096];
	size_t at = 0;
	ssize_t n;

	while (at < in->len) {
		n = send(in->fd, in->bytes + at, in->len - at, MSG_NOSIGNAL);
		if (n <= 0)
			break;
		at += (size_t)n;
	}
	shutdown(in->fd, SHUT_WR);
	while (read(in->fd, heard, sizeof(heard)) > 0)
		;
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned taken = 0;
	struct lmtp lmtp = { .take = take, .ctx = &taken, .seconds = 5 };
	struct input in = { .bytes = data, .len = size };
	pthread_t thread;
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd))
		bug("no sockets");
	in.fd = fd[0];
	if (pthread_create(&thread, NULL, speak, &in))
		bug("no thread");
	lmtp_session(&lmtp, fd[1]);
	shutdown(fd[1], SHUT_RDWR);
	pthread_join(thread, NULL);
	close(fd[0]);
	close(fd[1]);
	return 0;
}
