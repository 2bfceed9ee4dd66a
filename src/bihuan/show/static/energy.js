// Draws every [data-energy] with ECharts, in the colours of the page; the numbers also stand in a table behind it.
"use strict";

(() => {
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const palette = ["#5b7fa6", "#a6855b", "#6f9f5f", "#b5654f", "#8a76b5", "#3f9a9e", "#c9a227", "#5fa8d3", "#bf7d73", "#8f8f8f", "#d98e4a", "#7d9a2f", "#bf5f82", "#5a7d7d"];
  const drawn = new Map();

  const frame = (text) => ({
    animation: false,
    color: palette,
    textStyle: text,
    aria: { enabled: true },
    legend: { type: "scroll", top: 0, textStyle: text, pageTextStyle: text },
    tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: token("--sheet"), borderColor: token("--line-strong"), textStyle: text, confine: true },
    grid: { left: 12, right: 20, top: 48, bottom: 12, containLabel: true },
  });
  const valueAxis = (text) => ({ type: "value", axisLabel: text, splitLine: { lineStyle: { color: token("--line") } } });
  const nameAxis = (text, data) => ({ type: "category", data, axisLabel: text, axisLine: { lineStyle: { color: token("--line-strong") } } });

  function options(chart) {
    const text = { color: token("--ink-2"), fontFamily: getComputedStyle(document.body).fontFamily };
    const base = frame(text);
    const legend = chart.layers.length > 1 ? base.legend : undefined;
    if (chart.type === "bars") {
      const series = chart.layers.map((layer) => ({ name: layer.name, type: "bar", stack: "all", data: layer.values, barMaxWidth: 20 }));
      const yAxis = { ...nameAxis(text, chart.names), axisLabel: { ...text, interval: 0 }, inverse: true };
      return { ...base, legend, grid: { ...base.grid, top: legend ? 48 : 12 }, xAxis: valueAxis(text), yAxis, series };
    }
    if (chart.type === "curve") {
      const series = chart.layers.map((layer) => ({ name: layer.name, type: "line", data: layer.points, ...(chart.stacked ? { stack: "all", areaStyle: { opacity: 0.9 }, symbol: "none" } : {}) }));
      const xAxis = { ...valueAxis(text), scale: true, name: chart.title, nameLocation: "middle", nameGap: 28, nameTextStyle: text };
      return { ...base, legend, grid: { ...base.grid, bottom: 36 }, xAxis, yAxis: { ...valueAxis(text), scale: !chart.stacked }, series };
    }
    const stacked = chart.type === "stack";
    const series = chart.layers.map((layer) => ({
      name: layer.name,
      type: "line",
      step: "end",
      symbol: "none",
      data: layer.values,
      lineStyle: { width: stacked ? 0 : 2 },
      ...(stacked ? { stack: layer.name.startsWith("−") ? "uses" : "sources", areaStyle: { opacity: 0.9 } } : {}),
    }));
    return { ...base, xAxis: nameAxis(text, chart.hours), yAxis: valueAxis(text), dataZoom: [{ type: "inside" }], series };
  }

  function draw(place) {
    if (!place.offsetWidth) return;
    const data = JSON.parse(place.dataset.energy);
    // Every bar has its name beside it, however many there are.
    if (data.type === "bars") place.style.height = `${Math.max(260, 60 + 22 * data.names.length)}px`;
    const chart = drawn.get(place) ?? echarts.init(place, null, { renderer: "svg" });
    drawn.set(place, chart);
    chart.setOption(options(data), true);
    chart.resize();
  }

  const drawAll = () => document.querySelectorAll("[data-energy]").forEach(draw);
  drawAll();
  document.addEventListener("toggle", (event) => event.target.querySelectorAll?.("[data-energy]").forEach(draw), true);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
})();
