// The parts of the world's picture: a host, what lies between two, and the sockets of one host.

const NOTHING_HERE =
  "This notebook and JupyterLab run here, ordinary processes. Nothing here was changed, and no route leads here.";
const BUSY = 2; // segments between two looks: more of them are not drawn one by one

/** A host: its name is a button that shows its sockets; `show` draws it anew. */
function hostBox(name, onpress) {
  const button = make("button", { class: "name", type: "button", "aria-expanded": "false", onclick: onpress }, name);
  const addresses = make("ul", { class: "mono dim devices" });
  const states = make("table", { class: "states", "aria-label": `Sockets of ${name} by state` });
  const programs = make("p", { class: "programs" });
  const box = make("section", { class: "host", "aria-label": name }, button, addresses, states, programs);
  const show = (host, most) => {
    const devices = host.devices.map(([device, ips]) => make("li", {}, `${device} ${ips.join(" ")}`));
    addresses.replaceChildren(...devices);
    const rows = host.sockets.map(([state, count]) => {
      const bar = make("i", { style: `background: var(--tl-${state}); width: ${(100 * count) / most}%` });
      return make(
        "tr",
        {},
        make("td", {}, inlineGlyph(state)),
        make("th", { scope: "row" }, state),
        make("td", { class: "count" }, thousands(count)),
        make("td", { class: "bar-cell", "aria-hidden": "true" }, bar),
      );
    });
    if (!rows.length) rows.push(make("tr", {}, make("td", { class: "dim" }, "no sockets")));
    states.replaceChildren(...rows);
    const said = host.programs.map(([each, count]) => (count > 1 ? `${each} ×${thousands(count)}` : each)).join(", ");
    programs.replaceChildren(
      make("span", { class: "dim" }, "runs "),
      make("span", { class: "mono" }, said || "nothing"),
    );
  };
  return { name, box, button, show };
}

/** What lies between two hosts; a segment that crosses is a dot that moves, a crowd is a thick line. */
function linkBox(name) {
  const line = draw("line", { class: "line", x1: 0, x2: 120, y1: 20, y2: 20 });
  const paused = draw("path", { class: "bars", d: "M56.5 14.5V25.5M63.5 14.5V25.5" });
  const middle = draw("g", { class: "middle-of" }, draw("circle", { class: "round", cx: 60, cy: 20, r: 12 }), paused);
  const dots = draw("g");
  const picture = draw(
    "svg",
    { viewBox: "0 0 120 40", preserveAspectRatio: "xMidYMid slice", "aria-hidden": "true" },
    line,
    dots,
    middle,
  );
  const words = make("ul", { class: "said" });
  const box = make("section", { class: "link", "aria-label": name }, picture, words);
  let before = null;

  const cross = (from, many) => {
    if (calm() || many > BUSY) {
      line.classList.add("busy");
      setTimeout(() => line.classList.remove("busy"), 1000);
      return;
    }
    const dot = draw("circle", { class: "dot", cx: from ? 120 : 0, cy: 20, r: 4 });
    dots.append(dot);
    const way = [{ transform: "translateX(0)" }, { transform: `translateX(${from ? -120 : 120}px)` }];
    dot.animate(way, { duration: 400 }).onfinish = () => dot.remove();
  };

  const show = (link) => {
    middle.style.display = link.programmable ? "" : "none";
    const held = link.fates.some(([fate]) => fate === "held");
    middle.classList.toggle("holds", held);
    paused.style.display = held ? "" : "none";
    const said = [make("li", {}, make("b", {}, link.name))];
    if (link.programmable) {
      said.push(
        make(
          "li",
          {},
          `${link.behind ? "over " : ""}${thousands(link.segments)} ${link.segments === 1 ? "segment" : "segments"}`,
        ),
      );
      const marks = { dropped: "✕ ", held: "‖ " };
      for (const [fate, count] of link.fates)
        if (fate !== "delivered")
          said.push(make("li", { class: fate }, `${marks[fate] ?? ""}${thousands(count)} ${fate}`));
    } else said.push(make("li", { class: "dim" }, "two veth devices, at kernel speed"));
    words.replaceChildren(...said);
    if (before)
      link.sent_by.forEach((count, from) => {
        if (count > before[from]) cross(from, count - before[from]);
      });
    before = link.sent_by;
  };
  return { name, box, show };
}

/** The rules in force, on all wires, in the words that made them. */
function rulesBox() {
  const box = make("ul", { class: "rules mono", "aria-label": "Rules in force" });
  const show = (links) => {
    const written = links.flatMap((link) => link.rules.map((rule) => `bed.${link.name}.${rule}`));
    box.replaceChildren(...written.map((rule) => make("li", {}, rule)));
    box.hidden = !written.length;
  };
  return { box, show };
}

/** The first sockets of a host, with the commands that show the same. */
function socketsPanel() {
  const caption = make("caption");
  const rows = make("tbody");
  const head = ["", "state", "this end", "other end", "timer", "held by"].map((said) =>
    make("th", { scope: "col" }, said),
  );
  head[0].setAttribute("aria-label", "glyph");
  const table = make("table", { class: "sockets" }, caption, make("thead", {}, make("tr", {}, ...head)), rows);
  const code = codeBlock("The same, in a cell");
  const box = make(
    "div",
    { class: "of-host", hidden: true },
    make("div", { class: "scrolled", tabindex: "0", role: "region", "aria-label": "Sockets" }, table),
    code.block,
  );
  const show = ({ host, count, rows: shown, code: lines }) => {
    const more =
      count > shown.length
        ? `first ${shown.length} of ${thousands(count)} sockets`
        : `${count} ${count === 1 ? "socket" : "sockets"}`;
    caption.textContent = `${host}: ${more}`;
    rows.replaceChildren(
      ...shown.map((each) =>
        make(
          "tr",
          {},
          make("td", {}, inlineGlyph(each.state, { left: each.left })),
          make("td", {}, each.state),
          ...[each.local, each.peer, each.timer, each.held_by].map((said) => make("td", { class: "mono" }, said)),
        ),
      ),
    );
    code.show(lines);
    box.hidden = false;
  };
  return { box, show };
}
