// The page of search results: clean excerpts, links to the place, and help where nothing is found.
const NOISE =
  ".headerlink, script, style, .katex-mathml, .onlyprint, .bd-header-article, .prev-next-footer, " +
  ".bd-footer-content, .bd-sidebar-secondary, details.checked-by, p.live, p.uses";

if (typeof Search !== "undefined") {
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const part of page.querySelectorAll(NOISE)) part.remove();
    const place = anchor && page.getElementById(decodeURIComponent(anchor.slice(1)));
    return (place || page.querySelector("article") || page.body).textContent;
  };

  // A result that is a whole page opens at the first word that was looked for.
  const words = (new URLSearchParams(location.search).get("q") ?? "").trim();
  new MutationObserver(() => {
    for (const link of document.querySelectorAll("#search-results li > a:not([href*='#'])")) {
      link.href += `#:~:text=${encodeURIComponent(words)}`;
    }
  }).observe(document.getElementById("search-results"), { childList: true, subtree: true });
}
