// Titles and words before the names of Python objects, which readers rarely look for first.
var Scorer = {
  objNameMatch: 5,
  objPartialMatch: 2,
  objPrio: { 0: 5, 1: 2, 2: -5 },
  objPrioDefault: 0,
  title: 25,
  partialTitle: 15,
  term: 5,
  partialTerm: 2,
};

// Signs are looked for as the words that they are read as.
const SIGNS = { "⊗": "Kronecker", "⊙": "Hadamard", "∘": "Hadamard", "∇": "gradient" };

var splitQuery = (query) =>
  query.replace(/[⊗⊙∘∇]/g, (sign) => ` ${SIGNS[sign]} `).match(/[\p{Letter}\p{Number}_]+/gu) ?? [];
