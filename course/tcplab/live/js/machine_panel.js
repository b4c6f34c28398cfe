// What stands below or beside the diagram: where both ends are and why, and what is said of the state or arrow chosen.

const capital = (said) => said[0].toUpperCase() + said.slice(1);
const SAYS = { wire: "the wire’s segments", kernel: "sock_diag alone", rule: "the rules of RFC 9293" };

/** Two lines: each end's state, what brought it there, what it waits for, and who says so. */
function whereabouts() {
  const [rows, remarks] = [make("tbody", {}), make("p", { class: "note" })];
  const heads = ["", "state", "because", "waits for", "told by"].map((said) => make("th", { scope: "col" }, said));
  heads[0].setAttribute("aria-label", "end");
  const table = make(
    "table",
    { "aria-label": "Where both ends are" },
    make("thead", {}, make("tr", {}, ...heads)),
    rows,
  );
  const show = (ends, note) => {
    rows.replaceChildren(
      ...SIDES.map((side) => {
        const { way, left } = ends[side];
        const [state, cause, witness] = way.at(-1);
        const mark = inlineGlyph(state, left === null ? {} : { left: left / 60 });
        const clock = state === "TIME_WAIT" && left !== null ? `: ${left} s left` : "";
        return make(
          "tr",
          {},
          make("th", { scope: "row" }, side),
          make("td", { class: "now" }, mark, ` ${state}`),
          make("td", {}, cause || "–"),
          make("td", {}, MACHINE.states[state].waits + clock),
          make("td", {}, SAYS[witness] || "–"),
        );
      }),
    );
    const told = SIDES.filter((side) => ends[side].remark).map((side) => `${capital(side)}: ${ends[side].remark}`);
    remarks.textContent = [...told, note].filter(Boolean).join(" ");
    remarks.hidden = !remarks.textContent;
  };
  return { element: make("div", { class: "below" }, table, remarks), show };
}

function section(said) {
  const number = said.match(/§([\d.]*\d)/)[1];
  const address = `https://www.rfc-editor.org/rfc/rfc9293#section-${number}`;
  return make("a", { href: address, target: "_blank", rel: "noopener" }, `RFC 9293 ${said}`);
}

function block(caption, code) {
  const made = codeBlock(caption);
  made.show(code.trimEnd());
  return made.block;
}

const printedCode = (code) => (code ? [block("The same for print", code)] : []);

/** The panel: `show({ state })` or `show({ arrow })`; its buttons call `chosen`. */
function panel(chosen) {
  const element = make("div", { class: "panel" });
  const hint =
    "Click a state or an arrow, or walk with the arrow keys: what it means, and the code that makes it happen.";
  element.append(make("p", { class: "dim" }, hint));

  const leads = (name) => {
    const { end, event } = MACHINE.arrows[name];
    return make(
      "button",
      { class: "b sm", type: "button", onclick: () => chosen({ arrow: name }) },
      `${event} → ${end}`,
    );
  };
  const ofState = (name) => {
    const { means, waits, by, on } = MACHINE.states[name];
    const onward = make("div", { class: "onward" }, "Leads on:", ...on.map(leads));
    return [
      make("h4", {}, inlineGlyph(name), name),
      make("p", {}, means),
      make("p", {}, `Waits for ${waits}. `, section("§3.3.2")),
      onward,
      block(`How to see ${name}, on a bed with a wire`, MACHINE.arrows[by].code),
    ];
  };
  const ofArrow = (name) => {
    const { start, end, event, sends, section: where, code } = MACHINE.arrows[name];
    return [
      make("h4", {}, inlineGlyph(start), start, " → ", inlineGlyph(end), end),
      make(
        "p",
        {},
        `${capital(event)}. ${sends ? `${sends} ${sends.includes(",") ? "are" : "is"} sent.` : "Nothing is sent."} `,
        section(where),
      ),
      block("How to make it happen, on a bed with a wire", code),
    ];
  };
  const show = ({ state, arrow }) =>
    element.replaceChildren(...(arrow ? ofArrow(arrow) : ofState(state === "END" ? "CLOSED" : state)));
  return { element, show };
}
