// A box above the cookbook, in which a reader types what he looks for; without it, all is there.
const book = document.querySelector(".cookbook");

// What the formulas' letters are called.
const NAMES = {
  "tr(": "trace",
  "det(": "determinant",
  "inv(": "inverse",
  "norm(": "norm distance",
  "kron(": "kronecker",
  ".*": "hadamard entrywise",
  "'": "transpose",
  "diag(": "diagonal",
};

function codeOf(recipe) {
  const html = recipe.querySelector("noscript")?.textContent ?? recipe.innerHTML;
  const [code] = html.match(/<code.*?<\/code>/s);
  return new DOMParser().parseFromString(code, "text/html").body.textContent;
}

function words(recipe) {
  const code = codeOf(recipe);
  const called = Object.entries(NAMES).filter(([sign]) => code.includes(sign));
  const heading = recipe.closest("section").querySelector("h3").textContent;
  const name = recipe.querySelector("summary em")?.textContent;
  return [code, name, heading, called.flat().join(" ")].join(" ").toLowerCase();
}

function addBox() {
  const label = document.createElement("label");
  label.append("Find a derivative");
  const box = document.createElement("input");
  Object.assign(box, { type: "search", placeholder: "log det, trace, softmax, inv(X)…" });
  label.append(box);
  const count = document.createElement("output");
  count.setAttribute("aria-live", "polite");
  book.prepend(label, count);
  let recipes;
  const find = () => {
    unpackAll();
    recipes ??= [...book.querySelectorAll("details.recipe")].map((recipe) => [recipe, words(recipe)]);
    const wanted = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const [recipe, said] of recipes) {
      recipe.hidden = !wanted.every((word) => said.includes(word));
      found += !recipe.hidden;
    }
    for (const section of book.querySelectorAll("section"))
      section.hidden = !section.querySelector("details.recipe:not([hidden])");
    count.textContent = wanted.length ? `${found} of ${recipes.length}` : "";
  };
  box.addEventListener("input", find);
}

if (book) addBox();
