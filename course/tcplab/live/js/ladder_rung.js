// One segment of a ladder, drawn around the height where it is sent: colour says whether it arrived, shape says how.

const RUNG = { reach: 7, above: 5, then: 1, chip: 18, letter: 7.25, full: LADDER.server - LADDER.client - 14 };

/** What a rung looks like, in one string: drawn anew only where it differs. */
function rungSignature(rung, letter, outlook, selected) {
  const { row } = rung;
  const place = [
    rung.leaves - rung.sent,
    rung.arrives === null ? "" : rung.arrives - rung.sent,
    rung.lane,
    rung.stopped,
    rung.times,
  ];
  return [row.number, row.fate, row.again, row.seq, ...place, letter, outlook, selected].join();
}

/** The sentence that a screen reader says of a segment. */
function rungSays(rung, hosts) {
  const { row } = rung;
  const times = rung.times > 1 ? `, ${rung.times} times` : "";
  const way = row.fromClient ? `${hosts.client} to ${hosts.server}` : `${hosts.server} to ${hosts.client}`;
  return `segment ${row.number}: ${labelWords(row).join(" ").replace("↻ ", "")}, ${way}, ${fateNow(rung)}${times}`;
}

/** What had become of it at the moment that is shown. */
function fateNow(rung) {
  if (rung.stopped) return rung.row.fate;
  if (rung.arrives !== null)
    return rung.row.fate === "duplicated" ? "duplicated" : kneed(rung) ? "delivered late" : "delivered";
  return rung.row.fate === "delayed" ? "delayed" : "held";
}

function drawRung(rung, { letter, outlook, selected, hosts }) {
  const { row } = rung;
  const out = row.fromClient ? 1 : -1;
  const x = (part) => (out > 0 ? LADDER.client : LADDER.server) + out * (RUNG.reach + part * RUNG.full);
  const fate = fateNow(rung);
  const colour = { dropped: "f-dropped", swallowed: "f-swallowed", held: "f-held", delayed: "f-held" }[fate] ?? "";
  const arrives = rung.arrives === null ? null : rung.arrives - rung.sent;
  const [begin, end, wire] = [[x(0), 0], [x(1), arrives], [x(0.5), LADDER.slope / 2]];
  const forked = [x(1), arrives + LADDER.fork];
  const first = draw("g", { class: "way" });
  const second = draw("g", { class: "way" });
  const marks = draw("g", {});
  let half = true;
  if (fate === "dropped" || fate === "swallowed") {
    first.append(path("ln", begin, wire));
    const beside = [x(0.5 + 14 / RUNG.full), wire[1] + 4];
    marks.append(stop(fate, wire), remark(...beside, whyStopped(rung), fate, row.fromClient));
  } else if (arrives === null) {
    first.append(path("ln", begin, wire));
    second.append(path("ghost", wire, [x(1), LADDER.slope]));
    if (fate === "held") marks.append(...chip(...wire, letter ?? "‖"));
    const coming = outlook ? `if delivered: ${row.fromClient ? hosts.server : hosts.client} is ${outlook}` : "";
    const then = coming || (fate === "delayed" ? "delayed, on its way" : "");
    if (then) marks.append(remark(x(0.76), RUNG.then, then, "why", null));
  } else if (!kneed(rung)) {
    half = rung.crossed;
    first.append(path("ln", begin, end), head(begin, end));
    const fork = [x(0.5), arrives / 2];
    if (fate === "duplicated") second.append(path("ln", fork, forked), head(fork, forked));
  } else {
    const knee = LADDER.wire - out * (rung.lane + (rung.lane ? 0.5 : 0)) * LADDER.lane;
    const part = Math.abs(knee - x(0)) / RUNG.full;
    const [above, below] = [[knee, LADDER.slope * part], [knee, arrives - LADDER.slope * (1 - part)]];
    first.append(path("ln", begin, above));
    second.append(path("ln", above, below, end), head(below, end));
    if (fate === "duplicated") second.append(path("ln", below, forked), head(below, forked));
  }
  const tall = kneed(rung) && arrives !== null ? LADDER.slope : Math.max(LADDER.slope, arrives ?? 0);
  const group = draw("g", {
    class: `seg ${colour}${selected ? " on" : ""}`,
    role: "option",
    "aria-selected": String(Boolean(selected)),
    "aria-label": rungSays(rung, hosts),
    "data-number": row.number,
  });
  group.append(
    draw("rect", { class: "hit", x: LADDER.client + 12, y: -18, width: RUNG.full - 10, height: tall + 24, rx: 4 }),
    first,
    second,
    labelOf(row, x, half, arrives ?? LADDER.slope),
    marks,
  );
  return { group, first, second };
}

function labelOf(row, x, half, falls) {
  const [flags, numbers] = labelWords(row);
  const width = (flags.length + numbers.length + 1) * RUNG.letter;
  const middle = !half ? 0.5 : width <= RUNG.full / 2 - 16 ? 0.25 : (12 + width / 2) / RUNG.full;
  const fall = half ? LADDER.slope : falls;
  const y = fall * middle - RUNG.above - (width / 2) * (fall / RUNG.full);
  const attributes = {
    class: "sl",
    x: x(middle),
    y: half && width > RUNG.full / 2 - 16 ? Math.min(y, -3) : y,
    "text-anchor": "middle",
  };
  return draw("text", attributes, draw("tspan", { class: "fl" }, flags), " ", draw("tspan", { class: "nu" }, numbers));
}

function path(name, ...points) {
  return draw("path", { class: name, d: `M${points.map((point) => point.join(" ")).join("L")}` });
}

function head([x0, y0], [x1, y1]) {
  const turn = (Math.atan2(y1 - y0, x1 - x0) * 180) / Math.PI;
  const place = `translate(${x1} ${y1}) rotate(${turn})`;
  return draw("path", { class: "hd", d: "M0 0l-9 -4.2l1.6 4.2l-1.6 4.2Z", transform: place });
}

/** Where a segment ended: a cross where it was dropped, a bar where a repeat was swallowed. */
function stop(fate, [x, y]) {
  if (fate === "dropped") return draw("path", { class: "xx", d: `M${x - 5} ${y - 5}l10 10m0 -10l-10 10` });
  return draw("path", { class: "bar2", d: `M${x} ${y - 5}v10` });
}

function whyStopped({ row, times }) {
  if (row.fate === "dropped") return row.byHand ? "dropped by you" : "dropped by your rule";
  return times === 1 ? "a repeat, swallowed" : `repeated ${thousands(times)} times, swallowed`;
}

function chip(x, y, letter) {
  const [side, middle] = [RUNG.chip, RUNG.chip / 2];
  return [
    draw("rect", { class: "chip", x: x - middle, y: y - middle, width: side, height: side, rx: 4 }),
    draw("text", { class: "chipt", x, y: y + 4, "text-anchor": "middle" }, letter),
  ];
}

function remark(x, y, words, kind, fromClient) {
  const anchor = fromClient === null ? "middle" : fromClient ? "start" : "end";
  return draw("text", { class: `remark ${kind}`, x, y, "text-anchor": anchor }, words);
}
