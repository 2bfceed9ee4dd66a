// Draws every [data-chart] with ECharts, in the colours of the page; the numbers also stand in a table behind it.
"use strict";

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const drawn = new Map();

function series(one, shape) {
  const colour = token(one.kind === "target" ? "--target-line" : "--result-line");
  return {
    name: one.name,
    type: shape,
    data: one.data.map((point) => point && { value: point.value, text: point.text }),
    connectNulls: false,
    symbol: one.kind === "target" ? "diamond" : "circle",
    symbolSize: 9,
    barMaxWidth: 28,
    itemStyle: { color: colour, decal: one.kind === "target" ? { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [3, 4], rotation: -0.785, color: token("--target") } : undefined },
    lineStyle: { color: colour, type: one.kind === "target" ? "dashed" : "solid", width: 2 },
    label: { show: true, position: "top", color: token("--ink-2"), formatter: (item) => item.data?.text ?? "", fontSize: 12 },
    labelLayout: { hideOverlap: true },
  };
}

function options(chart) {
  const text = { color: token("--ink-2"), fontFamily: getComputedStyle(document.body).fontFamily };
  return {
    animation: false,
    textStyle: text,
    aria: { enabled: true },
    grid: { left: 12, right: 20, top: 44, bottom: 8, containLabel: true },
    legend: { top: 4, right: 8, textStyle: text, itemWidth: 18 },
    tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: token("--sheet"), borderColor: token("--line-strong"), textStyle: text },
    xAxis: { type: "category", data: chart.categories, axisLabel: text, axisLine: { lineStyle: { color: token("--line-strong") } } },
    yAxis: { type: "value", scale: false, name: chart.unit, nameTextStyle: text, axisLabel: { ...text, formatter: short }, splitLine: { lineStyle: { color: token("--line") } } },
    series: chart.series.filter((one) => one.data.some(Boolean)).map((one) => series(one, chart.categories.length > 2 && one.kind === "result" ? "line" : "bar")),
  };
}

function short(value) {
  const chinese = document.documentElement.lang !== "en";
  const steps = chinese ? [[1e8, "亿"], [1e4, "万"]] : [[1e9, "bn"], [1e6, "m"], [1e3, "k"]];
  for (const [size, name] of steps) if (Math.abs(value) >= size) return `${+(value / size).toFixed(2)}${chinese ? "" : " "}${name}`;
  return `${value}`;
}

function draw(place) {
  if (!place.offsetWidth) return;
  const chart = drawn.get(place) ?? echarts.init(place, null, { renderer: "svg" });
  drawn.set(place, chart);
  chart.setOption(options(JSON.parse(place.dataset.chart)), true);
  chart.resize();
}

const drawAll = () => document.querySelectorAll("[data-chart]").forEach(draw);
drawAll();
document.addEventListener("toggle", (event) => event.target.querySelectorAll?.("[data-chart]").forEach(draw), true);
document.addEventListener("htmx:after:swap", drawAll);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
