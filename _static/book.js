// What scrolls in its own box can be scrolled with the keyboard, and fades where there is more.
const BOXES =
  "div.math > .katex-display, .output > .katex-display, .highlight pre, .text_html, " +
  ".pst-scrollable-table-container, .bd-article figure";

function markMore(box) {
  const hidden = box.scrollWidth - box.clientWidth;
  const sides = [];
  if (box.scrollLeft > 1) sides.push("before");
  if (hidden - box.scrollLeft > 1) sides.push("after");
  if (sides.length) {
    box.tabIndex = 0;
    box.dataset.more = sides.join(" ");
  } else {
    box.removeAttribute("tabindex");
    delete box.dataset.more;
  }
}

const sizes = new ResizeObserver((entries) => {
  for (const box of new Set(entries.map(({ target }) => target.closest(BOXES)))) markMore(box);
});

addEventListener("DOMContentLoaded", () => {
  for (const box of document.querySelectorAll(BOXES)) {
    sizes.observe(box);
    for (const part of box.children) sizes.observe(part);
    box.addEventListener("scroll", () => markMore(box), { passive: true });
  }
  // A tap on an entry of a drawer leads to its place, and the drawer is out of the way.
  for (const drawer of document.querySelectorAll("dialog")) {
    drawer.addEventListener("click", ({ target }) => target.closest("a[href]") && drawer.close());
  }
});

// The buttons that copy code are there when the page is, and have a name for screen readers.
addEventListener("load", () => {
  for (const button of document.querySelectorAll("button.copybtn")) {
    button.setAttribute("aria-label", "Copy");
  }
});

// Paper is white, and solutions on it are open.
const closed = [];
let theme;
addEventListener("beforeprint", () => {
  theme = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
  closed.push(...document.querySelectorAll("details.solution:not([open])"));
  for (const solution of closed) solution.open = true;
});
addEventListener("afterprint", () => {
  document.documentElement.dataset.theme = theme;
  for (const solution of closed.splice(0)) solution.open = false;
});
