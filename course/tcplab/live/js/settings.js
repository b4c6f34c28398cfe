// The sysctls of a host: a row for each, with what is set, its default, and what the kernel says to what is typed.

/** One setting's two table rows; `update` shows what the kernel has now, and leaves alone what somebody types. */
function settingRow(first, f) {
  const { short, name } = first;
  const says = `${short}-says-${Math.random().toString(36).slice(2)}`;
  const input = make("input", {
    "aria-label": short,
    "aria-describedby": says,
    spellcheck: "false",
    autocomplete: "off",
  });
  const mark = make("span", { class: "mark" });
  const back = make("button", { class: "b sm", type: "button", onclick: () => f.ask("reset", { name: short }) });
  const standard = make("td", { class: "mono dim" });
  const error = make("div", { class: "error", role: "alert" });
  const note = make("div", { class: "note", role: "status" });
  const link = make("a", { href: first.url, target: "_blank", rel: "noopener noreferrer" }, first.source);
  const top = make(
    "tr",
    {},
    make("td", { class: "mono" }, name),
    make("td", {}, input),
    standard,
    make("td", { class: "dim" }, first.allowed),
    make("td", {}, mark, back),
  );
  const does = make(
    "tr",
    { class: "does" },
    make(
      "td",
      { colspan: "5", id: says },
      `${first.says} ${first.why ? `Its default: ${first.why}. ` : ""}`,
      link,
      error,
      note,
    ),
  );
  let now = first;
  let typing = false;
  let wrong = false;

  const paint = () => {
    const none = now.value === null;
    for (const row of [top, does]) {
      row.classList.toggle("changed", now.changed && !wrong);
      row.classList.toggle("wrong", wrong);
      row.classList.toggle("none", none);
    }
    input.disabled = none;
    input.toggleAttribute("aria-invalid", false);
    if (wrong) input.setAttribute("aria-invalid", "true");
    if (!typing && !wrong) input.value = none ? "" : now.value;
    standard.textContent = now.default ?? (none ? "" : "not known");
    if (now.why && now.default !== null) standard.title = `${now.why}`;
    mark.textContent = none ? "this kernel has none" : wrong ? "refused" : now.changed ? "changed" : "";
    back.hidden = wrong || !now.changed;
    back.textContent = "Put back";
    back.setAttribute("aria-label", `Put ${short} back to ${now.default}`);
  };
  const still = () => {
    wrong = typing = false;
    error.replaceChildren();
    paint();
  };
  const set = async () => {
    const answer = await f.ask("set", { name: short, value: input.value });
    typing = false;
    note.textContent = answer.adapted ?? "";
    error.replaceChildren();
    wrong = Boolean(answer.wrong);
    if (wrong) {
      const put = make(
        "button",
        {
          class: "b sm",
          type: "button",
          onclick: () => {
            still();
            input.focus();
          },
        },
        answer.button,
      );
      error.append(answer.wrong, put);
    } else if (answer.value !== undefined) now = { ...now, value: answer.value };
    paint();
  };
  input.addEventListener("input", () => (typing = true));
  input.addEventListener("change", set);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !(typing || wrong)) return;
    event.preventDefault();
    still();
  });
  const update = (row) => {
    if (row.value !== now.value) {
      note.textContent = "";
      if (wrong && !typing) still();
    }
    now = row;
    paint();
  };
  paint();
  return { short, input, rows: [top, does], update };
}

function render({ model, el }) {
  const host = model.get("host");
  const f = frame({ model, el }, { name: `Sysctls of ${host}` });
  const rest = make("tbody");
  const table = make(
    "table",
    { class: "sys" },
    make(
      "thead",
      {},
      make(
        "tr",
        {},
        ...["sysctl", "value", "default", "allowed", "now"].map((head) => make("th", { scope: "col" }, head)),
      ),
    ),
    rest,
  );
  const more = make(
    "button",
    { class: "b", type: "button", onclick: () => f.ask("more") },
    "Show the labs' other settings",
  );
  const all = make("button", { class: "b", type: "button", onclick: () => f.ask("reset") }, "Put all back");
  const code = codeBlock("What this did, in ", make("b", {}, host), " only");
  f.tools.append(all, more);
  const fresh = `Default: what a fresh network namespace has, in this kernel (Linux ${model.get("kernel")}).`;
  f.body.append(table, make("p", { class: "dim fresh" }, fresh), code.block);

  let shown = new Map();
  const read = () => {
    const rows = model.get("rows");
    if (rows.length !== shown.size || rows.some((row) => !shown.has(row.short))) {
      shown = new Map(rows.map((row) => [row.short, shown.get(row.short) ?? settingRow(row, f)]));
      rest.replaceChildren(...[...shown.values()].flatMap((each) => each.rows));
    }
    for (const row of rows) shown.get(row.short).update(row);
    all.disabled = !rows.some((row) => row.changed);
    more.hidden = model.get("every");
    const lines = model.get("code");
    code.show(lines.map((line) => `sudo ${line}`).join("\n"));
  };
  table.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.target.tagName !== "INPUT") return;
    const inputs = [...shown.values()].map((each) => each.input).filter((each) => !each.disabled);
    const next = inputs[inputs.indexOf(event.target) + step];
    if (next) {
      event.preventDefault();
      next.focus();
      next.select();
    }
  });
  for (const what of ["rows", "code", "every"]) f.hear(`change:${what}`, read);
  f.hear("change:lead", () => f.speak(model.get("lead")));
  read();
  return f.end;
}

export default { render };
