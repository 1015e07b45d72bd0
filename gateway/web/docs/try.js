// The panel in which an operation can be tried.
import { copyButton, h, json, pretty } from "./dom.js";
import { resolve, sample, typeName } from "./schema.js";
import { accessToken } from "./session.js";

// What was typed stays while the page is open, by operation.
const typed = new Map();

// tryPanel returns the panel of an operation.
export function tryPanel(doc, op) {
  const kept = typed.get(op.operationId) || {};
  const keep = (name, value) => {
    kept[name] = value;
    typed.set(op.operationId, kept);
  };
  const inputs = (op.parameters || []).map((p) => parameter(doc, op, p, kept, keep));
  const body = op.requestBody && editor(doc, op, kept, keep);
  const send = h("button", { type: "submit", class: "button primary" }, "Send");
  const answer = h("section", { class: "answer", "aria-live": "polite", "aria-label": "Answer", hidden: true });
  const request = () => build(op, inputs, body);

  const form = h("form", { novalidate: true }, inputs.map((i) => i.element), body?.element,
    h("div", { class: "actions" }, send, h("span", { class: "muted" }, "Ctrl + Enter"), h("span", { class: "grow" }),
      copyButton("Copy as curl", () => curl(op, request()))));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const missing = inputs.find((i) => i.missing());
    if (missing || (body && !body.valid())) {
      (missing || body).focus();
      return;
    }
    send.disabled = true;
    answer.hidden = false;
    answer.replaceChildren(h("p", { class: "muted" }, "Waiting for the answer …"));
    answer.replaceChildren(...await run(op, request()));
    send.disabled = false;
    answer.scrollIntoView({ block: "nearest" });
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  return h("aside", { class: "try", "aria-label": "Try it" },
    h("header", {}, h("h2", {}, "Try it"), h("span", { class: "grow" }),
      op.security.length > 0 && h("span", { class: "muted" }, "sends your access token")),
    form, answer);
}

function parameter(doc, op, p, kept, keep) {
  const id = `p-${p.in}-${p.name}`;
  const s = resolve(doc, p.schema);
  const input = s.enum
    ? h("select", { id }, h("option", { value: "" }, "—"), s.enum.map((v) => h("option", { value: v }, v)))
    : h("input", { id, type: "text", autocomplete: "off", spellcheck: "false", inputmode: s.type === "integer" ? "numeric" : null });
  input.value = kept[p.name] || "";
  input.required = Boolean(p.required);
  input.addEventListener("input", () => {
    keep(p.name, input.value);
    input.removeAttribute("aria-invalid");
  });
  const makeKey = p.name === "Idempotency-Key" && h("button", {
    type: "button", class: "button small",
    click: () => {
      // Not randomUUID: it is missing where the page is not served securely.
      input.value = Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
      keep(p.name, input.value);
    },
  }, "New key");
  const label = h("label", { for: id }, p.name,
    h("span", { class: "type" }, p.in, " · ", typeName(doc, p.schema), p.required ? " · required" : ""));
  return {
    place: p.in,
    name: p.name,
    value: () => input.value.trim(),
    missing: () => {
      const missing = p.required && !input.value.trim();
      if (missing) input.setAttribute("aria-invalid", "true");
      return missing;
    },
    focus: () => input.focus(),
    element: h("div", {}, label, h("div", { class: "row" }, input, makeKey)),
  };
}

function editor(doc, op, kept, keep) {
  const media = op.requestBody.content["application/json"];
  const example = JSON.stringify(media.example ?? sample(doc, media.schema), null, 2);
  const area = h("textarea", { id: "body", class: "editor", spellcheck: "false", "aria-describedby": "body-hint" });
  const hint = h("p", { id: "body-hint", class: "hint" });
  area.value = kept.body ?? example;
  area.rows = Math.min(16, area.value.split("\n").length + 1);
  const check = () => {
    let fault = "";
    try {
      if (area.value.trim()) JSON.parse(area.value);
    } catch (error) {
      fault = error.message;
    }
    hint.textContent = fault;
    area.setAttribute("aria-invalid", String(Boolean(fault)));
    return !fault;
  };
  const set = (text) => {
    area.value = text;
    keep("body", text);
    check();
  };
  area.addEventListener("input", () => {
    keep("body", area.value);
    check();
  });
  return {
    value: () => area.value.trim(),
    valid: check,
    focus: () => area.focus(),
    element: h("div", {},
      h("label", { for: "body" }, "Body", h("span", { class: "type" }, "application/json")),
      area, hint,
      h("div", { class: "row" },
        h("button", { type: "button", class: "button small", click: () => set(pretty(area.value)) }, "Tidy"),
        h("button", { type: "button", class: "button small", click: () => set(example) }, "Example"))),
  };
}

function build(op, inputs, body) {
  let path = op.path;
  const query = new URLSearchParams();
  const headers = {};
  for (const i of inputs) {
    const value = i.value();
    if (i.place === "path") path = path.replace(`{${i.name}}`, encodeURIComponent(value));
    else if (value && i.place === "query") query.append(i.name, value);
    else if (value && i.place === "header") headers[i.name] = value;
  }
  const text = body?.value();
  if (text) headers["Content-Type"] = "application/json";
  return { path: query.size ? `${path}?${query}` : path, headers, body: text || undefined };
}

function curl(op, request) {
  const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const parts = [`curl -X ${op.method.toUpperCase()} ${quote(location.origin + request.path)}`];
  if (op.security.length > 0) parts.push('-H "Authorization: Bearer $TOKEN"');
  for (const [name, value] of Object.entries(request.headers)) parts.push(`-H ${quote(`${name}: ${value}`)}`);
  if (request.body) parts.push(`-d ${quote(request.body)}`);
  return parts.join(" \\\n  ");
}

async function run(op, request) {
  if (op.security.length > 0) {
    const token = await accessToken();
    if (token) request.headers.Authorization = `Bearer ${token}`;
  }
  const began = performance.now();
  try {
    const response = await fetch(request.path, {
      method: op.method.toUpperCase(), headers: request.headers, body: request.body, cache: "no-store",
    });
    const text = await read(response);
    return show(response, text, Math.round(performance.now() - began));
  } catch (error) {
    return [h("p", { class: "error" }, `There was no answer: ${error.message}`)];
  }
}

// read returns the body; of a stream of events, which has no end, those that come first.
async function read(response) {
  if (!(response.headers.get("Content-Type") || "").startsWith("text/event-stream")) return response.text();
  const reader = response.body.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return new TextDecoder().decode(value);
}

function show(response, text, milliseconds) {
  const formatted = pretty(text);
  let violations = [];
  try {
    violations = JSON.parse(text).violations || [];
  } catch {
    // Not every answer has a body.
  }
  return [
    h("div", { class: "answer-head" },
      h("span", { class: `badge ${response.ok ? "ok" : "bad"}` }, `${response.status} ${response.statusText}`.trim()),
      h("span", { class: "muted" }, `${milliseconds} ms, ${new Blob([text]).size.toLocaleString("en-US")} bytes`),
      h("span", { class: "grow" }), text && copyButton("Copy", () => formatted)),
    violations.length > 0 && h("ul", { class: "violations" }, violations.map((v) => h("li", {}, h("code", {}, v.field), ` ${v.message}`))),
    h("details", {}, h("summary", {}, "Headers"),
      h("dl", { class: "answer-headers" }, [...response.headers].map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]))),
    text ? json(formatted) : h("p", { class: "muted" }, "The answer has no body."),
  ].filter(Boolean);
}
