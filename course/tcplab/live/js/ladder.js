// The live ladder: one connection's segments as they cross, the same as a table, and the header of the one pointed at.

function render({ model, el }) {
  const f = frame({ model, el }, { name: "Ladder" });
  const hosts = model.get("hosts");
  const tale = new Tale();
  const choose = (number) => {
    if (picture.selected !== number) picture.choose(number);
    table.choose(number);
    header.show(number);
  };
  const told = { point: (number) => header.show(number ?? picture.selected), choose };
  const picture = new Picture({ hosts, told });
  const table = new Table({ hosts, told });
  const header = new Header(f.ask);
  const code = codeBlock("The same for print", { all: false });
  const says = "Nothing has crossed the wire yet. Run the next cell, or open a connection yourself.";
  const nothing = make("p", { class: "nothing" }, says);
  const both = make("div", { class: "duo" });
  both.append(make("div", {}, picture.element, header.element, code.element), table.whole);
  f.body.append(nothing, both);

  const changed = (talks, which) => {
    code.set([`ladder(bed.${model.get("wire")}.segments${which < 0 ? "" : `, which=${which}`})`]);
    nothing.hidden = talks.length > 0;
    both.hidden = !talks.length;
  };
  const which = chooser({ f, model, changed });
  f.tools.append(which.element);
  which.listed();

  const later = drawer(() => {
    const laid = layOut(tale, hosts);
    picture.show(laid, { now: tale.now });
    table.show(tale, laid);
  });
  const heads = () => picture.head(model.get("ends"));
  f.hear("change:ends", heads);
  heads();
  const unfollow = followed({ f, model, tale, picture, later });
  return () => {
    unfollow();
    f.end();
  };
}

export default { render };
