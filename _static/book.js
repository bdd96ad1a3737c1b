const root = document.documentElement;

// What scrolls in its own box can be scrolled with the keyboard, and fades where there is more.
const BOXES =
  "div.math > .katex-display, .output > .katex-display, .highlight pre, .text_html, " +
  ".pst-scrollable-table-container, .bd-article figure, details.recipe p, .ask-text";

function sidesWithMore(box) {
  const sides = [];
  if (box.scrollLeft > 1) sides.push("before");
  if (box.scrollWidth - box.clientWidth - box.scrollLeft > 1) sides.push("after");
  return sides.join(" ");
}

function mark(box, sides) {
  if (sides === (box.dataset.more ?? "")) return;
  if (sides) {
    box.tabIndex = 0;
    box.dataset.more = sides;
  } else {
    box.removeAttribute("tabindex");
    delete box.dataset.more;
  }
}

const sizes = new ResizeObserver((entries) => {
  const boxes = [...new Set(entries.map(({ target }) => target.closest(BOXES)))];
  const found = boxes.map(sidesWithMore); // all are measured before any is changed
  boxes.forEach((box, index) => mark(box, found[index]));
});

function watch(part) {
  for (const box of part.querySelectorAll(BOXES)) {
    sizes.observe(box);
    if (box.firstElementChild) sizes.observe(box.firstElementChild);
    box.addEventListener("scroll", () => mark(box, sidesWithMore(box)), { passive: true });
  }
}

// What is packed (light_pages.py) becomes part of the page when it is near, opened or looked for.
// The recipes of a group that is unpacked stay folded, and what they fold stays packed.
const FOLDED = /(<details class="recipe">.*?<\/summary>)(.*?)(<\/details>)/gs;
function unpack(place) {
  const packed = place.querySelector(":scope > noscript");
  if (!packed) return;
  if (packed.dataset.formulas) typesetting ??= load(packed.dataset.formulas);
  packed.outerHTML = packed.textContent.replace(FOLDED, "$1<noscript>$2</noscript>$3");
  watch(place);
  typeset(place);
}
// How the formulas are set that recipes fold; until it is there, the browser sets their MathML.
let typesetting;
function load(src) {
  const script = Object.assign(document.createElement("script"), { src });
  document.head.append(script);
  return new Promise((loaded) => script.addEventListener("load", loaded));
}
async function typeset(place) {
  await typesetting;
  for (const formula of place.querySelectorAll("[data-formula]:empty"))
    formula.innerHTML = formulas[formula.dataset.formula];
}
function packedGroups() {
  return [...document.querySelectorAll("section > noscript")].map((packed) => packed.parentElement);
}
function unpackAll() {
  packedGroups().forEach(unpack);
}
const near = new IntersectionObserver(
  (entries) => entries.forEach(({ isIntersecting, target }) => isIntersecting && unpack(target)),
  { rootMargin: "1000px" },
);
addEventListener("toggle", ({ target }) => unpack(target), true);

addEventListener("DOMContentLoaded", () => {
  if (root.matches(".settling")) for (const group of packedGroups()) near.observe(group);
  else unpackAll();
  setTimeout(watch, 0, document);
  // A tap on an entry of a drawer leads to its place, and the drawer is out of the way.
  for (const drawer of document.querySelectorAll("dialog")) {
    drawer.addEventListener("click", ({ target }) => target.closest("a[href]") && drawer.close());
    drawer.addEventListener("close", () => setTimeout(refocus));
  }
});

// The theme takes the focus from a button that is pressed: what it opened gives it back.
let pressed;
function refocus() {
  if (document.activeElement === document.body) pressed?.focus({ preventScroll: true });
}
addEventListener("click", ({ target }) => (pressed = target.closest("button")), true);

// The button that leads back to the top shows itself to who scrolls up.
let scrolledTo = 0;
addEventListener("DOMContentLoaded", () => {
  const button = document.getElementById("pst-back-to-top");
  button.addEventListener("click", () => scrollTo(0, 0));
  const show = () => {
    button.style.display = innerHeight < scrollY && scrollY < scrolledTo ? "block" : "none";
    scrolledTo = scrollY;
  };
  addEventListener("scroll", show, { passive: true });
});

// What a link leads to is unfolded.
function unfold() {
  const place = document.getElementById(location.hash.slice(1));
  const folded = place?.querySelector(":scope > details");
  if (folded) folded.open = true;
}
for (const event of ["DOMContentLoaded", "hashchange"]) addEventListener(event, unfold);

// Buttons say what they do where they are pointed at; those that copy code, to screen readers.
addEventListener("load", () => {
  for (const button of document.querySelectorAll("[data-bs-title]")) {
    button.title = button.dataset.bsTitle;
  }
  for (const button of document.querySelectorAll("button.copybtn")) {
    button.setAttribute("aria-label", "Copy");
  }
});

// A page that is opened at its top shows its first screen before the rest is laid out (media.css).
// The rest follows a little at a time once a reader scrolls, so that the scroll bar tells the truth;
// at once, if a link is followed. What is scrolled to before, the browser lays out by itself.
const LATER =
  "section, section > *, dl > *, .citation, .proof, .claim, .recipe, .cheat-sheet tr, .output > p";
const SLICE = 6; // milliseconds
let hidden = [];
function tellThatAllIsLaidOut() {
  requestAnimationFrame(() => setTimeout(() => (root.dataset.laidOut = "")));
}
function layOut() {
  const end = performance.now() + SLICE;
  while (hidden.length && performance.now() < end) {
    hidden[0].style.contentVisibility = "visible";
    hidden.shift().getBoundingClientRect();
  }
  if (hidden.length) setTimeout(layOut);
  else tellThatAllIsLaidOut();
}
function begin() {
  const [group] = packedGroups();
  if (group) {
    unpack(group);
    setTimeout(begin);
    return;
  }
  hidden = [...document.querySelectorAll(`.settling .bd-article :is(${LATER})`)];
  layOut();
}
function settle() {
  if (!root.matches(".settling")) return;
  unpackAll();
  root.classList.remove("settling");
  hidden = [];
  tellThatAllIsLaidOut();
}
addEventListener("load", () => root.matches(".settling") || tellThatAllIsLaidOut());
addEventListener("scroll", begin, { once: true, passive: true });
for (const event of ["click", "keydown", "beforeprint"]) addEventListener(event, settle, true);

// Paper is white, and answers on it are open.
const closed = [];
let theme;
addEventListener("beforeprint", () => {
  theme = root.dataset.theme;
  root.dataset.theme = "light";
  closed.push(...document.querySelectorAll("details:is(.solution, .sd-dropdown):not([open])"));
  for (const answer of closed) answer.open = true;
});
addEventListener("afterprint", () => {
  root.dataset.theme = theme;
  for (const answer of closed.splice(0)) answer.open = false;
});
