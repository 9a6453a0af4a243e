// Step through each trace on the page. Without script the last step is drawn, and all of them are listed.
"use strict";
for (const trace of document.querySelectorAll(".trace")) {
  const controls = trace.querySelector(".controls");
  if (!controls) continue;
  const PAUSE = 1400; // milliseconds that a step is shown for
  const parts = Array.from(trace.querySelectorAll(".part"));
  const items = Array.from(trace.querySelectorAll(".steps > li"));
  const list = trace.querySelector(".steps");
  const graph = trace.querySelector(".stage > .wide");
  const slider = controls.querySelector("input");
  const count = controls.querySelector(".count");
  const says = trace.querySelector(".says");
  const play = controls.querySelector("[data-do=play]");
  const wrong = Number(trace.dataset.wrong);
  let now = 0;
  let timer = 0;

  // Showing a step

  const within = (outer, inner, along, size) => {
    const a = outer.getBoundingClientRect();
    const b = inner.getBoundingClientRect();
    if (b[along] >= a[along] && b[along] + b[size] <= a[along] + a[size]) return 0;
    return b[along] + b[size] / 2 - a[along] - a[size] / 2;
  };

  const show = (step) => {
    now = Math.min(Math.max(step, 0), items.length - 1);
    for (const part of parts) {
      part.classList.toggle("now", Number(part.dataset.start) <= now && now < Number(part.dataset.stop));
    }
    items.forEach((item, i) => {
      if (i === now) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
      item.firstElementChild.tabIndex = i === now ? 0 : -1;
    });
    slider.value = String(now + 1);
    slider.setAttribute("aria-valuetext", `step ${now + 1} of ${items.length}`);
    count.textContent = `${now + 1} of ${items.length}`;
    says.replaceChildren(...Array.from(items[now].querySelectorAll(".what, .why"), (one) => {
      const line = document.createElement("span");
      line.className = one.className;
      line.textContent = one.textContent;
      return line;
    }));
    list.scrollTop += within(list, items[now], "top", "height");
    const lit = trace.querySelector(".part.now .box.now");
    if (lit) graph.scrollLeft += within(graph, lit, "left", "width");
  };

  // Playing

  const stop = () => {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
  };

  const tick = () => {
    show(now + 1);
    if (now === items.length - 1 || now === wrong) stop(); // what is wrong is to be looked at
  };

  const toggle = () => {
    if (timer) return stop();
    if (now === items.length - 1) show(0);
    play.textContent = "Pause";
    timer = setInterval(tick, PAUSE);
  };

  const to = (step) => {
    stop();
    show(step);
  };

  const actions = {
    first: () => to(0),
    back: () => to(now - 1),
    play: toggle,
    next: () => to(now + 1),
    last: () => to(items.length - 1),
  };

  // Controls

  for (const button of controls.querySelectorAll("button")) button.addEventListener("click", actions[button.dataset.do]);
  slider.addEventListener("input", () => to(Number(slider.value) - 1));
  items.forEach((item, i) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...item.childNodes);
    button.addEventListener("click", () => to(i));
    item.append(button);
  });

  const keys = {
    ArrowRight: actions.next, ArrowDown: actions.next, ArrowLeft: actions.back, ArrowUp: actions.back,
    Home: actions.first, End: actions.last, " ": toggle,
  };
  const alone = document.querySelectorAll(".trace").length === 1 && document.querySelector("main").firstElementChild === trace;
  (alone ? document : trace).addEventListener("keydown", (event) => {
    const action = keys[event.key];
    const scrolls = event.target.closest(".wide") && event.key.startsWith("Arrow");
    if (!action || scrolls || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.target === slider && event.key !== " ") return; // it has these keys itself
    const inList = list.contains(event.target);
    if (event.key === " " && event.target.closest("button") && !inList) return; // it is pressed
    event.preventDefault();
    action();
    if (inList) items[now].firstElementChild.focus({ preventScroll: true });
  });

  trace.classList.add("live");
  list.classList.add("live-list");
  controls.hidden = false;
  show(wrong < 0 ? 0 : wrong);
}
