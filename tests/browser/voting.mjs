// SPDX-License-Identifier: MIT
//
// voting - a member votes on the page: the steps, the ways to bring the code, both languages.

import { trackerOf } from "./box.mjs";
import { CONGRESS, MANY } from "./manifests.mjs";
import { assert, cast, choose, enterCode, law, linkOf, newToken, picture, ready, textOf, upToCheck, vote } from "./support.mjs";

for (const [locale, received, languages] of [["fr-FR", "Votre bulletin a été reçu", "fr"], ["en-GB", "Your ballot was received", "en"]]) {
	law(`a member votes, and the receipt names the ballot that stands on the board (${languages})`, async (t) => {
		const { box, token, page } = await t.member(CONGRESS, { locale });
		assert.equal(await page.getAttribute("html", "lang"), languages);
		const tracker = await vote(page, token);
		assert.equal(tracker, trackerOf(box.lines[1]));
		assert.match(await textOf(page), new RegExp(received));
		assert.equal(box.lines.length, 2);
		await picture(page, `receipt-${languages}`);
	});

	law(`the keyboard alone is enough, and each step's title has the focus (${languages})`, async (t) => {
		const { box, token, page } = await t.member(CONGRESS, { locale });
		const keys = async (...all) => { for (const key of all) await page.keyboard.press(key); };
		const reach = async (selector) => {
			for (let i = 0; i < 40; i++) {
				if (await page.evaluate((s) => document.activeElement?.matches(s), selector))
					return;
				await keys("Tab");
			}
			assert.fail(`${selector} cannot be reached`);
		};
		const titleHasFocus = async () => assert.equal(await page.evaluate(() => document.activeElement.id), "step-title");
		await reach("#code");
		await page.keyboard.type(token.slice(-4).toLowerCase());
		await keys("Enter");
		await page.waitForSelector("main.at-choose");
		await titleHasFocus();
		await reach("input[type=radio]");
		await keys("Space", "ArrowDown", "ArrowDown", "Enter");
		await page.waitForSelector("main.at-check");
		await titleHasFocus();
		assert.match(await textOf(page, ".answer"), /C.*(Standing up|Debout)/);
		await reach("button.main");
		await keys("Enter");
		await page.waitForSelector("#tracker");
		await titleHasFocus();
		assert.equal(box.lines.length, 2);
	});
}

law("every kind of question is answered, shown in words and accepted", async (t) => {
	const { box, token, page } = await t.member(MANY);
	await upToCheck(page, token, "q0-blank", "q1-0", "q1-3", "q2-0-1", "q2-1-3", "q3-none");
	const said = await textOf(page, ".card");
	for (const words of ["Blank vote", "Ana Fournier", "Dao Nguyen", "mend the roofGood", "greenhouseTo reject", "None of them"])
		assert.ok(said.includes(words), `${words} is missing in: ${said}`);
	assert.ok(!said.includes("Bo Larsen"));
	await cast(page);
	await page.waitForSelector("#tracker");
	assert.equal(box.lines.length, 2);
});

law("what is missing or too much is said beside its question, and nothing goes on", async (t) => {
	const { token, page } = await t.member(MANY);
	await enterCode(page, token);
	await page.click("button[type=submit]");
	assert.equal(await page.locator(".question > .problem:not(:empty)").count(), 4);
	assert.equal(await page.evaluate(() => document.activeElement.id), "q0-0");
	for (const i of [0, 1, 2, 3])
		await page.check(`#q1-${i}`);
	assert.match(await textOf(page, "#q1-wrong"), /at most 3; 4/);
	await page.check("#q1-blank");
	assert.equal(await page.locator("#q1 input:checked").count(), 1, "a blank vote takes the others back");
	await page.check("#q1-2");
	assert.equal(await page.isChecked("#q1-blank"), false, "and the other way round");
	await page.check("#q2-0-0");
	assert.match(await textOf(page, "#q2-wrong"), /greenhouse/);
	assert.equal(await page.locator("main.at-choose").count(), 1);
});

law("order and letters of the options are the same in every language", async (t) => {
	const { token, page } = await t.member(CONGRESS);
	await enterCode(page, token);
	const order = () => page.$$eval(".option", (all) => all.map((o) => `${o.querySelector("input").id} ${o.querySelector(".letter").textContent}`));
	const english = await order();
	await page.check("#q0-2");
	await page.click("#language-fr");
	assert.deepEqual(await order(), english);
	assert.deepEqual(english, ["q0-0 A", "q0-1 B", "q0-2 C", "q0-blank 0"]);
	assert.ok(await page.isChecked("#q0-2"), "a choice outlives a change of language");
	assert.match(await textOf(page, "h2"), /Faites votre choix/);
	assert.equal(await page.evaluate(() => document.activeElement.id), "language-fr");
});

law("a fragment that a gateway encoded, once or twice, still leads to the last four characters", async (t) => {
	const { server } = await t.box();
	for (const mark of ["#", "%23", "%2523", "?from=mail#", "#code=", "%23%20", "#x=abcd&code="]) {
		const token = newToken(), page = await t.page();
		await page.goto(`${server.address}${mark}${token.slice(0, -5)}`);
		await ready(page);
		assert.equal(page.url(), server.address, `${mark} is taken out of the address`);
		await enterCode(page, token);
	}
});

law("without its fragment the page takes the whole code, however it is typed or pasted", async (t) => {
	const { server } = await t.box(), token = newToken(), bare = token.replace(/-/g, "");
	const forms = [token, bare, token.toLowerCase(), token.replace(/-/g, " "), bare.replace(/0/g, "O").replace(/1/g, "l"),
		`Your voting code: ${token}`, `> Votre code de vote : ${token}\r\n> Il est personnel`, token.replace(/-/g, "\u2011"),
		`Ihr Code ${bare}.`, [...token].map((c) => (c === "-" ? c : String.fromCodePoint(c.charCodeAt(0) + 0xfee0))).join("")];
	for (const form of forms) {
		const page = await t.page();
		await page.goto(server.address);
		await page.fill("#code", form);
		await page.click("button[type=submit]");
		await page.waitForSelector("main.at-choose").catch(() => assert.fail(`not understood: ${form}`));
		await page.close();
	}
	const page = await t.page();
	await page.goto(linkOf(server, newToken()));
	await page.fill("#code", token); /* the whole code where four characters are asked for */
	await page.click("button[type=submit]");
	await page.waitForSelector("main.at-choose");
});

law("a mistyped code is told before anything is sent", async (t) => {
	const { server, token, page } = await t.member();
	const wrong = token.at(-1) === "Z" ? "Y" : "Z";
	for (const [typed, words] of [["", /enter the four/], ["ABC", /there are 3/], ["A*CD", /no voting code has/],
		[token.slice(-4, -1) + wrong, /do not go with your link/]]) {
		await page.fill("#code", typed);
		await page.click("button[type=submit]");
		assert.match(await textOf(page, "#code-problem"), words);
		assert.equal(await page.evaluate(() => document.activeElement.id), "code");
		assert.equal(await page.getAttribute("#code", "aria-invalid"), "true");
	}
	await page.click("text=Type the whole code instead");
	await page.fill("#code", token.slice(0, -1) + wrong);
	await page.click("button[type=submit]");
	assert.match(await textOf(page, "#code-problem"), /not a voting code/);
	assert.ok(server.seen.every((request) => request.method === "GET"));
});

law("a second factor is asked for, refused where it cannot be one, and part of the credential", async (t) => {
	const { box, server, token, page } = await t.member({ ...CONGRESS, second_factor: true });
	await page.fill("#code", token.slice(-4));
	await page.fill("#factor", "A");
	await page.click("button[type=submit]");
	await page.waitForSelector("#factor-problem:not(:empty)");
	await page.fill("#factor", "ab 12-cd.34");
	await page.click("button[type=submit]");
	await page.waitForSelector("main.at-choose", { timeout: 20000 });
	await choose(page, "q0-0");
	await cast(page);
	await page.waitForSelector("#tracker", { timeout: 20000 });
	const again = await t.page();
	await again.goto(linkOf(server, token));
	await again.fill("#code", token.slice(-4));
	await again.fill("#factor", "AB12CD34"); /* the same to the core */
	await again.click("button[type=submit]");
	await again.waitForSelector("main.at-choose", { timeout: 20000 });
	await choose(again, "q0-1");
	await cast(again);
	await again.waitForSelector("text=stands already", { timeout: 20000 });
	assert.equal(box.lines.length, 2);
});

law("the back button goes to the step before; a reload starts anew, with nothing left over", async (t) => {
	const { token, page } = await t.member();
	await upToCheck(page, token);
	await page.goBack();
	await page.waitForSelector("main.at-choose");
	assert.ok(await page.isChecked("#q0-1"));
	await page.goForward();
	await page.waitForSelector("main.at-check");
	await page.reload();
	await ready(page);
	await page.waitForSelector("main.at-code");
	assert.equal(await page.inputValue("#code"), "");
	assert.match(await textOf(page), /Seven groups/, "the code of the link is forgotten");
	await page.goBack().catch(() => {});
	assert.equal(await page.locator("input:checked").count(), 0);
});

law("two tabs with one code: the first ballot stands, the second is told so with its tracker", async (t) => {
	const { box, server } = await t.box(), token = newToken(), context = await t.context();
	const [one, two] = [await t.page({}, context), await t.page({}, context)];
	for (const page of [one, two]) {
		await page.goto(linkOf(server, token));
		await upToCheck(page, token, page === one ? "q0-0" : "q0-2");
	}
	await cast(one);
	await one.waitForSelector("#tracker");
	await cast(two);
	await two.waitForSelector("text=stands already");
	assert.equal(await two.textContent("#tracker"), await one.textContent("#tracker"));
	assert.equal(box.lines.length, 2);
});

law("another member's link, opened in the same tab, starts anew with their code", async (t) => {
	const { server, token, page } = await t.member(), second = newToken();
	await upToCheck(page, token);
	await page.evaluate((link) => { location.href = link; }, linkOf(server, second));
	await page.waitForSelector("main.at-code");
	assert.equal(page.url(), server.address);
	await upToCheck(page, second);
});

law("a wrong clock in the browser stops nobody", async (t) => {
	for (const days of [-30, 30]) {
		const { server } = await t.box(), token = newToken(), page = await t.page();
		await page.clock.setFixedTime(Date.now() + days * 86400e3);
		await page.goto(linkOf(server, token));
		assert.match(await textOf(page), days < 0 ? /has not opened yet/ : /has closed/);
		await page.clock.resume();
		await vote(page, token);
	}
});

law("a test says so on every step", async (t) => {
	const { token, page } = await t.member({ ...CONGRESS, test: true });
	const says = async () => assert.match(await textOf(page, ".test"), /This is a test: no ballot counts/);
	await says();
	await enterCode(page, token);
	await says();
	await choose(page, "q0-0");
	await says();
	await cast(page);
	await page.waitForSelector("#tracker");
	await says();
});

law("the receipt can be copied and saved", async (t) => {
	const { box, token, page } = await t.member(CONGRESS, { permissions: ["clipboard-read", "clipboard-write"] });
	const tracker = await vote(page, token);
	await page.click(".tracker-box button");
	await page.waitForSelector(".said:has-text('Copied')");
	assert.equal(await page.evaluate(() => navigator.clipboard.readText()), tracker);
	const [download] = await Promise.all([page.waitForEvent("download"), page.click("text=Save the receipt")]);
	const chunks = [];
	for await (const chunk of await download.createReadStream())
		chunks.push(chunk);
	const saved = JSON.parse(Buffer.concat(chunks).toString());
	assert.equal(saved.tracker, tracker);
	assert.equal(saved.credential, JSON.parse(box.lines[1]).credential);
});
