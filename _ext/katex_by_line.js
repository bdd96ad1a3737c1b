// Answer each line {latex, options} on standard input with a line {html} or {error}.
const katex = require(process.argv[2]);

const CLOSED = { mopen: 1, mclose: -1 };

function depth(base) {
  return base.children.reduce((sum, { classes }) => sum + (CLOSED[classes[0]] ?? 0), 0);
}

function endsWithRelation(base) {
  return base.children.findLast(({ classes }) => classes[0] !== "mspace")?.classes[0] === "mrel";
}

// KaTeX lets a line end after any of its bases. Join those between which it should not: inside
// brackets, and after an operator.
function units(bases) {
  const found = [[]];
  let open = 0;
  bases.forEach((base, index) => {
    found.at(-1).push(base.toMarkup());
    open += depth(base);
    const last = index === bases.length - 1;
    if (!last && open <= 0 && endsWithRelation(base)) found.push([]);
  });
  return found.map((unit) =>
    unit.length > 1 ? `<span class="unit">${unit.join("")}</span>` : unit[0],
  );
}

function html(latex, options) {
  const tree = katex.__renderToDomTree(latex, { ...options, strict: "error" });
  const formula = tree.children.at(-1);
  if (!options.displayMode && formula.children.length) {
    const parts = units(formula.children);
    parts.push(`<span class="last">${parts.pop()}</span>`);
    formula.children = parts.map((part) => ({ toMarkup: () => part }));
  }
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
