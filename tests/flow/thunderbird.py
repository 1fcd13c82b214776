# SPDX-License-Identifier: MIT
"""
thunderbird - headless Thunderbird as a member's mail program: it keeps a letter in a folder of its
own, answers it in its compose window and sends by SMTP, plain or in HTML, in its user's language.

One program for one language, since that is what it is started in; member after member takes it
over, each as its only identity.
"""

import os
import subprocess

import postfix
from marionette import Marionette

PREFS = {
    "app.donation.eoy.version.viewed": 999, "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionPolicyBypassNotification": True,
    "extensions.autoDisableScopes": 0, "mail.compose.attachment_reminder": False,
    "mail.provider.suppress_dialog_on_startup": True, "mail.rights.version": 1,
    "mail.shell.checkDefaultClient": False, "mailnews.start_page.enabled": False,
    "mail.accountmanager.accounts": "account1,account2",
    "mail.accountmanager.defaultaccount": "account1",
    "mail.accountmanager.localfoldersserver": "server2",
    "mail.account.account1.server": "server1", "mail.account.account1.identities": "id1",
    "mail.account.account2.server": "server2",
    "mail.server.server1.type": "pop3", "mail.server.server1.hostname": "127.0.0.1",
    "mail.server.server1.userName": "member", "mail.server.server1.name": "member",
    # Else it asks for a password, and nothing else goes on.
    "mail.server.server1.login_at_startup": False, "mail.server.server1.check_new_mail": False,
    "mail.server.server2.type": "none", "mail.server.server2.hostname": "Local Folders",
    "mail.server.server2.userName": "nobody", "mail.server.server2.name": "Local Folders",
    "mail.identity.id1.useremail": "member@members.test", "mail.identity.id1.fcc": False,
    "mail.identity.id1.smtpServer": "smtp1", "mail.smtpservers": "smtp1",
    "mail.smtp.defaultserver": "smtp1", "mail.smtpserver.smtp1.hostname": "127.0.0.1",
    "mail.smtpserver.smtp1.authMethod": 1, "mail.smtpserver.smtp1.try_ssl": 0,
}

# How a letter leaves: composed as plain text (format=flowed); composed in HTML and sent as such;
# in both forms.
FORMS = {"plain": (False, 1), "html": (True, 2), "both": (True, 3)}

BECOME = """
const [name, address, html, format, top, quote] = args;
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const me = MailServices.accounts.allIdentities[0];
me.fullName = name;
me.email = address;
me.composeHtml = html;
me.htmlSigText = name;
me.autoQuote = quote;
me.replyOnTop = top ? 1 : 0;
Services.prefs.setIntPref("mail.default_send_format", format);
"""

# A letter into the folder; what its compose window needs to know of it.
KEEP = """
const [path] = args;
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const root = MailServices.accounts.localFoldersServer.rootFolder;
if (!root.containsChildNamed("Letters")) {
  root.createSubfolder("Letters", null);
}
const folder = root.getChildNamed("Letters");
const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
file.initWithPath(path);
const key = await new Promise((done, failed) => {
  let key;
  MailServices.copy.copyFileMessage(file, folder, null, false, 0, "", {
    QueryInterface: ChromeUtils.generateQI(["nsIMsgCopyServiceListener"]),
    onStartCopy() {},
    onProgress() {},
    setMessageKey(k) { key = k; },
    getMessageId() { return null; },
    onStopCopy(status) { Components.isSuccessCode(status) ? done(key) : failed(status); },
  }, null);
});
const header = folder.GetMessageHeader(key);
"""

COMPOSED = """
const window_of = () => [...Services.wm.getEnumerator("msgcompose")].find(w =>
  w.composeEditorReady && !w.closed);
const pause = ms => new Promise(done => ChromeUtils.importESModule(
  "resource://gre/modules/Timer.sys.mjs").setTimeout(done, ms));
const until = async what => {
  for (let i = 0; i < 600; i++) {
    const value = what();
    if (value) {
      return value;
    }
    await pause(20);
  }
  throw new Error("waited in vain for " + what);
};
const w = await until(window_of);
const editor = w.gMsgCompose.editor;
for (const [i, line] of lines.entries()) {
  if (i) {
    editor.insertLineBreak();
  }
  if (line) {
    editor.insertText(line);
  }
}
w.GenericSendMessage(Ci.nsIMsgCompDeliverMode.Now);
await until(() => w.closed);
"""

REPLY = KEEP + """
const lines = args[1];
MailServices.compose.OpenComposeWindow(null, header, folder.getUriForMsg(header),
  Ci.nsIMsgCompType.ReplyToSender, Ci.nsIMsgCompFormat.Default,
  MailServices.accounts.allIdentities[0], null, null);
""" + COMPOSED

CLICK = """
const [href] = args;
const lines = [];
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
MailServices.compose.OpenComposeWindowWithURI(null, Services.io.newURI(href));
""" + COMPOSED


class Thunderbird:
    def __init__(self, folder, tag, smtp):
        """`tag`: the language, where its pack is there. Mail leaves by this port."""
        port = postfix.free_port()
        os.makedirs(folder)
        prefs = dict(PREFS, **{"marionette.port": port, "intl.locale.requested": tag,
                               "mail.smtpserver.smtp1.port": smtp})
        with open(os.path.join(folder, "user.js"), "w", encoding="utf-8") as f:
            for name, value in prefs.items():
                word = str(value).lower() if isinstance(value, (bool, int)) else f'"{value}"'
                f.write(f'user_pref("{name}", {word});\n')
        self._log = open(os.path.join(folder, "said"), "wb")
        self.process = subprocess.Popen(
            ["thunderbird", "--headless", "--marionette", "--remote-allow-system-access",
             "--no-remote", "--profile", folder], stdin=subprocess.DEVNULL, stdout=self._log,
            stderr=self._log, env={"HOME": folder, "PATH": os.environ["PATH"]},
            start_new_session=True)
        self.folder = folder
        try:
            self._marionette = Marionette(port)
            self.language = self._marionette.run("return Services.locale.appLocaleAsBCP47")
        except BaseException:
            self.stop()
            raise

    def become(self, member, form, top=True, quote=True):
        """The member's program from here on. `top`: its cursor waits above the quotation."""
        html, how = FORMS[form]
        self._marionette.run(BECOME, member.name, member.email, html, how, top, quote)

    def reply(self, letter, lines):
        """Answer a letter, whose file this is, with lines typed where its cursor is."""
        self._marionette.run(REPLY, letter, lines)

    def click(self, href):
        """Open a mailto: link, and send what it has filled in."""
        self._marionette.run(CLICK, href)

    def stop(self):
        if hasattr(self, "_marionette"):
            self._marionette.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._log.close()
