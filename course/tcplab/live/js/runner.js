// A benchmark's form, Run and Stop, its progress, and the picture of the rounds that have arrived.

const FIELDS = [
  ["rounds", "rounds"],
  ["requests", "requests"],
  ["concurrency", "at a time (-c)"],
  ["rtt_ms", "RTT, ms"],
];

function render({ model, el }) {
  const f = frame({ model, el }, { name: "Benchmark runner" });
  const error = make("div", { class: "form-error", role: "alert" });
  const change = async (form, field) => {
    error.replaceChildren();
    for (const each of Object.values(boxes)) each.removeAttribute("aria-invalid");
    const answer = await f.ask("change", form);
    if (!answer.wrong) return read();
    error.append(answer.says);
    const put = () => {
      error.replaceChildren();
      field.removeAttribute("aria-invalid");
      read(true);
      field.focus();
    };
    if (answer.button) error.append(make("button", { class: "b sm", type: "button", onclick: put }, answer.button));
    if (boxes[answer.wrong]) boxes[answer.wrong].setAttribute("aria-invalid", "true");
    else read(true);
  };

  const boxes = {};
  const typed = FIELDS.map(([name, words]) => {
    const [low, high] = model.get("ranges")[name];
    const box = make("input", {
      type: "text",
      inputmode: "numeric",
      autocomplete: "off",
      title: `${thousands(low)} to ${thousands(high)}`,
    });
    box.addEventListener("change", () => change({ [name]: box.value }, box));
    boxes[name] = box;
    return make("label", {}, words, box);
  });
  const wires = model.get("wires");
  const fast = 'No RTT here: links at kernel speed have none to choose. Testbed.proxied(link="wire") has.';
  if (!wires.length) typed.splice(-1, 1, make("span", { class: "dim" }, fast));
  const wire = make(
    "select",
    { "aria-label": "the slow wire", onchange: () => change({ wire: wire.value }, wire) },
    ...wires.map((each) => make("option", {}, each)),
  );
  const kept = make("input", { type: "checkbox", onchange: () => change({ persistent: kept.checked }, kept) });
  const picks = model.get("known").map((name) => [name, make("input", { type: "checkbox" })]);
  for (const [, box] of picks)
    box.addEventListener("change", () =>
      change({ variants: picks.filter(([, each]) => each.checked).map(([name]) => name) }, box),
    );
  const choice = make(
    "fieldset",
    { class: "pick" },
    make("legend", {}, "variants"),
    ...picks.map(([name, box]) => make("label", {}, box, name)),
  );
  const form = make(
    "fieldset",
    { class: "form", "aria-label": "What to run" },
    choice,
    ...typed,
    wires.length > 1 ? wire : null,
    make("label", { class: "tick" }, kept, "-k"),
  );

  const run = make("button", { class: "b pri", type: "button", onclick: () => f.ask("run") }, "Run");
  const stop = make("button", { class: "b", type: "button", onclick: () => f.ask("stop") }, "■ Stop");
  const done = make("i");
  const bar = make(
    "div",
    { class: "progress", role: "progressbar", "aria-label": "Runs measured", "aria-valuemin": "0" },
    done,
  );
  const says = make("span", {});
  f.tools.append(form);
  const controls = make("div", { class: "bar" }, run, stop, bar, says);
  const picture = make("div");
  const code = codeBlock("The same, typed");
  f.body.append(error, controls, picture, code.block);

  const read = (force = false) => {
    const now = model.get("form");
    for (const [name] of FIELDS) {
      const box = boxes[name];
      if (force === true || (document.activeElement !== box && !box.hasAttribute("aria-invalid")))
        box.value = now[name];
    }
    kept.checked = now.persistent;
    if (now.wire) wire.value = now.wire;
    for (const [name, box] of picks) box.checked = now.variants.includes(name);
    code.show(model.get("code"));
  };
  const progress = () => {
    const now = model.get("progress");
    const focused = document.activeElement;
    run.hidden = now.runs;
    stop.hidden = bar.hidden = says.hidden = !now.runs;
    form.disabled = now.runs;
    run.textContent = now.done ? "Run again" : "Run";
    if (now.runs && focused === run) stop.focus();
    if (!now.runs && focused === stop) run.focus();
    if (!now.runs) return;
    says.textContent = now.says;
    done.style.width = `${(100 * now.done) / now.total}%`;
    bar.setAttribute("aria-valuemax", now.total);
    bar.setAttribute("aria-valuenow", now.done);
    bar.setAttribute("aria-valuetext", now.says);
  };
  const paint = () => {
    const drawn = model.get("drawn");
    const told = drawn.compared.map((row) => row.says).join(" ");
    picture.replaceChildren(...[roundsPicture(drawn, told), tierTable(drawn)].filter(Boolean));
  };
  f.hear("change:form", read);
  f.hear("change:code", read);
  f.hear("change:progress", progress);
  f.hear("change:drawn", paint);
  f.hear("change:lead", () => f.speak(model.get("lead")));
  read();
  progress();
  paint();
  return f.end;
}

export default { render };
