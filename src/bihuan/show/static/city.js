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
      chart.on("click", (item) => open(item.value?.[2]));
      map.addEventListener("keydown", (event) => driven(event, chart));
    }
  }

  function open(id) {
    if (id) htmx.ajax("GET", `/entities/${id}/card`, { target: "#card", swap: "innerHTML" });
  }

  // By keyboard: arrows go to the nearest entity that way, Enter shows its day, + and - come nearer and go back.
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  let chosen = null;
  let zoom = 1;

  function driven(event, chart) {
    const marks = JSON.parse(document.getElementById("marks").dataset.marks);
    if (event.key in ways) choose(nearest(marks, ways[event.key]), marks, chart);
    else if (event.key === "Enter") open(chosen);
    else if (event.key === "+" || event.key === "=") chart.setOption({ geo: { zoom: (zoom = Math.min(zoom * 1.5, 20)) } });
    else if (event.key === "-") chart.setOption({ geo: { zoom: (zoom = Math.max(zoom / 1.5, 0.5)) } });
    else return;
    event.preventDefault();
  }

  // The first is the westernmost; after that whoever is least far that way, being aside counts double.
  function nearest(marks, [east, north]) {
    const from = marks.find((mark) => mark.id === chosen);
    if (!from) return [...marks].sort((one, other) => one.at[0] - other.at[0])[0];
    const far = (mark) => {
      const [x, y] = [mark.at[0] - from.at[0], mark.at[1] - from.at[1]];
      const ahead = x * east + y * north;
      return ahead > 0 ? ahead + 2 * Math.abs(x * north + y * east) : Infinity;
    };
    const best = marks.reduce((one, other) => (far(other) < far(one) ? other : one), from);
    return far(best) < Infinity ? best : from;
  }

  function choose(mark, marks, chart) {
    if (!mark) return;
    chosen = mark.id;
    const seriesIndex = standings.findIndex(([standing]) => standing === mark.standing);
    const dataIndex = marks.filter((one) => one.standing === mark.standing).findIndex((one) => one.id === mark.id);
    chart.dispatchAction({ type: "showTip", seriesIndex, dataIndex });
    document.getElementById("map-said").textContent = `${mark.name} · ${standings[seriesIndex]?.[2] ?? ""}`;
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
