// A statement, a word of the glossary or a source shows itself where its link is pointed at.
const SHOWN = ".proof, .exercise, .citation, dl.glossary > dt, figure";
const WAIT = 250; // milliseconds, so that a hand on its way elsewhere opens nothing
const pages = new Map();

async function pageOf(address) {
  if (address.pathname === location.pathname) return document;
  if (!pages.has(address.pathname)) {
    const text = fetch(address).then((reply) => (reply.ok ? reply.text() : ""));
    pages.set(
      address.pathname,
      text.then((html) => new DOMParser().parseFromString(html, "text/html")),
    );
  }
  return pages.get(address.pathname);
}

async function contentOf(address) {
  const page = await pageOf(address);
  const place = page.getElementById(decodeURIComponent(address.hash.slice(1)));
  const shown = place?.closest(SHOWN) ?? place?.querySelector(":scope > .citation");
  if (!shown) return null;
  const content = document.createElement("div");
  content.append(shown.cloneNode(true));
  if (shown.tagName === "DT") {
    let next = shown.nextElementSibling;
    while (next?.tagName === "DT") next = next.nextElementSibling;
    content.append(next.cloneNode(true));
  }
  for (const part of content.querySelectorAll("details, .headerlink, .uses")) part.remove();
  for (const part of content.querySelectorAll("[id]")) part.removeAttribute("id");
  for (const link of content.querySelectorAll("[href], [src]")) {
    for (const name of ["href", "src"]) {
      const value = link.getAttribute(name);
      if (value) link.setAttribute(name, new URL(value, address));
    }
  }
  return content;
}

let preview;
let timer;

function hide() {
  preview?.remove();
  preview = null;
}

async function show(link) {
  const content = await contentOf(new URL(link.href)).catch(() => null);
  if (!content || !(link.matches(":hover") || link === document.activeElement)) return;
  hide();
  preview = document.createElement("aside");
  preview.className = "preview";
  preview.setAttribute("aria-label", "Preview");
  preview.append(content);
  preview.addEventListener("mouseleave", later);
  preview.addEventListener("mouseenter", () => clearTimeout(timer));
  document.querySelector(".bd-article").append(preview);
  const { left, top, bottom } = link.getClientRects()[0];
  const room = document.documentElement.clientWidth - preview.offsetWidth - 8;
  const below = bottom + preview.offsetHeight + 8 < innerHeight;
  preview.style.left = `${Math.max(8, Math.min(left, room))}px`;
  preview.style.top = `${below ? bottom + 4 : Math.max(8, top - preview.offsetHeight - 4)}px`;
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(hide, WAIT);
}

function soon({ target: link }) {
  clearTimeout(timer);
  timer = setTimeout(show, WAIT, link);
}

addEventListener("DOMContentLoaded", () => {
  for (const link of document.querySelectorAll(".bd-article a.internal[href*='#']")) {
    link.addEventListener("mouseenter", soon);
    link.addEventListener("focus", soon);
    link.addEventListener("mouseleave", later);
    link.addEventListener("blur", later);
  }
});
addEventListener("scroll", hide, { passive: true });
addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  clearTimeout(timer);
  hide();
});
