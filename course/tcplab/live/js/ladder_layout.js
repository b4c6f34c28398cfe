// Where everything of a ladder stands, before anything is drawn: as notebook/ladder_layout.py says it, but from events.
// The vertical axis is order, not time. `tale` has rows by number and events in order; nothing here touches the page.

const LADDER = {
  width: 880, client: 252, server: 692, wire: 472, top: 12, firstRow: 22, row: 38, slope: 16, bottom: 20, knee: 18,
  arrivalRow: 32, fork: 10, lane: 12, pause: 14, spokenPause: 32, cut: 40, labelLine: 14, labelGap: 6, letters: 25, tall: 200,
};
const FLAGS = { F: "FIN", S: "SYN", R: "RST", P: "PSH", A: "ACK", U: "URG", E: "ECE", C: "CWR" };
const ON_THE_WAY = new Set(["held", "delayed"]);

/** One segment of the wire's record, as live/follower.py sends it. */
function asRow([number, ms, fromClient, flags, seq, ack, bytes, again, fate]) {
  return { number, ms, fromClient, flags, seq, ack, bytes, again, fate };
}

const flagWords = (flags) => [...flags].map((letter) => FLAGS[letter]).join(", ") || "no flag";
const duration = (ms) => (ms < 1000 ? `${thousands(Math.round(ms))} ms` : `${thousands(Math.round(ms / 100) / 10)} s`);

/** A label's two parts: flags, and numbers as far as they say something; an ACK alone has no own seq. */
function labelWords(row) {
  const own = row.bytes || /[SF]/.test(row.flags) || !row.flags.includes("A");
  const numbers = [own ? `seq ${row.seq}` : "", row.flags.includes("A") ? `ack ${row.ack}` : ""].filter(Boolean);
  const bytes = row.bytes ? ` · ${thousands(row.bytes)} byte${row.bytes === 1 ? "" : "s"}` : "";
  const said = `${numbers.join("  ").replaceAll("-", "−")}${bytes}${row.again ? " · again" : ""}`;
  return [(row.again ? "↻ " : "") + flagWords(row.flags), said];
}

function wrapped(words) {
  const lines = [""];
  for (const word of words.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (longer.length <= LADDER.letters || !lines.at(-1)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.filter(Boolean);
}

/** Lay out the events up to one of them: { rungs, labels, pauses, end }. */
function layOut(tale, hosts, upTo = tale.events.length) {
  const made = { rungs: new Map(), labels: { client: [], server: [] }, pauses: [], end: 0 };
  let y = LADDER.top + LADDER.firstRow;
  let before = null;
  const room = (steps, offset) => {
    for (const step of steps) {
      const last = made.labels[step.side].at(-1);
      if (last) y = Math.max(y, last.bottom - offset);
    }
  };
  const label = (step, at) => {
    const labels = made.labels[step.side];
    const last = labels.at(-1);
    const anew = last?.state === step.state;
    const top = Math.max(at, last?.bottom ?? at);
    const lines = wrapped(step.cause);
    const bottom = top + LADDER.labelLine * (lines.length + (anew ? 0 : 1)) + LADDER.labelGap;
    labels.push({ ...step, y: top, lines, anew, bottom });
  };
  const pause = (ms, row, arrives) => {
    const silence = before === null ? 0 : ms - before;
    before = ms;
    if (silence < 10) return;
    const spoken = row.again && !arrives && silence >= 100;
    const extra = spoken ? LADDER.spokenPause : LADDER.pause;
    const host = row.fromClient ? hosts.client : hosts.server;
    const words = spoken ? `nothing for ${duration(silence)}, and the ${host} says it again` : "";
    made.pauses.push({ y: y - LADDER.row + LADDER.slope + extra / 2 + 3, words });
    y += extra;
  };

  for (const [, , , side, state] of tale.before) label({ side, state, cause: "" }, LADDER.top);
  for (let at = 0; at < upTo; at += 1) {
    const [kind, number, ms] = tale.events[at];
    const row = tale.rows.get(number);
    if (kind === "gap") {
      made.pauses.push({ y, words: `${thousands(number)} segments came too fast to be drawn; the record has them` });
      y += LADDER.cut;
      before = null;
    } else if (kind === "state") {
      const [, , , side, state, cause] = tale.events[at];
      label({ side, state, cause }, LADDER.top);
    } else if (kind === "sent") {
      const sent = [];
      while (at + 1 < upTo && tale.events[at + 1][0] === "state" && !tale.events[at + 1][6]) sent.push(stepOf(tale.events[(at += 1)]));
      const next = at + 1 < upTo && tale.events[at + 1][1] === number ? tale.events[at + 1] : null;
      const comes = next?.[0] === "came";
      const late = comes && next[2] > ms;
      const came = [];
      if (comes) at += 1;
      while (comes && at + 1 < upTo && tale.events[at + 1][0] === "state" && tale.events[at + 1][6]) came.push(stepOf(tale.events[(at += 1)]));
      const stops = next?.[0] === "stopped";
      if (stops) at += 1;
      pause(ms, row, false);
      const reach = LADDER.slope + (late ? LADDER.knee : 0);
      room(sent, 0);
      room(came, reach);
      const rung = { row, sent: y, leaves: y + reach - LADDER.slope / 2, arrives: comes ? y + reach : null, lane: 0, stopped: stops };
      made.rungs.set(number, rung);
      sent.forEach((step) => label(step, y));
      came.forEach((step) => label(step, y + reach));
      y += LADDER.row + reach - LADDER.slope + (row.fate === "duplicated" && comes ? LADDER.fork : 0);
      if (late) before = next[2];
    } else if (kind === "stopped") {
      if (made.rungs.has(number)) made.rungs.get(number).stopped = true;
    } else if (kind === "came") {
      const came = [];
      while (at + 1 < upTo && tale.events[at + 1][0] === "state" && tale.events[at + 1][6]) came.push(stepOf(tale.events[(at += 1)]));
      const rung = made.rungs.get(number);
      if (!rung) {
        came.forEach((step) => label(step, y));
        continue; // it was sent before the oldest that is kept
      }
      pause(ms, row, true);
      room(came, LADDER.slope / 2);
      [rung.leaves, rung.arrives] = [y, y + LADDER.slope / 2];
      rung.crossed = ms - row.ms < 0.001; // it met another on its way, by itself: no knee
      came.forEach((step) => label(step, rung.arrives));
      y += LADDER.arrivalRow + (row.fate === "duplicated" ? LADDER.fork : 0);
    }
  }
  made.list = [...made.rungs.values()];
  made.long = made.list.filter((rung) => (rung.arrives ?? 0) > rung.sent + LADDER.tall);
  separateLanes(made);
  made.end = Math.max(y - LADDER.row + LADDER.slope + LADDER.bottom, ...[made.labels.client, made.labels.server].map((all) => all.at(-1)?.bottom ?? 0));
  return made;
}

const stepOf = ([, , , side, state, cause]) => ({ side, state, cause });
const meets = (rung) => rung.sent + LADDER.slope / 2;
const kneed = (rung) => rung.leaves > meets(rung) && !rung.crossed;

/** The rungs between two heights: those that are sent there, and those that are on their way there. */
function between(laid, top, bottom) {
  const first = (y) => {
    let [low, high] = [0, laid.list.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (laid.list[middle].sent < y) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const near = laid.list.slice(first(top - LADDER.tall), first(bottom));
  return [...laid.long.filter((rung) => rung.sent < top - LADDER.tall && rung.arrives > top), ...near];
}

/** Late ones that wait at the wire at the same height stand beside each other. */
function separateLanes(made) {
  let waiting = [];
  for (const rung of made.rungs.values()) {
    if (!kneed(rung)) continue;
    waiting = waiting.filter((other) => other.leaves > meets(rung));
    const taken = new Set(waiting.filter((other) => other.row.fromClient === rung.row.fromClient).map((other) => other.lane));
    while (taken.has(rung.lane)) rung.lane += 1;
    waiting.push(rung);
  }
}

/** Returns what tells whether somebody scrolls this: what grows scrolls itself, too. */
function scrolledByHand(element) {
  let [at, drags] = [-Infinity, false];
  const touch = () => (at = performance.now());
  for (const name of ["wheel", "touchmove", "keydown"]) element.addEventListener(name, touch, { passive: true });
  element.addEventListener("pointerdown", () => {
    drags = true;
    window.addEventListener("pointerup", () => (touch(), (drags = false)), { once: true });
  });
  return () => drags || performance.now() - at < 500;
}

/** Draws soon, once for all that was asked for meanwhile; where drawing takes long, less often. */
function drawer(draw) {
  let [asked, cost, drawn] = [0, 0, 0];
  const now = () => {
    const begun = performance.now();
    asked = 0;
    draw();
    queueMicrotask(() => ([cost, drawn] = [performance.now() - begun, performance.now()]));
  };
  return () => {
    if (asked) return;
    const rest = drawn + Math.min(250, cost > 8 ? 4 * cost : 0) - performance.now();
    asked = rest > 0 ? setTimeout(() => requestAnimationFrame(now), rest) : requestAnimationFrame(now);
  };
}

/** What a browser knows of one connection; `take()` tells whether a message fits on what is there. */
class Tale {
  constructor() {
    Object.assign(this, { talk: -1, first: 0, rows: new Map(), events: [], before: [], total: 0, hidden: 0 });
  }

  /** Whether it tells of another connection, or of one of another world. */
  isOther(news) {
    return news.talk !== this.talk || news.record !== this.record;
  }

  take(news) {
    const other = this.isOther(news);
    if (other && news.from !== news.first) return false;
    if (other) this.rows = new Map();
    if (news.from === news.first) Object.assign(this, { record: news.record, talk: news.talk, first: news.first, events: [] });
    if (news.from > this.first + this.events.length) return false;
    this.events = [...this.events.slice(Math.max(0, news.first - this.first), news.from - this.first), ...news.events];
    Object.assign(this, { first: news.first, before: news.before, total: news.total, hidden: news.hidden });
    for (const told of news.rows) this.rows.set(told[0], asRow(told));
    if (this.rows.size > 1500) {
      const kept = new Set(this.events.map((event) => event[1]));
      this.rows = new Map([...this.rows].filter(([number]) => kept.has(number)));
    }
    return true;
  }
}
