// The way back over what happened, as a slider with two buttons.

/** Back over what happened, event by event; at its end is now. */
class Scrub {
  constructor(changed) {
    Object.assign(this, { changed, stops: [0], at: null });
    const button = (says, words, by) =>
      make(
        "button",
        { class: "b ic", type: "button", "aria-label": says, onclick: () => this.go(this.place + by) },
        words,
      );
    this.back = button("Back one event", "◂", -1);
    this.on = button("Forward one event", "▸", 1);
    this.range = make("input", {
      type: "range",
      min: 0,
      max: 0,
      value: 0,
      "aria-label": "What happened, event by event",
      oninput: () => this.go(Number(this.range.value)),
    });
    this.says = make("span", { class: "dim" });
    this.element = make("div", { class: "scrub" }, this.back, this.range, this.on, this.says);
  }

  get place() {
    return this.at ?? this.stops.length - 1;
  }

  /** The end of each event in the list: what a segment's arrival does to a state belongs to it. */
  set(events) {
    const first = events.findIndex(([kind, number]) => kind !== "state" || number);
    this.stops = [Math.max(0, first)]; // what was so before anything was sent
    events.forEach(([kind, number, ms], at) => {
      if (at < first) return;
      const next = events[at + 1];
      const comes = next?.[0] === "came" && kind !== "came" && next[1] === number && next[2] === ms; // else it waited
      const goes = next?.[0] === "state" || comes;
      if (!goes) this.stops.push(at + 1);
    });
    if (this.at !== null && this.at >= this.stops.length - 1) this.at = null;
    this.show();
  }

  go(place) {
    const to = Math.max(0, Math.min(this.stops.length - 1, place));
    this.at = to === this.stops.length - 1 ? null : to;
    this.show();
    this.changed();
  }

  show() {
    const last = this.stops.length - 1;
    const says = `event ${this.place} of ${last}${this.at === null ? ", now" : ""}`;
    this.range.max = last;
    this.range.value = this.place;
    this.range.setAttribute("aria-valuetext", says);
    this.says.textContent = says.replace(",", " ·");
    this.back.disabled = this.place === 0;
    this.on.disabled = this.at === null;
  }
}
