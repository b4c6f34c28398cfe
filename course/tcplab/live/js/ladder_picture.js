// The ladder's picture: two rails and what is between them. Only what is in view is drawn, however long it grows.

const MOTION = { cross: 400, change: 160, burst: 10, margin: 60, window: 560 };

class Picture {
  /** `told` hears which segment is pointed at or chosen; `wire` draws the wire as a line of its own. */
  constructor({ hosts, told, wire = false }) {
    Object.assign(this, {
      hosts,
      told,
      wire,
      laid: null,
      drawn: new Map(),
      known: new Map(),
      moving: new Map(),
      height: 0,
      recent: [],
      selected: null,
      marks: {},
    });
    this.name = `tl-${Math.random().toString(36).slice(2)}`;
    this.heads = draw("svg", { class: "pic", viewBox: "0 0 880 44", width: 880, height: 44, "aria-hidden": "true" });
    this.rails = new Rails();
    this.rungs = draw("g", { role: "presentation" });
    this.world = draw("g", { role: "presentation" }, this.rails.element, this.rungs, this.rails.breaks);
    this.svg = draw(
      "svg",
      { class: "pic", role: "group", "aria-label": "What crossed the wire", preserveAspectRatio: "xMinYMin" },
      this.world,
    );
    this.room = make("div", { class: "room", role: "presentation" }, this.svg);
    this.stage = make(
      "div",
      {
        class: "stage",
        tabindex: "0",
        role: "listbox",
        "aria-label": "Segments: arrow keys choose one",
        onscroll: () => this.scrolled(),
        onkeydown: (event) => this.key(event),
        onpointermove: (event) => this.point(event),
        onpointerleave: () => this.told.point(null),
        onclick: (event) => this.choose(this.under(event), true),
      },
      this.room,
    );
    this.element = make("div", { class: "ladder" }, this.heads, this.stage);
    Object.assign(this, { top: 0, width: LADDER.width, follows: true, byHand: scrolledByHand(this.stage) });
    new ResizeObserver(([{ contentRect }]) => {
      this.width = contentRect.width || LADDER.width;
      this.fit();
      this.draw();
    }).observe(this.stage);
  }

  get scale() {
    return Math.min(1, this.width / LADDER.width);
  }

  /** The drawing is as large as the window on it: a tall one would be laid out anew whenever it grows. */
  fit() {
    if (!this.laid) return;
    const whole = Math.ceil(this.laid.end * this.scale);
    this.height = Math.min(MOTION.window, whole);
    this.stage.style.height = `${this.height}px`;
    this.room.style.height = `${whole}px`;
    const drawn = `0 0 880 ${(this.height / this.scale).toFixed(1)}`;
    if (this.svg.getAttribute("viewBox") !== drawn) {
      this.svg.setAttribute("viewBox", drawn);
      this.svg.style.height = `${this.height}px`;
    }
    if (this.follows && this.top !== whole - this.height) {
      this.top = whole - this.height;
      queueMicrotask(() => (this.stage.scrollTop = this.top)); // when all is written: it has the page laid out
    }
  }

  scrolled() {
    if (this.follows && !this.byHand()) return;
    this.top = this.stage.scrollTop;
    this.follows = this.top + this.height >= this.laid.end * this.scale - 24;
    this.draw();
  }

  head(ends, note = "") {
    const middle = (x, y, name, words) => draw("text", { class: name, x, y, "text-anchor": "middle" }, words);
    this.heads.replaceChildren(
      draw("text", { class: "tm", x: 60, y: 38, "text-anchor": "end" }, "ms"),
      middle(LADDER.client, 16, "host", this.hosts.client),
      middle(LADDER.server, 16, "host", this.hosts.server),
      middle(LADDER.client, 34, "addr", ends.client),
      middle(LADDER.server, 34, "addr", ends.server),
      middle(LADDER.wire, 16, "heldt", note),
    );
  }

  /** Show a layout; `marks` are the letters of held segments, and what would happen if they were delivered. */
  show(laid, { letters = {}, outlook = {}, now = null, still = false } = {}) {
    Object.assign(this, { laid, still });
    this.rails.now = now;
    this.marks = { letters, outlook };
    this.moving = this.news(still);
    this.fit();
    this.draw();
  }

  /** The clocks on the rails move on; those of a moment that is past stand still. */
  tick(now) {
    if (!this.still) this.rails.tick(now);
  }

  /** Another connection: nothing of it has been seen. */
  forget() {
    this.known.clear();
    this.rails.known.clear();
    this.selected = null;
    this.follows = true;
    this.first = undefined;
  }

  /** Which rungs are new, or have come by now; empty where nothing may move. */
  news(still) {
    const found = new Map();
    for (const rung of this.laid.list) {
      const before = this.known.get(rung.row.number);
      const arrived = rung.arrives !== null;
      if (before === arrived) continue;
      found.set(rung.row.number, { half: before === false });
      this.known.set(rung.row.number, arrived);
    }
    const now = performance.now();
    this.recent = [...this.recent.filter((then) => now - then < 1000), ...[...found].map(() => now)].slice(-100);
    const first = this.first === undefined;
    this.first = false;
    return still || first || this.recent.length > MOTION.burst ? new Map() : found;
  }

  draw() {
    if (!this.laid) return;
    const top = this.top / this.scale;
    const [from, to] = [top - MOTION.margin, top + this.height / this.scale + MOTION.margin];
    this.world.setAttribute("transform", `translate(0 ${-top})`);
    const shown = between(this.laid, from, to);
    this.rails.draw(this.laid, { from, to, shown, wire: this.wire, moves: this.moving.size > 0 });
    const seen = new Set();
    for (const rung of shown) {
      seen.add(rung.row.number);
      this.drawOne(rung.row.number, rung);
    }
    for (const [number, { node }] of this.drawn) {
      if (seen.has(number)) continue;
      node.remove();
      this.drawn.delete(number);
    }
    this.moving = new Map();
  }

  drawOne(number, rung) {
    const look = {
      letter: this.marks.letters[number],
      outlook: this.marks.outlook[number],
      selected: number === this.selected,
      hosts: this.hosts,
    };
    const signature = rungSignature(rung, look.letter, look.outlook, look.selected);
    const before = this.drawn.get(number);
    if (before?.signature === signature) {
      before.node.setAttribute("transform", `translate(0 ${rung.sent})`);
      return;
    }
    const { group, first, second } = drawRung(rung, look);
    group.id = `${this.name}-${number}`;
    group.setAttribute("transform", `translate(0 ${rung.sent})`);
    if (before) before.node.replaceWith(group);
    else this.rungs.append(group);
    this.drawn.set(number, { node: group, signature });
    const moving = this.moving.get(number);
    if (moving && calm()) fresh(group);
    else if (moving) (moving.half ? [second] : [first, second]).forEach((part) => cross(part, rung.row.fromClient));
  }

  // ---- pointed at, and chosen

  under(event) {
    const node = event.target.closest?.("[data-number]");
    return node ? Number(node.dataset.number) : null;
  }

  point(event) {
    const number = this.under(event);
    if (number !== null) this.told.point(number);
  }

  choose(number, quiet = false) {
    if (number === null || !this.laid?.rungs.has(number)) return;
    this.selected = number;
    const y = this.laid.rungs.get(number).sent * this.scale;
    if (!quiet && (y < this.top + 30 || y > this.top + this.height - 50)) {
      this.follows = false;
      this.stage.scrollTop = y - this.height / 2;
      this.scrolled();
    }
    this.draw();
    this.stage.setAttribute("aria-activedescendant", `${this.name}-${number}`);
    this.told.choose(number);
  }

  key(event) {
    const numbers = (this.laid?.list ?? []).map((rung) => rung.row.number);
    const at = numbers.indexOf(this.selected);
    const to = {
      ArrowUp: at < 0 ? numbers.length - 1 : Math.max(0, at - 1),
      ArrowDown: Math.min(numbers.length - 1, at + 1),
      Home: 0,
      End: numbers.length - 1,
    }[event.key];
    if (event.key === "Escape") leave(this.stage);
    else if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    else this.choose(numbers[to]);
    event.preventDefault();
  }
}

const [TO_ONE, TO_A_TENTH, TO_A_THOUSANDTH] = [0, 1, 3].map(
  (digits) => new Intl.NumberFormat("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }),
);

/** When a segment came, in ms: the longer ago the first one was, the fewer digits, for they have room for eight. */
const clock = (ms) => (ms < 1000 ? TO_A_THOUSANDTH : ms < 10_000 ? TO_A_TENTH : TO_ONE).format(ms);

/** Esc: back to the cell that this picture stands in. */
function leave(element) {
  element.blur();
  element.closest(".jp-Cell")?.closest(".jp-Notebook")?.focus();
}

function cross(part, fromClient) {
  const hidden = fromClient ? "inset(-40px 100% -40px -10px)" : "inset(-40px -10px -40px 100%)";
  part.animate([{ clipPath: hidden }, { clipPath: "inset(-40px -10px -40px -10px)" }], { duration: MOTION.cross });
}

function fresh(group) {
  group.classList.add("fresh");
  setTimeout(() => group.classList.remove("fresh"), 1000);
}
