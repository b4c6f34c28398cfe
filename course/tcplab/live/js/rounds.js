// Rounds of a benchmark, drawn: a line is a round; beside it each ratio to the first variant, its median and interval.

const [ROUNDS_WIDTH, ROUNDS_LEFT, ROUNDS_RIGHT, ROUNDS_TOP, ROUNDS_FLOOR] = [880, 64, 430, 44, 232];

/** Round numbers from 0 to at least `most`, three to five of them. */
function niceTicks(most) {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough);
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, at) => at * step);
}

const middleOf = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

function label(x, y, words, kind = "tick", anchor = "middle") {
  return draw("text", { x, y, class: kind, "text-anchor": anchor }, words);
}

/** The left half: milliseconds a request, a line for each round through all variants. */
function slopes({ variants, lines }) {
  const all = lines.flat().filter((each) => each !== null);
  const ticks = niceTicks(Math.max(...all, 0.01));
  const top = ticks.at(-1);
  const y = (ms) => ROUNDS_FLOOR - ((ROUNDS_FLOOR - ROUNDS_TOP) * ms) / top;
  const apart = (ROUNDS_RIGHT - ROUNDS_LEFT) / variants.length;
  const x = (at) => ROUNDS_LEFT + apart * (at + 0.5);
  const parts = [
    label(56, 20, "ms", "tick", "end"),
    label(64, 20, "time per request; one line is one round", "strong", "start"),
  ];
  for (const tick of ticks) {
    parts.push(draw("line", { class: "hair", x1: ROUNDS_LEFT, x2: ROUNDS_RIGHT, y1: y(tick), y2: y(tick) }));
    parts.push(label(56, y(tick) + 4, String(Number(tick.toPrecision(3))), "tick", "end"));
  }
  lines.forEach((line, number) => {
    const last = number === lines.length - 1 ? " last" : "";
    const points = line.map((ms, at) => (ms === null ? null : [x(at), y(ms)])).filter(Boolean);
    parts.push(draw("path", { class: `round${last}`, d: `M${points.map((point) => point.join(" ")).join("L")}` }));
    for (const [cx, cy] of points) parts.push(draw("circle", { class: `dot${last}`, cx, cy, r: 3 }));
  });
  variants.forEach((name, at) => {
    parts.push(label(x(at), ROUNDS_FLOOR + 20, name, "strong"));
    const mine = lines.map((line) => line[at]).filter((each) => each !== null);
    if (!mine.length) return;
    const middle = middleOf(mine);
    parts.push(draw("line", { class: "middle-bar", x1: x(at) - 11, x2: x(at) + 11, y1: y(middle), y2: y(middle) }));
    parts.push(label(x(at), Math.min(...mine.map(y)) - 10, middle.toFixed(middle < 1 ? 3 : 2), "tick strong halo"));
  });
  return parts;
}

/** The right half: ratios to the first variant, on a scale where twice and half stand equally far from 1. */
function ratios({ compared }) {
  const [left, right] = [520, 860];
  const reach = Math.log(
    Math.max(1.25, ...compared.flatMap((row) => row.rounds.map((each) => Math.max(each, 1 / each)))) * 1.1,
  );
  const x = (ratio) => (left + right) / 2 + (((right - left) / 2) * Math.log(ratio)) / reach;
  const floor = ROUNDS_TOP + compared.length * 62;
  const parts = [label(left, 20, `times ${compared[0]?.to ?? ""}, per round`, "strong", "start")];
  const ticks = [1];
  for (const tick of [0.01, 100, 0.02, 50, 0.05, 20, 0.1, 10, 0.2, 5, 0.5, 2, 0.8, 1.25])
    if (Math.abs(Math.log(tick)) < reach && ticks.every((other) => Math.abs(x(tick) - x(other)) > 44)) ticks.push(tick);
  for (const tick of ticks) {
    parts.push(
      draw("line", { class: tick === 1 ? "zero" : "hair", x1: x(tick), x2: x(tick), y1: ROUNDS_TOP - 8, y2: floor }),
    );
    parts.push(label(x(tick), floor + 16, `${tick} ×`));
  }
  parts.push(label(x(1), floor + 34, "no difference"));
  parts.push(label(left, floor + 34, "← less", "tick", "start"), label(right, floor + 34, "more →", "tick", "end"));
  compared.forEach((row, at) => {
    const y = ROUNDS_TOP + at * 62 + 14;
    const taken = [];
    for (const place of row.rounds.map(x).sort((a, b) => a - b)) {
      const up = [0, 7, 14].find((level) => taken.every(([across, high]) => high !== level || place - across > 7)) ?? 0;
      taken.push([place, up]);
      parts.push(draw("circle", { class: "dot", cx: place, cy: y - up + 8, r: 3.2 }));
    }
    if (row.low !== null) {
      parts.push(draw("line", { class: "interval", x1: x(row.low), x2: x(row.high), y1: y + 20, y2: y + 20 }));
      parts.push(draw("circle", { class: "interval-dot", cx: x(row.median), cy: y + 20, r: 4.5 }));
    }
    const [says, away] = [
      row.low === null
        ? row.verdict
        : `${row.median.toFixed(2)} [${row.low.toFixed(2)}, ${row.high.toFixed(2)}] ${row.verdict}`,
      row.median !== null && row.median > 1,
    ];
    parts.push(label(away ? left : right, y - 10, `${row.variant}: ${says}`, "strong halo", away ? "start" : "end"));
  });
  return { parts, height: floor + 44 };
}

/** The whole picture of what has arrived. */
function roundsPicture(drawn, says) {
  if (!drawn.lines.length) return null;
  const right = ratios(drawn);
  const height = Math.max(ROUNDS_FLOOR + 36, right.height);
  const shown = {
    class: "pic",
    viewBox: `0 0 ${ROUNDS_WIDTH} ${height}`,
    width: ROUNDS_WIDTH,
    height,
    role: "img",
    "aria-label": says,
  };
  return draw("svg", shown, ...slopes(drawn), ...right.parts);
}

/** What a run took: connections and TIME_WAITs, by host. */
function tierTable({ tiers }) {
  if (!tiers.length) return null;
  const hosts = Object.keys(tiers[0].opened);
  const number = (count) => thousands(Math.round(count));
  const head = [
    "of a run, in the middle",
    "ms",
    ...hosts.map((host) => `${host} opened`),
    ...hosts.map((host) => `TIME_WAIT: ${host}`),
    "failed",
  ];
  const rows = tiers.map((row) => [
    row.variant,
    row.ms.toFixed(3),
    ...hosts.map((host) => number(row.opened[host])),
    ...hosts.map((host) => number(row.time_waits[host])),
    number(row.failed),
  ]);
  return make(
    "table",
    { class: "tiers" },
    make("thead", {}, make("tr", {}, ...head.map((each) => make("th", { scope: "col" }, each)))),
    make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((each) => make("td", {}, each))))),
  );
}
