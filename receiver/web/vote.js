// SPDX-License-Identifier: MIT
import { loadCore, wasmBytes } from "./core.js";
import { announce, ask, baseOf, closing, closingFact, copyButton, el, fingerprintLine, giveUp, isOffline, languageSwitch, manifestBytes, note, number, own, ownAttributes, pageHead, plainCode, readersLanguage, saveFile, setLanguage, shown, takeClosing, tell, tellList, timeElement, trackerElement, whenIs } from "./page.js";
import { linkToken, readTyped, takeAddress } from "./token.js";
import { emptyAnswer, forBallot, inWords, problemOf, questionField } from "./choose.js";
import { bring, receiptOf } from "./send.js";

// vote - the voting page: your code, choose, check, receipt.
//
// Everything that is secret lives in `vote`, in memory, and is forgotten as soon as it is not
// needed: at the receipt, and whenever the page is left. Nothing is ever written to storage, the
// address, the title or the console; the only request with a body is the encrypted ballot.
const STEPS = ["code", "choose", "check", "send"];
const STEP_WORDS = { code: "stepCode", choose: "stepChoose", check: "stepCheck", send: "stepReceipt" };
const MAILTO_MAX = 1900; /* what every mail program still takes */

let core = null, vote = null;

function newVote(link) {
	return {
		step: "code", link, typed: "", whole: !link, factor: "", token: "", problem: "", factorProblem: "",
		answers: shown.manifest.questions.map(emptyAnswer), problems: [],
		phase: "", status: "", ballot: null, answer: null, receipt: null, proven: null, stop: null, hurry: null,
	};
}

function forgetSecrets() {
	vote.link = vote.typed = vote.factor = vote.token = "";
	vote.answers = shown.manifest.questions.map(emptyAnswer);
}

// Ballots leave by mail where there is no box to post to, or the election wants it so.
function mustSeal() {
	return isOffline() || !shown.manifest.channels.includes("link");
}

function maySeal() {
	return shown.manifest.channels.includes("sealed-reply");
}

// Let the browser draw before we keep it busy.
function breath() {
	return new Promise((go) => { setTimeout(go, 40); });
}

// Going from step to step. The history holds the step's name, for the back button, and no more.
function go(step) {
	vote.step = step;
	history.pushState({ step }, "", location.pathname);
	draw(true);
}

function back(event) {
	if (vote.step === "send")
		return;
	const step = event.state?.step || "code";
	vote.step = STEPS.indexOf(step) < STEPS.indexOf(vote.step) || (vote.token && step !== "send") ? step : "code";
	draw(true);
}

function stepsList() {
	const at = STEPS.indexOf(vote.step);
	return el("nav", { class: "steps", "aria-label": tell("steps") }, el("ol", {}, STEPS.map((step, i) =>
		el("li", { class: i < at ? "done" : i === at ? "now" : "", "aria-current": i === at ? "step" : null },
			el("span", { class: "dot", "aria-hidden": "true" }, i < at ? "✓" : number(i + 1)),
			el("span", { class: "name" }, tell(STEP_WORDS[step]))))));
}

function stepTitle(text) {
	return el("h2", { id: "step-title", tabindex: "-1" }, text);
}

function button(key, style, onclick, values) {
	return el("button", { type: "button", class: style, onclick }, tell(key, values));
}

function fieldProblem(id, text) {
	return el("p", { class: "problem", id }, text);
}

// 1. Who asks, what, until when; and the code.

function facts() {
	const m = shown.manifest, early = Date.now() < Date.parse(m.opens);
	return el("dl", { class: "facts" },
		early && el("div", {}, el("dt", {}, tell("opens")), el("dd", {}, timeElement(m.opens))),
		closingFact(),
		el("div", {}, el("dt", {}, tell("fingerprint")), el("dd", {}, fingerprintLine(),
			el("span", { class: "soft" }, tell("fingerprintHelp")))));
}

function clockNote() {
	const early = Date.now() < Date.parse(shown.manifest.opens), over = Date.now() >= Date.parse(closing());
	return el("div", { id: "clock" }, (early || over) && note("info", el("p", {}, tell(early ? "notOpen" : "isOver"))));
}

// The closing time may have been put off since the page was written. What a member is typing stays
// where it is; without an answer the manifest's time stands.
async function learnClosing() {
	try {
		if (!takeClosing((await (await ask("turnout")).json()).closes))
			return;
	} catch {
		return;
	}
	document.querySelector(".facts")?.replaceWith(facts());
	document.getElementById("clock")?.replaceWith(clockNote());
}

function secretInput(id, value, problemId, helpId, more) {
	return el("input", { type: "text", id, value, autocomplete: "off", autocorrect: "off", autocapitalize: "characters",
		spellcheck: "false", writingsuggestions: "false", translate: "no", dir: "ltr",
		"aria-describedby": `${helpId} ${problemId}`, ...more });
}

function codeField() {
	const four = vote.link && !vote.whole, kind = four ? "four" : "whole";
	const input = secretInput("code", vote.typed, "code-problem", "code-help", {
		class: `code-input ${kind}`, "aria-invalid": vote.problem ? "true" : null,
		oninput: (e) => { vote.typed = e.target.value; } });
	return el("div", { class: "field" },
		el("label", { for: "code" }, tell(`${kind}Label`)),
		el("p", { class: "help", id: "code-help" }, tell(`${kind}Help`)),
		four ? el("div", { class: "four-row", dir: "ltr" }, el("span", { class: "rest", "aria-hidden": "true" },
			"•••• •••• •••• •••• •••• ••••"), input) : input,
		fieldProblem("code-problem", vote.problem),
		vote.link && button(four ? "useWhole" : "useFour", "plain", () => {
			Object.assign(vote, { whole: !vote.whole, typed: "", problem: "" });
			draw();
			document.getElementById("code").focus();
		}));
}

function factorField() {
	return shown.manifest.second_factor && el("div", { class: "field" },
		el("label", { for: "factor" }, tell("factorLabel")),
		el("p", { class: "help", id: "factor-help" }, tell("factorHelp")),
		secretInput("factor", vote.factor, "factor-problem", "factor-help", {
			class: "code-input", "aria-invalid": vote.factorProblem ? "true" : null,
			oninput: (e) => { vote.factor = e.target.value; } }),
		fieldProblem("factor-problem", vote.factorProblem));
}

function drawCode() {
	const parts = [facts(), clockNote()];
	if (mustSeal() && !maySeal())
		return [...parts, note("bad", el("p", {}, tell("sealedOff")))];
	return [...parts, el("form", { class: "card", autocomplete: "off", novalidate: true, onsubmit: enterCode },
		stepTitle(tell("codeTitle")), codeField(), factorField(),
		el("div", { class: "buttons" }, el("button", { type: "submit", class: "main" }, tell("next"))),
		el("p", { class: "soft small" }, tell("stays")),
		vote.link && !vote.whole && el("details", {}, el("summary", {}, tell("fourWhy")), el("p", {}, tell("fourBecause"))))];
}

async function enterCode(event) {
	event.preventDefault();
	const read = readTyped(core, vote.typed, vote.whole ? "" : vote.link);
	vote.problem = read.problem ? tell(read.problem, { n: number(read.n || 0) }) : "";
	vote.factorProblem = "";
	if (!read.problem && shown.manifest.second_factor) {
		announce(tell("checking"));
		await breath();
		try {
			shown.election.credential(read.token, vote.factor);
		} catch {
			vote.factorProblem = tell("badFactor");
		}
	}
	if (!vote.problem && !vote.factorProblem) {
		vote.token = read.token;
		vote.typed = "";
		go("choose");
		return;
	}
	draw();
	document.getElementById(vote.problem ? "code" : "factor").focus();
	announce(vote.problem || vote.factorProblem);
}

// 2. Choose.

function drawChoose() {
	const questions = shown.manifest.questions, of = questions.length;
	return [el("form", { autocomplete: "off", novalidate: true, onsubmit: enterChoices },
		stepTitle(tell(of > 1 ? "chooseTitleMany" : "chooseTitle")),
		questions.map((q, n) => questionField(q, n, of, vote.answers[n], vote.problems[n] || "")),
		el("div", { class: "buttons" }, el("button", { type: "submit", class: "main" }, tell("next")),
			button("back", "", () => go("code"))))];
}

function enterChoices(event) {
	event.preventDefault();
	vote.problems = shown.manifest.questions.map((q, n) => problemOf(q, vote.answers[n]));
	const first = vote.problems.findIndex(Boolean);
	if (first < 0) {
		go("check");
		return;
	}
	draw();
	const missing = shown.manifest.questions[first].kind === "grades" ? vote.answers[first].grades.indexOf(-1) : -1;
	document.querySelector(missing < 0 ? `#q${first} input` : `#q${first}-${missing}-0`).focus();
	announce(vote.problems[first]);
}

// 3. Check.

function drawCheck() {
	const questions = shown.manifest.questions, seal = mustSeal();
	return [el("section", { class: "card" }, stepTitle(tell("checkTitle")),
		questions.map((q, n) => el("div", { class: "answer" },
			el("h3", ownAttributes(), own(q.title)), inWords(q, vote.answers[n]))),
		el("p", { class: "weigh" }, tell(seal ? "checkHelpSealed" : "checkHelp")),
		el("div", { class: "buttons" },
			button(seal ? "seal" : "cast", "main", seal ? makeSealed : cast),
			button("change", "", () => go("choose"))),
		el("p", { class: "soft small" }, tell("secret"))),
	!seal && maySeal() && el("details", { class: "aside" }, el("summary", {}, tell("sealInstead")),
		el("p", {}, tell("sealInsteadHelp")), button("seal", "", makeSealed))];
}

// 4. Send, and what came of it.

function make(channel) {
	const answers = shown.manifest.questions.map((q, n) => forBallot(q, vote.answers[n]));
	const made = shown.election.makeBallot(vote.token, vote.factor, channel, answers);
	if (core.tracker(made.line) !== made.tracker)
		throw new Error("tracker");
	return made;
}

async function begin(channel) {
	vote.step = "send";
	Object.assign(vote, { phase: "busy", status: tell("encrypting") });
	draw(true);
	await breath();
	try {
		return make(channel);
	} catch {
		Object.assign(vote, { phase: "refused", answer: { error: "failed" } });
		draw(true);
		return null;
	}
}

async function cast() {
	const made = await begin("link");
	if (made) {
		vote.ballot = made;
		await deliver();
	}
}

function progress(text, said = text) {
	vote.status = text;
	const line = document.getElementById("status");
	if (line)
		line.textContent = text;
	if (said)
		announce(said);
}

// A pause that counts down, and ends early at a press.
function waiting(seconds) {
	return new Promise((go) => {
		let left = seconds;
		const done = () => {
			clearInterval(tick);
			vote.hurry = null;
			draw();
			go();
		};
		const tick = setInterval(() => {
			left--;
			if (left <= 0 || vote.stop.signal.aborted)
				done();
			else
				progress(tell("waiting", { n: number(left) }), "");
		}, 1000);
		vote.hurry = done;
		vote.status = tell("waiting", { n: number(left) });
		draw();
		announce(vote.status);
	});
}

async function deliver() {
	const stop = new AbortController();
	Object.assign(vote, { phase: "busy", stop, hurry: null, status: tell("sending") });
	draw(true);
	const answer = await bring(vote.ballot.line, { stop: stop.signal, waiting, trying: (n) =>
		progress(n === 1 ? tell("sending") : tell("stillSending", { n: number(n) })) });
	if (!answer || stop.signal.aborted)
		return;
	vote.answer = answer;
	if (answer.kind === "receipt")
		acknowledge(answer.text);
	else if (answer.error === "used")
		await explainUsed();
	else
		vote.phase = "refused";
	draw(true);
}

function acknowledge(text) {
	try {
		vote.receipt = shown.election.checkReceipt(text, vote.ballot.line);
		if (vote.receipt.tracker !== vote.ballot.tracker)
			throw Object.assign(new Error("tracker"), { check: "receipt tracker" });
		vote.phase = "receipt";
		forgetSecrets();
	} catch (e) {
		vote.phase = "lie";
		vote.answer.check = String(e.check || "");
	}
}

// Another ballot stands under this code: have the box prove it. Where it is our own (the box
// should have said so), its receipt is as good as the answer.
async function explainUsed() {
	const { text, line } = await receiptOf(vote.ballot.credential);
	vote.answer.receipt = text;
	if (vote.answer.tracker === vote.ballot.tracker && text) {
		vote.answer.text = text;
		acknowledge(text);
		return;
	}
	try {
		const proven = shown.election.checkReceipt(text, line || "none");
		const same = proven.credential === vote.ballot.credential && proven.tracker === vote.answer.tracker;
		vote.proven = same && shown.election.checkBallot(line) ? proven : null;
	} catch {
		vote.proven = null;
	}
	vote.phase = "used";
	forgetSecrets();
}

function drawBusy() {
	return [el("section", { class: "card busy", "aria-busy": "true" }, stepTitle(tell("sendTitle")),
		el("div", { class: "progress", "aria-hidden": "true" }, el("span", {})),
		el("p", { id: "status" }, vote.status), el("p", { class: "soft" }, tell("keepOpen")),
		vote.hurry && el("div", { class: "buttons" }, button("now", "main", () => vote.hurry?.()))),
	vote.hurry && maySeal() && el("details", { class: "aside" }, el("summary", {}, tell("sealInstead")),
		el("p", {}, tell("sealInsteadHelp")), el("p", {}, tell("sealedFirst")), button("seal", "", () => {
			vote.stop.abort();
			vote.hurry?.();
			makeSealed();
		}))];
}

function trackerBox(label, tracker) {
	const shownTracker = trackerElement(tracker);
	return el("div", { class: "tracker-box" }, el("p", { class: "over" }, label), shownTracker,
		el("div", { class: "buttons tight" }, copyButton(tell("copy"), tracker, () => shownTracker, "small")));
}

function proof(text) {
	return el("li", {}, el("span", { class: "tick", "aria-hidden": "true" }, "✓"), el("span", {}, text));
}

function list(key, values) {
	return el("ul", { class: "plain-list" }, tellList(key, values).map((text) => el("li", {}, text)));
}

function boardAddress(tracker) {
	return `${baseOf(shown.manifest.link)}check#${tracker}`;
}

function drawReceipt() {
	const { tracker, index, credential } = vote.receipt, text = vote.answer.text;
	return [el("section", { class: "card good" }, stepTitle(tell("receiptTitle")), el("p", {}, tell("thanks")),
		trackerBox(tell("tracker"), tracker), el("p", { class: "soft" }, tell("trackerHelp")),
		el("div", { class: "buttons" }, button("save", "main", () => {
			saveFile(`votepost-receipt-${tracker}.json`, text + "\n");
			announce(tell("saved"));
		}), el("a", { class: "button", href: boardAddress(tracker) }, tell("lookUp")))),
	el("section", { class: "card" }, el("h3", {}, tell("verified")), el("ul", { class: "proofs" },
		proof(tell("verifiedSignature")), proof(tell("verifiedPlace", { index: number(index) })),
		proof(tell("verifiedOwn"))),
	el("h3", {}, tell("receiptNext")), list("receiptList"),
	el("details", {}, el("summary", {}, tell("details")), el("p", {}, tell("credential"), ": ",
		plainCode(credential, { class: "code" })), el("p", { class: "soft" }, tell("credentialHelp"))))];
}

function organiser() {
	return { organiser: shown.manifest.organiser };
}

function saveAnswerButton(style) {
	return button("saveAnswer", style, () => {
		saveFile("votepost-answer.txt", `${vote.answer.receipt || ""}\n${vote.answer.text}\n`, "text/plain");
	});
}

function drawUsed() {
	const tracker = vote.answer.tracker || "";
	return [el("section", { class: "card" }, stepTitle(tell("usedTitle")), el("p", {}, tell("usedText")),
		tracker && trackerBox(tell("usedTracker"), tracker),
		vote.proven ? el("ul", { class: "proofs" }, proof(tell("usedProven", { index: number(vote.proven.index) })))
			: note("bad", el("p", {}, tell("usedUnproven", organiser())), saveAnswerButton("")),
		el("p", {}, tell("usedYou")), note("info", el("p", {}, tell("usedNotYou", organiser()))),
		tracker && el("div", { class: "buttons" }, el("a", { class: "button", href: boardAddress(tracker) }, tell("lookUp"))))];
}

const LIES = [[/signature|head/, "lieSignature"], [/tracker|credential/, "lieTracker"], [/proof|inclusion|root/, "lieProof"]];

function drawLie() {
	const which = LIES.find(([pattern]) => pattern.test(vote.answer.check));
	return [el("section", { class: "card" }, stepTitle(tell("lieTitle")),
		note("bad", el("p", {}, tell("lieText")), el("p", {}, tell(which ? which[1] : "lieForm"))),
		list("lieList", organiser()), trackerBox(tell("tracker"), vote.ballot.tracker),
		el("div", { class: "buttons" }, button("ask", "main", deliver), saveAnswerButton("")))];
}

const REFUSALS = { __proto__: null, early: "noEarly", late: "noLate", unknown: "noUnknown", replaced: "noReplaced", channel: "noChannel",
	format: "noForm", proof: "noForm", signature: "noForm", "too-large": "noForm", failed: "failed" };

function drawRefused() {
	const { error, status } = vote.answer;
	let key = REFUSALS[error] || "noOther";
	if (error === "unknown" && shown.manifest.second_factor)
		key = "noUnknownFactor";
	const words = tell(key, { ...organiser(), status: `${status} ${error}`, opens: whenIs(shown.manifest.opens).utc });
	const again = error === "early" || key === "noOther";
	return [el("section", { class: "card" }, stepTitle(tell("noTitle")), note("bad", el("p", {}, words)),
		error !== "late" && el("div", { class: "buttons" }, again && button("again", "main", deliver),
			button("startOver", again ? "" : "main", startOver)))];
}

function startOver() {
	vote = { ...newVote(""), answers: vote.answers };
	go("code");
}

// The sealed reply.

async function makeSealed() {
	const made = await begin("sealed-reply");
	if (!made)
		return;
	vote.ballot = made;
	vote.phase = "sealed";
	forgetSecrets();
	draw(true);
}

function percent(text) {
	return encodeURIComponent(text).replace(/[!'()*]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());
}

function mailAddress(body) {
	const subject = percent(tell("mailSubject", { title: own(shown.manifest.title) }));
	return `mailto:${percent(shown.manifest.reply_to).replace("%40", "@")}?subject=${subject}&body=${percent(body.replace(/\n/g, "\r\n"))}`;
}

function sealedWays(block) {
	const whole = mailAddress(`${tell("mailBody")}\n\n${block}\n`), address = { address: shown.manifest.reply_to };
	const copy = copyButton(tell("sealedCopy"), block, () => document.getElementById("block"),
		whole.length > MAILTO_MAX ? "main" : "");
	if (whole.length <= MAILTO_MAX)
		return [el("p", {}, tell("sealedFits")), el("div", { class: "buttons" },
			el("a", { class: "button main", href: whole }, tell("sealedOpen")), copy)];
	return [el("ol", { class: "todo" }, tellList("sealedList", address).map((text) => el("li", {}, text))),
		el("div", { class: "buttons" }, copy,
			el("a", { class: "button", href: mailAddress(`${tell("mailEmpty")}\n\n`) }, tell("sealedMail")))];
}

function drawSealed() {
	const block = core.armour(vote.ballot.line).trim(), address = { address: shown.manifest.reply_to };
	return [el("section", { class: "card" }, stepTitle(tell("sealedTitle")), el("p", {}, tell("sealedHelp", address)),
		sealedWays(block),
		el("label", { for: "block", class: "over" }, tell("sealedBlock")),
		el("textarea", { id: "block", readonly: true, rows: "6", value: block, dir: "ltr", translate: "no",
			spellcheck: "false", autocomplete: "off" }),
		el("div", { class: "buttons tight" }, button("sealedSave", "small", () => {
			saveFile("votepost-sealed-ballot.txt", block + "\n", "text/plain");
		})), el("p", { class: "soft" }, tell("sealedNot"))),
	el("section", { class: "card" }, el("p", {}, tell("sealedAnswer")), trackerBox(tell("tracker"), vote.ballot.tracker),
		el("p", { class: "soft" }, tell("trackerHelp")))];
}

// The page as a whole.

const DRAW = { code: drawCode, choose: drawChoose, check: drawCheck };
const DRAW_SEND = { busy: drawBusy, receipt: drawReceipt, used: drawUsed, lie: drawLie, refused: drawRefused,
	sealed: drawSealed };

function foot() {
	const m = shown.manifest;
	return el("footer", { class: "foot" },
		vote.step !== "code" && el("p", {}, tell("fingerprint"), " ", fingerprintLine()),
		!isOffline() && el("p", {}, el("a", { href: `${baseOf(m.link)}check` }, tell("board"))),
		!isOffline() && maySeal() && vote.step === "code" && el("p", {}, el("a", { href: baseOf(m.link),
			download: "votepost.html" }, tell("savePage"))));
}

function draw(moved = false) {
	const main = vote.step === "send" ? DRAW_SEND[vote.phase] : DRAW[vote.step], at = document.activeElement;
	document.title = `${own(shown.manifest.title)} · ${tell(STEP_WORDS[vote.step])}`;
	document.getElementById("page").replaceChildren(
		pageHead(draw, tell("invites", organiser())), stepsList(),
		el("main", { id: "main", class: `at-${vote.step}` }, main()), foot());
	document.body.classList.toggle("later", vote.step !== "code");
	if (moved)
		scrollTo(0, 0);
	if (moved || (at !== document.body && !at?.isConnected)) {
		const same = !moved && at.id && document.getElementById(at.id);
		(same || document.getElementById("step-title"))?.focus({ preventScroll: true });
	}
}

// Whoever comes back to a page that the browser kept finds it new, and empty.
function leave() {
	vote.stop?.abort();
	vote = newVote("");
	document.getElementById("page").replaceChildren();
}

function stay(event) {
	if (vote.step === "send" && vote.phase === "busy" && vote.ballot)
		event.preventDefault();
}

// A second link opened in the same tab changes only the fragment.
function otherLink() {
	const link = linkToken(core, takeAddress());
	if (!link || vote.phase === "busy")
		return;
	vote = newVote(link);
	draw(true);
	announce(tell("otherLink"));
}

async function start() {
	const address = takeAddress();
	const bytes = manifestBytes();
	setLanguage(readersLanguage(["en", "fr"]));
	if (!bytes)
		return giveUp(tell("template"));
	try {
		core = await loadCore(wasmBytes(document.getElementById("module").textContent));
	} catch {
		return giveUp(tell("noModule"));
	}
	try {
		shown.election = core.election(bytes);
		shown.manifest = shown.election.manifest;
	} catch {
		return giveUp(tell("badManifestUnnamed"));
	}
	setLanguage(readersLanguage(shown.manifest.languages));
	vote = newVote(linkToken(core, address));
	addEventListener("popstate", back);
	addEventListener("hashchange", otherLink);
	addEventListener("pagehide", leave);
	addEventListener("pageshow", (event) => event.persisted && draw());
	addEventListener("beforeunload", stay);
	draw();
	document.documentElement.classList.add("ready");
	if (!isOffline())
		await learnClosing();
}

start();
