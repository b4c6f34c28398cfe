// The TCP debugger: the ladder of a wire that can be paused, and what to do with each segment that waits on it.

function render({ model, el }) {
  const f = frame({ model, el }, { name: "TCP debugger" });
  const hosts = model.get("hosts");
  const tale = new Tale();
  const choose = (number) => {
    if (picture.selected !== number) picture.choose(number);
    if (waiting.rows.some((row) => row.number === number)) waiting.select(number);
    header.show(number);
  };
  const picture = new Picture({
    hosts,
    told: { point: (number) => header.show(number ?? picture.selected), choose },
    wire: true,
  });
  const header = new Header(f.ask);
  const code = codeBlock("Every click is a line of code");
  const act = (what, details = {}) => {
    scrub.at = null;
    return f.ask(what, details);
  };
  const waiting = new Waiting({ act, choose });
  const scrub = new Scrub(() => later());
  const button = (name, key, press) =>
    make(
      "button",
      { class: "b", type: "button", "aria-keyshortcuts": key, onclick: press },
      name,
      make("kbd", { "aria-hidden": "true" }, key),
    );
  const next = () => waiting.rows.length && act("deliver", { number: waiting.rows[0].number });
  const all = () => waiting.rows.length && act("deliver_all");
  const toggle = () => act(model.get("paused") ? "resume" : "pause");
  const [run, one, every] = [
    button("Pause the wire", "P", toggle),
    button("Deliver next", "N", next),
    button("Deliver all", "A", all),
  ];
  f.tools.append(run, one, every);
  const which = chooser({ f, model });
  f.tools.append(which.element);
  which.listed();
  const left = make("div", {}, picture.element, waiting.element, scrub.element);
  f.body.append(make("div", { class: "duo" }, left, make("div", {}, code.element, header.element)));

  const keys = {
    d: () => waiting.press("deliver"),
    x: () => waiting.press("drop"),
    2: () => waiting.press("duplicate"),
    l: () => waiting.press("delay"),
    n: next,
    a: all,
    p: toggle,
  };
  f.root.addEventListener("keydown", (event) => {
    const typed = event.target.closest('input:not([type="range"]), textarea, select, pre');
    if (event.key === "Escape" && !event.defaultPrevented) leave(event.target);
    if (typed || event.ctrlKey || event.metaKey || event.altKey || event.repeat || !keys[event.key.toLowerCase()])
      return;
    event.preventDefault();
    keys[event.key.toLowerCase()]();
  });

  const later = drawer(() => {
    for (const number of model.get("by_hand")) if (tale.rows.has(number)) tale.rows.get(number).byHand = true;
    scrub.set(tale.events);
    const now = scrub.at === null;
    const letters = Object.fromEntries(model.get("waiting").map((row) => [row.number, row.letter]));
    const outlook = now ? model.get("outlook") : {};
    picture.wire = model.get("paused");
    picture.head(model.get("ends"), now ? (model.get("paused") ? "wire, paused" : "") : "as it was");
    const until = scrub.stops[scrub.place];
    const at = now ? tale.now : (tale.events[until - 1]?.[2] ?? null);
    picture.show(layOut(tale, hosts, until), { letters, outlook, now: at, still: !now });
  });
  const waits = () => {
    const paused = model.get("paused");
    const rows = model.get("waiting");
    run.firstChild.textContent = paused ? "▸ Let it run" : "Pause the wire";
    const down = Boolean(model.get("trouble")?.do);
    run.disabled = down;
    run.classList.toggle("pri", !paused && !down);
    one.disabled = every.disabled = !rows.length;
    if (waiting.set(rows, paused)) run.focus(); // it runs: nothing will wait
    later();
  };
  f.hear("change:waiting", waits);
  f.hear("change:paused", waits);
  f.hear("change:trouble", waits);
  for (const name of ["outlook", "ends", "by_hand"]) f.hear(`change:${name}`, later);
  f.hear("change:lines", () => code.set(model.get("lines")));
  const ticking = setInterval(() => waiting.tick(), 1000);
  code.set(model.get("lines"));
  waits();
  const forget = () => {
    picture.forget();
    scrub.at = null;
  };
  const unfollow = followed({ f, model, tale, picture, later, forget });
  return () => {
    clearInterval(ticking);
    unfollow();
    f.end();
  };
}

export default { render };
