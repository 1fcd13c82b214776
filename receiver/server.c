/* SPDX-License-Identifier: MIT */
#include "receiver/server.h"

#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/monotime.h"

#define LISTENERS_MAX 8
#define STACK_BYTES   (1u << 20)

struct listener {
	int fd;
	unsigned most, talking; /* conversations; the count is under the server's lock */
	const char *busy;
	server_talk *talk;
	void *ctx;
};
struct talker {
	struct server *server;
	struct listener *listener;
	int fd;
	struct talker *next, *previous;
};
struct server {
	unsigned listeners;
	struct listener listener[LISTENERS_MAX];
	pthread_mutex_t lock;
	pthread_cond_t left;
	unsigned talking;
	struct talker *talkers;
};

enum err server_new(struct server **out, struct why *why)
{
	struct server *s = calloc(1, sizeof(*s));

	*out = s;
	if (!s)
		return why_set(why, ERR_MEMORY, "no memory for a server");
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->left, NULL);
	return OK;
}

void server_add(struct server *s, int fd, unsigned most, const char *busy, server_talk *talk,
                void *ctx)
{
	if (s->listeners == LISTENERS_MAX)
		bug("too many sockets to listen on");
	s->listener[s->listeners++] =
		(struct listener){ .fd = fd, .most = most, .busy = busy, .talk = talk, .ctx = ctx };
}

static void enter_list(struct talker *t)
{
	struct server *s = t->server;

	t->next = s->talkers;
	if (s->talkers)
		s->talkers->previous = t;
	s->talkers = t;
	s->talking++;
	t->listener->talking++;
}

static void leave_list(struct talker *t)
{
	struct server *s = t->server;

	if (t->previous)
		t->previous->next = t->next;
	else
		s->talkers = t->next;
	if (t->next)
		t->next->previous = t->previous;
	s->talking--;
	t->listener->talking--;
	pthread_cond_signal(&s->left);
}

static void *talker_main(void *arg)
{
	struct talker *t = arg;
	struct server *s = t->server;

	t->listener->talk(t->listener->ctx, t->fd);
	/* Closed under the lock: the end of the server must not shut another's descriptor. */
	pthread_mutex_lock(&s->lock);
	close(t->fd);
	leave_list(t);
	pthread_mutex_unlock(&s->lock);
	free(t);
	return NULL;
}

static bool start_thread(struct talker *t)
{
	pthread_attr_t attr;
	pthread_t thread;
	bool started;

	if (pthread_attr_init(&attr))
		return false;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	started = pthread_create(&thread, &attr, talker_main, t) == 0;
	pthread_attr_destroy(&attr);
	return started;
}

static void turn_away(const struct listener *l, int fd)
{
	(void)send(fd, l->busy, strlen(l->busy), MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

static void welcome(struct server *s, struct listener *l)
{
	struct talker *t = NULL;
	int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	pthread_mutex_lock(&s->lock);
	if (l->talking < l->most)
		t = calloc(1, sizeof(*t));
	if (t) {
		t->server = s;
		t->listener = l;
		t->fd = fd;
		enter_list(t);
		if (!start_thread(t)) {
			leave_list(t);
			free(t);
			t = NULL;
		}
	}
	pthread_mutex_unlock(&s->lock);
	if (!t)
		turn_away(l, fd);
}

void server_run(struct server *s, int stop, unsigned every, server_tick *tick, void *ctx)
{
	struct pollfd p[LISTENERS_MAX + 1];
	uint64_t due = monotime_ms() + every, now = monotime_ms();
	int n;

	for (;;) {
		for (unsigned i = 0; i < s->listeners; i++)
			p[i] = (struct pollfd){ .fd = s->listener[i].fd, .events = POLLIN };
		p[s->listeners] = (struct pollfd){ .fd = stop, .events = POLLIN };
		n = poll(p, s->listeners + 1, due > now ? (int)(due - now) : 0);
		if (n < 0 && errno != EINTR)
			bug("poll on our own sockets");
		now = monotime_ms();
		if (now >= due) {
			tick(ctx);
			due = monotime_ms() + every;
		}
		if (n <= 0)
			continue;
		if (p[s->listeners].revents)
			return;
		for (unsigned i = 0; i < s->listeners; i++)
			if (p[i].revents)
				welcome(s, &s->listener[i]);
	}
}

void server_free(struct server *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < s->listeners; i++)
		close(s->listener[i].fd);
	pthread_mutex_lock(&s->lock);
	/* Whoever reads sees the end; whoever is about to write a last answer still can. */
	for (struct talker *t = s->talkers; t; t = t->next)
		shutdown(t->fd, SHUT_RD);
	while (s->talking)
		pthread_cond_wait(&s->left, &s->lock);
	pthread_mutex_unlock(&s->lock);
	pthread_cond_destroy(&s->left);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* Whoever can write to it brings mail, so nobody can but we and this group. */
static enum err give_to(const char *path, const char *group, struct why *why)
{
	char room[4096];
	struct group entry, *found = NULL;

	if (group[0]) {
		if (getgrnam_r(group, &entry, room, sizeof(room), &found) || !found)
			return why_set(why, ERR_SETTINGS, "group: there is no group \"%s\"", group);
		if (chown(path, (uid_t)-1, entry.gr_gid))
			return why_set(why, ERR_SETTINGS,
			               "%s: cannot be given to group \"%s\": this program's user "
			               "must be in it",
			               path, group);
	}
	return chmod(path, 0660) ? why_set(why, ERR_SETTINGS, "%s: %s", path, strerror(errno)) : OK;
}

static enum err listen_unix(int *fd, const char *path, const char *group, struct why *why)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct stat st;
	enum err e;

	if (strlen(path) >= sizeof(at.sun_path))
		return why_set(why, ERR_SETTINGS, "%s: too long for a socket's path", path);
	memcpy(at.sun_path, path, strlen(path) + 1);
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		(void)unlink(path); /* left by one that is gone: we hold the box's lock */
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd < 0 || bind(*fd, (struct sockaddr *)&at, sizeof(at)))
		return why_set(why, ERR_SETTINGS, "%s: %s", path, strerror(errno));
	/* No one is let in before listen. */
	e = give_to(path, group, why);
	if (!e && listen(*fd, 128))
		e = why_set(why, ERR_SETTINGS, "%s: %s", path, strerror(errno));
	return e;
}

static enum err listen_inet(int *fd, const char *where, struct why *why)
{
	struct addrinfo want = { .ai_socktype = SOCK_STREAM,
		                 .ai_flags = AI_PASSIVE | AI_NUMERICHOST },
			*found = NULL;
	const char *colon = strrchr(where, ':');
	char host[256] = "";
	int on = 1;
	enum err e = OK;

	if (!colon || (size_t)(colon - where) >= sizeof(host))
		return why_set(why, ERR_SETTINGS, "%s: not ADDRESS:PORT", where);
	memcpy(host, where, (size_t)(colon - where));
	if (getaddrinfo(host[0] ? host : NULL, colon + 1, &want, &found))
		return why_set(why, ERR_SETTINGS, "%s: not ADDRESS:PORT, in numbers", where);
	*fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd < 0 || setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(*fd, found->ai_addr, found->ai_addrlen) || listen(*fd, 128))
		e = why_set(why, ERR_SETTINGS, "%s: %s", where, strerror(errno));
	freeaddrinfo(found);
	return e;
}

enum err server_listen(int *fd, const char *where, const char *group, struct why *why)
{
	enum err e = ERR_SETTINGS;

	*fd = -1;
	if (strncmp(where, "unix:", 5) == 0)
		e = listen_unix(fd, where + 5, group, why);
	else if (strncmp(where, "inet:", 5) == 0)
		e = listen_inet(fd, where + 5, why);
	else
		(void)why_set(why, e, "%s: neither unix:/path nor inet:ADDRESS:PORT", where);
	if (e && *fd >= 0) {
		close(*fd);
		*fd = -1;
	}
	return e;
}
