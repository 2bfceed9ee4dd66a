// Times are Beijing's wherever the reader is. Draws every [data-line] over time, and the map of entities, in the colours of the page; tables stand behind both.
"use strict";

(() => {
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const ink = () => ({ color: token("--ink-2"), fontFamily: getComputedStyle(document.body).fontFamily });
  const tip = () => ({ renderMode: "richText", backgroundColor: token("--sheet"), borderColor: token("--line-strong"), textStyle: ink(), confine: true });
  const drawn = new Map();

  function chartOf(place) {
    const chart = drawn.get(place) ?? echarts.init(place, null, { renderer: "svg" });
    drawn.set(place, chart);
    return chart;
  }

  // -- Lines ----------------------------------------------------------------------------------------------------------

  const beijing = (at) => at + 8 * 3600 * 1000; // shown as if it were UTC

  function lineOptions(line) {
    const text = ink();
    const flagged = line.points.filter((point) => point[2]);
    return {
      animation: false,
      useUTC: true,
      textStyle: text,
      aria: { enabled: true },
      grid: { left: 12, right: 20, top: 34, bottom: 8, containLabel: true },
      tooltip: { trigger: "axis", ...tip() },
      xAxis: { type: "time", axisLabel: { ...text, hideOverlap: true }, axisLine: { lineStyle: { color: token("--line-strong") } } },
      yAxis: { type: "value", scale: true, name: line.unit, nameTextStyle: { ...text, align: "left" }, axisLabel: text, splitLine: { lineStyle: { color: token("--line") } } },
      dataZoom: [{ type: "inside" }],
      series: [
        { name: line.title, type: "line", symbol: "none", data: line.points.map(([at, value]) => [beijing(at), value]), lineStyle: { color: token("--result-line"), width: 2 }, itemStyle: { color: token("--result-line") } },
        { name: "!", type: "scatter", symbol: "emptyDiamond", symbolSize: 10, data: flagged.map(([at, value]) => [beijing(at), value]), itemStyle: { color: token("--red") } },
      ],
    };
  }

  function drawLine(place) {
    if (!place.offsetWidth) return;
    const chart = chartOf(place);
    chart.setOption(lineOptions(JSON.parse(place.dataset.line)), true);
    chart.resize();
  }

  // -- The map --------------------------------------------------------------------------------------------------------

  const shapes = { alarm: "rect", warning: "triangle", silent: "emptyCircle", fine: "circle" };
  const map = document.getElementById("map");
  const standings = (map?.dataset.standings ?? "").split(";").filter(Boolean).map((one) => one.split("="));

  function layer([standing, colour, name], marks) {
    return {
      name,
      type: "scatter",
      coordinateSystem: "geo",
      symbol: shapes[standing],
      symbolSize: standing === "fine" ? 9 : 13,
      itemStyle: { color: token(`--${colour}`), borderColor: token("--sheet"), borderWidth: standing === "silent" ? 2 : 1 },
      data: marks.filter((mark) => mark.standing === standing).map((mark) => ({ name: mark.name, value: [...mark.at, mark.id] })),
    };
  }

  function mapOptions(marks, trail) {
    const text = ink();
    return {
      animation: false,
      textStyle: text,
      aria: { enabled: true },
      legend: { top: 4, textStyle: text, data: standings.map(([, , name]) => name) },
      tooltip: { trigger: "item", formatter: (item) => item.name, ...tip() },
      geo: {
        map: "districts",
        roam: true,
        top: 40,
        bottom: 10,
        aspectScale: 0.79,
        itemStyle: { areaColor: token("--sunk"), borderColor: token("--line-strong") },
        label: { show: true, color: token("--ink-2") },
        emphasis: { disabled: true },
      },
      series: [
        ...standings.map((one) => layer(one, marks)),
        { name: "trail", type: "lines", coordinateSystem: "geo", polyline: true, silent: true, lineStyle: { color: token("--result-line"), width: 3, opacity: 0.9 }, data: trail.length > 1 ? [{ coords: trail }] : [] },
      ],
    };
  }

  function drawMap() {
    if (!map?.offsetWidth) return;
    const marks = JSON.parse(document.getElementById("marks").dataset.marks);
    const trail = JSON.parse(document.querySelector("[data-trail]")?.dataset.trail ?? "[]");
    const known = drawn.has(map);
    if (!known) echarts.registerMap("districts", JSON.parse(map.dataset.outline));
    const chart = chartOf(map);
    const options = mapOptions(marks, trail);
    if (known) delete options.geo.roam; // keep where the reader has moved to
    chart.setOption(options, { notMerge: false, replaceMerge: ["series"] });
    chart.resize();
    if (!known) {
      chart.on("click", (item) => {
        const id = item.value?.[2];
        if (id) htmx.ajax("GET", `/entities/${id}/card`, { target: "#card", swap: "innerHTML" });
      });
    }
  }

  function drawAll() {
    for (const [place, chart] of drawn) {
      if (!place.isConnected) { chart.dispose(); drawn.delete(place); }
    }
    document.querySelectorAll("[data-line]").forEach(drawLine);
    drawMap();
  }

  drawAll();
  // What was chosen far down in the table is shown up here: bring it into view.
  const card = document.getElementById("card");
  if (card) new MutationObserver(() => card.scrollIntoView({ block: "nearest" })).observe(card, { childList: true });

  for (const name of ["htmx:after:swap", "htmx:sse:after:message"]) document.addEventListener(name, drawAll);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  addEventListener("resize", drawAll);
})();
