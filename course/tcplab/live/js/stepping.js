// What a paused wire is stepped with: the list of segments that wait, and what is done with each.

const ACTS = [
  ["deliver", "Deliver", "D"],
  ["drop", "Drop", "X"],
  ["duplicate", "Duplicate", "2"],
  ["delay", "Delay…", "L"],
];

const MOST_LINES = 20;

/** The segments that wait, one a line, each with what can be done to it: a grid, one tab stop, arrows inside. */
class Waiting {
  constructor({ act, choose }) {
    Object.assign(this, { act, choose, rows: [], selected: null, column: 0, since: new Map(), lines: new Map() });
    this.list = make("div", {
      class: "held",
      role: "grid",
      "aria-label": "Segments that wait",
      onkeydown: (event) => this.key(event),
      onfocusin: (event) => this.focused(event),
    });
    this.by = make("input", { type: "text", inputmode: "numeric", value: "500", size: 7, "aria-label": "Delay, ms" });
    this.what = make("span", {});
    this.form = make(
      "form",
      { class: "by", onsubmit: (event) => this.submit(event), onkeydown: (event) => this.formKey(event) },
      this.what,
      this.by,
      " ms ",
      make("button", { class: "b", type: "submit" }, "Delay it"),
    );
    this.form.hidden = true;
    this.nothing = make(
      "p",
      { class: "dim", tabindex: "-1" },
      "Nothing waits. What the next cell sends stops here: run it, or open a connection yourself.",
    );
    this.more = make("p", { class: "dim" });
    this.element = make("div", {}, this.nothing, this.list, this.more, this.form);
  }

  /** Show what waits; whoever steps by keys stays here while the wire is paused. Returns whether the focus is lost. */
  set(rows, paused) {
    const had = this.list.contains(document.activeElement) || this.nothing === document.activeElement;
    const at = this.at;
    this.rows = rows;
    const now = performance.now();
    this.since = new Map(rows.map(({ number }) => [number, this.since.get(number) ?? now]));
    if (!rows.some((row) => row.number === this.selected))
      this.selected = rows[Math.min(Math.max(at, 0), rows.length - 1)]?.number ?? null;
    this.nothing.hidden = rows.length > 0 || !paused;
    this.list.hidden = !rows.length;
    this.fill(rows.slice(0, MOST_LINES));
    this.more.hidden = rows.length <= MOST_LINES;
    this.more.textContent = `… and ${thousands(rows.length - MOST_LINES)} more wait behind these.`;
    if (!rows.some((row) => row.number === this.delayed)) this.form.hidden = true;
    this.mark();
    if (had && rows.length) this.focus();
    else if (had && paused) this.nothing.focus();
    return had && !rows.length && !paused;
  }

  get at() {
    return this.rows.findIndex((row) => row.number === this.selected);
  }

  /** Lines that say what they said stay as they are. */
  fill(rows) {
    const says = rows.map((row) => JSON.stringify(row));
    this.lines = new Map(says.map((said, at) => [said, this.lines.get(said) ?? this.line(rows[at])]));
    const lines = [...this.lines.values()];
    for (const line of [...this.list.children]) if (!lines.includes(line)) line.remove();
    lines.forEach((line, at) => {
      const there = this.list.children[at];
      if (there !== line) this.list.insertBefore(line, there);
    });
  }

  line(row) {
    const numbers = [
      row.bytes || /[SF]/.test(row.flags) ? `seq ${row.seq}` : "",
      row.flags.includes("A") ? `ack ${row.ack}` : "",
    ];
    const says = `${flagWords(row.flags)} from ${row.from}`;
    const cell = (name, ...inside) => make("span", { role: "gridcell", class: name }, ...inside);
    const buttons = ACTS.map(([name, label, key], column) =>
      make(
        "button",
        {
          class: "b",
          type: "button",
          tabindex: "-1",
          "aria-label": `${label.replace("…", "")} ${row.letter}: ${says}`,
          "aria-keyshortcuts": key,
          "data-act": name,
          onclick: () => this.press(name, row.number, column),
        },
        label,
        make("kbd", { "aria-hidden": "true" }, key),
      ),
    );
    return make(
      "div",
      { class: "hrow", role: "row", "data-number": row.number, onclick: () => this.select(row.number) },
      cell("", make("span", { class: "tag" }, row.letter)),
      cell(
        "mono",
        make("b", {}, flagWords(row.flags)),
        ` ${numbers.filter(Boolean).join(" ")}${row.bytes ? ` · ${thousands(row.bytes)} bytes` : ""}`,
      ),
      cell("", `${row.from} → ${row.to} `, row.ports ? make("span", { class: "dim" }, row.ports) : null),
      cell("dim waits"),
      ...[make("span", { class: "acts", role: "presentation" }, ...buttons.map((button) => cell("", button)))],
    );
  }

  mark() {
    for (const line of this.list.children) {
      const on = Number(line.dataset.number) === this.selected;
      line.classList.toggle("on", on);
      [...line.querySelectorAll("button")].forEach((button, column) => {
        button.classList.toggle("pri", on && column === 0);
        button.tabIndex = on && column === this.column ? 0 : -1;
      });
    }
    this.tick();
  }

  tick() {
    for (const line of this.list.children) {
      const seconds = (performance.now() - this.since.get(Number(line.dataset.number))) / 1000;
      line.querySelector(".waits").textContent = `waits ${Math.floor(seconds)} s`;
    }
  }

  select(number) {
    if (number === this.selected) return;
    this.selected = number;
    this.mark();
    this.choose(number);
  }

  focus() {
    this.list.querySelector('button[tabindex="0"]')?.focus();
  }

  focused(event) {
    const line = event.target.closest(".hrow");
    this.column = Math.max(
      0,
      ACTS.findIndex(([name]) => name === event.target.dataset.act),
    );
    if (line) this.select(Number(line.dataset.number));
  }

  press(name, number = this.selected, column = this.column) {
    this.column = column;
    if (number === null) return;
    if (name === "delay") this.ask(number);
    else this.act(name, { number });
  }

  ask(number) {
    this.delayed = number;
    this.what.textContent = `${this.rows.find((row) => row.number === number).letter} arrives later, by `;
    this.form.hidden = false;
    this.by.focus();
    this.by.select();
  }

  submit(event) {
    event.preventDefault();
    this.form.hidden = true;
    this.act("delay", { number: this.delayed, after_ms: this.by.value });
    this.focus();
  }

  formKey(event) {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    this.form.hidden = true;
    this.focus();
  }

  key(event) {
    const [down, right] = [{ ArrowDown: 1, ArrowUp: -1 }[event.key], { ArrowRight: 1, ArrowLeft: -1 }[event.key]];
    if (down) this.select(this.rows[Math.max(0, Math.min(this.rows.length - 1, this.at + down))].number);
    else if (right) this.column = Math.max(0, Math.min(ACTS.length - 1, this.column + right));
    else if (event.key === "Home" || event.key === "End")
      this.select(this.rows.at(event.key === "Home" ? 0 : -1).number);
    else return;
    this.mark();
    this.focus();
    event.preventDefault();
  }
}
