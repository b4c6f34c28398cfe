// The world: your machine, apart from it the hosts of this notebook, and what lies between them.

function render({ model, el }) {
  const f = frame({ model, el }, { name: "The world of this notebook" });
  const machine = make(
    "section",
    { class: "outside" },
    make("h4", {}, "your machine"),
    make("p", { class: "dim" }, NOTHING_HERE),
  );
  const row = make("div", { class: "row" });
  const rules = rulesBox();
  const ends = make("span", { class: "dim" }, "network namespaces; they end with it");
  const inside = make(
    "section",
    { class: "inside" },
    make("h4", {}, "the world of this notebook ", ends),
    row,
    rules.box,
  );
  const panel = socketsPanel();
  f.body.append(make("div", { class: "world" }, machine, inside), panel.box);

  let [hosts, links] = [[], []];
  let open = "";
  let [askedAt, later] = [0, 0];

  const press = (name) => {
    open = open === name ? "" : name;
    for (const host of hosts) host.button.setAttribute("aria-expanded", String(host.name === open));
    if (open) fill();
    else panel.box.hidden = true;
  };
  const fill = async () => {
    [askedAt, later] = [performance.now(), 0];
    const asked = open;
    const told = await f.ask("sockets", { host: asked });
    if (told.rows && asked === open) panel.show(told);
  };
  const fillSoon = () => {
    if (open && !later) later = setTimeout(fill, Math.max(0, askedAt + 1000 - performance.now()));
  };

  // One tab stop; the arrows go from host to host, Esc closes what is open.
  const stopAt = (place) => hosts.forEach((host, at) => (host.button.tabIndex = at === place ? 0 : -1));
  row.addEventListener("keydown", (event) => {
    const at = hosts.findIndex((host) => host.button === event.target);
    const steps = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: hosts.length - 1 };
    if (at < 0) return;
    if (event.key === "Escape" && open) press(open);
    else if (event.key in steps) {
      const next = Math.max(0, Math.min(hosts.length - 1, steps[event.key]));
      stopAt(next);
      hosts[next].button.focus();
    } else return;
    event.preventDefault();
  });

  const build = (seen) => {
    hosts = seen.hosts.map(({ name }) => hostBox(name, () => press(name)));
    links = seen.links.map(({ name }) => linkBox(name));
    row.replaceChildren(...hosts.flatMap((host, at) => (links[at] ? [host.box, links[at].box] : [host.box])));
    row.classList.toggle("three", hosts.length > 2);
    inside.parentElement.classList.toggle("three", hosts.length > 2);
    stopAt(0);
  };
  const show = () => {
    const seen = model.get("seen");
    if (!seen.hosts) return;
    if (!hosts.length) build(seen);
    const most = Math.max(1, ...seen.hosts.flatMap((host) => host.sockets.map(([, count]) => count)));
    seen.hosts.forEach((host, at) => hosts[at].show(host, most));
    seen.links.forEach((link, at) => links[at].show(link));
    rules.show(seen.links);
    fillSoon();
  };
  f.hear("change:seen", show);
  show();
  return () => {
    clearTimeout(later);
    f.end();
  };
}

export default { render };
