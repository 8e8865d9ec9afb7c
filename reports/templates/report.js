"use strict";
// Sorting: a click (or Enter) on a heading sorts by it, a second one the other way; what has no value stays last.
for (const table of document.querySelectorAll("table.sortable")) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, place) => heading.querySelector("button").addEventListener("click", () => {
    const up = heading.getAttribute("aria-sort") !== "ascending";
    headings.forEach((other) => other.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", up ? "ascending" : "descending");
    const key = (row) => row.cells[place].dataset.key;
    const numeric = [...table.tBodies[0].rows].every((row) => key(row) === "" || !Number.isNaN(Number(key(row))));
    const rows = [...table.tBodies[0].rows].sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      if (x === "" || y === "") return (x === "") - (y === "");
      const order = numeric ? Number(x) - Number(y) : x.localeCompare(y, "en", { numeric: true });
      return up ? order : -order;
    });
    table.tBodies[0].append(...rows);
  }));
}
// Paper shows everything.
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
// Films: one slider moves them all; a film that ended early rests on its last frame.
for (const reel of document.querySelectorAll(".reel:has(input)")) {
  const [slider, button, output] = ["input", ".play", "output"].map((name) => reel.querySelector(name));
  const moments = slider.dataset.moments.split(" ");
  let timer = 0;
  const show = () => {
    const moment = Number(slider.value);
    output.textContent = `${moments[moment]} kimg`;
    slider.setAttribute("aria-valuetext", output.textContent);
    for (const film of reel.querySelectorAll("[data-frames]")) {
      film.style.setProperty("--frame", Math.min(moment, Number(film.dataset.frames) - 1));
    }
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    button.textContent = "Play";
    button.setAttribute("aria-pressed", "false");
  };
  const step = () => {
    slider.value = (Number(slider.value) + 1) % moments.length;
    show();
    if (Number(slider.value) === moments.length - 1) stop();
  };
  slider.addEventListener("input", () => { stop(); show(); });
  button.addEventListener("click", () => {
    if (timer) return stop();
    button.textContent = "Stop";
    button.setAttribute("aria-pressed", "true");
    timer = setInterval(step, 600);
    return step();
  });
  show();
}
// Before and after: a slider, or a finger on the picture, moves the border; without a script both lie side by side.
for (const figure of document.querySelectorAll(".slider")) {
  const [label, input, pair] = ["label", "input", ".pair"].map((name) => figure.querySelector(name));
  const show = () => {
    figure.style.setProperty("--share", input.value / 100);
    input.setAttribute("aria-valuetext", `${input.value} % ${input.dataset.before}, ${100 - input.value} % ${input.dataset.after}`);
  };
  const move = (event) => {
    if (event.buttons !== 1) return;
    const box = pair.getBoundingClientRect();
    input.value = 100 * (event.clientX - box.left) / box.width;
    show();
  };
  input.addEventListener("input", show);
  for (const name of ["pointerdown", "pointermove"]) pair.addEventListener(name, move);
  for (const image of pair.querySelectorAll("img")) image.draggable = false;
  label.hidden = false;
  figure.classList.add("moves");
  show();
}
