
"use strict";
// The status page: it reads /local/state every second, and changes only what is different. Everything that comes from
// the cloud is shown as text.
const $ = id => document.getElementById(id);

function el(tag, cls, ...children) {
  const e = document.createElement(tag);
  if (cls) e.className = cls;
  e.append(...children.filter(c => c !== "" && c != null));
  return e;
}
// long is text that scrolls, with the keyboard too.
function long(text) {
  const e = el("pre", "", text);
  e.tabIndex = 0;
  return e;
}
function button(text, cls, click) {
  const b = el("button", cls, text);
  b.type = "button";
  b.addEventListener("click", click);
  return b;
}
function folded(cls, ...summary) {
  const d = el("details", cls, el("summary", "", ...summary));
  return d;
}

// list makes an element's children those of the items. An item's element stays the same while it is there, so that
// what is open stays open and what is being written stays written.
function list(parent, items, key, make) {
  const old = new Map([...parent.children].map(child => [child.key, child]));
  const wanted = items.map(item => {
    const k = key(item),
      text = JSON.stringify(item);
    const child = old.get(k) ?? make(item);
    if (child.text !== text) {
      child.key = k;
      child.text = text;
      child.update?.(item);
      if (!child.update && old.has(k)) {
        const again = make(item);
        again.key = k;
        again.text = text;
        return again;
      }
    }
    return child;
  });
  wanted.forEach((child, i) => parent.children[i] === child || parent.insertBefore(child, parent.children[i] ?? null));
  while (parent.children.length > wanted.length) parent.lastElementChild.remove();
}

// Times are the reader's.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hour12: false,
});
const day = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "2-digit", day: "2-digit" });
function when(text) {
  const t = new Date(text);
  if (!text || isNaN(t) || t.getFullYear() < 1971) return el("time", "", "");
  const today = t.toDateString() === new Date().toDateString();
  const e = el("time", "", (today ? "" : day.format(t) + " ") + clock.format(t));
  e.dateTime = t.toISOString();
  e.title = day.format(t) + " " + clock.format(t) + ", " + zone;
  return e;
}
function span(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 90) return s + " s";
  return s < 5400
    ? Math.round(s / 60) + " min"
    : s < 172800
      ? Math.round(s / 3600) + " h"
      : Math.round(s / 86400) + " days";
}
// until is a time to come that counts down.
function until(text) {
  const e = el("span", "");
  e.dataset.until = text;
  count(e);
  return e;
}
function count(e) {
  const left = (new Date(e.dataset.until) - Date.now()) / 1000;
  e.textContent = left > 0 ? "in " + span(left) : "now";
}
// since is how long a time ago is.
function since(text) {
  const e = el("span", "");
  e.dataset.since = text;
  age(e);
  return e;
}
function age(e) {
  e.textContent = span((Date.now() - new Date(e.dataset.since)) / 1000) + " old";
}
setInterval(() => {
  document.querySelectorAll("[data-until]").forEach(count);
  document.querySelectorAll("[data-since]").forEach(age);
}, 1000);

// Requests of the page. An error is what the cloud says.
async function ask(method, path, body) {
  const answer = await fetch("/local/" + path, {
    method,
    headers: { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch(() => {
    throw new Error("The local cloud does not answer.");
  });
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return answer.json();
}
async function tell(place, doing, work) {
  place.textContent = doing;
  try {
    place.replaceChildren(...[await work()].flat());
  } catch (error) {
    place.replaceChildren(el("span", "bad", error.message));
  }
  look(true);
}

// How a connection stands: a mark, which is no colour alone, and a tone.
const marks = {
  attached: ["●", "good"],
  degraded: ["◒", "wait"],
  down: ["▽", "bad"],
  attaching: ["◐", "wait"],
  detaching: ["◑", "wait"],
  detached: ["○", "calm"],
  retrying: ["↻", "wait"],
  failed: ["✕", "bad"],
  conflict: ["≠", "wait"],
  "opted out": ["–", "calm"],
  "no tag": ["○", "calm"],
  skipped: ["–", "calm"],
  "no event yet": ["…", "calm"],
};
const others = { unchanged: ["", "good"], up: ["", "good"], checked: ["", "calm"], swept: ["", "calm"] };
const toneOf = status => (marks[status] ?? others[status] ?? ["", "wait"])[1];
function mark(condition) {
  const m = el("span", "mark " + toneOf(condition), (marks[condition] ?? ["?"])[0]);
  m.ariaHidden = "true";
  return m;
}

// The wire from a connection to its transit router, with a mark for each tunnel: a disc on the wire is up, a cross in a
// gap of it is down. While the connection is not Attached the wire is dashed and has no marks.
const wide = 66,
  middle = 8;
function drawn(tag, attributes, ...children) {
  const e = document.createElementNS($("art").namespaceURI, tag);
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
  e.append(...children);
  return e;
}
function tunnel(up, x) {
  const arm = 4.5;
  return up
    ? drawn("circle", { class: "good", cx: x, cy: middle, r: 5 })
    : drawn(
        "g",
        { class: "bad" },
        drawn("path", { class: "gap", d: `M${x - 8} ${middle}h16` }),
        drawn("path", { d: `M${x - arm} ${middle - arm}l9 9m-9 0l9-9` }),
      );
}
function wire(c) {
  const tunnels = c.tunnels ?? [],
    told = tunnels.map((up, i) => `tunnel ${i + 1} ${up ? "up" : "down"}`).join(", ") || "no tunnels yet";
  return drawn(
    "svg",
    { class: tunnels.length ? "wire" : "wire dashed", viewBox: `0 0 ${wide} 16`, role: "img" },
    drawn("title", {}, told + ", to"),
    drawn("path", { d: `M1 ${middle}H${wide - 1}` }),
    ...tunnels.map((up, i) => tunnel(up, (wide * (i + 1)) / (tunnels.length + 1))),
  );
}

// A told outcome, in a line.
function told(o) {
  const what = [o.dryRun ? "dry run" : "", o.code, o.router].filter(Boolean).join("  ");
  return el(
    "li",
    "",
    when(o.time),
    " ",
    el("b", toneOf(o.status), o.status),
    " " + what,
    o.retryAt ? el("span", "", "  next try ", until(o.retryAt)) : "",
    o.message ? el("span", "advice", o.message) : "",
    ...(o.notes ?? []).map(n => el("span", "advice", n)),
    o.advice ? el("span", "advice", "→ " + o.advice) : "",
  );
}
function answered(a) {
  const all = [...(a.outcomes ?? []), ...(a.sweeps ?? [])].map(o => {
    const d = o.data ?? {},
      e = d.error ?? {};
    const counts = d.counts
      ? Object.entries(d.counts)
          .map(([k, n]) => n + " " + k)
          .join(", ")
      : "";
    return told({
      time: o.time,
      status: d.status,
      dryRun: d.dryRun,
      code: e.code ?? d.reason ?? counts,
      router: d.transitRouterId,
      message: e.message,
      advice: e.advice,
      notes: d.notes,
    });
  });
  const rest = ["queued", "ignored"]
    .filter(k => a[k])
    .map(k => a[k] + " " + k)
    .join(", ");
  return all.length
    ? [el("ul", "list", ...all)]
    : [el("span", "", a.paused ? "The function is paused." : rest || "Nothing to do.")];
}

// Tags, edited in place.
function tagEditor(id, tags) {
  const form = el("form", "tags"),
    said = el("span", "soft");
  said.setAttribute("role", "status");
  const line = (key, value) => {
    const k = el("input"),
      v = el("input"),
      drop = button("Remove", "small", () => {
        k.value = "";
        send();
      });
    k.value = key;
    v.value = value;
    k.setAttribute("aria-label", "Tag key of " + id);
    v.setAttribute("aria-label", "Value of tag " + (key || "that is new") + " of " + id);
    k.placeholder = "key";
    v.placeholder = "value";
    k.readOnly = key !== "";
    form.append(k, v, key ? drop : el("button", "small", "Save"));
    return { key, k, v };
  };
  let lines = [];
  const fill = () => {
    form.replaceChildren();
    lines = Object.entries(tags)
      .sort()
      .map(([k, v]) => line(k, v));
    lines.push(line("", ""));
  };
  const send = () =>
    tell(said, "Saving…", async () => {
      const set = {},
        remove = [];
      for (const l of lines) {
        if (l.key && !l.k.value) remove.push(l.key);
        else if (l.k.value && tags[l.k.value] !== l.v.value) set[l.k.value] = l.v.value;
      }
      if (!remove.length && !Object.keys(set).length) return "Nothing is different.";
      await ask("POST", "tags", { id, set, remove });
      return id.startsWith("vco-") ? "Saved: the event is in the queue." : "Saved.";
    });
  form.addEventListener("submit", event => {
    event.preventDefault();
    send();
  });
  fill();
  const whole = el("div", "", form, said);
  whole.update = now => {
    if (JSON.stringify(now) === JSON.stringify(tags) || form.contains(document.activeElement)) return;
    tags = now;
    fill();
  };
  return whole;
}

// A connection: one row, with everything about it folded.
let names = {},
  prefix = "vpn-attach:",
  filter = "",
  everything = false,
  state = null;
function row(first) {
  const li = el("li"),
    summary = el("summary"),
    details = el("details", "", summary);
  li.id = "c-" + first.id;
  li.append(details);
  let body = null;
  li.update = c => {
    li.className = "is-" + c.condition.replaceAll(" ", "-");
    const last = c.history.find(o => !o.dryRun) ?? {};
    const tag = (c.tags ?? {})[prefix + "transit-router"];
    const why = /^(failed|conflict|retrying|skipped|down|degraded)$/.test(c.condition) ? last.code : "";
    summary.replaceChildren(
      mark(c.condition),
      el("span", "name", c.name || c.id),
      el("span", "soft", c.name ? c.id : ""),
      el("span", "state " + toneOf(c.condition), c.condition),
      c.router ? el("span", "wired", wire(c), el("span", "", names[c.router] || c.router)) : "",
      why ? el("span", "", why) : "",
      c.condition === "retrying" && last.retryAt ? el("span", "", "next try ", until(last.retryAt)) : "",
      tag ? el("span", "soft push", "tag: " + tag) : "",
    );
    if (details.open) show(c);
    else body = null;
    li.now = c;
  };
  const show = c => {
    if (!body) {
      body = content(c);
      details.replaceChildren(summary, body);
    }
    body.update(c);
  };
  details.addEventListener("toggle", () => (details.open ? show(li.now) : (body = null)));
  return li;
}
function content(first) {
  const id = first.id,
    facts = el("p", "soft"),
    history = el("ol", "list"),
    said = el("div", "");
  said.setAttribute("role", "status");
  const tunnels = el("p", "tunnels");
  const editor = tagEditor(id, first.tags ?? {});
  const run = (doing, payload) => tell(said, doing, async () => answered(await ask("POST", "invocations", payload)));
  const force = el("input");
  force.type = "checkbox";
  const body = el(
    "div",
    "body",
    facts,
    tunnels,
    el(
      "div",
      "line",
      button("Dry run", "", () => run("Asking…", { vpnConnectionId: id, dryRun: true })),
      button("Attach now", "", () => run("Attaching…", { vpnConnectionId: id })),
      button("Detach, dry run", "", () =>
        run("Asking…", { detach: { vpnConnectionId: id, dryRun: true, force: force.checked } }),
      ),
      button("Detach", "", () =>
        run("Detaching…", { detach: { vpnConnectionId: id, dryRun: false, force: force.checked } }),
      ),
      el("label", "check", force, "force: it is not tagged none"),
    ),
    said,
    el("h3", "", "Tags"),
    editor,
    el("h3", "", "What became of its events"),
    history,
  );
  body.update = c => {
    const bound = [
      c.associated.length ? "associated with " + c.associated.join(", ") : "",
      c.propagated.length ? "propagates to " + c.propagated.join(", ") : "",
    ];
    facts.textContent = [
      c.attachment
        ? "attachment " + c.attachment + " on " + c.router + ": " + c.status
        : "no attachment; the connection is " + c.state,
      ...bound,
    ]
      .filter(Boolean)
      .join("; ");
    tunnels.hidden = !c.tunnels;
    tunnels.textContent = (c.tunnels ?? [])
      .map((up, i) => `${up ? "● up" : "▽ down"}: tunnel ${i + 1}`)
      .join("; ");
    editor.update(c.tags ?? {});
    list(
      history,
      c.history.length ? c.history : [{ none: true }],
      o => o.id + o.time,
      o => (o.none ? el("li", "soft", "No outcome yet.") : told(o)),
    );
  };
  return body;
}

function text(c) {
  const last = c.history[0] ?? {};
  return [c.id, c.name, c.condition, c.router, names[c.router], last.code, ...Object.entries(c.tags ?? {}).flat()]
    .join(" ")
    .toLowerCase();
}
const first = 100,
  searched = 50;
function connections() {
  const all = state.connections,
    by = {};
  for (const c of all) by[c.condition] = (by[c.condition] ?? 0) + 1;
  if (filter && !by[filter]) filter = "";
  $("search").hidden = all.length < searched;
  list(
    $("chips"),
    all.length < searched && !filter
      ? []
      : Object.keys(marks)
          .filter(k => by[k])
          .map(k => [k, by[k], k === filter]),
    chip => chip[0],
    chip => {
      const li = el("li"),
        b = button("", "small", () => {
          filter = filter === chip[0] ? "" : chip[0];
          connections();
        });
      li.append(b);
      li.update = ([name, n, on]) => {
        b.textContent = name + " " + n;
        b.ariaPressed = String(on);
      };
      return li;
    },
  );
  const words = $("search").hidden ? [] : $("words").value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter(c => (!filter || c.condition === filter) && words.every(w => text(c).includes(w)));
  const shown = everything ? found : found.slice(0, first);
  $("found").textContent = !all.length
    ? "There are none: create one, here or with a tool."
    : found.length === all.length && shown.length === all.length
      ? ""
      : (shown.length < found.length ? "The first " + shown.length + " of " : "") + found.length +
        (found.length < all.length ? " of " + all.length : "");
  list($("connections"), shown, c => c.id, row);
  $("more").hidden = shown.length === found.length;
  $("more").textContent = "Show all " + found.length;
}
$("more").addEventListener("click", () => {
  everything = true;
  connections();
});
$("words").addEventListener("input", () => connections());
function goTo(id) {
  filter = "";
  everything = true;
  $("words").value = "";
  connections();
  const d = $("c-" + id)?.querySelector("details");
  if (!d) return;
  d.open = true;
  d.scrollIntoView({ block: "center" });
  d.firstElementChild.focus();
}

// What needs a person.
function command(line) {
  const copy = button("Copy", "small", async () => {
    try {
      await navigator.clipboard.writeText(line);
      copy.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      copy.textContent = "Selected";
    }
  });
  const code = el("code", "", line);
  code.tabIndex = 0;
  copy.ariaLabel = "Copy the command";
  return el("div", "command", code, copy);
}
function need(n) {
  const name =
    n.name || n.connection || (n.kind === "function" ? "The function" : n.kind === "message" ? "A message" : "");
  const head = el(
    "p",
    "",
    mark(marks[n.status] ? n.status : "failed"),
    " ",
    n.connection ? button(name, "small", () => goTo(n.connection)) : el("b", "", name),
    " ",
    el("b", n.status === "conflict" || n.kind === "deadLetters" ? "wait" : "bad", n.status),
    " " + n.code + " ",
    when(n.since),
  );
  const li = el(
    "li",
    n.kind + " " + n.status.replaceAll(" ", "-"),
    head,
    el("p", "", n.cause),
    n.remedy ? el("p", "", "→ " + n.remedy) : "",
  );
  if (n.kind === "deadLetters") li.append(redriving());
  if (n.command) li.append(command(n.command));
  return li;
}
let everyNeed = false;
function needs() {
  const shown = everyNeed ? state.needs : state.needs.slice(0, 20);
  list(
    $("needs"),
    shown.length ? shown : [{ none: true }],
    n => (n.none ? "none" : n.kind + n.connection + n.name),
    n => (n.none ? el("li", "none", "Nothing needs a person.") : need(n)),
  );
  $("more-needs").hidden = shown.length === state.needs.length;
  $("more-needs").textContent = "Show all " + state.needs.length;
}
$("more-needs").addEventListener("click", () => {
  everyNeed = true;
  needs();
});
function redriving() {
  const said = el("span", "");
  said.setAttribute("role", "status");
  const move = dryRun =>
    tell(said, "Moving…", async () => {
      const a = await ask("POST", "redrive", { dryRun });
      return el(
        "pre",
        "",
        a.lines.join("\n") + "\n" + a.moved + (dryRun ? " would be moved, " : " moved, ") + a.left + " left",
      );
    });
  return el(
    "div",
    "line",
    button("Look", "small", () => openQueue(state.letters)),
    button("Redrive, dry run", "small", () => move(true)),
    button("Redrive", "small", () => move(false)),
    said,
  );
}

// Queues, looked into without taking anything.
function queue(q) {
  const summary = el("summary"),
    messages = el("ol", "list"),
    details = el("details", "", summary, el("div", "body", messages));
  const li = el("li", "", details);
  li.id = "q-" + q.name;
  const read = async () => {
    if (!details.open) return;
    const answer = await fetch("/local/queues/" + encodeURIComponent(q.name));
    if (!answer.ok) return; // it is gone, and soon from the list
    const all = (await answer.json()).messages;
    list(
      messages,
      all.length ? all : [{ id: "" }],
      m => m.id,
      m => {
        if (!m.id) return el("li", "soft", "It is empty.");
        const one = el("li"),
          head = el("span"),
          body = folded("", m.body.slice(0, 90));
        body.append(long(pretty(m.body)));
        one.append(head, body);
        one.update = m =>
          head.replaceChildren(
            el("b", "", m.state),
            " ",
            m.visible ? el("span", "", "visible ", until(m.visible), ", ") : "",
            "sent ",
            when(m.sent),
            ", ",
            since(m.sent),
            ", " + m.deliveries + (m.deliveries === 1 ? " delivery, " : " deliveries, ") + m.bytes + " bytes",
          );
        return one;
      },
    );
  };
  details.addEventListener("toggle", read);
  li.update = q => {
    summary.replaceChildren(
      el("span", "name", q.name),
      el("span", "soft push", q.visible + " visible, " + q.delayed + " delayed, " + q.inFlight + " in flight"),
    );
    read();
  };
  return li;
}
function pretty(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
function openQueue(name) {
  const d = $("q-" + name)?.querySelector("details");
  if (!d) return;
  d.open = true;
  d.scrollIntoView({ block: "center" });
  d.firstElementChild.focus();
}

// Transit routers.
function router(r) {
  const summary = el("summary"),
    facts = el("p", "soft"),
    li = el("li"),
    editor = tagEditor(r.id, r.tags ?? {});
  const details = el("details", "", summary, el("div", "body", facts, el("h3", "", "Tags"), editor));
  li.append(details);
  li.update = r => {
    const accept = (r.tags ?? {})[prefix + "accept"],
      label = (r.tags ?? {})[prefix + "label"];
    summary.replaceChildren(
      el("span", "name", r.name || r.id),
      el("span", "soft", r.name ? r.id : ""),
      el("span", "", accept ? "accepts " + accept : "accepts nobody"),
      el("span", "soft push", r.attached + " attached"),
    );
    facts.textContent = [
      r.cen,
      r.status,
      label ? "label " + label : "",
      r.tables.length ? "route tables " + r.tables.join(", ") : "",
    ]
      .filter(Boolean)
      .join("  ·  ");
    editor.update(r.tags ?? {});
  };
  return li;
}

function faultRow(f) {
  const code = el("code", ""),
    struck = el("span", "soft");
  const drop = button("Remove", "small push", () => ask("DELETE", "faults/" + f.id).then(() => look(true), alert));
  drop.ariaLabel = "Remove fault " + f.id;
  const li = el("li", "", el("div", "line", code, struck, drop));
  li.update = f => {
    code.textContent = f.fault;
    struck.textContent = f.over ? "used up, struck " + f.struck : "struck " + f.struck;
  };
  return li;
}
function invocation(i) {
  const d = folded(
    "",
    when(i.started),
    " ",
    el("b", i.failure ? "bad" : "", i.failure || i.did),
    " " + i.ms + " ms" + (i.cold ? ", cold start" : ""),
  );
  d.append(long(i.requestId + "\n" + i.log));
  return el("li", "", d);
}
function outcome(raw) {
  const d = raw.data ?? {},
    e = d.error ?? {};
  const status = d.status ?? d.state ?? "unreadable", // a document about the health has a state
    advice = e.advice ?? d.advice,
    more = [e.message ?? d.cause, ...(d.notes ?? []), advice ? "→ " + advice : ""].filter(Boolean);
  const line = [
    when(raw.time),
    " ",
    el("b", toneOf(status), status),
    " " +
      [raw.subject, d.dryRun ? "dry run" : "", e.code ?? d.reason, names[d.transitRouterId] ?? d.transitRouterId]
        .filter(Boolean)
        .join("  "),
    d.retryAt ? el("span", "", "  next try ", until(d.retryAt)) : "",
  ];
  if (!more.length) return el("li", "", ...line);
  const details = folded("", ...line);
  details.append(...more.map(text => el("span", "advice", text)));
  return el("li", "", details);
}

// The counts at the top lead to what they count.
function counts(s) {
  const only = condition => () => {
    filter = condition;
    connections();
    $("h-connections").focus();
  };
  const all = [
    ["needs", s.counts.needs, s.counts.needs ? "bad" : "good", "need a person", () => $("h-needs").focus()],
    ["attached", s.counts.attached, "good", "attached of " + s.connections.length, only("attached")],
    [
      "retrying",
      s.counts.retrying,
      s.counts.retrying ? "wait" : "calm",
      "retrying",
      only("retrying"),
      s.counts.nextRetry,
    ],
    ["letters", s.deadLetters, s.deadLetters ? "wait" : "calm", "dead letters", () => openQueue(state.letters)],
  ];
  list(
    $("counts"),
    all.map(([id, n, tone, words, , next]) => ({ id, n, tone, words, next })),
    c => c.id,
    c => {
      const b = button("", "", () => all.find(a => a[0] === c.id)[4]()),
        li = el("li", "", b);
      li.update = c =>
        b.replaceChildren(
          el("b", c.tone, String(c.n)),
          " ",
          el("span", "", c.words, c.next ? el("span", "", ", next ", until(c.next)) : ""),
        );
      return li;
    },
  );
}
function fact(name, value, cls) {
  return el("div", cls ?? "", el("dt", "", name), el("dd", "", String(value)));
}
function show(s) {
  state = s;
  prefix = s.prefix;
  names = Object.fromEntries(s.routers.map(r => [r.id, r.name]));
  $("router-tag").textContent = prefix + "transit-router";
  $("facts").replaceChildren(
    fact("account", s.account),
    fact("region", s.region),
    fact("speed", s.speed + "×", "minor"),
    fact(
      "queue",
      s.queue.visible + " visible, " + s.queue.delayed + " delayed, " + s.queue.inFlight + " in flight",
      "minor",
    ),
    fact("times", zone),
  );
  counts(s);
  needs();
  connections();
  const attached = {};
  for (const c of s.connections) if (c.router) attached[c.router] = (attached[c.router] ?? 0) + 1;
  list(
    $("routers"),
    s.routers.map(r => ({ ...r, attached: attached[r.id] ?? 0 })),
    r => r.id,
    router,
  );
  $("no-routers").hidden = s.routers.length > 0;
  list($("queues"), s.queues, q => q.name, queue);
  list($("faults"), s.faults, f => f.id, faultRow);
  list(
    $("outcomes"),
    s.outcomes.length ? s.outcomes : [null],
    o => o?.id + o?.time,
    o => (o ? outcome(o) : el("li", "soft", "None yet.")),
  );
  list(
    $("invocations"),
    s.invocations.length ? s.invocations : [null],
    i => i?.requestId,
    i => (i ? invocation(i) : el("li", "soft", "None yet.")),
  );
  list(
    $("alarms"),
    [
      ...s.alarms,
      {
        name: "memory",
        state: s.memory.exceeded ? "ringing" : "quiet",
        detail: s.memory.peakMB + " MB used of " + s.memory.limitMB + " MB",
      },
    ],
    a => a.name,
    a =>
      el(
        "li",
        "",
        el("b", a.state === "ringing" ? "bad" : "", a.state),
        " " + a.name,
        el("span", "advice soft", a.detail),
      ),
  );
  $("sent").hidden = !s.notices.length;
  $("notices").replaceChildren(
    ...s.notices.map(n => el("li", "", el("b", "", n.result), " " + n.endpoint + " from " + n.topic)),
  );
}

// The loop, and what the forms ask for.
let before = "",
  timer = 0;
async function look(soon) {
  clearTimeout(timer);
  if (!document.hidden || soon) {
    try {
      const text = await (await fetch("/local/state")).text();
      if (text !== before) {
        show(JSON.parse(text));
        before = text;
      }
      $("link").textContent = "";
    } catch (error) {
      const gone = error instanceof TypeError; // of fetch
      $("link").textContent = gone
        ? "The local cloud does not answer. What is shown is what was last known."
        : "This page failed: " + error.message;
    }
  }
  clearTimeout(timer);
  timer = setTimeout(look, 1000);
}
const fields = form => Object.fromEntries([...new FormData(form)].map(([k, v]) => [k, v.trim()]));
function submits(id, place, doing, work) {
  $(id).addEventListener("submit", event => {
    event.preventDefault();
    tell(place, doing, () => work(fields(event.target)));
  });
}
submits("new", $("made"), "Creating…", async f => {
  const tags = {};
  if (f.router) tags[prefix + "transit-router"] = f.router;
  for (const line of f.tags.split("\n")) {
    const at = line.indexOf("=");
    if (at > 0) tags[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return "Created " + (await ask("POST", "connections", { name: f.name, tags })).vpnConnectionId + ".";
});
submits("fault", $("fault-said"), "Adding…", async f => {
  const wish = { action: f.action };
  for (const k of ["code", "delay", "drop", "for"]) if (f[k]) wish[k] = f[k];
  for (const k of ["status", "times", "probability"]) if (f[k]) wish[k] = Number(f[k]);
  if (wish.code && !wish.status) wish.status = 400;
  await ask("POST", "faults", wish);
  return "Added.";
});
async function requests() {
  const query = new URLSearchParams(fields($("filter")));
  const all = (await (await fetch("/local/requests?" + query)).json()).requests;
  $("requests").replaceChildren(
    ...all.map(r =>
      el(
        "tr",
        "",
        el("td", "", when(r.time)),
        el("td", "", r.caller),
        el("td", "", r.action),
        el("td", "", r.about),
        el(
          "td",
          r.status >= 400 || r.code || !r.status ? "bad" : "",
          [r.status || "none", r.code, r.fault ? "(a fault)" : "", r.ms + " ms"].filter(Boolean).join(" "),
        ),
      ),
    ),
  );
}
$("filter").addEventListener("submit", event => {
  event.preventDefault();
  requests();
});
$("requests-open").addEventListener("toggle", requests);
const cloudSaid = $("cloud-said");
const sweep = dryRun => () =>
  tell(cloudSaid, "Sweeping…", async () => answered(await ask("POST", "invocations", { sweep: { dryRun } })));
$("sweep-dry").addEventListener("click", sweep(true));
$("sweep").addEventListener("click", sweep(false));
const here = a => a.transitRouters + " transit routers and " + a.vpnConnections + " connections are there.";
$("reset").addEventListener(
  "click",
  () =>
    confirm("Begin again with the cloud file? What is there now is lost.") &&
    tell(cloudSaid, "Beginning again…", async () => here(await ask("POST", "reset", {}))),
);
$("save").addEventListener("click", () =>
  tell(cloudSaid, "Saving…", async () => {
    const link = el("a", "", "cloud.yaml");
    link.href = URL.createObjectURL(new Blob([(await ask("POST", "save", {})).cloud], { type: "application/yaml" }));
    link.download = "cloud.yaml";
    link.click();
    return ["Saved as ", link, "."];
  }),
);
$("load").addEventListener(
  "change",
  event =>
    event.target.files.length &&
    tell(cloudSaid, "Loading…", async () => {
      const cloud = await event.target.files[0].text();
      event.target.value = "";
      return here(await ask("POST", "load", { cloud }));
    }),
);
look();
