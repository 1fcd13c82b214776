/* SPDX-License-Identifier: MIT */
#include "receiver/options.h"

#include <stddef.h>
#include <string.h>

#include "core/buf.h"
#include "core/file.h"
#include "core/settings.h"

#define TEXT(group, key, field, initial)                                                           \
	{                                                                                          \
		group, key, SETTING_TEXT, offsetof(struct options, field), initial, 0, 1024, NULL  \
	}
#define NUMBER(group, key, field, initial, min, max)                                               \
	{                                                                                          \
		group, key, SETTING_NUMBER, offsetof(struct options, field), initial, min, max,    \
			NULL                                                                       \
	}

static const char *const tls_names[] = { "none", "starttls", "implicit", NULL };

static const struct setting table[] = {
	TEXT("sender", "name", sender_name, ""),
	TEXT("sender", "address", sender_address, NULL),
	TEXT("answers", "folder", answers, VOTEPOST_SHARE "/answers"),
	TEXT("lmtp", "listen", listen, ""),
	TEXT("lmtp", "group", group, ""),
	TEXT("arrival", "received_by", received_by, ""),
	NUMBER("lmtp", "connections", connections, "50", 1, 1000),
	NUMBER("lmtp", "seconds", seconds, "300", 1, 3600),
	NUMBER("limits", "a_day", a_day, "3", 0, 1000),
	NUMBER("limits", "map_gib", map_gib, "128", 1, 65536),
	TEXT("relay", "host", host, "127.0.0.1"),
	NUMBER("relay", "port", port, "25", 1, 65535),
	{ "relay", "tls", SETTING_CHOICE, offsetof(struct options, tls), "starttls", 0, 0,
	  tls_names },
	TEXT("relay", "ca_file", ca_file, ""),
	TEXT("relay", "user", user, ""),
	TEXT("relay", "password_file", password_file, ""),
	TEXT("relay", "hello", hello, "localhost"),
	NUMBER("relay", "timeout", timeout, "60", 1, 600),
	NUMBER("relay", "connections", relay_connections, "4", 1, 64),
	NUMBER("relay", "per_connection", per_connection, "100", 1, 100000),
	{ 0 },
};

/* No value and an empty one are the same here. */
static char *or_null(char *text)
{
	return text && text[0] ? text : NULL;
}

static enum err check(struct options *o, const char *path, struct why *why)
{
	if (!address_ok(o->sender_address))
		return why_set(why, ERR_SETTINGS, "%s: [sender] address: not an address", path);
	if (!o->host[0])
		return why_set(why, ERR_SETTINGS, "%s: [relay] host: it must be given", path);
	if (o->received_by[0] && strncmp(o->listen, "inet:", 5) == 0)
		return why_set(
			why, ERR_SETTINGS,
			"%s: [arrival] received_by: not with [lmtp] listen = inet:…, where "
			"anyone who reaches the port could write any arrival time; listen on "
			"unix:/path, or leave received_by empty",
			path);
	o->relay = (struct relay){
		.host = o->host,
		.port = (unsigned)o->port,
		.tls = (enum smtp_tls)o->tls,
		.ca_file = or_null(o->ca_file),
		.user = or_null(o->user),
		.password_file = or_null(o->password_file),
		.hello = o->hello,
		.timeout = (unsigned)o->timeout,
		.per_connection = (unsigned)o->per_connection,
	};
	return OK;
}

enum err options_read(struct options *o, const char *folder, const char *path, struct why *why)
{
	struct buf where = BUF_INIT(4096);
	enum err e = OK;

	memset(o, 0, sizeof(*o));
	if (!path) {
		path = file_path(&where, folder, "receiver.conf");
		e = buf_err(&where);
	}
	if (!e)
		e = settings_read(o, table, path, why);
	if (!e)
		e = check(o, path, why);
	buf_free(&where);
	return e;
}

void options_release(struct options *o)
{
	settings_release_table(o, table);
	memset(o, 0, sizeof(*o));
}
