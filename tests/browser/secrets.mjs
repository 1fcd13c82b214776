// SPDX-License-Identifier: MIT
//
// secrets - what must never leave the page or outlive it: the code, its beginning, the choice.
// And a program that follows the link and presses everything cannot vote.

import { CONGRESS } from "./manifests.mjs";
import { assert, enterCode, law, linkOf, newToken, ready, textOf, upToCheck, vote } from "./support.mjs";

// A choice that nobody writes by chance, so that it can be searched for.
const OPTION = "Zygomorphic marmalade";
const MARKED = { ...CONGRESS, questions: [{ ...CONGRESS.questions[0], options: [{ fr: OPTION, en: OPTION },
	...CONGRESS.questions[0].options] }] };

// Every written form of a code, and of its first 24 characters, from six characters on.
function formsOf(token) {
	const bare = token.replace(/-/g, "");
	return [token, bare, token.slice(0, 29), bare.slice(0, 24), token.slice(0, 9), bare.slice(0, 8), token.slice(-9), bare.slice(-8)]
		.flatMap((form) => [form, form.toLowerCase(), encodeURIComponent(form), Buffer.from(form).toString("base64").replace(/=+$/, "")]);
}

function holdsNone(text, forms, where) {
	for (const form of forms)
		assert.ok(!text.includes(form), `${where} holds ${form}`);
}

// All that a page's scripts could have put away.
function stored(page) {
	return page.evaluate(async () => JSON.stringify({
		local: { ...localStorage }, session: { ...sessionStorage }, cookie: document.cookie, title: document.title,
		address: location.href, state: history.state, referrer: document.referrer, name: window.name,
		databases: (await indexedDB.databases()).map((d) => d.name), caches: await caches.keys(),
		workers: (await navigator.serviceWorker?.getRegistrations() || []).length,
	}));
}

law("no request of a whole vote holds the code, its beginning or the choice", async (t) => {
	const { server } = await t.box(MARKED), token = newToken(), page = await t.page(), sent = [];
	page.on("request", (request) => sent.push(`${request.method()} ${request.url()} ${JSON.stringify(request.headers())} ${request.postData() || ""}`));
	await page.goto(linkOf(server, token));
	await vote(page, token, "q0-0");
	await page.click("text=Look it up on the public board");
	await page.waitForSelector("#found .note");
	const forms = [...formsOf(token), OPTION, encodeURIComponent(OPTION)];
	/* the browser's own record of the first navigation shows the fragment, which is not sent */
	for (const request of sent.slice(1))
		holdsNone(request, forms, "a request");
	for (const request of server.seen)
		holdsNone(`${request.method} ${request.url} ${JSON.stringify(request.headers)} ${request.body}`, forms, "what the server got");
	assert.equal(server.seen.filter((request) => request.method === "POST").length, 1);
	const body = JSON.parse(server.seen.find((request) => request.method === "POST").body);
	assert.deepEqual(Object.keys(body), ["type", "channel", "credential", "body", "signature"]);
	assert.ok(sent.every((request) => request.split(" ")[1].startsWith(server.address)), "nothing is loaded from elsewhere");
});

law("storage, title, address and history hold no code and no choice, at any step", async (t) => {
	const { token, page } = await t.member(MARKED), forms = [...formsOf(token), OPTION];
	const look = async (where) => holdsNone(await stored(page), forms, `at ${where}, the browser`);
	await look("the first step");
	await enterCode(page, token);
	await look("the questions");
	await page.check("#q0-0");
	await page.click("button[type=submit]");
	await page.waitForSelector("main.at-check");
	await look("the check");
	await page.click("button.main");
	await page.waitForSelector("#tracker");
	await look("the receipt");
	holdsNone(await page.content(), forms, "the receipt's page");
	const kept = JSON.parse(await stored(page));
	assert.deepEqual([kept.local, kept.session, kept.cookie, kept.databases, kept.caches, kept.workers], [{}, {}, "", [], [], 0]);
});

law("whoever leaves the page and comes back finds nothing of the vote", async (t) => {
	const { server, token, page } = await t.member(MARKED);
	await upToCheck(page, token, "q0-0");
	await page.goto(`${server.address}check`);
	await page.goBack();
	await ready(page);
	for (let i = 0; i < 3; i++)
		await page.goBack().catch(() => {});
	await page.goto(server.address);
	await ready(page);
	holdsNone(await page.content(), formsOf(token), "the page");
	assert.equal(await page.locator("input:checked").count(), 0);
	assert.ok(!(await textOf(page)).includes(OPTION));
	assert.equal(await page.inputValue("#code"), "");
});

law("a page kept by the browser for the back button is emptied before it is put away", async (t) => {
	const { token, page } = await t.member(MARKED);
	await upToCheck(page, token, "q0-0");
	await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
	assert.equal(await page.evaluate(() => document.getElementById("page").childElementCount), 0);
	await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
	await page.waitForSelector("main.at-code");
	holdsNone(await page.content(), [...formsOf(token), OPTION], "the page that is shown again");
});

law("no field has anything that a browser would keep or send", async (t) => {
	const { token, page } = await t.member({ ...CONGRESS, second_factor: true });
	const fields = await page.$$eval("input[type=text]", (all) => all.map((i) => [i.name, i.autocomplete, i.spellcheck]));
	assert.deepEqual(fields, [["", "off", false], ["", "off", false]]);
	assert.deepEqual(await page.$$eval("form", (all) => all.map((f) => [f.getAttribute("action"), f.autocomplete])), [[null, "off"]]);
	assert.equal(token.length, 34);
});

// A mail scanner: a browser that follows the link, runs the scripts, fills in everything that can
// be filled in and presses everything that can be pressed, again and again.
async function scan(page) {
	const words = ["test", "AAAA", "0000", "user@example.org", "password"];
	for (let round = 0; round < 6; round++) {
		for (const field of await page.$$("input[type=text], textarea"))
			await field.fill(words[round % words.length]).catch(() => {});
		for (const box of await page.$$("input[type=radio], input[type=checkbox]"))
			await box.check({ timeout: 300 }).catch(() => {});
		for (const button of await page.$$("button, a, summary, [role=button], input[type=submit]"))
			await button.click({ timeout: 300, noWaitAfter: true }).catch(() => {});
		await page.$$eval("form", (all) => all.forEach((form) => form.requestSubmit())).catch(() => {});
		if (!page.url().endsWith("/"))
			await page.goBack({ timeout: 2000 }).catch(() => {});
	}
}

law("a scanner that opens the link, runs the scripts and presses everything cannot vote", async (t) => {
	const { box, server } = await t.box(), token = newToken(), page = await t.page();
	await page.goto(linkOf(server, token));
	await ready(page);
	await scan(page);
	assert.deepEqual([...new Set(server.seen.map((request) => request.method))], ["GET"]);
	assert.equal(box.lines.length, 1, "nothing was cast");
	const member = await t.page();
	await member.goto(linkOf(server, token));
	await vote(member, token);
	assert.equal(box.lines.length, 2, "the member's code still votes");
});

law("a scanner that is given the whole code in the link still has to type its end", async (t) => {
	const { box, server } = await t.box(), token = newToken(), page = await t.page();
	await page.goto(`${server.address}#${token}`);
	await ready(page);
	await scan(page);
	assert.equal(box.lines.length, 1);
	const member = await t.page();
	await member.goto(`${server.address}#${token}`);
	await vote(member, token); /* who types the end */
});
