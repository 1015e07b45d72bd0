// What a schema looks like, and a body that follows it.
import { h, paragraphs } from "./dom.js";

// resolve follows a reference. What stands beside it wins over what it refers to.
export function resolve(doc, node) {
  if (!node || !node.$ref) return node || {};
  const target = node.$ref.split("/").slice(1).reduce((at, part) => at?.[part], doc);
  const { $ref, ...beside } = node;
  return { ...target, ...beside };
}

const refName = (node) => node?.$ref?.split("/").pop();

// typeName is a schema's type in a few characters.
export function typeName(doc, node) {
  const s = resolve(doc, node);
  if (s.type === "array") return `${typeName(doc, s.items)}[]`;
  if (s.enum) return "enum";
  if (s.type === "object") return refName(node) || "object";
  return s.format && !["double", "int32"].includes(s.format) ? `${s.type} (${s.format})` : s.type || "any";
}

// bounds are a schema's limits in words.
export function bounds(s) {
  const number = (n) => n.toLocaleString("en-US");
  const range = (from, to, unit) => {
    if (from != null && to != null) return `${number(from)} to ${number(to)}${unit}`;
    if (from != null) return `at least ${number(from)}${unit}`;
    if (to != null) return `at most ${number(to)}${unit}`;
    return "";
  };
  return [
    range(s.minimum, s.maximum, ""),
    s.exclusiveMinimum != null ? `more than ${number(s.exclusiveMinimum)}` : "",
    s.exclusiveMaximum != null ? `less than ${number(s.exclusiveMaximum)}` : "",
    range(s.minLength, s.maxLength, " characters"),
    range(s.minItems, s.maxItems, " items"),
    s.uniqueItems ? "all different" : "",
  ].filter(Boolean).join(", ");
}

// head is a field's name, type and limits.
export function head(doc, name, node, required) {
  const s = resolve(doc, node);
  return h("div", { class: "field-head" },
    h("span", { class: "field-name" }, name),
    h("span", { class: "type" }, typeName(doc, node)),
    required && h("span", { class: "required" }, "required"),
    h("span", { class: "bounds" }, bounds(s)));
}

export function values(list) {
  return list && h("ul", { class: "values", "aria-label": "Values" }, list.map((v) => h("li", {}, v)));
}

// fields lists a message's fields, with those of inner messages to unfold.
export function fields(doc, node, seen = []) {
  const s = resolve(doc, node);
  const entries = Object.entries(s.properties || {});
  if (entries.length === 0) return h("p", { class: "muted" }, "No fields.");
  return h("ul", { class: "fields" }, entries.map(([name, child]) => {
    const field = resolve(doc, child);
    const element = field.type === "array" ? field.items : field.additionalProperties || child;
    const inner = resolve(doc, element);
    return h("li", {},
      head(doc, name, child, (s.required || []).includes(name)),
      paragraphs(field.description, { class: "field-text" }),
      values(inner.enum),
      unfold(doc, element, inner, seen));
  }));
}

function unfold(doc, node, inner, seen) {
  const name = refName(node);
  if (inner.type !== "object" || !inner.properties || seen.includes(name)) return null;
  const details = h("details", { class: "inner" }, h("summary", {}, `Fields of ${name || "it"}`));
  // Built when it is opened: a whole recommendation has hundreds of fields.
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) {
      const about = node.description ? null : paragraphs(inner.description, { class: "field-text" });
      details.append(...(about || []), fields(doc, node, [...seen, name]));
    }
  });
  return details;
}

// sample makes a body with the required fields, or all of them when none is.
export function sample(doc, node, seen = []) {
  const s = resolve(doc, node);
  if (s.enum) return s.enum[0];
  switch (s.type) {
    case "object": {
      const name = refName(node);
      if (seen.includes(name)) return {};
      const entries = Object.entries(s.properties || {});
      const chosen = entries.filter(([key]) => (s.required || []).includes(key));
      return Object.fromEntries((chosen.length ? chosen : entries).map(
        ([key, child]) => [key, sample(doc, child, [...seen, name])]));
    }
    case "array": return s.minItems ? [sample(doc, s.items, seen)] : [];
    case "integer":
    case "number": return s.minimum || 0;
    case "boolean": return false;
    default: return "";
  }
}
