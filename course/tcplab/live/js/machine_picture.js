// The diagram itself: states, arrows, the ways that both ends took, and their tokens.

const SIDES = ["client", "server"];
const ANCHOR = { left: "start", center: "middle", right: "end" };
const [STEP_MS, NEW_MS, APART] = [160, 1000, 3.5];

/** A line through two points, or a bow along three; moved aside by some pixels. */
function line(points, aside = 0) {
  const [[x, y], [endX, endY]] = [points[0], points.at(-1)];
  const length = Math.hypot(endX - x, endY - y);
  const [offX, offY] = [(-(endY - y) / length) * aside, ((endX - x) / length) * aside];
  const moved = points.map(([x, y]) => [x + offX, y + offY]);
  const [from, ...rest] = moved.map((point) => point.map((each) => each.toFixed(1)).join(" "));
  const [[beforeX, beforeY], [tipX, tipY]] = moved.slice(-2);
  const turn = (Math.atan2(tipY - beforeY, tipX - beforeX) * 180) / Math.PI;
  const tip = `translate(${tipX.toFixed(1)} ${tipY.toFixed(1)}) rotate(${turn.toFixed(1)})`;
  return { d: `M${from}${rest.length === 1 ? "L" : "Q"}${rest.join(" ")}`, tip };
}

const tip = (transform, kind = "tip") => draw("path", { class: kind, d: "M4 0L-6 -4.5L-6 4.5Z", transform });

function words(at, align, said, kind = "") {
  return draw(
    "text",
    { x: at[0], y: at[1], "text-anchor": ANCHOR[align], "dominant-baseline": "central", class: kind },
    said,
  );
}

function arrow(name, chosen) {
  const { points, event, sends, at, align, below, rare } = MACHINE.arrows[name];
  const { d, tip: at_tip } = line(points);
  return draw(
    "g",
    { class: rare ? "arrow rare" : "arrow", "data-arrow": name, onclick: () => chosen(name) },
    draw("path", { class: "hit", d }),
    draw("path", { class: "line", d }),
    tip(at_tip),
    words(at, align, event),
    sends ? words([at[0], at[1] + below], align, `${sends} →`, "sent") : null,
  );
}

/** The states' marks; `redraw(left)` moves TIME_WAIT's clock. */
function state(key, name) {
  const { at, name_at, align } = MACHINE.places[key];
  const group = draw(
    "g",
    { class: "state", "data-state": key, tabindex: "-1", role: "button" },
    draw("circle", { class: "ground", cx: at[0], cy: at[1], r: 15 }),
    draw("circle", { class: "ring", cx: at[0], cy: at[1], r: 15 }),
    words(name_at, align, name, "name"),
  );
  const mark = (left) => {
    group.querySelector(".glyph")?.remove();
    group.append(glyph(name, { x: at[0], y: at[1], radius: MACHINE.radius, left }));
  };
  mark(0.75);
  return { group, mark };
}

function legend() {
  const [y, shown] = [MACHINE.height - 10, draw("g", { class: "legend", "aria-hidden": "true" })];
  const sample = (x, kinds, said) => {
    for (const kind of kinds) shown.append(draw("path", { class: kind, d: `M${x} ${y}h30` }));
    shown.append(words([x + 38, y], "left", said));
  };
  sample(8, ["way client"], "way of the client");
  sample(178, ["way server", "way core"], "way of the server");
  sample(352, ["line"], "possible, not taken. On an arrow: what happened, and below it what is sent.");
  return shown;
}

/** The whole picture. `chosen({ state } or { arrow })` is called when one is clicked or focused. */
function picture(chosen) {
  const ways = draw("g", { "aria-hidden": "true" });
  const tokens = draw("g", { "aria-hidden": "true" });
  const states = {};
  const svg = draw("svg", {
    class: "pic",
    viewBox: `0 0 ${MACHINE.width} ${MACHINE.height}`,
    width: MACHINE.width,
    height: MACHINE.height,
    role: "group",
  });
  for (const [from, to, said] of MACHINE.chapters)
    svg.append(
      draw("path", { class: "rule", d: `M${from} 24H${to}` }),
      words([(from + to) / 2, 14], "center", said, "chapter"),
    );
  for (const name of Object.keys(MACHINE.arrows)) svg.append(arrow(name, (arrow) => chosen({ arrow })));
  svg.append(ways);
  for (const key of Object.keys(MACHINE.places)) {
    const name = key === "END" ? "CLOSED" : key;
    states[key] = state(key, name);
    states[key].group.addEventListener("click", () => chosen({ state: key, focus: true }));
    states[key].group.addEventListener("focus", () => chosen({ state: key }));
    svg.append(states[key].group);
  }
  svg.append(tokens, legend());
  const held = Object.fromEntries(SIDES.map((side) => [side, token(side, tokens)]));

  /** Draw where both ends are: per side the way so far, and what stands in the token beside its name. */
  const show = (ends) => {
    const taken = Object.fromEntries(SIDES.map((side) => [side, pairs(ends[side].way)]));
    ways.replaceChildren();
    for (const side of ["server", "client"])
      for (const pair of taken[side])
        ways.append(...walked(pair, side, taken.client.has(pair) && taken.server.has(pair)));
    const keys = SIDES.map((side) => place(ends[side].way));
    SIDES.forEach((side, at) => held[side](keys[at], at === 1 && keys[0] === keys[1] ? 1 : 0, ends[side].left));
    const clock = SIDES.filter((side) => ends[side].way.at(-1)[0] === "TIME_WAIT" && ends[side].left !== null);
    states.TIME_WAIT.mark(clock.length ? Math.max(...clock.map((side) => ends[side].left)) / 60 : 0.75);
    for (const [key, { group }] of Object.entries(states)) {
      const here = SIDES.filter((side, at) => keys[at] === key).map((side) => `${side} is here`);
      group.setAttribute("aria-label", [key === "END" ? "CLOSED, at the end" : key, ...here].join(", "));
    }
  };
  return { svg, states, show };
}

/** Which mark stands for the last state of a way: CLOSED has two. */
function place(way) {
  const [last, before] = [way.at(-1)[0], way.at(-2)?.[0]];
  return last === "CLOSED" && before && MACHINE.endsRight.includes(before) ? "END" : last;
}

const pairs = (way) => new Set(way.slice(1).map(([to], at) => `${way[at][0]}-${to}`));

function walked(pair, side, both) {
  const { d, tip: at } = line(
    MACHINE.arrows[pair]?.points ?? MACHINE.lines[pair],
    both ? (side === "client" ? -APART : APART) : 0,
  );
  const made = [draw("path", { class: `way ${side}`, d })];
  if (side === "server") made.push(draw("path", { class: "way core", d }));
  return [...made, tip(at, "tip taken")];
}

/** One side's token, a name in a pill; returns what moves it to a mark, as the first or second there. */
function token(side, layer) {
  const [pill, said] = [draw("rect", { rx: 10, height: 20, y: -10 }), words([0, 0], "center", side)];
  const group = draw("g", { class: `token ${side}` }, pill, said);
  layer.append(group);
  let was = null;
  return (key, nth, left) => {
    const {
      token_at: [x, y],
      step,
    } = MACHINE.places[key];
    said.textContent = left === null || left === undefined ? side : `${side} · ${left} s left`;
    const width = said.textContent.length * 6.9 + 18;
    pill.setAttribute("width", width);
    pill.setAttribute("x", -width / 2);
    const inside = Math.min(Math.max(x, width / 2 + 2), MACHINE.width - width / 2 - 2);
    group.style.transform = `translate(${inside}px, ${y + nth * step}px)`;
    if (was !== null && was !== key && calm()) {
      group.classList.add("new");
      setTimeout(() => group.classList.remove("new"), NEW_MS);
    }
    was = key;
  };
}
