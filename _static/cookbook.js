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

// Formulas are found as they are typed and as the page prints them, without stars and spaces.
function bare(formula) {
  return formula
    .replace(/\^\{?T\}?|ᵀ|⊤/g, "'")
    .replace(/(\w)(\^\{?-1\}?|⁻¹)/g, "inv($1)")
    .replace(/[*\s]/g, "");
}

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
  return [code, bare(code), name, heading, called.flat().join(" ")].join(" ").toLowerCase();
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
    const wanted = box.value.split(/\s+/).filter(Boolean);
    const whole = bare(box.value).toLowerCase();
    let found = 0;
    for (const [recipe, said] of recipes) {
      const has = (word) => said.includes(word.toLowerCase()) || said.includes(bare(word).toLowerCase());
      recipe.hidden = !(said.includes(whole) || wanted.every(has));
      found += !recipe.hidden;
    }
    for (const section of book.querySelectorAll("section"))
      section.hidden = !section.querySelector("details.recipe:not([hidden])");
    const hint = found ? "" : ": try a word such as trace, or a part of the formula";
    count.textContent = wanted.length ? `${found} of ${recipes.length}${hint}` : "";
  };
  box.addEventListener("input", find);
}

if (book) addBox();
