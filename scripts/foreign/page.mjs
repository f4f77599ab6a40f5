// Opens the local cloud's status page in a headless Chromium while events are replayed, and looks at what a person
// would see. The address is that of VPC_ENDPOINT. With SCREENSHOTS=folder it leaves pictures there, light, dark and
// narrow. Exits 1 on the first difference, and 0 with a message where there is no Chromium.
import assert from "node:assert/strict";
import { accessSync, constants, readFileSync } from "node:fs";
import http from "node:http";
import MNSClient from "@alicloud/mns";
import axe from "axe-core";
import { chromium } from "playwright-core";

const browserPath = (process.env.PATH ?? "")
  .split(":")
  .flatMap(folder => ["chromium", "chromium-browser", "google-chrome"].map(name => `${folder}/${name}`))
  .find(path => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
if (!browserPath) {
  console.log("the status page: skipped, there is no Chromium");
  process.exit(0);
}
const address = process.env.VPC_ENDPOINT;
const account = process.env.MNS_ENDPOINT.match(/\/(\d{10,20})\.mns\./)[1];
const queue = new MNSClient(account, {
  endpoint: process.env.MNS_ENDPOINT,
  accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
  accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
});

const browser = await chromium.launch({
  executablePath: browserPath,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
const wrong = [];
page.on("pageerror", error => wrong.push(`script: ${error.message}`));
page.on("console", message => message.type() === "error" && wrong.push(`console: ${message.text()}`));
page.on("dialog", dialog => dialog.accept());
page.on("request", request => new URL(request.url()).origin === address || wrong.push(`a request to ${request.url()}`));
// What each connection was shown as, in order.
await page.addInitScript(() => {
  window.shown = {};
  const look = () =>
    document.querySelectorAll("#connections > li").forEach(row => {
      const states = (window.shown[row.querySelector(".name").textContent] ??= []);
      const state = row.querySelector(".state").textContent;
      if (states.at(-1) !== state) states.push(state);
    });
  document.addEventListener("DOMContentLoaded", () =>
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true }),
  );
});
await page.goto(address);
const shown = async name => (await page.evaluate(() => window.shown))[name] ?? [];
async function until(what, holds) {
  for (let tries = 0; tries < 200; tries++) {
    if (await holds()) return;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  assert.fail(`never seen: ${what}; the page says\n${await page.innerText("body")}`);
}

// Events are replayed: every connection is seen pending, then attached.
await until("the connections that are there", async () => (await shown("site-by-name")).length > 0);
const template = readFileSync(process.env.EVENT, "utf8");
for (const id of ["vco-a", "vco-b", "vco-byname"]) {
  await queue.sendMessage(process.env.MNS_QUEUE, {
    MessageBody: template.replaceAll("vco-one", id).replaceAll("&", "&amp;").replaceAll("<", "&lt;"),
  });
}
// One is made by hand, with text that would be markup were it not shown as text.
const hostile = '<img src=x onerror="document.title=1">';
await page.fill("input[name=name]", hostile);
await page.fill("input[name=router]", "tr-core");
await page.fill("textarea[name=tags]", `note=${hostile}`);
await page.click("#new button");
await until("the word on the new connection", async () => /^Created vco-/.test(await page.innerText("#made")));
// And one that cannot be attached.
await page.fill("input[name=name]", "nowhere");
await page.fill("input[name=router]", "no-such-label");
await page.fill("textarea[name=tags]", "");
await page.click("#new button");
for (const name of ["site-a", "site-b", "site-by-name", hostile]) {
  await until(`${name} attached`, async () => (await shown(name)).at(-1) === "attached");
  assert.deepEqual((await shown(name)).slice(-2), ["attaching", "attached"], name);
}
// Its tunnels are marks on the wire to its transit router, which have words as well.
await until(
  "the marks of two tunnels that are up",
  async () =>
    (await page.locator("#connections > li", { hasText: "site-a" }).locator("svg.wire circle").count()) === 2 &&
    (await page.locator("svg.wire title", { hasText: "tunnel 1 up, tunnel 2 up" }).count()) > 0,
);
assert.equal(await page.locator("img").count(), 0, "a name became markup");
assert.equal(await page.title(), "vpn-attach, local cloud");
await until("the failure's advice", async () => /failed[\s\S]*→/.test(await page.innerText("#needs")));

// It is corrected where it is named: the list leads to the connection, whose tag is edited in place.
await page.click("#needs button:text('nowhere')");
const row = page.locator("#connections > li", { hasText: "nowhere" });
await row.locator(".tags input").nth(1).fill("tr-core");
await page.waitForTimeout(1500); // in which the page reads the state again, and leaves what is being written
await row.locator(".tags button", { hasText: "Save" }).click();
await until("the connection that was corrected", async () => (await shown("nowhere")).at(-1) === "attached");
await row.locator("button", { hasText: /^Dry run$/ }).click();
await until("what a dry run answers", async () => /unchanged|checked/.test(await row.innerText()));

// A fault is added and removed, a queue is looked into, and what happened becomes a case.
await page.click("#h-faults ~ details summary");
await page.fill("#fault input[name=delay]", "1s");
await page.fill("#fault input[name=action]", "ListTransitRouters");
await page.click("#fault button");
await until("the fault", async () => /ListTransitRouters/.test(await page.innerText("#faults")));
await page.locator("#faults li", { hasText: "ListTransitRouters" }).locator("button").click();
await until("no fault", async () => !/ListTransitRouters/.test(await page.innerText("#faults")));
const written = await (await page.request.get(`${address}/local/requests/case`)).text();
assert.match(written, /^steps:$[\s\S]*send:[\s\S]*tag:[\s\S]*^expect:$/m);

const words = await page.innerText("body");
for (const word of ["core", "Last outcomes", "Last invocations", "on this machine", "dead letter"])
  assert.ok(words.includes(word), word);
assert.ok(!/not-to-be-told|local-secret/i.test(await page.content()), "a secret is on the page");

// Another site's name for this address is turned away, for the page and its action; the APIs are not asked for theirs.
const foreign = (method, path) =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(address);
    http
      .request(
        { hostname, port, path, method, headers: { Host: "evil.example", Origin: "http://evil.example" } },
        answer => {
          answer.resume();
          resolve(answer.statusCode);
        },
      )
      .on("error", reject)
      .end();
  });
assert.deepEqual(
  [await foreign("GET", "/"), await foreign("GET", "/local/state"), await foreign("POST", "/local/reset")],
  [421, 421, 421],
);

// A keyboard and a screen reader get through the page, whatever is open.
for (const summary of await page.$$("details:not([open]) > summary")) await summary.click().catch(() => {});
for (const colorScheme of ["light", "dark"]) {
  await page.emulateMedia({ colorScheme });
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run());
  const serious = violations.filter(found => ["serious", "critical"].includes(found.impact));
  assert.deepEqual(
    serious.map(found => `${found.id}: ${found.nodes[0].html}`),
    [],
    colorScheme,
  );
}

if (process.env.SCREENSHOTS) {
  await page.click("#invocations summary >> nth=0");
  for (const [name, colorScheme, width] of [
    ["light", "light", 1280],
    ["dark", "dark", 1280],
    ["narrow", "light", 390],
  ]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: `${process.env.SCREENSHOTS}/page-${name}.png`, fullPage: true });
  }
}
await page.setViewportSize({ width: 390, height: 900 });
assert.ok(
  await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
  "a narrow window has to be scrolled sideways",
);
// A reset gives back what the file says.
await page.click("#reset");
await until("the connections of the file", async () => (await page.locator("#connections > li").count()) === 5);
await browser.close();
assert.deepEqual(wrong, []);
console.log("ok    the status page: connections are seen attaching, then attached; a failure is corrected in place");
