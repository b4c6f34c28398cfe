// How long connect() takes, as dots over time, on a scale of powers of ten.

const STRIP = { width: 830, height: 116, left: 52, right: 812, top: 12, bottom: 92 };
const SHOWN_S = 60;
const TIMES_US = [
  [10, "10 µs"],
  [100, "100 µs"],
  [1000, "1 ms"],
  [10000, "10 ms"],
  [100000, "100 ms"],
];
const REDRAWN_MS = 200;

/** A strip that takes dots; `root` gives its colours. */
function latencyStrip(root) {
  const caption = make("p", { class: "cap" });
  const canvas = make("canvas", { role: "img", "aria-label": "time that connect() takes", hidden: true });
  const dots = []; // [seconds, µs]
  const marks = []; // [seconds, what happened then]
  let begun = null;
  let drawnAt = -Infinity;
  let said = "";
  let firstFree = null;

  const seconds = () => (performance.now() - begun) / 1000;
  const heightOf = (us) => {
    const [least, most] = [TIMES_US[0][0], TIMES_US.at(-1)[0]];
    const part = Math.log10(Math.min(most * 1.6, Math.max(least / 1.6, us)) / least) / Math.log10(most / least);
    return STRIP.bottom - part * (STRIP.bottom - STRIP.top);
  };

  function redraw() {
    drawnAt = performance.now();
    const style = getComputedStyle(root);
    const colour = (name) => style.getPropertyValue(`--tl-${name}`).trim();
    const pen = fitted(canvas, STRIP.width, STRIP.height);
    const now = begun === null ? 0 : seconds();
    const from = Math.max(0, now - SHOWN_S);
    const across = (at) => STRIP.left + ((at - from) / SHOWN_S) * (STRIP.right - STRIP.left);
    pen.font = `11.5px ${style.fontFamily}`;
    pen.textBaseline = "middle";
    for (const [us, label] of TIMES_US) {
      pen.fillStyle = colour("hairline");
      pen.fillRect(STRIP.left, Math.round(heightOf(us)), STRIP.right - STRIP.left, 1);
      pen.fillStyle = colour("second-ink");
      pen.textAlign = "right";
      pen.fillText(label, STRIP.left - 4, heightOf(us));
    }
    pen.textAlign = "center";
    for (let at = 10 * Math.ceil(from / 10); at <= from + SHOWN_S; at += 10)
      pen.fillText(`${at} s`, across(at), STRIP.bottom + 16);
    pen.fillStyle = colour("ink");
    pen.globalAlpha = 0.55;
    for (const [at, us] of dots) if (at >= from) pen.fillRect(across(at) - 1, heightOf(us) - 1, 2.5, 2.5);
    pen.globalAlpha = 1;
    for (const [at, what] of marks) {
      if (at < from) continue;
      const left = at - from > 0.6 * SHOWN_S;
      pen.fillRect(Math.round(across(at)), STRIP.top - 8, 1, STRIP.bottom - STRIP.top + 8);
      pen.textAlign = left ? "right" : "left";
      pen.fillText(what, across(at) + (left ? -8 : 8), STRIP.top + 26);
    }
  }

  return {
    caption,
    canvas,
    redraw,
    /** Take what a frame says. */
    take(head) {
      const [first] = head.halves;
      if (head.new_us.length) {
        begun ??= performance.now();
        canvas.hidden = false;
        const at = seconds();
        head.new_us.forEach((us) => dots.push([at, us]));
        while (dots.length && dots[0][0] < at - SHOWN_S) dots.shift();
        if (firstFree && !first.free) marks.push([at, `${first.name} ports are gone`]);
      }
      firstFree = first.free;
      if (performance.now() - drawnAt > REDRAWN_MS) redraw();
    },
    /** Say what is known by now. */
    tell(head) {
      if (head.connect === said) return;
      said = head.connect;
      caption.replaceChildren("time that connect() takes: ", make("span", { class: "dim" }, said));
      canvas.setAttribute("aria-label", `time that connect() takes: ${said}`);
    },
  };
}
