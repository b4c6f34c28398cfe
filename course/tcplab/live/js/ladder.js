// The live ladder: one connection's segments as they cross, the same as a table, and the header of the one pointed at.

function render({ model, el }) {
  const f = frame({ model, el }, { name: "Ladder" });
  const hosts = model.get("hosts");
  const tale = new Tale();
  const choose = (number) => {
    picture.selected !== number && picture.choose(number);
    table.choose(number);
    header.show(number);
  };
  const told = { point: (number) => header.show(number ?? picture.selected), choose };
  const picture = new Picture({ hosts, told });
  const table = new Table({ hosts, told });
  const header = new Header(f.ask);
  const which = make("select", { "aria-label": "Which connection", onchange: () => f.ask("choose", { which: Number(which.value) }) });
  const code = codeBlock("The same for print", { all: false });
  f.tools.append(make("label", { class: "dim" }, "Connection "), which);
  const nothing = make("p", { class: "nothing" }, "Nothing has crossed the wire yet. Run the next cell, or open a connection yourself.");
  const left = make("div", {}, picture.element, header.element, code.element);
  f.body.append(nothing, make("div", { class: "duo" }, left, table.whole));

  const later = drawer(() => {
    const laid = layOut(tale, hosts);
    picture.show(laid);
    table.show(tale, laid);
  });
  const listed = () => {
    const talks = model.get("talks");
    const options = [make("option", { value: -1 }, "the newest"), ...talks.map(([place, name]) => make("option", { value: place }, name))];
    which.replaceChildren(...options);
    which.value = String(model.get("which"));
    const chosen = model.get("which");
    code.set([`ladder(bed.${model.get("wire")}.segments${chosen < 0 ? "" : `, which=${chosen}`})`]);
    nothing.hidden = talks.length > 0;
    f.body.querySelector(".duo").hidden = !talks.length;
    f.tools.hidden = !talks.length;
  };
  const heads = () => picture.head(model.get("ends"));
  const take = (news) => {
    if (!news || news.talk === undefined) return;
    if (tale.isOther(news)) picture.forget();
    if (!tale.take(news)) f.ask("all").then((all) => all.talk !== undefined && tale.take(all) && later());
    else later();
  };
  f.hear("msg:custom", (message) => message.ladder && take(message.ladder));
  f.hear("change:talks", listed);
  f.hear("change:which", listed);
  f.hear("change:ends", heads);
  f.hear("change:said", () => model.get("said") && f.speak(model.get("said")));
  listed();
  heads();
  f.ask("all").then(take);
  return f.end;
}

export default { render };
