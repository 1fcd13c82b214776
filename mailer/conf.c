/* SPDX-License-Identifier: MIT */
#include "mailer/conf.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>

#include "core/file.h"
#include "core/settings.h"
#include "core/syntax.h"
#include "mailer/home.h"

#define AT(field)       offsetof(struct conf, field)
#define TEXT_MAX        1000
#define CONNECTIONS_MAX 64
#define REMIND_MAX      9
#define DAY             86400
#define HOUR            3600
#define HANDLE_ROOM     23 /* "+", a handle, "-" and a tag, within a local part of 64 */
#define LOCAL_PART_MAX  64

static const char *const tls_choices[] = { "none", "starttls", "implicit", NULL };

static const struct setting table[] = {
	{ "relay", "host", SETTING_TEXT, AT(host), NULL, 1, 255, NULL },
	{ "relay", "port", SETTING_NUMBER, AT(port), "587", 1, 65535, NULL },
	{ "relay", "tls", SETTING_CHOICE, AT(tls), "starttls", 0, 0, tls_choices },
	{ "relay", "ca_file", SETTING_TEXT, AT(ca_file), "", 0, TEXT_MAX, NULL },
	{ "relay", "user", SETTING_TEXT, AT(user), "", 0, TEXT_MAX, NULL },
	{ "relay", "password_file", SETTING_TEXT, AT(password_file), "", 0, TEXT_MAX, NULL },
	{ "relay", "hello", SETTING_TEXT, AT(hello), "", 0, 255, NULL },
	{ "relay", "timeout", SETTING_NUMBER, AT(timeout), "60", 1, 600, NULL },
	{ "relay", "connections", SETTING_NUMBER, AT(connections), "8", 1, CONNECTIONS_MAX, NULL },
	{ "relay", "per_connection", SETTING_NUMBER, AT(per_connection), "100", 1, 100000, NULL },
	{ "relay", "per_minute", SETTING_NUMBER, AT(per_minute), "0", 0, 1000000, NULL },
	{ "relay", "retry_after", SETTING_NUMBER, AT(retry_after), "300", 1, DAY, NULL },
	{ "relay", "wait_at_most", SETTING_NUMBER, AT(wait_at_most), "900", 0, DAY, NULL },
	{ "pace", "domain_per_minute", SETTING_NUMBER, AT(domain_limits.per_minute), "300", 0,
	  1000000, NULL },
	{ "pace", "domain_at_once", SETTING_NUMBER, AT(domain_limits.at_once), "4", 0, 1000, NULL },
	{ "pace", "domain_start", SETTING_NUMBER, AT(domain_start), "60", 0, 1000000, NULL },
	{ "pace", "start", SETTING_NUMBER, AT(start), "600", 0, 1000000, NULL },
	{ "pace", "double_after", SETTING_NUMBER, AT(double_after), "600", 1, DAY, NULL },
	{ "pace", "pause", SETTING_NUMBER, AT(pause), "60", 1, HOUR, NULL },
	{ "pace", "last_try", SETTING_NUMBER, AT(last_try), "24", 0, 1000, NULL },
	{ "sender", "name", SETTING_TEXT, AT(name), "", 0, 200, NULL },
	{ "sender", "address", SETTING_TEXT, AT(address), NULL, 1, 254, NULL },
	{ "sender", "bounce", SETTING_TEXT, AT(bounce), NULL, 1, 240, NULL },
	{ "sender", "contact", SETTING_TEXT, AT(contact), NULL, 1, 300, NULL },
	{ "sender", "timezone", SETTING_TEXT, AT(timezone), "UTC", 1, 100, NULL },
	{ "bounce", "host", SETTING_TEXT, AT(bounce_host), "", 0, 255, NULL },
	{ "bounce", "port", SETTING_NUMBER, AT(bounce_port), "993", 1, 65535, NULL },
	{ "bounce", "tls", SETTING_CHOICE, AT(bounce_tls), "implicit", 0, 0, tls_choices },
	{ "bounce", "ca_file", SETTING_TEXT, AT(bounce_ca_file), "", 0, TEXT_MAX, NULL },
	{ "bounce", "user", SETTING_TEXT, AT(bounce_user), "", 0, TEXT_MAX, NULL },
	{ "bounce", "password_file", SETTING_TEXT, AT(bounce_password_file), "", 0, TEXT_MAX,
	  NULL },
	{ "bounce", "token_command", SETTING_TEXT, AT(bounce_token_command), "", 0, TEXT_MAX,
	  NULL },
	{ "bounce", "folder", SETTING_TEXT, AT(bounce_folder), "INBOX", 1, 255, NULL },
	{ "bounce", "archive", SETTING_TEXT, AT(bounce_archive), "", 0, 255, NULL },
	{ "bounce", "timeout", SETTING_NUMBER, AT(bounce_timeout), "60", 1, 600, NULL },
	{ "letter", "templates", SETTING_TEXT, AT(templates), VOTEPOST_SHARE "/templates", 1,
	  TEXT_MAX, NULL },
	{ "letter", "texts", SETTING_TEXT, AT(texts), "", 0, TEXT_MAX, NULL },
	{ "preflight", "resolver", SETTING_TEXT, AT(preflight.resolver), "", 0, 200, NULL },
	{ "preflight", "dkim_selector", SETTING_TEXT, AT(preflight.dkim_selector), "", 0, 200,
	  NULL },
	{ "preflight", "user", SETTING_TEXT, AT(preflight.user), "", 0, TEXT_MAX, NULL },
	{ "preflight", "password_file", SETTING_TEXT, AT(preflight.password_file), "", 0, TEXT_MAX,
	  NULL },
	{ "preflight", "ca_file", SETTING_TEXT, AT(preflight.ca_file), "", 0, TEXT_MAX, NULL },
	{ "preflight", "imap_host", SETTING_TEXT, AT(preflight.imap_host), "", 0, 255, NULL },
	{ "preflight", "imap_port", SETTING_NUMBER, AT(preflight.imap_port), "993", 1, 65535,
	  NULL },
	{ "preflight", "imap_tls", SETTING_CHOICE, AT(preflight.imap_tls), "implicit", 0, 0,
	  tls_choices },
	{ "preflight", "folders", SETTING_TEXT, AT(preflight.folders), "INBOX;Junk;Spam", 1,
	  TEXT_MAX, NULL },
	{ "preflight", "submit_host", SETTING_TEXT, AT(preflight.submit_host), "", 0, 255, NULL },
	{ "preflight", "submit_port", SETTING_NUMBER, AT(preflight.submit_port), "587", 1, 65535,
	  NULL },
	{ "preflight", "submit_tls", SETTING_CHOICE, AT(preflight.submit_tls), "starttls", 0, 0,
	  tls_choices },
	{ "preflight", "wait", SETTING_NUMBER, AT(preflight.wait), "300", 1, 3600, NULL },
	{ "remind", "most", SETTING_NUMBER, AT(remind_most), "3", 0, REMIND_MAX, NULL },
	{ "remind", "hours", SETTING_NUMBER, AT(remind_hours), "24", 1, 1000, NULL },
	{ "status", "alarm", SETTING_NUMBER, AT(alarm), "0", 0, 100, NULL },
	{ "status", "alarm_from", SETTING_NUMBER, AT(alarm_from), "20", 1, 1000000, NULL },
	{ NULL, NULL, SETTING_TEXT, 0, NULL, 0, 0, NULL },
};

static enum err check(struct conf *c, const char *path, struct why *why)
{
	const char *at = strchr(c->bounce, '@');
	GTimeZone *zone = g_time_zone_new_identifier(c->timezone);

	if (zone)
		g_time_zone_unref(zone);
	else
		return why_set(why, ERR_SETTINGS,
		               "%s: [sender] timezone: unknown; write it like Europe/Paris", path);
	if (!syntax_address(c->address))
		return why_set(why, ERR_SETTINGS, "%s: [sender] address: not a plain address",
		               path);
	if (!syntax_address(c->bounce) || at - c->bounce > LOCAL_PART_MAX - HANDLE_ROOM)
		return why_set(why, ERR_SETTINGS,
		               "%s: [sender] bounce: not a plain address of at most %d characters "
		               "before the @",
		               path, LOCAL_PART_MAX - HANDLE_ROOM);
	return OK;
}

/* The organiser's own texts lie in the home where nothing else is said. */
static enum err set_texts(struct conf *c, const char *home, struct why *why)
{
	struct buf own = BUF_INIT(HOME_PATH_MAX);

	if (*c->texts)
		return OK;
	free(c->texts);
	file_path(&own, home, HOME_TEXTS);
	c->texts = buf_err(&own) ? NULL : strdup(buf_text(&own));
	buf_free(&own);
	return c->texts ? OK : why_set(why, ERR_MEMORY, "out of memory");
}

static void set_relay(struct conf *c)
{
	c->relay = (struct relay){
		.host = c->host,
		.port = (unsigned)c->port,
		.tls = (enum smtp_tls)c->tls,
		.ca_file = *c->ca_file ? c->ca_file : NULL,
		.user = *c->user ? c->user : NULL,
		.password_file = *c->password_file ? c->password_file : NULL,
		.hello = *c->hello ? c->hello : NULL,
		.timeout = (unsigned)c->timeout,
		.per_connection = (unsigned)c->per_connection,
	};
}

static char *or_null(char *text)
{
	return *text ? text : NULL;
}

struct imap_account conf_bounce_account(const struct conf *c)
{
	return (struct imap_account){
		.host = c->bounce_host,
		.port = (unsigned)c->bounce_port,
		.tls = (enum smtp_tls)c->bounce_tls,
		.ca_file = or_null(c->bounce_ca_file),
		.user = c->bounce_user,
		.password_file = or_null(c->bounce_password_file),
		.token_command = or_null(c->bounce_token_command),
		.folder = c->bounce_folder,
		.archive = or_null(c->bounce_archive),
		.timeout = (unsigned)c->bounce_timeout,
	};
}

static void set_pace(struct conf *c)
{
	c->whole = (struct pace_rules){ c->start, c->double_after, c->pause };
	c->each = (struct pace_rules){ c->domain_start, c->double_after, c->pause };
}

static enum err read_all(struct conf *c, const char *path, struct why *why)
{
	struct settings *s = NULL;
	enum err e = settings_open(&s, path, why);

	if (e)
		return e;
	e = settings_fill(c, table, s, why);
	if (!e)
		e = domains_read(&c->domains, s, c->domain_limits, why);
	if (!e)
		e = settings_unknown(s, why);
	if (!e) {
		set_relay(c);
		set_pace(c);
		e = check(c, path, why);
	}
	settings_free(s);
	if (e)
		conf_release(c);
	return e;
}

enum err conf_read(struct conf *c, const char *home, const char *path, struct why *why)
{
	struct buf own = BUF_INIT(HOME_PATH_MAX);
	enum err e;

	memset(c, 0, sizeof(*c));
	if (!path) {
		path = file_path(&own, home, HOME_SETTINGS);
		if (path[0] && access(path, F_OK)) {
			e = why_set(why, ERR_SETTINGS,
			            "%s is missing: copy config/mailer.conf there, or name a file "
			            "with --settings",
			            path);
			buf_free(&own);
			return e;
		}
	}
	e = read_all(c, path, why);
	if (!e) {
		e = set_texts(c, home, why);
		if (e)
			conf_release(c);
	}
	buf_free(&own);
	return e;
}

enum err conf_source(struct source *out, const struct conf *c)
{
	struct buf b = BUF_INIT(4 * SETTINGS_FILE_MAX);
	enum err e;

	buf_addf(&b, "name = %s\naddress = %s\ncontact = %s\ntimezone = %s\n", c->name, c->address,
	         c->contact, c->timezone);
	e = buf_err(&b);
	source_take(out, "mailer.conf [sender]", &b);
	buf_free(&b);
	return e;
}

void conf_release(struct conf *c)
{
	settings_release_table(c, table);
	domains_free(c->domains);
	memset(c, 0, sizeof(*c));
}
