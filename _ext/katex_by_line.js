// Answer each line {latex, options} on standard input with a line {html} or {error}.
const katex = require(process.argv[2]);

const CLOSED = { mopen: 1, mclose: -1 };

// Brackets side by side are one child, as in f(g(x)).
function depth(base) {
  return base.children.reduce(
    (sum, { classes, text }) => sum + (CLOSED[classes[0]] ?? 0) * (text?.length ?? 1),
    0,
  );
}

function endsWithRelation(base) {
  return base.children.findLast(({ classes }) => classes[0] !== "mspace")?.classes[0] === "mrel";
}

function endsWithSpace(base) {
  return base.children.some(({ classes }) => classes[1] === "allowbreak");
}

// Group what is in a row: a group ends with each base that may end a line.
function groups(bases, mayEnd) {
  const found = [[]];
  bases.forEach((base, index) => {
    found.at(-1).push(base);
    if (mayEnd(base) && index < bases.length - 1) found.push([]);
  });
  return found;
}

function together(parts) {
  return parts.length > 1 ? `<span class="unit">${parts.join("")}</span>` : parts[0];
}

// KaTeX lets a line end after any of its bases. Join those between which it should not: inside
// brackets, and after an operator.
function units(bases) {
  let open = 0;
  const mayEnd = (base) => (open += depth(base)) <= 0 && endsWithRelation(base);
  return groups(bases, mayEnd).map((unit) => together(unit.map((base) => base.toMarkup())));
}

// A displayed formula may be several, with wide spaces between them, where lines end first.
const MACROS = { "\\qquad": "\\hskip2em\\allowbreak " };

function html(latex, options) {
  const { displayMode } = options;
  const macros = displayMode ? { ...MACROS } : {};
  const tree = katex.__renderToDomTree(latex, { ...options, macros, strict: "error" });
  const formula = displayMode ? tree.children[0].children.at(-1) : tree.children.at(-1);
  const bases = formula.children;
  if (!bases.length) return tree.toMarkup();
  const parts = displayMode
    ? groups(bases, endsWithSpace).map((part) => together(units(part)))
    : units(bases);
  if (!displayMode) parts.push(`<span class="last">${parts.pop()}</span>`);
  formula.children = parts.map((part) => ({ toMarkup: () => part }));
  return tree.toMarkup();
}

function answer({ latex, options }) {
  try {
    return { html: html(latex, options) };
  } catch (error) {
    return { error: error.message };
  }
}

require("readline")
  .createInterface({ input: process.stdin })
  .on("line", (line) => console.log(JSON.stringify(answer(JSON.parse(line)))));
