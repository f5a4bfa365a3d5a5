// The little that pages do by themselves. Everything works without it, only less at once.
"use strict";

// Ctrl+Enter (or ⌘+Enter) sends the form that one is typing in.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest && event.target.closest("form");
  if (form) { event.preventDefault(); form.requestSubmit(); }
});

// What was typed isn't lost by a click: forms marked data-guard ask before the page is left.
let unsaved = false;
document.addEventListener("input", (event) => {
  if (event.target.closest("form[data-guard]")) unsaved = true;
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-guard]")) unsaved = false;
  // A second press sends nothing twice: the button says that it works.
  if (!form.matches("[data-again]")) {
    const button = event.submitter;
    if (button) setTimeout(() => { button.setAttribute("aria-busy", "true"); button.disabled = true; }, 0);
  }
}, true);
window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  document.querySelectorAll("[aria-busy]").forEach((button) => { button.disabled = false; button.removeAttribute("aria-busy"); });
});

// An act that needs a second thought names what will happen: data-confirm on its button.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-confirm]");
  if (button && !window.confirm(button.dataset.confirm)) { event.preventDefault(); event.stopImmediatePropagation(); }
}, true);

// Copy a text: data-copy names the element that holds it.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent.trim());
  button.textContent = button.dataset.copied;
});

// A choice of a menu that sends its form at once, as filters do: data-send on the form.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-send]");
  if (form) form.requestSubmit();
});

// What belongs to a choice shows only while it is taken: data-when="name=value other" on the part.
function showParts(root) {
  root.querySelectorAll("[data-when]").forEach((part) => {
    const [name, values] = part.dataset.when.split("=");
    const form = part.closest("form");
    const field = form && form.elements[name];
    if (field) part.hidden = !values.split(" ").includes(field.value);
  });
}
document.addEventListener("change", () => showParts(document));
document.addEventListener("DOMContentLoaded", () => showParts(document));
document.addEventListener("htmx:afterSettle", (event) => showParts(event.target));

// On a phone the bar scrolls: where one is stands in view.
document.addEventListener("DOMContentLoaded", () => {
  const here = document.querySelector(".bar [aria-current]");
  if (here) here.scrollIntoView({ block: "nearest", inline: "center" });
});

// Conversations open at their end.
function toEnd(root) { root.querySelectorAll("[data-end]").forEach((part) => { part.scrollTop = part.scrollHeight; }); }
document.addEventListener("DOMContentLoaded", () => toEnd(document));
document.addEventListener("htmx:afterSettle", (event) => toEnd(event.target.parentElement || document));

// htmx: what is refused (422) and pages of trouble are shown as well.
document.addEventListener("htmx:beforeSwap", (event) => {
  if ([401, 403, 404, 422, 500].includes(event.detail.xhr.status)) { event.detail.shouldSwap = true; event.detail.isError = false; }
});

// A box of the drawn dialog shows its panel in place: links inside an SVG are no links to htmx.
document.addEventListener("click", (event) => {
  const box = event.target.closest(".drawing[data-piece] a");
  if (!box || !window.htmx || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const drawing = box.closest(".drawing"), href = box.getAttribute("href");
  window.htmx.ajax("GET", href.split("#")[0], { target: drawing.dataset.piece, swap: "innerHTML" });
  history.replaceState(null, "", href);
  drawing.querySelectorAll(".chosen").forEach((one) => one.classList.remove("chosen"));
  box.querySelector("g").classList.add("chosen");
});

// A long list to pick from shows only what holds the words that are typed: data-filter names the list.
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();
document.addEventListener("input", (event) => {
  const list = event.target.dataset && event.target.dataset.filter && document.querySelector(event.target.dataset.filter);
  if (!list) return;
  const words = folded(event.target.value).split(/\s+/);
  list.querySelectorAll("li").forEach((item) => {
    const text = folded(item.textContent);
    item.hidden = !item.querySelector(":checked") && !words.every((word) => text.includes(word));
  });
});
