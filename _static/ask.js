// The page "Ask": takes a question to Python in a worker, and shows the answer. What is typed,
// linked or answered becomes text or KaTeX's own elements, never HTML.
(() => {
  const here = new URL(".", document.currentScript.src);
  const LOADING = 90_000; // milliseconds until the worker is given up
  const ANSWERING = 10_000;
  const LONGEST = 5000; // characters of a formula that is typeset; and how deep its braces may be
  const DEEPEST = 40;
  const LINKED = { f: "formula", x: "variable", claim: "claim", declared: "declared", values: "values" };
  const SENT = { f: "formula", x: "variable", claimed: "claim", declarations: "declared", values: "values" };

  const part = (name) => document.getElementById(`ask-${name}`);
  const texts = (names) =>
    Object.fromEntries(Object.entries(names).map(([key, name]) => [key, part(name).value]));

  function element(name, content, className) {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...[content].flat());
    return made;
  }

  const lines = (text) => element("pre", text, "ask-text");

  function say(state, text = "") {
    const busy = state === "loading" || state === "working";
    part("answer").dataset.state = state;
    part("answer").setAttribute("aria-busy", busy);
    part("status").textContent = text;
    part("stop").hidden = !busy;
  }

  function depth(latex) {
    let now = 0;
    let most = 0;
    for (const sign of latex) {
      now += (sign === "{") - (sign === "}");
      most = Math.max(most, now);
    }
    return most;
  }

  function typeset({ latex, text }) {
    const box = element("div", [], "math");
    try {
      if (latex.length > LONGEST || depth(latex) > DEEPEST) throw new Error("too much for KaTeX");
      katex.render(latex, box, { displayMode: true, trust: false, maxSize: 10, maxExpand: 100 });
    } catch {
      box.replaceChildren(lines(text));
    }
    return box;
  }

  function list(pairs, show, className) {
    const entries = pairs.map(([heading, content]) => [element("dt", heading), element("dd", show(content))]);
    return pairs.length ? [element("dl", entries.flat(), className)] : [];
  }

  function copies({ rows }) {
    const code = `import numpy as np\n\n\n${rows.map((row) => row.code).join("\n\n")}`;
    const latex = rows.map((row) => row.latex).join("\n\n");
    return [["NumPy", code], ["LaTeX", latex]].map(([name, text]) => {
      const button = element("button", `Copy ${name}`);
      button.type = "button";
      button.onclick = () => copy(text, name);
      return element("details", [element("summary", name), button, lines(text)]);
    });
  }

  async function copy(text, name) {
    try {
      await navigator.clipboard.writeText(text);
      part("copied").textContent = `${name} copied.`;
    } catch {
      part("copied").textContent = `${name} could not be copied.`;
    }
  }

  function show(answer) {
    if (answer.refused) {
      part("result").replaceChildren(element("pre", answer.refused, "ask-refused"));
      return say("failed", "No answer: see below what is wrong.");
    }
    const plain = (text) => (text.includes("\n") ? lines(text) : text);
    part("result").replaceChildren(
      ...answer.notes.slice(0, -1).map((note) => element("p", note)),
      ...list(answer.verdict, plain, "ask-verdict"),
      ...list(answer.rows.map((row) => [row.heading, row]), typeset),
      ...list(answer.values, plain),
      element("p", `${answer.notes.at(-1)}.`, "ask-checked"),
      ...copies(answer),
    );
    watch(part("result")); // of book.js: what scrolls can be scrolled with the keyboard
    const verdict = answer.verdict.find(([heading]) => heading === "verdict");
    say("done", verdict ? `The claim: ${verdict[1]}.` : "Answered.");
  }

  let worker;
  let timer;
  let number = 0;
  let pending = false;

  function end(state, text) {
    worker?.terminate();
    worker = undefined;
    clearTimeout(timer);
    if (pending) say(state, text);
    pending = false;
  }

  function limit(milliseconds, text) {
    clearTimeout(timer);
    timer = setTimeout(() => end("failed", text), milliseconds);
  }

  function working() {
    say("working", "Working …");
    limit(ANSWERING, "This takes too long, and was stopped. Ask something smaller, or use the package.");
  }

  const AGAIN = "Press “Ask” to try again; the worked answers below need nothing.";

  function startWorker(numbers) {
    end();
    const script = `importScripts(${JSON.stringify(new URL("ask-worker.js", here).href)})`;
    const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    const started = new Worker(address);
    worker = Object.assign(started, { numbers, ready: false });
    started.onmessage = ({ data }) => {
      if (worker !== started) return;
      if (data.missing) {
        end("failed", `Python could not be loaded (${data.missing}). ${AGAIN}`);
      } else if (data.ready) {
        started.ready = true;
        clearTimeout(timer);
        if (pending) working();
      } else if (data.number === number && pending) {
        pending = false;
        clearTimeout(timer);
        show(data.answer);
      }
    };
    started.onerror = (event) => {
      event.preventDefault();
      if (worker === started) end("failed", `Python could not be started. ${AGAIN}`);
    };
    const place = document.querySelector('meta[name="pyodide"]').content;
    started.postMessage({
      pyodide: new URL(place, document.baseURI).href,
      archive: new URL("ask.zip", here).href,
      packages: numbers ? ["numpy"] : [],
    });
    limit(LOADING, `Python has not come within ${LOADING / 1000} seconds. ${AGAIN}`);
  }

  function loadTypesetter() {
    if (window.katex || document.querySelector("script[data-katex]")) return;
    const script = element("script", []);
    script.dataset.katex = "";
    script.src = new URL("katex/katex.min.js", here);
    script.onerror = () => script.remove(); // what is not typeset is shown as text
    document.head.append(script);
  }

  function forget() {
    number += 1;
    if (pending && worker.ready) end("idle"); // it may be at it for long
    pending = false;
    part("result").replaceChildren();
    part("copied").textContent = "";
    say("idle");
  }

  function link() {
    const filled = Object.entries(texts(LINKED)).filter(([, text]) => text.trim());
    return `#${new URLSearchParams(filled)}`;
  }

  function ask(event) {
    event.preventDefault();
    if (pending) return;
    forget();
    if (location.protocol === "file:") {
      return say("failed", "From a folder a browser does not start Python. Serve the folder, as with python -m http.server, and open the page there.");
    }
    history.replaceState(null, "", link());
    loadTypesetter();
    const numbers = part("values").value.trim() !== "";
    if (!worker || (numbers && !worker.numbers)) startWorker(numbers);
    pending = true;
    if (worker.ready) working();
    else say("loading", `Loading Python${worker.numbers ? " and NumPy" : ""} …`);
    worker.postMessage({ number, question: texts(SENT) });
  }

  // A link fills the form; the reader asks.
  function fill() {
    const linked = new URLSearchParams(location.hash.slice(1));
    if (!linked.has("f")) return;
    forget();
    for (const [key, name] of Object.entries(LINKED)) {
      part(name).value = (linked.get(key) ?? "").slice(0, part(name).maxLength);
    }
    part("more").open = ["declared", "values"].some((name) => part(name).value);
    part("form").scrollIntoView();
    part("button").focus({ preventScroll: true });
  }

  part("form").addEventListener("submit", ask);
  part("form").addEventListener("input", forget);
  part("stop").addEventListener("click", () => {
    end("idle", "Stopped.");
    part("button").focus();
  });
  part("link").addEventListener("click", () => copy(new URL(link(), location.href).href, "Link"));
  addEventListener("hashchange", fill);
  // A link to the question that the address has already fills the form as well.
  addEventListener("click", ({ target }) => target.closest("a")?.href === location.href && fill());
  fill();
})();
