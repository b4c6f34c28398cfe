// The two rails of a ladder: states as bars with their names and causes, TIME_WAIT's clock, breaks where time passed.

const TIME_WAIT_MS = 60_000;

class Rails {
  constructor() {
    this.element = draw("g", { "aria-hidden": "true" });
    this.breaks = draw("g", { "aria-hidden": "true" });
    Object.assign(this, { known: new Set(), clocks: [], now: null });
  }

  /** Draw what is between two heights; `shown` are the rungs there, `moves` says whether what is new fades in. */
  draw(laid, { from, to, shown, wire, moves }) {
    const rails = wire ? [draw("path", { class: "wire", d: `M${LADDER.wire} 0V${laid.end}` })] : [];
    this.clocks = [];
    for (const side of ["client", "server"]) {
      const [x, out] = [LADDER[side], side === "client" ? -1 : 1];
      const labels = laid.labels[side];
      const begins = labels[0]?.y ?? laid.end;
      if (begins > LADDER.top) rails.push(draw("path", { class: "rest", d: `M${x} ${LADDER.top}V${begins - 2}` }));
      labels.forEach((label, at) => {
        const next = labels[at + 1];
        const end = next?.y ?? laid.end;
        if (end < from || label.y > to) return;
        rails.push(this.bar(label, x, end), this.label(label, x, out, next?.ms, moves));
      });
    }
    const time = (y, ms) => draw("text", { class: "tm", x: 60, y, "text-anchor": "end" }, clock(ms));
    rails.push(...shown.map(({ row, sent }) => time(sent + 4, row.ms)));
    this.element.replaceChildren(...rails);
    const pauses = laid.pauses.filter(({ y }) => y > from && y < to);
    this.breaks.replaceChildren(...pauses.flatMap(({ y, words }) => pauseMarks(y, words)));
  }

  bar({ state, y }, x, end) {
    if (state === "CLOSED") return draw("path", { class: "rest", d: `M${x} ${y}V${end}` });
    const size = { x: x - 4, y, width: 8, height: Math.max(1, end - y - 2), rx: 1 };
    return draw("rect", { ...size, style: `fill: var(--tl-${state})` });
  }

  /** A state's glyph, name and cause; `until` is when the next one began. */
  label(label, x, out, until, moves) {
    const anchor = out < 0 ? "end" : "start";
    const mark = draw("g", {});
    const group = draw("g", {}, mark);
    const place = { x: x + out * 18, y: label.y + 7 };
    const drawn = { mark, label, place, until };
    this.wind(drawn);
    if (label.state === "TIME_WAIT" && until === undefined) this.clocks.push(drawn);
    let y = label.y + 11;
    const words = (name, said) => draw("text", { class: name, x: x + out * 30, y, "text-anchor": anchor }, said);
    if (!label.anew) group.append(words("st", label.state));
    for (const line of label.lines) {
      if (!label.anew || line !== label.lines[0]) y += LADDER.labelLine;
      group.append(words("why", line));
    }
    const key = `${out}${label.state}${label.y}`;
    if (moves && !this.known.has(key) && !calm()) {
      const timing = { duration: MOTION.change, fill: "backwards", easing: "cubic-bezier(.2,0,0,1)" };
      group.animate([{ opacity: 0 }, { opacity: 1 }], { ...timing, delay: label.arrived ? MOTION.cross : 0 });
    }
    this.known.add(key);
    return group;
  }

  /** Draw a glyph; of TIME_WAIT with what its clock shows at this moment, or showed when the next state began. */
  wind({ mark, label, place, until }) {
    const left = 1 - ((until ?? this.now ?? label.ms) - label.ms) / TIME_WAIT_MS;
    mark.replaceChildren(glyph(label.state, { ...place, left: Math.max(0, Math.min(1, left)) }));
  }

  /** TIME_WAIT's clocks move on; `now` is in the record's own time. */
  tick(now) {
    this.now = now;
    this.clocks.forEach((each) => this.wind(each));
  }
}

function pauseMarks(y, words) {
  const gap = (x, down) => draw("path", { class: "gap", d: `M${x - 6} ${y + down + 3}L${x + 6} ${y + down - 3}` });
  const gaps = [LADDER.client, LADDER.server].flatMap((x) => [gap(x, -3), gap(x, 3)]);
  if (!words) return gaps;
  const width = words.length * 6.2 + 12;
  const behind = draw("rect", { class: "behind", x: LADDER.wire - width / 2, y: y - 9, width, height: 18 });
  return [...gaps, behind, draw("text", { class: "why", x: LADDER.wire, y: y + 4, "text-anchor": "middle" }, words)];
}
