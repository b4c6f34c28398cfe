// What a picture of a wire is told, kept, and drawn from: one connection, and which ones there are to choose from.

/** What a browser knows of one connection; `take()` tells whether a message fits on what is there. */
class Tale {
  constructor() {
    Object.assign(this, { talk: -1, first: 0, rows: new Map(), events: [], before: [], total: 0, hidden: 0 });
    Object.assign(this, { ahead: null, over: false, stoppedAt: null });
  }

  /** The time by the record's own clock, in ms; it stands still while the world is down. */
  get now() {
    if (this.ahead === null) return null;
    return this.stoppedAt ?? performance.now() + this.ahead;
  }

  stopClock(stops) {
    if (stops) this.stoppedAt ??= this.now;
    else this.stoppedAt = null;
  }

  /** Whether it tells of another connection, or of one of another world. */
  isOther(news) {
    return news.talk !== this.talk || news.record !== this.record;
  }

  take(news) {
    const other = this.isOther(news);
    if (other && news.from !== news.first) return false;
    if (other) this.rows = new Map();
    if (news.from === news.first)
      Object.assign(this, { record: news.record, talk: news.talk, first: news.first, events: [] });
    if (news.from > this.first + this.events.length) return false;
    this.events = [...this.events.slice(Math.max(0, news.first - this.first), news.from - this.first), ...news.events];
    Object.assign(this, { first: news.first, before: news.before, total: news.total, hidden: news.hidden });
    Object.assign(this, { ahead: news.now - performance.now(), over: news.over });
    this.stopClock(this.over);
    for (const told of news.rows) this.rows.set(told[0], asRow(told));
    if (this.rows.size > 1500) {
      const kept = new Set(this.events.map((event) => event[1]));
      this.rows = new Map([...this.rows].filter(([number]) => kept.has(number)));
    }
    return true;
  }
}

/** Hear what the kernel tells of a connection, and call `later` when there is more to draw; returns what ends it. */
function followed({ f, model, tale, picture, later, forget = () => picture.forget() }) {
  const take = (news) => {
    if (!news || news.talk === undefined) return;
    if (tale.isOther(news)) forget();
    if (tale.take(news)) later();
    else f.ask("all").then((whole) => whole.talk !== undefined && tale.take(whole) && later());
  };
  const clocks = () => {
    tale.stopClock(tale.over || Boolean(model.get("trouble")?.do));
    picture.tick(tale.now);
  };
  f.hear("msg:custom", (message) => message.ladder && take(message.ladder));
  f.hear("change:said", () => f.speak(model.get("said")[1]));
  f.hear("change:trouble", clocks);
  f.ask("all").then(take);
  const ticking = setInterval(clocks, 1000);
  return () => clearInterval(ticking);
}

/** A list to choose a connection from: the newest, whichever it is, or one for good. */
function chooser({ f, model, changed = () => {} }) {
  const ask = () => f.ask("choose", { which: Number(list.value) });
  const list = make("select", { "aria-label": "Which connection", onchange: ask });
  const element = make("div", { class: "connection" }, make("span", { "aria-hidden": "true" }, "Connection"), list);
  const listed = () => {
    const talks = model.get("talks");
    const named = (value, name) => make("option", { value }, name);
    list.replaceChildren(named(-1, "the newest"), ...talks.map(([place, name]) => named(place, name)));
    list.value = String(model.get("which"));
    element.hidden = !talks.length;
    changed(talks, model.get("which"));
  };
  f.hear("change:talks", listed);
  f.hear("change:which", listed);
  return { element, listed };
}
