// The port map: two halves of cells, a counted legend, a call-out for one port, and how long connect() takes.

const ASKED_AGAIN_MS = 1000;
const WORDS_MS = 100;
const KEPT_MS = 3000;
const LABELS_PX = 48;

const sentenceOf = ({ local, peer, state, left_s, more }) =>
  more ? `and ${thousands(more)} more` : `${local} → ${peer} ${state}${left_s === null ? "" : `, ${left_s} s left`}`;

function render({ model, el }) {
  const f = frame({ model, el }, { name: "Port map" });
  const kinds = model.get("kinds");
  const place = `${model.get("bed")}.${model.get("host")}`;

  // ---- what there is to see

  const canvas = make("canvas", { role: "img", "aria-label": "Port map" });
  const small = document.createElement("canvas");
  const chosenMark = make("div", { class: "chosen", hidden: true });
  const tip = make("div", { class: "tip", hidden: true });
  const says = "Ports. Arrow keys choose one, Home and End the first and the last, Escape leaves";
  const cells = make(
    "div",
    { class: "cells", tabindex: "0", role: "group", "aria-label": says },
    canvas,
    chosenMark,
    tip,
  );
  const labels = make("div", { class: "ports", "aria-hidden": "true" });
  const captions = ["even", "odd"].map((name) =>
    make("p", { class: "cap" }, make("b", {}, `${name} ports`), make("span", { class: "dim" })),
  );
  const legend = make("div", { class: "legend" });
  const strip = latencyStrip(f.root);
  f.body.append(
    make(
      "div",
      { class: "portmap" },
      make("div", { class: "captions" }, ...captions),
      make("div", { class: "map" }, labels, cells),
    ),
    legend,
    make("div", { class: "strip" }, strip.caption, strip.canvas),
  );
  const entries = kinds.map((kind, code) => {
    const swatch = make("i", { class: code ? "swatch" : "swatch free", style: `background: var(${propertyOf(kind)})` });
    const count = make("b", {}, "0");
    const entry = make("span", { hidden: kind.aboveS === null && code > 0 }, swatch, `${kind.name} `, count);
    return { entry, count };
  });
  legend.append(
    ...entries
      .slice(1)
      .reverse()
      .map(({ entry }) => entry)
      .sort((one, other) => one.hidden - other.hidden),
    entries[0].entry,
  );

  // ---- what a frame changes

  let grid = null;
  let shown = null;
  let [pixels, paper] = [null, null];
  let port = null;
  let spoken = null;
  let toldAt = -Infinity;
  let words = null;

  const repaint = () => {
    if (!f.root.isConnected) return; // it has no colours yet
    if (!pixels)
      [pixels, paper] = [pixelsOf(f.root, kinds), getComputedStyle(f.root).getPropertyValue("--tl-paper").trim()];
    drawCells(canvas, small, grid, shown.codes, pixels, paper);
  };
  const recolour = () => {
    pixels = null;
    if (shown) repaint();
    strip.redraw();
  };
  f.root.addEventListener("theme", recolour);

  function layOut(head) {
    grid = gridOf(head.lowest, head.highest);
    const step = Math.ceil(LABELS_PX / grid.cell / 2) * (grid.cell < 24 ? 2 : 1);
    labels.replaceChildren();
    labels.style.height = `${grid.height}px`;
    for (let row = 0; row < grid.rows; row += step) {
      const first = Math.max(grid.lowest, (grid.firstRow + row) * grid.across);
      labels.append(
        make("span", { style: `top: ${(row + Math.min(0.5, 3 / grid.cell)) * grid.cell}px` }, String(first)),
      );
    }
    if (port !== null && !grid.inside(port)) choose(null);
  }

  function tellLead(sentence) {
    const [first, ...rest] = sentence.split(/(?<=\.) /);
    const parts = first.split(/([\d,]*\d)/).map((part, at) => (at % 2 ? make("b", {}, part) : part));
    f.lead.replaceChildren(...parts, " ", make("span", { class: "dim" }, rest.join(" ")));
    f.lead.hidden = false;
  }

  /** A state that comes and goes stands in the legend for a while after it has gone. */
  function count(ports, code) {
    const told = entries[code];
    told.count.textContent = thousands(ports);
    if (kinds[code].aboveS !== null || code === 0) return;
    if (ports) told.seenAt = performance.now();
    told.entry.hidden = !(performance.now() - told.seenAt < KEPT_MS);
  }

  /** Cells are drawn with each frame, words as fast as one reads. */
  function showFrame(frame) {
    const { head } = frame;
    if (!shown || shown.head.lowest !== head.lowest || shown.head.highest !== head.highest) layOut(head);
    shown = frame;
    repaint();
    strip.take(head);
    words ??= setTimeout(tellWords, Math.max(0, toldAt + WORDS_MS - performance.now()));
  }

  function tellWords() {
    const { head } = shown;
    [words, toldAt] = [null, performance.now()];
    if (head.lead !== f.lead.textContent.trim() || !f.lead.firstElementChild) tellLead(head.lead);
    head.counts.forEach(count);
    for (const half of head.halves) {
      const [, why] = captions[half.name === "even" ? 0 : 1].children;
      if (why.textContent !== half.says) why.textContent = half.says;
    }
    strip.tell(head);
    describe();
    canvas.setAttribute("aria-label", `Port map: ${head.lead}`);
    f.root.querySelector(".words").textContent = head.words;
  }

  // ---- one port

  function describe() {
    const told = shown?.head.chosen[port];
    if (port === null || !told) return;
    const lines = told.map((socket) => {
      if (socket.more) return make("p", { class: "dim" }, sentenceOf(socket));
      const left = socket.left_s === null ? "" : `, ${socket.left_s} s left`;
      const mark = inlineGlyph(socket.state, { left: (socket.left_s ?? 0) / 60 });
      const where = socket.state === "LISTEN" ? socket.local : `${socket.local} → ${socket.peer}`;
      return make("div", {}, make("p", { class: "mono" }, where), make("p", {}, mark, ` ${socket.state}${left}`));
    });
    const free = make("p", {}, `${port} is free: no socket has it.`);
    const code = make("p", { class: "mono dim" }, `sockets(${place}, port=${port})`);
    tip.replaceChildren(...(lines.length ? lines : [free]), code);
    if (spoken === port) return;
    spoken = port;
    f.speak(`Port ${port}: ${lines.length ? told.map(sentenceOf).join("; ") : "free"}.`);
  }

  function choose(next) {
    port = next;
    chosenMark.hidden = tip.hidden = port === null;
    if (port === null) return;
    const { x, y } = grid.corner(port);
    const out = Math.max(0, 9 - grid.cell) / 2 + 1;
    const side = grid.cell + 2 * out;
    chosenMark.style.cssText = `left: ${x - out}px; top: ${y - out}px; width: ${side}px; height: ${side}px`;
    const across = x > HALF_PX ? `right: ${grid.width - x + 8}px` : `left: ${x + grid.cell + 8}px`;
    tip.style.cssText = `${across}; top: ${y + grid.cell + 8}px`;
    tip.replaceChildren(make("p", { class: "mono" }, String(port)));
    spoken = null;
    askForIt();
  }
  const askForIt = () => port !== null && f.ask("chosen", { port });
  const again = setInterval(askForIt, ASKED_AGAIN_MS);

  cells.addEventListener("click", (event) => {
    if (!grid || tip.contains(event.target)) return;
    const box = canvas.getBoundingClientRect();
    choose(grid.at(event.clientX - box.left, event.clientY - box.top));
  });
  const steps = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
    PageUp: [0, -8],
    PageDown: [0, 8],
  };
  cells.addEventListener("keydown", (event) => {
    if (!grid || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape") {
      if (port === null) cells.blur();
      else choose(null);
    } else if (event.key === "Home") choose(grid.lowest);
    else if (event.key === "End") choose(grid.highest);
    else if (event.key in steps) choose(port === null ? grid.lowest : grid.from(port, ...steps[event.key]));
    else return;
    event.preventDefault();
  });

  // ---- frames as they come: the newest one is read, and drawn when the screen is

  let [came, drawn] = [0, 0];
  let toDraw = null;
  const drawNewest = () => {
    const newest = toDraw;
    toDraw = null;
    showFrame(newest);
  };
  async function read(packed) {
    const number = (came += 1);
    const next = await readFrame(packed);
    if (number < drawn) return; // a later one was quicker
    drawn = number;
    if (!toDraw) requestAnimationFrame(drawNewest);
    toDraw = next;
  }
  f.hear("msg:custom", (message, buffers) => message.frame && read(buffers[0]));
  f.ask("begin");

  return () => {
    clearInterval(again);
    clearTimeout(words);
    f.root.removeEventListener("theme", recolour);
    f.end();
  };
}

export default { render };
