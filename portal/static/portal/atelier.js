// Improvements only: every journey works without this file.
"use strict";

// A page that comes back with errors puts the focus on their summary.
if (document.title.startsWith("Erreur")) document.querySelector("[data-focus]")?.focus();

// Row menus. A link with data-row-menu="id" opens the row of that id under its own, in place instead of by a new
// page. A row that is not there yet is taken from the page that the link leads to.
function setOpen(link, open) {
  link.setAttribute("aria-expanded", String(open));
  link.closest("tr").classList.toggle("row--open", open);
  const menu = document.getElementById(link.dataset.rowMenu);
  if (menu) menu.hidden = !open;
}

async function fetchMenu(link) {
  const text = await fetch(link.href).then((response) => response.ok && response.text(), () => null);
  const menu = text && new DOMParser().parseFromString(text, "text/html").getElementById(link.dataset.rowMenu);
  if (menu && !document.getElementById(menu.id)) link.closest("tr").after(menu);
  return menu;
}

async function toggleMenu(link) {
  const menu = document.getElementById(link.dataset.rowMenu);
  if (!menu && !(await fetchMenu(link))) return location.assign(link.href);
  const open = link.getAttribute("aria-expanded") === "false";
  for (const other of link.closest("table").querySelectorAll("a[data-row-menu][aria-expanded=true]")) {
    setOpen(other, false);
  }
  setOpen(link, open);
}

for (const link of document.querySelectorAll("a[data-row-menu]")) {
  const row = link.closest("tr");
  const menu = document.getElementById(link.dataset.rowMenu);
  setOpen(link, menu !== null && !menu.hidden);
  row.toggleAttribute("data-whole-row", true);
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    toggleMenu(link);
  });
  row.addEventListener("click", (event) => {
    const selecting = String(document.getSelection()) !== "";
    if (!selecting && !event.target.closest("a, button, input, select, label")) link.click();
  });
}

document.addEventListener("keydown", (event) => {
  const row = event.key === "Escape" && event.target.closest("tr[id]");
  const link = row && document.querySelector(`#${row.id} a[data-row-menu], a[data-row-menu="${row.id}"]`);
  if (link?.getAttribute("aria-expanded") !== "true") return;
  setOpen(link, false);
  link.focus();
});

// Long work. An element with data-progress-url takes, every two seconds, what that page shows under its id,
// until the attribute has gone. Busy meanwhile: only the end is announced.
async function follow(element) {
  element.setAttribute("aria-busy", "true");
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const text = await fetch(element.dataset.progressUrl).then((response) => response.ok && response.text(), () => null);
  // No answer: the server may come back. An answer without the element: the session is over, leave what stands.
  if (!text) return follow(element);
  const fresh = new DOMParser().parseFromString(text, "text/html").getElementById(element.id);
  if (fresh) element.replaceChildren(...fresh.childNodes);
  if (fresh?.dataset.progressUrl) return follow(element);
  element.removeAttribute("data-progress-url");
  element.removeAttribute("aria-busy");
}

document.querySelectorAll("[data-progress-url]").forEach(follow);

// Password. The server judges what was typed, a moment after the last key; a late answer about older text is dropped.
async function judge(gauge, input) {
  const typed = input.value;
  const sent = new URLSearchParams([...new FormData(input.form)].filter(([name]) => /^(csrf|password|known)/.test(name)));
  const answer = fetch(gauge.dataset.gaugeUrl, { method: "POST", body: sent });
  const text = await answer.then((response) => response.ok && response.text(), () => null);
  const fresh = text && new DOMParser().parseFromString(text, "text/html").getElementById(gauge.id);
  if (!fresh || typed !== input.value) return;
  for (const part of ["[role=status]", "div", "ul"]) {
    const [old, now] = [gauge.querySelector(part), fresh.querySelector(part)];
    old.className = now.className;
    if (old.innerHTML !== now.innerHTML) old.replaceChildren(...now.childNodes);
  }
}

for (const gauge of document.querySelectorAll("[data-gauge-url]")) {
  const inputs = gauge.closest("form").querySelectorAll("input[autocomplete=new-password]");
  let timer;
  inputs[0].addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(judge, 300, gauge, inputs[0]);
  });
  const button = Object.assign(document.createElement("button"), {
    type: "button", className: "button button--quiet button--small", textContent: "Afficher",
  });
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    const shown = button.getAttribute("aria-pressed") === "false";
    button.setAttribute("aria-pressed", String(shown));
    for (const input of inputs) input.type = shown ? "text" : "password";
  });
  inputs[0].after(button);
}
