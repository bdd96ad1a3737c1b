// A formula that scrolls in its own box can be scrolled with the keyboard.
function makeFormulasReachable() {
  for (const formula of document.querySelectorAll("div.math > .katex-display")) {
    if (formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0;
    else formula.removeAttribute("tabindex");
  }
}
addEventListener("load", makeFormulasReachable);
addEventListener("resize", makeFormulasReachable);
