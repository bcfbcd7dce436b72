// Improvements only: every journey works without this file.
"use strict";

// A page that comes back with errors puts the focus on their summary.
if (document.title.startsWith("Erreur")) document.querySelector("[data-focus]")?.focus();

// Row menus. A link with data-row-menu="id" opens the row of that id, in place instead of by a new page.
function setOpen(link, open) {
  link.setAttribute("aria-expanded", String(open));
  link.closest("tr").classList.toggle("row--open", open);
  document.getElementById(link.dataset.rowMenu).hidden = !open;
}

for (const link of document.querySelectorAll("a[data-row-menu]")) {
  const row = link.closest("tr");
  const menu = document.getElementById(link.dataset.rowMenu);
  if (!menu) continue;
  link.setAttribute("aria-controls", menu.id);
  setOpen(link, !menu.hidden);
  row.toggleAttribute("data-whole-row", true);
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const open = menu.hidden;
    for (const other of row.closest("table").querySelectorAll("a[data-row-menu][aria-expanded=true]")) {
      setOpen(other, false);
    }
    setOpen(link, open);
  });
  row.addEventListener("click", (event) => {
    const selecting = String(document.getSelection()) !== "";
    if (!selecting && !event.target.closest("a, button, input, select, label")) link.click();
  });
  for (const part of [row, menu]) {
    part.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || menu.hidden) return;
      setOpen(link, false);
      link.focus();
    });
  }
}

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
