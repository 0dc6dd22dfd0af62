"use strict";
(() => {
  const root = document.documentElement;
  const data = JSON.parse(document.getElementById("data").textContent);
  const { nodes, edges, walks } = data;
  const get = (id) => document.getElementById(id);
  const panel = get("details");
  const selects = { store: get("store"), sink: get("sink"), state: get("state") };
  root.classList.add("js");

  // Nodes and pairs of nodes that each walk passes.
  const pair = (edge) => `${edge.from}-${edge.to}`;
  const passes = walks.map((walk) => {
    const steps = walk.edges.map((at) => edges[at]);
    return {
      nodes: new Set(steps.flatMap((edge) => [edge.from, edge.to])),
      links: new Set(steps.map(pair)),
      edges: new Set(walk.edges),
    };
  });
  const drawnNodes = [...document.querySelectorAll(".drawn .node")];
  const drawnLinks = [...document.querySelectorAll(".drawn .link[data-from]")];
  const numberOf = (element) => Number(element.id.slice(1));
  let visible = walks.map((_, at) => at);
  let chosen = null;

  function make(tag, name, text) {
    const element = document.createElement(tag);
    if (name) element.className = name;
    if (text !== undefined) element.textContent = text;
    return element;
  }

  function filter() {
    visible = [];
    walks.forEach((walk, at) => {
      const wanted = Object.entries(selects).every(
        ([field, select]) => !select.value || walk[field] === select.value,
      );
      get(`walk-${at + 1}`).hidden = !wanted;
      if (wanted) visible.push(at);
    });
    const on = (key, value) => visible.some((at) => passes[at][key].has(value));
    for (const node of drawnNodes) {
      node.classList.toggle("off", !on("nodes", numberOf(node)));
    }
    for (const link of drawnLinks) {
      link.classList.toggle("off", !on("links", `${link.dataset.from}-${link.dataset.to}`));
    }
    const noun = walks.length === 1 ? "way out" : "ways out";
    get("status").textContent = `Showing ${visible.length} of ${walks.length} ${noun}`;
    if (chosen !== null && !on("nodes", chosen)) close(false);
    else if (chosen !== null) highlight();
  }

  function highlight() {
    const through = visible.filter((at) => chosen !== null && passes[at].nodes.has(chosen));
    const near = (key, value) => through.some((at) => passes[at][key].has(value));
    for (const node of drawnNodes) {
      const number = numberOf(node);
      node.classList.toggle("far", chosen !== null && !near("nodes", number));
      node.classList.toggle("chosen", number === chosen);
    }
    for (const link of drawnLinks) {
      const name = `${link.dataset.from}-${link.dataset.to}`;
      link.classList.toggle("far", chosen !== null && !near("links", name));
    }
  }

  function line(spot) {
    const box = make("div");
    box.append(make("div", "where", `${spot.path}:${spot.line}`));
    if (spot.text) box.append(make("pre", "line", spot.text));
    return box;
  }

  function controls(edge) {
    const list = make("ul");
    for (const control of edge.controls) {
      const item = make("li");
      item.append(make("code", "", control.rule), `: ${control.title}. `);
      if (control.failing) {
        const { path, line: number } = control.failing;
        item.append(make("span", "failing", `Not met at ${path}:${number}. `));
      }
      item.append(make("span", "soft", control.fix));
      list.append(item);
    }
    return list;
  }

  function step(edge) {
    const box = make("div", "step");
    box.append(make("h3", "", edge.words));
    box.append(make("div", "soft", `from ${nodes[edge.from].address}`));
    if (edge.why) box.append(make("p", "doubt", `Not certain: ${edge.why}`));
    box.append(line(edge.place));
    if (edge.controls.length) {
      box.append(make("p", "soft", "Closed where one of these is met:"), controls(edge));
    } else if (!edge.exit) {
      box.append(make("p", "soft", "No rule is known that would close this step alone."));
    }
    return box;
  }

  function onward(label, numbers) {
    const box = make("div", "next");
    if (!numbers.length) return box;
    box.append(make("span", "soft", label));
    for (const number of numbers) {
      const button = make("button", "", nodes[number].address);
      button.type = "button";
      button.addEventListener("click", () => choose(number));
      box.append(button);
    }
    return box;
  }

  function choose(number) {
    chosen = number;
    const node = nodes[number];
    const live = new Set(visible.flatMap((at) => [...passes[at].edges]));
    const ways = edges.filter((_, at) => live.has(at));
    panel.replaceChildren();
    const shut = make("button", "close", "Close");
    shut.type = "button";
    shut.addEventListener("click", () => close(true));
    panel.append(shut, make("h3", "", node.address), make("div", "soft", node.kind));
    if (node.role === "store") {
      for (const why of node.why) panel.append(make("p", "", `Holds weights: ${why}`));
    }
    if (node.declared) {
      const box = make("div", "step");
      box.append(make("h3", "", "Declared here"), line(node.declared));
      panel.append(box);
    }
    const into = ways.filter((edge) => edge.to === number);
    for (const edge of into) panel.append(step(edge));
    const unique = (list) => [...new Set(list)];
    panel.append(onward("Back to", unique(into.map((edge) => edge.from))));
    const out = ways.filter((edge) => edge.from === number);
    panel.append(onward("Leads to", unique(out.map((edge) => edge.to))));
    panel.hidden = false;
    panel.scrollTop = 0;
    highlight();
    panel.focus({ preventScroll: true });
    show(get(`n${number}`));
  }

  // Bring a node out from under the panel, and into sight sideways.
  function show(node) {
    if (!node) return;
    const here = node.getBoundingClientRect();
    const below = here.bottom - (panel.getBoundingClientRect().top - 16);
    if (below > 0) scrollBy({ top: below });
    else if (here.top < 0) scrollBy({ top: here.top - 16 });
    const frame = document.querySelector(".drawn .scroll");
    const box = frame.getBoundingClientRect();
    if (here.right > box.right) frame.scrollLeft += here.right - box.right + 16;
    if (here.left < box.left) frame.scrollLeft -= box.left - here.left + 16;
  }

  function close(back) {
    const node = chosen === null ? null : get(`n${chosen}`);
    chosen = null;
    panel.hidden = true;
    highlight();
    if (back && node) node.focus();
  }

  // Arrow keys: along the links, and up and down within a column.
  function neighbour(node, key) {
    const number = numberOf(node);
    const shown = (element) => element && !element.classList.contains("off");
    if (key === "ArrowRight" || key === "ArrowLeft") {
      const [here, there] = key === "ArrowRight" ? ["from", "to"] : ["to", "from"];
      const link = drawnLinks.find(
        (one) => shown(one) && Number(one.dataset[here]) === number,
      );
      return link ? get(`n${link.dataset[there]}`) : null;
    }
    const box = (element) => element.querySelector("rect");
    const x = box(node).getAttribute("x");
    const column = drawnNodes.filter((one) => shown(one) && box(one).getAttribute("x") === x);
    return column[column.indexOf(node) + (key === "ArrowDown" ? 1 : -1)] || null;
  }

  for (const node of drawnNodes) {
    node.addEventListener("click", () => choose(numberOf(node)));
    node.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        choose(numberOf(node));
      } else if (event.key.startsWith("Arrow")) {
        const next = neighbour(node, event.key);
        if (next) {
          event.preventDefault();
          next.focus();
        }
      }
    });
  }
  for (const link of drawnLinks) {
    link.addEventListener("click", () => choose(Number(link.dataset.to)));
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && chosen !== null) close(true);
  });
  for (const select of Object.values(selects)) select.addEventListener("change", filter);
  get("filters").addEventListener("submit", (event) => event.preventDefault());

  const theme = get("theme");
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () =>
    root.dataset.theme ? root.dataset.theme === "dark" : prefersDark.matches;
  const tell = () => {
    theme.textContent = isDark() ? "Light mode" : "Dark mode";
  };
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    tell();
  });
  prefersDark.addEventListener("change", tell);
  tell();
  filter();
})();
