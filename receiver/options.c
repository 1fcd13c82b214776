/* SPDX-License-Identifier: MIT */
#include "receiver/options.h"

#include <stdbool.h>
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
	TEXT("imap", "host", imap.host, ""),
	NUMBER("imap", "port", imap.port, "993", 1, 65535),
	{ "imap", "tls", SETTING_CHOICE, offsetof(struct options, imap.tls), "implicit", 0, 0,
	  tls_names },
	TEXT("imap", "ca_file", imap.ca_file, ""),
	TEXT("imap", "user", imap.user, ""),
	TEXT("imap", "password_file", imap.password_file, ""),
	TEXT("imap", "token_command", imap.token_command, ""),
	TEXT("imap", "folder", imap.folder, "INBOX"),
	TEXT("imap", "archive", imap.archive, ""),
	NUMBER("imap", "seconds", imap.seconds, "15", 1, 3600),
	NUMBER("imap", "timeout", imap.timeout, "60", 1, 600),
	TEXT("http", "listen", http.listen, ""),
	TEXT("http", "group", http.group, ""),
	TEXT("http", "certificate", http.certificate, ""),
	TEXT("http", "key", http.key, ""),
	TEXT("http", "record", http.record, ""),
	{ "http", "forwarded", SETTING_BOOL, offsetof(struct options, http.forwarded), "no", 0, 0,
	  NULL },
	NUMBER("http", "connections", http.connections, "4000", 16, 100000),
	NUMBER("http", "per_source", http.per_source, "500", 1, 100000),
	NUMBER("http", "seconds", http.seconds, "30", 5, 600),
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

/* Whoever reaches a port from elsewhere could write any X-Forwarded-For. */
static bool near(const char *listen)
{
	return strncmp(listen, "unix:", 5) == 0 || strncmp(listen, "inet:127.", 9) == 0 ||
	       strncmp(listen, "inet:::1:", 9) == 0;
}

static enum err check_http(const struct options *o, const char *path, struct why *why)
{
	if ((o->http.certificate[0] != 0) != (o->http.key[0] != 0))
		return why_set(why, ERR_SETTINGS,
		               "%s: [http] certificate and key: both, or neither", path);
	if (o->http.forwarded && o->http.certificate[0])
		return why_set(why, ERR_SETTINGS,
		               "%s: [http] forwarded: not with a certificate: then no proxy "
		               "stands before this program",
		               path);
	if (o->http.forwarded && !near(o->http.listen))
		return why_set(why, ERR_SETTINGS,
		               "%s: [http] forwarded: only with listen = unix:/path or "
		               "inet:127.0.0.1:PORT, where nobody but the proxy comes from",
		               path);
	return OK;
}

static enum err check(struct options *o, const char *path, struct why *why)
{
	enum err e;

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
	e = check_http(o, path, why);
	if (e)
		return e;
	o->mailbox = (struct imap_account){
		.host = o->imap.host,
		.port = (unsigned)o->imap.port,
		.tls = (enum smtp_tls)o->imap.tls,
		.ca_file = or_null(o->imap.ca_file),
		.user = o->imap.user,
		.password_file = or_null(o->imap.password_file),
		.token_command = or_null(o->imap.token_command),
		.folder = o->imap.folder,
		.archive = or_null(o->imap.archive),
		.timeout = (unsigned)o->imap.timeout,
	};
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
