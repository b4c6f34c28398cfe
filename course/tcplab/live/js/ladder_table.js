// Beside a ladder: its segments as a table, and one segment's header as RFC 9293 draws it.

const TABLE = { row: 24, margin: 10 };

/** The same facts in rows; of very many, those in view are there. */
class Table {
  constructor({ hosts, told }) {
    Object.assign(this, { hosts, told, rows: [], selected: null });
    this.head = make(
      "tr",
      {},
      ...["#", "ms", "from", "flags", "seq", "ack", "bytes", "fate"].map((name, at) =>
        make("th", { scope: "col", class: [0, 1, 4, 5, 6].includes(at) ? "n" : "" }, name),
      ),
    );
    this.above = make("tr", { "aria-hidden": "true" }, make("td", { colspan: 8 }));
    this.below = make("tr", { "aria-hidden": "true" }, make("td", { colspan: 8 }));
    this.body = make("tbody", {}, this.above, this.below);
    this.counted = make("p", { class: "dim" });
    this.element = make(
      "div",
      {
        class: "rows",
        tabindex: "0",
        role: "region",
        "aria-label": "Segments, as a table",
        onscroll: () => this.scrolled(),
        onclick: (event) => this.clicked(event),
        onkeydown: (event) => event.key === "Escape" && leave(this.element),
      },
      make("table", {}, make("thead", {}, this.head), this.body),
    );
    this.whole = make("div", { class: "beside" }, this.counted, this.element);
    Object.assign(this, { top: 0, height: 300, follows: true, byHand: scrolledByHand(this.element), lines: new Map() });
    new ResizeObserver(([{ contentRect }]) => {
      this.height = contentRect.height;
      this.draw();
    }).observe(this.element);
  }

  show(tale, laid) {
    this.rows = laid.list.map(({ row, times }) => Object.assign(row, { times }));
    const [hidden, total, newest] = [tale.hidden, tale.total, this.rows.length].map(thousands);
    const says = `${hidden} of ${total} segments are not drawn: these are the newest ${newest}.`;
    this.counted.textContent = tale.hidden ? says : "";
    this.counted.hidden = !tale.hidden;
    const whole = (this.rows.length + 1) * TABLE.row;
    if (this.follows && whole > this.height) {
      this.top = whole - this.height;
      this.draw();
      queueMicrotask(() => (this.element.scrollTop = this.top));
    } else this.draw();
  }

  scrolled() {
    if (this.follows && !this.byHand()) return;
    this.top = this.element.scrollTop;
    this.follows = this.top + this.height >= (this.rows.length - 1) * TABLE.row;
    this.draw();
  }

  draw() {
    const from = Math.max(0, Math.floor(this.top / TABLE.row) - TABLE.margin);
    const to = Math.min(this.rows.length, from + Math.ceil(this.height / TABLE.row) + 2 * TABLE.margin);
    this.above.firstChild.style.height = `${from * TABLE.row}px`;
    this.below.firstChild.style.height = `${(this.rows.length - to) * TABLE.row}px`;
    const before = this.lines;
    this.lines = new Map();
    let last = this.above;
    for (const row of this.rows.slice(from, to)) {
      const signature = [row.times, row.fate, row.again, row.seq, row.number === this.selected].join();
      const kept = before.get(row.number);
      const line = kept?.signature === signature ? kept.line : this.line(row);
      this.lines.set(row.number, { line, signature });
      if (last.nextSibling !== line) last.after(line);
      last = line;
    }
    while (last.nextSibling !== this.below) last.nextSibling.remove();
  }

  line(row) {
    const way = row.fromClient ? `${this.hosts.client} →` : `← ${this.hosts.server}`;
    const mark = { dropped: "✕ ", held: "‖ " }[row.fate] ?? (row.again ? "↻ " : "");
    const cells = [
      row.number,
      clock(row.ms),
      way,
      flagWords(row.flags),
      row.seq,
      row.flags.includes("A") ? row.ack : "",
      row.bytes ? thousands(row.bytes) : "·",
    ];
    const line = make("tr", { "data-number": row.number, class: row.number === this.selected ? "on" : "" });
    line.append(
      ...cells.map((cell, at) =>
        make(
          "td",
          { class: [0, 1, 4, 5, 6].includes(at) ? "n" : at === 3 ? "mono" : "" },
          String(cell).replace("-", "−"),
        ),
      ),
    );
    const times = row.times > 1 ? `, ${thousands(row.times)} times` : row.again ? ", again" : "";
    line.append(make("td", { class: `fate-${row.fate}` }, `${mark}${row.fate}${times}`));
    return line;
  }

  choose(number) {
    this.selected = number;
    const at = this.rows.findIndex((row) => row.number === number);
    const y = at * TABLE.row;
    if (at >= 0 && (y < this.top || y > this.top + this.height - 3 * TABLE.row)) {
      this.follows = false;
      this.element.scrollTop = y - this.height / 2;
    }
    this.draw();
  }

  clicked(event) {
    const line = event.target.closest("tr[data-number]");
    if (line) this.told.choose(Number(line.dataset.number));
  }
}

/** What is in one segment: asked of the kernel once, and kept. */
class Header {
  constructor(ask) {
    this.ask = ask;
    this.says = make(
      "p",
      { class: "lead sm" },
      "Point at a segment, or choose one with the arrow keys: its header stands here.",
    );
    this.fields = make("div", { class: "hdr", role: "group", "aria-label": "Header of the segment" });
    this.fields.hidden = true;
    this.element = make("div", { class: "header" }, this.says, this.fields);
  }

  async show(number) {
    if (number === null || number === undefined) return;
    this.wanted = number;
    const told = await this.ask("header", { number });
    if (told.refused || this.wanted !== number) return;
    this.says.replaceChildren(
      `Segment ${number}, `,
      make("span", { class: "mono" }, flagWords(told.flags)),
      `, from ${told.from}. `,
      make("span", { class: `fate-${told.fate}` }, told.fate),
      ".",
    );
    this.fields.setAttribute("aria-label", `Header of segment ${number}`);
    this.fields.replaceChildren(...told.fields.map(([bits, value, name]) => this.field(bits, value, name)));
    this.fields.hidden = false;
  }

  field(bits, value, name) {
    const shown =
      name === "flags"
        ? [...value].map((letter) =>
            make("span", { class: letter === letter.toUpperCase() ? "set" : "" }, letter.toUpperCase()),
          )
        : [String(value)];
    return make(
      "div",
      { class: `hf${name === "flags" ? " flags" : ""}`, style: `grid-column: span ${bits}` },
      make("b", {}, ...shown),
      make("i", {}, name),
    );
  }
}
