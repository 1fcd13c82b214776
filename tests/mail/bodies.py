# SPDX-License-Identifier: MIT
"""
bodies - a plain reply that somebody once wrote, taken apart: what the human wrote, what their
program put round it (attribution, quotation, signature, footer, disclaimer). With other words in
the place of the human's, and an invitation in the place of the quotation, it is a reply to us.

It errs on one side: what it does not know to be a program's it takes for the human's.
"""

import re

TIME = re.compile(r"\d{4}|\d\d?[:.h]\d\d|@")
HEADER = re.compile(r"\W*(?:From|De|Von|Da|Fra|Från|Van|Od|От|Lähettäjä|Expéditeur|发件人|寄件者)"
                    r"\s?\*?\s?:", re.I)
MESSAGE = re.compile(r"-{2,} ?.*(?:message|nachricht|mensaje|messaggio|mensagem|bericht|viesti|"
                     r"meddelande|сообщение|邮件|transf).* ?-{2,}|begin forwarded message:", re.I)
RULE = re.compile(r"(?:[-_=*–—]\s?){5,}$|--\s?$|__+\s?$|—+$")
FOOTER = re.compile(r"\W*(?:sent (?:from|via|by|with)|get outlook|envoyé (?:de|à partir|depuis)|"
                    r"gesendet (?:von|mit)|von meinem|enviado|inviato da|skickat|sendt fra|"
                    r"verzonden|lähetetty|отправлено|wysłan|provided by|télécharger|"
                    r"发自|iPhoneから)", re.I)


BEGINS = re.compile(r"\W*(?:On|Le|Am|El|Em|Il|Op|Den|På|Dnia|W dniu|Dana|Às|A |在)\b")


def is_attribution(lines, i):
    """How many lines, from i on, are one; 0 for none."""
    if not (TIME.search(lines[i]) or BEGINS.match(lines[i])):
        return 0
    for n in range(1, 5):
        those = lines[i:i + n]
        words = " ".join(line.strip() for line in those)
        if len(those) < n or len(words) > 300 or any(
                not line.strip() or line.startswith(">") for line in those):
            return 0
        if re.search(r"[:：]$", words) and TIME.search(words):
            return n
    return 0


def is_block(lines, i):
    """The headers of a mail that is quoted without marks, or the rule over them."""
    return bool(MESSAGE.match(lines[i].strip()) or (
        HEADER.match(lines[i]) and any(re.match(r"\W*[^\W\d]{2,14}(?: \w+)?\s?\*?\s?[:：] ?\S", line)
                                       for line in lines[i + 1:i + 4])))


def is_rule(lines, i):
    """A rule, or "-- "; in the middle of a paragraph only the latter."""
    line = lines[i].strip()
    return bool(RULE.match(line)) and (line == "--" or not lines[i - 1].strip() or
                                       quotes(lines, i + 1))


def quotes(lines, i):
    """Do the headers of a quoted mail begin at line i, or behind empty lines?"""
    while i < len(lines) and not lines[i].strip():
        i += 1
    return i < len(lines) and is_block(lines, i)


def ends(lines, i):
    """Does a program's text begin at line i, behind a human's?"""
    line = lines[i]
    return bool(line.startswith(">") or is_rule(lines, i) or is_block(lines, i) or
                (FOOTER.match(line) and not line.startswith(" ")) or is_attribution(lines, i))


class Body:
    """`before`, `human`, `after`: lists of lines; together they are the text."""

    def __init__(self, text, human=None):
        lines = text.replace("\r\n", "\n").strip("\n").split("\n")
        at = self._find(lines, human) if human else None
        start, end = at or self._guess(lines)
        self.before, self.human, self.after = lines[:start], lines[start:end], lines[end:]
        self.below = any(line.startswith(">") for line in self.before)

    @staticmethod
    def _find(lines, human):
        """Where the human's text is known, and stands in one piece."""
        said = human.replace("\r\n", "\n").strip("\n").split("\n")
        for i in range(len(lines) - len(said) + 1):
            if lines[i:i + len(said)] == said:
                return i, i + len(said)
        return None

    @staticmethod
    def _guess(lines):
        start = 0
        while start < len(lines):
            skip = is_attribution(lines, start) or lines[start].startswith(">") or \
                not lines[start].strip()
            if not skip:
                break
            start += skip
        end = start
        while end < len(lines) and (end == start or not ends(lines, end)):
            end += 1
        while end > start + 1 and not lines[end - 1].strip():
            end -= 1
        return start, end

    def frame(self):
        """What stands behind the human's text in a mail that quotes nothing: signature, footer,
        disclaimer, with the same gap before them."""
        out, i, after = [], 0, self.after
        while i < len(after):
            skip = is_attribution(after, i) or after[i].startswith(">")
            if is_block(after, i) or (RULE.match(after[i].strip()) and quotes(after, i + 1)):
                break
            if not skip:
                out.append(after[i])
            i += skip or 1
        gap = [""] if self.after and not self.after[0].strip() else []
        while out and not out[0].strip():
            out.pop(0)
        first = next((line for line in self.after if line.strip()), "")
        if out and (gap or first != out[0]):
            out.insert(0, "")
        return out

    @staticmethod
    def _quote(lines, letter):
        """The lines with the letter in the place of the first thing that is quoted; as they are
        where there is none."""
        for i, line in enumerate(lines):
            if line.startswith(">"):
                n = next((k for k, other in enumerate(lines[i:]) if not other.startswith(">")),
                         len(lines) - i)
                return lines[:i] + [("> " + text).rstrip() for text in letter] + lines[i + n:]
            n = is_attribution(lines, i)
            if is_block(lines, i):
                n = next((k for k, other in enumerate(lines[i:]) if not other.strip()),
                         len(lines) - i)
            if n and not any(other.startswith(">") for other in lines[i + n:]):
                return lines[:i + n] + [""] + letter
        return lines

    def quotes(self):
        """Is anything quoted in it?"""
        return self._quote(self.before + [""] + self.after, [""]) != self.before + [""] + self.after

    def reply(self, words, letter, gap=None):
        """The text with other words for the human's. `gap`: so many empty lines behind them, and
        not as many as the author left."""
        before, after = self.before, self.after
        if self.below:
            before = self._quote(before, letter)
        else:
            after = self._quote(after, letter)
        if gap is not None:
            while after and not after[0].strip():
                after = after[1:]
            after = [""] * gap + after
        return "\n".join(before + words + after) + "\n"
