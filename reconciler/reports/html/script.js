"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const open = () => {
    const target = location.hash && byId(decodeURIComponent(location.hash.slice(1)));
    if (target && target.tagName === "DETAILS") target.open = true;
  };
  addEventListener("hashchange", open);
  open();
  const body = byId("rows");
  if (!body) return;
  const rows = [...body.rows].map((row) => ({
    row,
    text: row.textContent.toLowerCase(),
    words: new Set([...row.cells].slice(1).flatMap((cell) => cell.textContent.trim().split(", "))),
    attention: row.matches(".l2, .l3"),
  }));
  const [text, state, attention, count] = ["text", "state", "attention", "count"].map(byId);
  const filter = () => {
    const parts = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const each of rows) {
      const fits =
        parts.every((part) => each.text.includes(part)) &&
        (!state.value || each.words.has(state.value)) &&
        (!attention.checked || each.attention);
      if (each.row.hidden === fits) each.row.hidden = !fits;
      shown += fits;
    }
    count.textContent = `${shown} of ${rows.length} objects`;
  };
  for (const control of [text, state, attention]) control.addEventListener("input", filter);
  document.querySelector(".filter").hidden = false;
  filter();
})();
