// What every live picture shares: elements, glyphs, the theme, a lead sentence, a text twin, trouble with its button,
// one polite voice, and questions to the kernel with their answers.

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element: attributes by name, `on…` as listeners, strings and elements as children. */
function make(name, attributes = {}, ...children) {
  return furnish(document.createElement(name), attributes, children);
}

/** An SVG element, in the same way. */
function draw(name, attributes = {}, ...children) {
  return furnish(document.createElementNS(SVG, name), attributes, children);
}

function furnish(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const WHOLE = new Intl.NumberFormat("en-US");
const thousands = (number) => WHOLE.format(number).replace("-", "−");
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** A state's glyph around a point: shape is the chapter of life, left half what I may send, right what may come. */
function glyph(state, { x = 0, y = 0, radius = 6, left = 0.75 } = {}) {
  const { shape, mine, theirs } = STATES[state];
  const group = draw("g", { class: "glyph", style: `--c: var(--tl-${state})`, transform: `translate(${x} ${y})` });
  if (shape === "dot") return furnish(group, {}, [draw("circle", { class: "fill", r: radius / 3 })]);
  if (shape === "clock") {
    const [reach, turn] = [radius * 0.62, 2 * Math.PI * Math.max(0, Math.min(left, 0.9999))];
    const [endX, endY] = [-reach * Math.sin(turn), -reach * Math.cos(turn)];
    const hand = `M0 0L${endX} ${endY}A${reach} ${reach} 0 ${left > 0.5 ? 1 : 0} 1 0 ${-reach}Z`;
    return furnish(group, {}, [
      draw("circle", { class: "rim", r: radius * 0.98 }),
      draw("path", { class: "fill", d: hand }),
    ]);
  }
  const outline = (reach) =>
    shape === "disc"
      ? `M0 ${-reach}A${reach} ${reach} 0 0 1 0 ${reach}A${reach} ${reach} 0 0 1 0 ${-reach}Z`
      : shape === "diamond"
        ? `M0 ${-1.15 * reach}L${1.15 * reach} 0L0 ${1.15 * reach}L${-1.15 * reach} 0Z`
        : `M${-0.9 * reach} ${-0.9 * reach}H${0.9 * reach}V${0.9 * reach}H${-0.9 * reach}Z`;
  const half = (side, part) => {
    const reach = radius * part;
    if (shape === "disc") return `M0 ${-reach}A${reach} ${reach} 0 0 ${side > 0 ? 1 : 0} 0 ${reach}Z`;
    if (shape === "diamond") return `M0 ${-1.15 * reach}L${side * 1.15 * reach} 0L0 ${1.15 * reach}Z`;
    return `M0 ${-0.9 * reach}H${side * 0.9 * reach}V${0.9 * reach}H0Z`;
  };
  group.append(draw("path", { class: "rim", d: outline(radius) }));
  if (mine) group.append(draw("path", { class: "fill", d: half(-1, mine) }));
  if (theirs) group.append(draw("path", { class: "fill", d: half(1, theirs) }));
  if (mine && theirs && mine !== theirs)
    group.append(draw("path", { class: "middle", d: `M0 ${-0.85 * radius}V${0.85 * radius}` }));
  return group;
}

/** A glyph that stands in a line of text. */
function inlineGlyph(state, options = {}) {
  const shown = { width: 16, height: 16, viewBox: "-8 -8 16 16", class: "inline", "aria-hidden": "true" };
  return draw("svg", shown, glyph(state, options));
}

/**
 * Everything around a picture. Returns { root, body, tools, ask, speak, end }.
 *
 * `body` is where the picture goes, `tools` the row of controls above it. `ask(what, details)` resolves to the kernel's
 * answer, whose `refused` has been shown already. `speak` says a sentence to screen readers, one a second at most.
 * `end()` is what `render` returns.
 */
function frame({ model, el }, { name, twin = true }) {
  const lead = make("p", { class: "lead" });
  const tools = make("div", { class: "bar" });
  const body = make("div", { class: "body" });
  const trouble = make("div", { class: "trouble", role: "alert" });
  const voice = make("div", { class: "voice", role: "status", "aria-live": "polite" });
  const words = make("pre", { class: "words", tabindex: "0", "aria-label": `${name}, as text` });
  const root = make(
    "section",
    { class: "tl", "aria-label": name, "data-lm-suppress-shortcuts": "true" },
    lead,
    tools,
    trouble,
    body,
    twin ? make("details", { class: "twin-words" }, make("summary", {}, "As text"), words) : null,
    voice,
  );
  el.append(root);
  const ending = [];

  // JupyterLab's own keys stay out: X would cut the cell, A insert one. Esc leads back to the cell.
  const stop = (event) => {
    event.stopPropagation();
    if (event.key === "Escape" && !event.defaultPrevented) el.closest(".jp-Cell")?.focus();
  };
  root.addEventListener("keydown", stop);
  ending.push(() => root.removeEventListener("keydown", stop));

  const themed = () => {
    root.dataset.theme = document.body.dataset.jpThemeLight === "false" ? "dark" : "light";
    root.dispatchEvent(new Event("theme"));
  };
  const theme = new MutationObserver(themed);
  theme.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  ending.push(() => theme.disconnect());
  themed();

  const hear = (event, told) => {
    model.on(event, told);
    ending.push(() => model.off(event, told));
  };
  const read = () => {
    lead.textContent = model.get("lead");
    lead.hidden = !lead.textContent;
    words.textContent = model.get("words");
  };
  hear("change:lead", read);
  hear("change:words", read);
  read();

  // ---- trouble: what happened, what you see, one button

  const showTrouble = ({ says, button, act } = {}) => {
    trouble.replaceChildren();
    trouble.hidden = !says;
    if (says) trouble.append(make("p", {}, says));
    if (says && button) trouble.append(make("button", { class: "b pri", type: "button", onclick: act }, button));
  };
  const kernelTrouble = () => {
    const told = model.get("trouble") ?? {};
    root.classList.toggle("past", Boolean(told.do));
    showTrouble(told.says ? { ...told, act: () => ask(told.do) } : {});
  };
  hear("change:trouble", kernelTrouble);

  const firstCell = () => {
    const notebook = el.closest(".jp-Notebook");
    const outer = notebook?.querySelector(".jp-WindowedPanel-outer") ?? notebook;
    outer?.scrollTo({ top: 0, behavior: calm() ? "auto" : "smooth" });
    notebook?.querySelector(".jp-Cell")?.focus();
  };
  let gone = false; // told once: who is at the button keeps it
  const restarted = () => (model.comm_live === false ? lost() : (gone = false));
  const lost = () => {
    if (gone) return;
    gone = true;
    root.classList.add("past");
    const says = "The kernel was restarted, so this world is gone. Run the notebook's first cell again.";
    showTrouble({ says, button: "Show that cell", act: firstCell });
  };
  hear("comm_live_update", restarted);

  // ---- questions and answers

  const mine = Math.random().toString(36).slice(2);
  const waiting = new Map();
  let asked = 0;
  let answeredAt = performance.now();
  hear("msg:custom", (message) => {
    const told = waiting.get(message.answers);
    if (!told) return;
    waiting.delete(message.answers);
    answeredAt = performance.now();
    if (outOfTouch) {
      outOfTouch = false;
      root.classList.remove("past");
      kernelTrouble();
    }
    if (message.refused)
      showTrouble({ says: message.refused, button: message.button, act: () => ask(message.do, message.with) });
    told(message);
  });
  function ask(what, details = {}) {
    if (what !== "pulse" && !outOfTouch && !(model.get("trouble") ?? {}).says) showTrouble();
    return new Promise((resolve) => {
      const id = `${mine}-${(asked += 1)}`;
      waiting.set(id, resolve);
      try {
        model.send({ do: what, id, ...details });
      } catch {
        lost();
      }
    });
  }

  // ---- the pulse: who shows this picture says so, and notices that nobody answers

  const [pulse_ms, silence_ms] = [1000, 4000];
  let inView = false;
  let outOfTouch = false;
  let pulsedAt = 0;
  const pulse = () => {
    if (!inView || document.visibilityState === "hidden") return;
    const now = performance.now();
    if (now - pulsedAt > 3 * pulse_ms) answeredAt = now; // it was out of view, or the machine slept
    pulsedAt = now;
    if (now - answeredAt > silence_ms && !outOfTouch && model.comm_live !== false) {
      outOfTouch = true;
      root.classList.add("past");
      const since = new Date(Date.now() - (now - answeredAt)).toTimeString().slice(0, 5);
      const says = `Out of touch since ${since}. What you see is from then.`;
      showTrouble({ says, button: "Catch up", act: () => ask("pulse") });
    }
    ask("pulse");
  };
  const seen = new IntersectionObserver((entries) => {
    inView = entries.at(-1).isIntersecting;
    pulse();
  });
  seen.observe(root);
  const timer = setInterval(pulse, pulse_ms);
  document.addEventListener("visibilitychange", pulse);
  ending.push(() => {
    clearInterval(timer);
    seen.disconnect();
    document.removeEventListener("visibilitychange", pulse);
  });
  kernelTrouble();

  let spokenAt = 0;
  let toSay = [];
  const say = () => {
    spokenAt = performance.now();
    voice.replaceChildren(make("p", {}, toSay.splice(0).join(" "))); // a new paragraph: the same words are said again
  };
  const speak = (sentence) => {
    toSay = [...toSay.slice(-2), sentence]; // of a burst the last three
    if (toSay.length === 1) setTimeout(say, Math.max(0, spokenAt + 1000 - performance.now()));
  };

  const end = () => {
    ending.splice(0).forEach((undo) => undo());
    root.remove();
  };
  return { root, body, tools, lead, ask, hear, speak, showTrouble, end };
}
