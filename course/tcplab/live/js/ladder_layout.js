// Where everything of a ladder stands, before anything is drawn: as notebook/ladder_layout.py says it, but from events.
// The vertical axis is order, not time. `tale` has rows by number and events in order; nothing here touches the page.

const LADDER = {
  width: 880,
  client: 252,
  server: 692,
  wire: 472,
  top: 12,
  firstRow: 22,
  row: 38,
  slope: 16,
  bottom: 20,
  knee: 18,
  arrivalRow: 32,
  fork: 10,
  lane: 12,
  pause: 14,
  spokenPause: 32,
  cut: 40,
  labelLine: 14,
  labelGap: 6,
  letters: 25,
  tall: 200,
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

/** Lay out the events up to one of them; repeats that the wire swallowed share one rung. */
function layOut(tale, hosts, upTo = tale.events.length) {
  const made = { rungs: new Map(), labels: { client: [], server: [] }, pauses: [], end: 0 };
  const repeats = new Map();
  let y = LADDER.top + LADDER.firstRow;
  let [before, folded] = [null, false];
  let at = 0;
  const events = tale.events;
  /** The states that follow an event at once: those that its sending brings about, or those of its arrival. */
  const changes = (arrived) => {
    const found = [];
    const belongs = (event) => event[0] === "state" && Boolean(event[6]) === arrived;
    while (at + 1 < upTo && belongs(events[at + 1])) found.push(stepOf(events[(at += 1)]));
    return found;
  };
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
    const mark = silence >= 10 || folded;
    [before, folded] = [ms, false];
    if (!mark) return;
    const spoken = row.again && !arrives && silence >= 100;
    const extra = spoken ? LADDER.spokenPause : LADDER.pause;
    const host = row.fromClient ? hosts.client : hosts.server;
    const words = spoken ? `nothing for ${duration(silence)}, and the ${host} says it again` : "";
    made.pauses.push({ y: y - LADDER.row + LADDER.slope + extra / 2 + 3, words });
    y += extra;
  };

  for (const event of tale.before) label({ ...stepOf(event), cause: "" }, LADDER.top);
  for (; at < upTo; at += 1) {
    const [kind, number, ms] = events[at];
    const row = tale.rows.get(number);
    if (kind === "gap") {
      made.pauses.push({ y, words: `${thousands(number)} segments came too fast to be drawn; the record has them` });
      y += LADDER.cut;
      before = null;
    } else if (kind === "state") {
      label(stepOf(events[at]), LADDER.top);
    } else if (kind === "sent") {
      const sent = changes(false);
      const next = at + 1 < upTo && events[at + 1][1] === number ? events[at + 1] : null;
      const comes = next?.[0] === "came";
      const late = comes && next[2] > ms;
      const stops = next?.[0] === "stopped";
      if (comes || stops) at += 1;
      const came = comes ? changes(true) : [];
      const repeated = stops && row.fate === "swallowed" ? [row.fromClient, row.flags, row.seq].join() : null;
      const first = sent.length ? null : repeats.get(repeated);
      if (first) {
        first.times += 1;
        [before, folded] = [ms, true];
        continue;
      }
      pause(ms, row, false);
      const reach = LADDER.slope + (late ? LADDER.knee : 0);
      room(sent, 0);
      room(came, reach);
      const rung = {
        row,
        sent: y,
        leaves: y + reach - LADDER.slope / 2,
        arrives: comes ? y + reach : null,
        lane: 0,
        stopped: stops,
        times: 1,
      };
      made.rungs.set(number, rung);
      if (repeated !== null) repeats.set(repeated, rung);
      sent.forEach((step) => label(step, y));
      came.forEach((step) => label(step, y + reach));
      y += LADDER.row + reach - LADDER.slope + (row.fate === "duplicated" && comes ? LADDER.fork : 0);
      if (late) before = next[2];
    } else if (kind === "stopped") {
      if (made.rungs.has(number)) made.rungs.get(number).stopped = true;
    } else if (kind === "came") {
      const came = changes(true);
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
  made.end = Math.max(
    y - LADDER.row + LADDER.slope + LADDER.bottom,
    ...[made.labels.client, made.labels.server].map((all) => all.at(-1)?.bottom ?? 0),
  );
  return made;
}

const stepOf = ([, , ms, side, state, cause, arrived]) => ({ ms, side, state, cause, arrived });
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
    const taken = new Set(
      waiting.filter((other) => other.row.fromClient === rung.row.fromClient).map((other) => other.lane),
    );
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
