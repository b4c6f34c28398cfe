// The state machine: what the kernel tells, walked step by step; keys; the choice of a connection.

const WALKED_MS = 1000; // a connection that follows another sooner is shown where it is, without its way

const part = (end, count) => (count >= end.way.length ? end : { way: end.way.slice(0, count), left: null, remark: "" });

/** Walk from what is shown to what is told, one state after another, in the order of both ends. */
function walker(draw_ends, entered) {
  let shown = null;
  let waiting = [];
  let timer = null;
  const now = (told) => {
    clearTimeout(timer);
    [timer, waiting, shown] = [null, [], told];
    draw_ends(shown);
  };
  const next = () => {
    timer = null;
    const step = waiting.shift();
    if (!step) return;
    const { side, count, told } = step;
    shown = { ...shown, [side]: part(told[side], count) };
    draw_ends(shown);
    entered(side, shown[side].way.at(-1));
    timer = setTimeout(next, calm() ? 0 : STEP_MS);
  };
  const same = (one, other) => one[0] === other[0];
  const walk = (told, afresh) => {
    if (!shown) return now(told);
    if (afresh) now(Object.fromEntries(SIDES.map((side) => [side, part(told[side], 1)])));
    const until = Object.fromEntries(SIDES.map((side) => [side, shown[side].way.length]));
    for (const { side, count } of waiting) until[side] = count;
    if (
      SIDES.some((side) => !shown[side].way.every((step, at) => told[side].way[at] && same(step, told[side].way[at])))
    )
      return now(told);
    waiting = waiting.map((step) => ({ ...step, told }));
    const more = SIDES.flatMap((side) =>
      told[side].way.map((step, at) => ({ side, count: at + 1, told, turn: step[3] })).slice(until[side]),
    );
    waiting.push(...more.sort((one, other) => one.turn - other.turn));
    if (!waiting.length) now(told);
    else if (timer === null) next();
  };
  return { walk, now, end: () => clearTimeout(timer) };
}

/** The nearest mark in the direction of an arrow key; one that an arrow of the diagram leads to is half as far. */
function neighbour(key, from) {
  const [stepX, stepY] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  const [x, y] = MACHINE.places[from].at;
  const far = ([name, { at }]) => {
    const [along, across] = [
      (at[0] - x) * stepX + (at[1] - y) * stepY,
      Math.abs((at[0] - x) * stepY) + Math.abs((at[1] - y) * stepX),
    ];
    const joined = [`${from}-${name}`, `${name}-${from}`].some((pair) => pair in MACHINE.arrows);
    return [name, along > 4 ? (along + 2 * across) / (joined ? 2 : 1) : Infinity];
  };
  const nearest = Object.entries(MACHINE.places)
    .map(far)
    .sort((one, other) => one[1] - other[1])[0];
  return nearest[1] === Infinity ? from : nearest[0];
}

function render({ model, el }) {
  const f = frame({ model, el }, { name: "State machine" });
  const about = panel(chosen);
  const drawn = picture(chosen);
  const where = whereabouts();
  let current = "CLOSED";

  function chosen({ state, arrow, focus }) {
    for (const each of drawn.svg.querySelectorAll(".chosen")) each.classList.remove("chosen");
    drawn.svg.querySelector(arrow ? `[data-arrow="${arrow}"]` : `[data-state="${state}"]`).classList.add("chosen");
    about.show({ state, arrow });
    if (!state) return;
    drawn.states[current].group.setAttribute("tabindex", "-1");
    drawn.states[(current = state)].group.setAttribute("tabindex", "0");
    if (focus) drawn.states[state].group.focus();
  }
  drawn.states[current].group.setAttribute("tabindex", "0");
  drawn.svg.addEventListener("keydown", (event) => {
    if (event.key.startsWith("Arrow")) drawn.states[neighbour(event.key, current)].group.focus();
    else if (event.key === "Home") drawn.states.CLOSED.group.focus();
    else if (event.key === "End") drawn.states.END.group.focus();
    else if (event.key === "Escape") (el.closest(".jp-Cell") ?? document.activeElement).focus();
    else return;
    event.preventDefault();
  });

  // ---- which connection

  const list = make("select", { "aria-label": "Connection", onchange: () => f.ask("choose", { key: list.value }) });
  const connect = make("button", { class: "b", type: "button", onclick: () => f.ask("connect") }, "Connect once");
  f.tools.append(
    make("div", { class: "connection" }, make("span", { "aria-hidden": "true" }, "Connection"), list),
    connect,
  );
  const choices = () => {
    const newest = make("option", { value: "" }, "the newest");
    const others = [...model.get("choices")].reverse().map(([key, label]) => make("option", { value: key }, label));
    list.replaceChildren(newest, ...others);
    list.value = model.get("chosen");
    connect.hidden = others.length > 0;
    list.parentElement.hidden = !others.length;
  };
  f.hear("change:choices", choices);
  f.hear("change:chosen", choices);
  choices();

  // ---- what is told

  const walk = walker(
    (ends) => {
      drawn.show(ends);
      where.show(ends, model.get("note"));
    },
    (side, [state, cause]) => f.speak(`${capital(side)} entered ${state}${cause ? `: ${cause}` : ""}.`),
  );
  let [followed, followedAt] = [model.get("followed"), 0];
  const told = () => {
    const ends = model.get("ends");
    drawn.svg.setAttribute("aria-label", `State machine. ${model.get("lead")}`);
    if (!ends.client) return;
    const changed = model.get("followed") !== followed;
    const soon = performance.now() - followedAt < WALKED_MS;
    if (changed) [followed, followedAt] = [model.get("followed"), performance.now()];
    drawn.svg.classList.toggle("jumped", changed && soon);
    if (changed && soon) walk.now(ends);
    else walk.walk(ends, changed);
  };
  f.hear("change:ends", told);
  told();

  const printed = make("div", {});
  const print = () => printed.replaceChildren(...printedCode(model.get("printed")));
  f.hear("change:printed", print);
  print();
  where.element.append(printed);
  f.body.append(make("div", { class: "fsm" }, drawn.svg, where.element, about.element));
  return () => {
    walk.end();
    f.end();
  };
}

export default { render };
