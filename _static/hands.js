// Pictures that the reader moves. A chapter has an empty box; what is in it is drawn here, and
// each picture says its state in words.
const SVG = "http://www.w3.org/2000/svg";

function draw(parent, name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

function canvas(box, width, height) {
  return draw(box, "svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
}

function slider(box, label, last, moved) {
  const row = document.createElement("label");
  row.append(label);
  const input = document.createElement("input");
  Object.assign(input, { type: "range", min: 0, max: last, value: 0 });
  row.append(input);
  const state = document.createElement("output");
  box.append(row, state);
  const update = () => {
    state.textContent = moved(Number(input.value));
    input.setAttribute("aria-valuetext", state.textContent);
  };
  input.addEventListener("input", update);
  return update;
}

function grid(svg, rows, columns, size, x, y) {
  return Array.from({ length: rows * columns }, (_, k) => {
    const row = Math.floor(k / columns);
    const cell = draw(svg, "g", {});
    place(cell, x + size * (k % columns), y + size * row);
    draw(cell, "rect", { width: size - 4, height: size - 4, rx: 3 });
    draw(cell, "text", { x: size / 2 - 2, y: size / 2 + 3 });
    return cell;
  });
}

function place(cell, x, y) {
  cell.setAttribute("transform", `translate(${x} ${y})`);
}

// A direction in the plane of E11 and E12, and the rate at which tr(AX) changes in it.
function rate(box) {
  const [a11, a21] = [1, 3];
  const svg = canvas(box, 520, 240);
  const point = (x, y) => [120 + 90 * x, 120 - 90 * y];
  draw(svg, "circle", { cx: 120, cy: 120, r: 90, class: "thin" });
  for (const [x, y, name] of [[1.28, 0, "E₁₁"], [0, 1.2, "E₁₂"]]) {
    const [left, top] = point(x, y);
    draw(svg, "text", { x: left, y: top + 4 }, name);
  }
  const level = 1.25 / Math.hypot(a11, a21);
  const [x1, y1] = point(-level * a21, level * a11);
  const [x2, y2] = point(level * a21, -level * a11);
  draw(svg, "line", { x1, y1, x2, y2, class: "thin dashed" });
  const arrow = draw(svg, "line", { x1: 120, y1: 120, class: "first thick" });
  const tip = draw(svg, "circle", { r: 6, class: "first" });
  draw(svg, "line", { x1: 400, y1: 20, x2: 400, y2: 220, class: "thin" });
  draw(svg, "line", { x1: 370, y1: 120, x2: 430, y2: 120, class: "thin" });
  draw(svg, "text", { x: 450, y: 124 }, "0");
  const bar = draw(svg, "rect", { x: 385, width: 30, class: "second" });
  return slider(box, "turn the direction Y", 72, (step) => {
    const angle = (step * 5 * Math.PI) / 180;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const value = a11 * cos + a21 * sin;
    const [x, y] = point(cos, sin);
    for (const [key, at] of [["x2", x], ["y2", y]]) arrow.setAttribute(key, at);
    for (const [key, at] of [["cx", x], ["cy", y]]) tip.setAttribute(key, at);
    bar.setAttribute("y", value > 0 ? 120 - 30 * value : 120);
    bar.setAttribute("height", 30 * Math.abs(value));
    const number = (n) => n.toFixed(2).replace(/^-0.00$/, "0.00").replace("-", "−");
    const Y = `${number(cos)} E₁₁ + ${number(sin)} E₁₂`.replace("+ −", "− ");
    return `Y = ${Y}: f changes at the rate tr(AY) = ${number(value)}.`;
  });
}

// The two orders walk through a matrix with two rows and three columns.
function walk(box) {
  const [rows, columns] = [2, 3];
  const orders = { F: (k) => [k % rows, Math.floor(k / rows)], C: (k) => [Math.floor(k / columns), k % columns] };
  const svg = canvas(box, 520, 190);
  const number = (k) => "₁₂₃"[k];
  const name = ([i, j]) => `x${number(i)}${number(j)}`;
  const parts = Object.entries(orders).map(([order, at], index) => {
    const top = 30 + 80 * index;
    draw(svg, "text", { x: 60, y: top + 12, class: "heading" }, order === "F" ? "by columns, F" : "by rows, C");
    const cells = grid(svg, 1, rows * columns, 56, 150, top - 18);
    return { at, cells };
  });
  return slider(box, "walk", rows * columns - 1, (step) => {
    for (const { at, cells } of parts) {
      cells.forEach((cell, k) => {
        cell.lastChild.textContent = k <= step ? name(at(k)) : "";
        cell.setAttribute("class", k === step ? "first" : k < step ? "done" : "");
      });
    }
    const [first, second] = parts.map(({ at }) => name(at(step)));
    const where = `Number ${step + 1} is ${first} by columns`;
    return first === second ? `${where}, and by rows too.` : `${where}, and ${second} by rows.`;
  });
}

// One exchange of two indices takes the entries of D to their places in E.
function exchange(box) {
  const [A, B] = [[[7, 1], [1, 3]], [[5, 2], [2, 1]]];
  const svg = canvas(box, 520, 250);
  const cells = grid(svg, 4, 4, 56, 150, 15);
  const entries = cells.map((cell, n) => {
    const [i, j, k, l] = [n >> 3, (n >> 2) & 1, (n >> 1) & 1, n & 1];
    cell.lastChild.textContent = A[i][j] * B[k][l] + B[i][j] * A[k][l];
    if (j !== k) cell.setAttribute("class", "first");
    return { cell, from: [2 * i + j, 2 * k + l], to: [2 * i + k, 2 * j + l] };
  });
  const last = 20;
  return slider(box, "exchange j and k", last, (step) => {
    for (const { cell, from, to } of entries) {
      const [row, column] = [0, 1].map((axis) => from[axis] + ((to[axis] - from[axis]) * step) / last);
      place(cell, 150 + 56 * column, 15 + 56 * row);
    }
    if (step === 0) return "Layout ij,kl: this is D, with the least eigenvalue −3.17. It is not definite.";
    if (step === last) return "Layout ik,jl: this is E, with the least eigenvalue 0.99. It is positive definite.";
    return "On the way, eight of the sixteen entries change their places.";
  });
}

const FIGURES = { rate, walk, exchange };
addEventListener("DOMContentLoaded", () => {
  for (const box of document.querySelectorAll(".hand")) {
    if (box.dataset.says) box.append(Object.assign(document.createElement("p"), { textContent: box.dataset.says }));
    FIGURES[box.dataset.figure](box)();
  }
});
