// The page about the API: it reads /openapi.json and shows one operation at a time.
import { h, paragraphs } from "./dom.js";
import { fields, head, resolve, values } from "./schema.js";
import * as session from "./session.js";
import { tryPanel } from "./try.js";

const $ = (id) => document.getElementById(id);
const main = $("main");

// operationsOf lists the operations in the document's order.
function operationsOf(doc) {
  return Object.entries(doc.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, op]) => ({ path, method, ...op })));
}

function navigation(doc, operations) {
  $("operations").replaceChildren(...doc.tags.map((tag) =>
    h("section", { class: "group" }, h("h2", {}, tag.name),
      h("ul", {}, operations.filter((op) => op.tags.includes(tag.name)).map((op) =>
        h("li", { "data-find": `${op.summary} ${op.method} ${op.path}`.toLowerCase() },
          h("a", { class: "item", href: `#${op.operationId}` },
            h("span", { class: `method ${op.method}` }, op.method === "delete" ? "DEL" : op.method.toUpperCase()),
            h("span", { class: "grow" }, op.summary))))))));
}

function search() {
  const wanted = $("search").value.trim().toLowerCase().split(/\s+/);
  let any = false;
  for (const group of document.querySelectorAll(".group")) {
    let here = false;
    for (const li of group.querySelectorAll("li")) {
      li.hidden = !wanted.every((word) => li.dataset.find.includes(word));
      here ||= !li.hidden;
    }
    group.hidden = !here;
    any ||= here;
  }
  $("nothing").hidden = any;
}

function route(op) {
  const parts = op.path.split(/(\{[^}]+\})/).map((part) => (part.startsWith("{") ? h("var", {}, part) : part));
  return h("div", { class: "route" }, h("span", { class: `method ${op.method}` }, op.method.toUpperCase()), h("span", {}, parts));
}

function duration(seconds) {
  if (seconds % 3600 === 0) return seconds === 3600 ? "an hour" : `${seconds / 3600} hours`;
  if (seconds % 60 === 0) return seconds === 60 ? "a minute" : `${seconds / 60} minutes`;
  return `${seconds} s`;
}

function facts(op) {
  const list = [];
  if (op.security.length > 0) {
    list.push(h("li", { class: "lock" }, "Needs an access token"));
    for (const scope of op.security.flatMap((s) => s.bearer)) list.push(h("li", {}, `Scope ${scope}`));
  } else list.push(h("li", {}, "For everybody"));
  for (const l of op["x-rate-limits"] || []) list.push(h("li", {}, `${l.requests} in ${duration(l.windowSeconds)} per ${l.per}`));
  return h("ul", { class: "tags", "aria-label": "Who and how often" }, list);
}

function parameters(doc, op) {
  if (!op.parameters) return [];
  return [h("h3", {}, "Parameters"), h("ul", { class: "fields" }, op.parameters.map((p) => {
    const s = resolve(doc, p.schema);
    return h("li", {}, head(doc, p.name, p.schema, p.required),
      h("p", { class: "field-text" }, h("span", { class: "type" }, `in ${p.in}. `), p.description || ""), values(s.enum));
  }))];
}

function bodyOf(doc, op) {
  if (!op.requestBody) return [];
  const { schema } = op.requestBody.content["application/json"];
  return [h("h3", {}, "Body"), paragraphs(op.requestBody.description || resolve(doc, schema).description), fields(doc, schema)];
}

function answers(doc, op) {
  const all = Object.entries(op.responses).map(([status, r]) => [status, resolve(doc, r)]);
  const [status, success] = all[0];
  const content = success.content?.["application/json"];
  return [
    h("h3", {}, "Answer"),
    h("ul", { class: "statuses" }, all.map(([code, r]) => h("li", {},
      h("span", { class: `code ${code.startsWith("2") ? "ok" : "bad"}` }, code === "default" ? "other" : code), h("span", {}, r.description)))),
    content && h("h3", {}, `Body of ${status}`),
    content && fields(doc, content.schema),
  ];
}

function showOperation(doc, op) {
  main.replaceChildren(h("article", { class: "operation" },
    h("div", {},
      h("div", { class: "crumb" }, op.tags[0]),
      h("h1", {}, op.summary),
      route(op), facts(op), paragraphs(op.description), parameters(doc, op), bodyOf(doc, op), answers(doc, op)),
    tryPanel(doc, op)));
}

function showOverview(doc) {
  main.replaceChildren($("overview").content.cloneNode(true));
  $("heading").textContent = `${doc.info.title} API`;
  $("lead").textContent = doc.info.description;
}

function show(doc, operations) {
  const id = decodeURIComponent(location.hash.slice(1));
  const op = operations.find((o) => o.operationId === id);
  if (op) showOperation(doc, op);
  else showOverview(doc);
  document.title = `${op ? `${op.summary} · ` : ""}${doc.info.title} API`;
  for (const a of document.querySelectorAll(".item")) {
    if (a.hash === `#${op ? id : "overview"}`) a.setAttribute("aria-current", "page");
    else a.removeAttribute("aria-current");
  }
  const section = !op && id && main.querySelector(`#${CSS.escape(id)}`);
  if (section) section.scrollIntoView();
  else window.scrollTo(0, 0);
}

function signing() {
  const dialog = $("signin");
  session.onChange(() => {
    $("session").textContent = session.signedIn() ? "Sign out" : "Sign in";
    $("who").textContent = session.who();
  });
  $("session").addEventListener("click", () => {
    if (session.signedIn()) session.signOut();
    else dialog.showModal();
  });
  $("signin-cancel").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    for (const id of ["password", "token"]) $(id).value = "";
    $("signin-error").textContent = "";
  });
  dialog.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = $("signin-send");
    button.disabled = true;
    $("signin-error").textContent = "";
    try {
      if ($("token").value.trim()) session.useToken($("token").value);
      else await session.signIn($("email").value, $("password").value);
      dialog.close();
    } catch (error) {
      $("signin-error").textContent = error.message;
    }
    button.disabled = false;
  });
}

async function start() {
  signing();
  const response = await fetch("/openapi.json");
  if (!response.ok) throw new Error(`openapi.json was answered ${response.status}`);
  const doc = await response.json();
  const operations = operationsOf(doc);
  $("title").textContent = doc.info.title;
  navigation(doc, operations);
  $("search").addEventListener("input", search);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.closest("input, textarea, select, dialog")) {
      event.preventDefault();
      $("search").focus();
    }
  });
  window.addEventListener("hashchange", () => {
    show(doc, operations);
    main.focus({ preventScroll: true });
  });
  show(doc, operations);
}

start().catch((error) => main.replaceChildren(h("p", { class: "error" }, `The page cannot be shown: ${error.message}`)));
