// The page of search results: clean excerpts, links to the place, and help where nothing is found.
const NOISE =
  ".headerlink, script, style, .katex-mathml, .onlyprint, .bd-header-article, .prev-next-footer, " +
  ".bd-footer-content, .bd-sidebar-secondary, details.checked-by, p.live, p.uses";

function textOf(html, anchor) {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const part of page.querySelectorAll(NOISE)) part.remove();
  const place = anchor ? page.getElementById(decodeURIComponent(anchor.slice(1))) : null;
  const term = place?.closest("dt");
  if (term) {
    let meaning = term.nextElementSibling;
    while (meaning?.tagName === "DT") meaning = meaning.nextElementSibling;
    return `${term.textContent.trim()}: ${meaning?.textContent.trim()}`;
  }
  return (place || page.querySelector("article") || page.body).textContent;
}

addEventListener("DOMContentLoaded", () => {
  const results = document.getElementById("search-results");
  if (!results) return;
  Search.htmlToText = textOf;
  // A result that is a whole page opens at the first of the words that were looked for.
  const words = (new URLSearchParams(location.search).get("q") ?? "").match(/[^\s"]+/g) ?? [];
  new MutationObserver(() => {
    for (const link of results.querySelectorAll("li > a:not([href*='#'])")) {
      const place = `#:~:${words.map((word) => `text=${encodeURIComponent(word)}`).join("&")}`;
      link.setAttribute("href", link.getAttribute("href") + place);
    }
  }).observe(results, { childList: true, subtree: true });
});
