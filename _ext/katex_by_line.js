// Answer each line {latex, options} on standard input with a line {html} or {error}.
const katex = require(process.argv[2]);

function answer({ latex, options }) {
  try {
    return { html: katex.renderToString(latex, { ...options, strict: "error" }) };
  } catch (error) {
    return { error: error.message };
  }
}

require("readline")
  .createInterface({ input: process.stdin })
  .on("line", (line) => console.log(JSON.stringify(answer(JSON.parse(line)))));
