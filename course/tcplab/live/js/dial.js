// A wire's round-trip time: a slider and a number that say the same, and the line that does it.

function render({ model, el }) {
  const f = frame({ model, el }, { name: `Round-trip time of ${model.get("wire")}` });
  const [least, most] = ["0", String(model.get("most_ms"))];
  const slider = make("input", {
    type: "range",
    min: least,
    max: most,
    step: "1",
    "aria-label": `Round trip between ${model.get("between")}, ms`,
  });
  const number = make("input", {
    type: "text",
    inputmode: "decimal",
    size: "4",
    "aria-label": "Round trip in ms, typed",
    autocomplete: "off",
  });
  const code = codeBlock("The same, typed");
  f.tools.append(
    make(
      "div",
      { class: "dial" },
      make("span", { class: "ends" }, `${least} ms`),
      slider,
      make("span", { class: "ends" }, `${most} ms`),
      number,
      make("span", { class: "dim" }, "ms"),
    ),
  );
  f.body.append(code.block);

  // One question at a time; of those that come meanwhile, the last.
  let asking = false;
  let next = null;
  const turn = async (wanted) => {
    next = wanted;
    if (asking) return;
    asking = true;
    while (next !== null) {
      const now = next;
      next = null;
      await f.ask("turn", { rtt_ms: now });
    }
    asking = false;
    read();
  };
  const read = () => {
    if (asking) return;
    const rtt = model.get("rtt_ms");
    slider.value = rtt;
    slider.setAttribute("aria-valuetext", `${rtt} ms`);
    if (document.activeElement !== number || number.value === number.dataset.sent) number.value = rtt;
    code.show(model.get("code"));
  };
  slider.addEventListener("input", () => {
    number.value = slider.value;
    turn(Number(slider.value));
  });
  number.addEventListener("change", () => {
    number.dataset.sent = number.value;
    turn(number.value);
  });
  number.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || Number(number.value) === model.get("rtt_ms")) return;
    event.preventDefault();
    number.value = model.get("rtt_ms");
  });
  for (const what of ["rtt_ms", "code"]) f.hear(`change:${what}`, read);
  f.hear("change:lead", () => f.speak(model.get("lead")));
  read();
  return f.end;
}

export default { render };
