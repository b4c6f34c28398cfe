// The course map: one row a lab, one box an exercise, a link that opens it.

const OUTCOMES = ["passed", "not yet", "not attempted"];

/** A link to a notebook: JupyterLab opens it itself, beside this one; Notebook 7 has a tab of the browser for each. */
function labLink(path, attributes, words) {
  const said = document.getElementById("jupyter-config-data")?.textContent;
  const name = path.split("/").map(encodeURIComponent).join("/");
  if (!said) return make("a", { href: name, ...attributes }, words);
  const alone = location.pathname.includes("/notebooks/");
  const href = `${JSON.parse(said).baseUrl ?? "/"}${alone ? "notebooks" : "lab/tree"}/${name}`;
  const command = {
    "data-commandlinker-command": "docmanager:open",
    "data-commandlinker-args": JSON.stringify({ path }),
  };
  return make("a", { href, ...(alone ? { target: "_blank" } : command), ...attributes }, words);
}

/** An exercise: filled, half filled, empty. */
function box(outcome) {
  return make("i", { class: `box ${outcome.replace(" ", "-")}`, title: outcome });
}

function render({ model, el }) {
  const f = frame({ model, el }, { name: "Course map" });
  const rows = make("tbody");
  const legend = make("p", { class: "legend" }, ...OUTCOMES.map((outcome) => make("span", {}, box(outcome), outcome)));
  const heads = ["part", "lab", "question", "checks", "minutes"].map((said) =>
    make("th", { scope: "col", class: "unseen" }, said),
  );
  f.body.append(make("table", { class: "course" }, make("thead", {}, make("tr", {}, ...heads)), rows), legend);

  let place = -1;
  const links = () => [...rows.querySelectorAll("a")];
  const stopAt = (at) => {
    place = at;
    links().forEach((link, each) => (link.tabIndex = each === at ? 0 : -1));
  };
  rows.addEventListener("keydown", (event) => {
    const all = links();
    const at = all.indexOf(event.target);
    const steps = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 };
    if (at < 0 || !(event.key in steps)) return;
    event.preventDefault();
    stopAt(Math.max(0, Math.min(all.length - 1, steps[event.key])));
    all[place].focus();
  });

  const row = (lab) => {
    const total = lab.outcomes.length;
    const said = `${lab.passed} of ${total} passed`;
    return make(
      "tr",
      { class: [lab.part ? "first" : "", lab.next ? "next" : ""].join(" "), "aria-current": lab.next ? "step" : null },
      make("td", { class: "part" }, lab.part),
      make("td", { class: "number" }, lab.number),
      make("td", { class: "title" }, lab.path ? labLink(lab.path, {}, lab.title) : lab.title),
      make("td", { class: "boxes" }, make("span", { role: "img", "aria-label": said }, ...lab.outcomes.map(box))),
      make("td", { class: "minutes" }, `${lab.minutes} min`),
    );
  };
  let passed = null;
  const show = () => {
    const labs = model.get("labs");
    const focused = links().indexOf(document.activeElement);
    rows.replaceChildren(...labs.map(row));
    const coming = labs.find((lab) => lab.next);
    const opens =
      coming?.path && !coming.here
        ? labLink(coming.path, { class: "b pri" }, `Open lab ${coming.number}: ${coming.title}`)
        : null;
    f.tools.replaceChildren(...(opens ? [opens] : []));
    const next = links().findIndex((link) => link.closest("tr").classList.contains("next"));
    stopAt(focused >= 0 ? focused : Math.max(0, next));
    if (focused >= 0) links()[focused]?.focus();
    const now = labs.reduce((sum, lab) => sum + lab.passed, 0);
    if (passed !== null && now !== passed) f.speak(model.get("lead"));
    passed = now;
  };
  f.hear("change:labs", show);
  show();
  return f.end;
}

export default { render };
