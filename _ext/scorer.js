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
