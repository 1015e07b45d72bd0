// Small helpers to build the page without ever parsing text as HTML.

// h makes an element. Attributes that are functions listen; false and null are left
// out.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((c) => c != null && c !== false));
  return element;
}

// paragraphs turns a description into elements.
export function paragraphs(text, attributes = {}) {
  return (text || "").split("\n\n").filter(Boolean).map((p) => {
    const lines = p.split("\n");
    if (lines.length > 1 && lines.slice(1).every((l) => l.startsWith("- "))) {
      return h("div", attributes, lines[0].startsWith("- ") ? null : lines[0],
        h("ul", {}, lines.filter((l) => l.startsWith("- ")).map((l) => h("li", {}, l.slice(2)))));
    }
    return h("p", attributes, p);
  });
}

// json shows a JSON text in colours.
export function json(text) {
  const token = /("(?:\\.|[^"\\])*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)/g;
  const pre = h("pre", { tabindex: "0" });
  let end = 0;
  for (const m of text.matchAll(token)) {
    pre.append(text.slice(end, m.index));
    const kind = m[1] ? (m[2] ? "k" : "s") : m[3] ? "n" : "w";
    pre.append(h("span", { class: kind }, m[1] || m[3] || m[4]), m[2] || "");
    end = m.index + m[0].length;
  }
  pre.append(text.slice(end));
  return pre;
}

// pretty indents a text when it is JSON.
export function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

// copyButton copies what text() returns.
export function copyButton(label, text) {
  const button = h("button", { type: "button", class: "button small" }, label);
  button.addEventListener("click", async () => {
    let done = true;
    try {
      await navigator.clipboard.writeText(text());
    } catch {
      done = false;
    }
    button.textContent = done ? "Copied" : "Cannot copy";
    setTimeout(() => { button.textContent = label; }, 1500);
  });
  return button;
}
