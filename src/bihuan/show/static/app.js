// The cockpit in the browser: keys, dialogs, jumping between a row and its sentence, uploads. Every page works without it.
"use strict";

const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

// -- Messages and dialogs ---------------------------------------------------------------------------------------------

function say(text, tone = "bad") {
  const note = document.createElement("p");
  note.className = `note ${tone}`;
  note.textContent = text;
  $("#said").append(note);
  setTimeout(() => note.remove(), 8000);
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) $(`#${opener.dataset.open}`).showModal();
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  if (event.target.matches("dialog")) event.target.close(); // the backdrop
});

// A form that the server sent for the dialog: show it once it is there.
document.addEventListener("htmx:after:swap", () => {
  fold();
  const editor = $("#editor");
  if ($("#editor-body").children.length && !editor.open) {
    editor.showModal();
    $("input:not([type=hidden]), select, textarea", editor)?.focus();
  }
  if (editor.open) $("[aria-invalid=true]", editor)?.focus();
});
$("#editor").addEventListener("close", () => $("#editor-body").replaceChildren());
document.addEventListener("htmx:error", () => say($("#said").dataset.lost));
document.addEventListener("htmx:response:error", (event) => say(event.detail.ctx.text || $("#said").dataset.lost));

// A decision reloads the page under the dialog; what is to be said then waits here.
const told = sessionStorage.getItem("told");
if (told) say(told, "good");
sessionStorage.removeItem("told");
document.addEventListener("htmx:after:request", (event) => {
  if (event.detail.ctx.hx?.refresh) sessionStorage.setItem("told", $("#said").dataset.saved);
});

// Folded away on a phone, until the reader unfolds it.
let unfolded = !matchMedia("(max-width: 820px)").matches;
function fold() {
  for (const one of $$("[data-fold]")) one.open = unfolded;
}
document.addEventListener("click", (event) => {
  const fold_ = event.target.closest("[data-fold] > summary");
  if (fold_) unfolded = !fold_.parentElement.open;
  for (const menu of $$(".menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
fold();

// A row of tabs that does not fit begins where the reader is.
for (const here of $$("nav [aria-current]")) {
  const nav = here.closest("nav");
  nav.scrollLeft = here.offsetLeft - nav.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2;
}

// -- Rows and their sentences -----------------------------------------------------------------------------------------

const rows = () => $$("[data-row]");
let current = null;

function mark(row, { scrollRow = true, scrollText = true } = {}) {
  $$(".at").forEach((element) => element.classList.remove("at"));
  current = row;
  const line = $(`[data-row="${row}"]`);
  const spans = $$(`[data-mark~="${row}"]`);
  for (const element of [line, ...spans]) element?.classList.add("at");
  const panel = line?.closest(".panel");
  if (panel?.hidden) showPanel(panel.id);
  if (scrollRow) line?.scrollIntoView({ block: "nearest" });
  const span = spans.find((one) => one.closest(".clean")) ?? spans[0];
  if (scrollText && span && !isInView(span)) span.scrollIntoView({ block: "center" });
}

function isInView(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return top > 110 && bottom < innerHeight - 20; // below the bar and the head of the columns
}

document.addEventListener("click", (event) => {
  const span = event.target.closest(".mk");
  if (span) {
    event.preventDefault();
    const row = span.dataset.mark.split(" ").at(-1);
    mark(row, { scrollText: false });
    history.replaceState(null, "", `#${row}`);
    $(`[data-row="${row}"] .jump`)?.focus({ preventScroll: true });
    return;
  }
  const jump = event.target.closest(".rows .jump");
  if (jump && jump.hash) {
    event.preventDefault();
    const row = jump.closest("[data-row]").dataset.row;
    mark(row, { scrollRow: false });
    history.replaceState(null, "", jump.hash);
    // A click with the mouse has a place (detail > 0); Enter goes on to the sentence, and back from there.
    if (event.detail === 0) $(`.clean [data-mark~="${row}"]`)?.focus({ preventScroll: true });
  }
});

function fromAddress() {
  const row = location.hash.slice(1);
  if (row && $(`[data-mark~="${CSS.escape(row)}"]`)) mark(row);
}
addEventListener("hashchange", fromAddress);
fromAddress();

function showPanel(id) {
  for (const tab of $$("[role=tab]")) {
    const chosen = tab.getAttribute("aria-controls") === id;
    tab.setAttribute("aria-selected", chosen);
    tab.tabIndex = chosen ? 0 : -1;
    $(`#${tab.getAttribute("aria-controls")}`).hidden = !chosen;
  }
}
document.addEventListener("click", (event) => {
  const tab = event.target.closest("[role=tab]");
  if (tab) showPanel(tab.getAttribute("aria-controls"));
});
document.addEventListener("keydown", (event) => {
  if (!event.target.matches("[role=tab]") || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  const tabs = $$("[role=tab]");
  const step = event.key === "ArrowRight" ? 1 : tabs.length - 1;
  const next = tabs[(tabs.indexOf(event.target) + step) % tabs.length];
  showPanel(next.getAttribute("aria-controls"));
  next.focus();
});

// -- Keys -------------------------------------------------------------------------------------------------------------

function move(step) {
  const all = rows().filter((row) => row.offsetParent !== null);
  if (!all.length) return;
  const at = all.findIndex((row) => row.dataset.row === current);
  const next = all[Math.max(0, Math.min(all.length - 1, at + step))];
  mark(next.dataset.row);
  $(".jump", next)?.focus({ preventScroll: true });
}

const keys = {
  "/": () => $("#find").focus(),
  Escape: () => { for (const menu of $$(".menu[open]")) menu.open = false; },
  "?": () => $("#help").showModal(),
  j: () => move(1),
  k: () => move(-1),
  e: () => current && $(`[data-row="${current}"] [data-edit]`)?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select");
  if (typing && event.key === "Escape") event.target.blur();
  if (typing || $("dialog[open]") || !keys[event.key]) return;
  if (event.key !== "Escape") event.preventDefault();
  keys[event.key]();
});

// -- Filters apply as they are chosen ---------------------------------------------------------------------------------

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-live]");
  if (form) form.requestSubmit();
});

// -- Uploads: one request a file, so that a bad one does not stop the good ones ------------------------------------------

const upload = $("form[data-upload]");
if (upload) {
  const list = $("#uploads");
  const input = $("input[type=file]", upload);
  $("button[type=submit]", upload).hidden = true;
  let queue = Promise.resolve();

  const line = (file) => {
    const item = document.createElement("li");
    item.className = "upload sheet";
    const name = document.createElement("b");
    name.className = "name";
    name.textContent = file.name;
    const state = document.createElement("span");
    state.className = "muted small";
    state.textContent = upload.dataset.waiting;
    const bar = document.createElement("progress");
    bar.setAttribute("aria-label", file.name);
    item.append(name, state, bar);
    list.append(item);
    return { item, state, bar };
  };

  const fail = ({ item, state, bar }, text) => {
    item.classList.add("bad");
    bar.remove();
    state.textContent = "";
    const told = document.createElement("p");
    told.className = "told";
    told.textContent = text;
    item.append(told);
  };

  const send = (file, view) => new Promise((done) => {
    if (file.size > Number(upload.dataset.limit)) {
      fail(view, upload.dataset.tooLarge);
      return done();
    }
    const body = new FormData();
    body.append("files", file);
    const request = new XMLHttpRequest();
    request.open("POST", upload.action);
    request.setRequestHeader("HX-Request", "true");
    request.upload.onprogress = (event) => {
      view.bar.max = event.total;
      view.bar.value = event.loaded;
      view.state.textContent = `${upload.dataset.sending} ${Math.round((100 * event.loaded) / event.total)} %`;
    };
    request.upload.onload = () => {
      view.bar.removeAttribute("value");
      view.state.textContent = upload.dataset.reading;
    };
    request.onload = () => {
      const onward = request.getResponseHeader("HX-Redirect"); // a session that has ended
      if (onward) location.assign(onward);
      else if (request.status >= 400) fail(view, request.responseText);
      else {
        const answer = document.createElement("template");
        answer.innerHTML = request.responseText; // our own escaped fragment
        view.item.replaceWith(answer.content);
      }
      done();
    };
    request.onerror = () => { fail(view, upload.dataset.lost); done(); };
    request.send(body);
  });

  const take = async (files) => {
    const all = [...files].map((file) => [file, line(file)]);
    queue = all.reduce((before, [file, view]) => before.then(() => send(file, view)), queue);
    await queue;
    const fresh = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    $("#documents").replaceWith($("#documents", fresh));
    htmx.process($("#documents"));
    upload.reset();
  };

  input.addEventListener("change", () => take(input.files));
  upload.addEventListener("submit", (event) => { event.preventDefault(); take(input.files); });
  for (const name of ["dragenter", "dragover"]) upload.addEventListener(name, (event) => { event.preventDefault(); upload.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) upload.addEventListener(name, () => upload.classList.remove("over"));
  upload.addEventListener("drop", (event) => { event.preventDefault(); take(event.dataTransfer.files); });
}
