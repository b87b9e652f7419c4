// Small things that every part of the page uses: elements, numbers, times, and what the page knows.

import { language, t } from "./words.js";

/** State of the page; one object, so that every part sees the same. */
export const page = {
  state: null,
  atMs: 0,
  timer: 0,
  isAsking: false,
  isPaused: false,
  isLost: false,
  lostAt: null,
  widest: new Map(),
};

export const keyName = "ccpb-key";
export const byId = (id) => document.getElementById(id);

export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

export function draw(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function button(text, className, onClick) {
  const element = make("button", className, text);
  element.type = "button";
  element.addEventListener("click", onClick);
  return element;
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Calls `renderNow` where `facts` are not those of the last time; the focus stays on the button that had it. */
export function renderIfChanged(element, facts, renderNow) {
  const text = JSON.stringify([facts, language()]);
  if (element.lastFacts === text) return;
  element.lastFacts = text;
  const focused = element.contains(document.activeElement) ? document.activeElement.dataset.act : undefined;
  renderNow(element);
  if (focused !== undefined) element.querySelector(`[data-act=${CSS.escape(focused)}]`)?.focus();
}

/** Each bound is where rounding would give the next unit. */
export function duration(ms) {
  if (ms === null || ms === undefined) return "–";
  if (ms < 9.95 && !Number.isInteger(ms)) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return ms < 59950 ? `${(ms / 1000).toFixed(ms < 9995 ? 2 : 1)} s` : clock(ms / 1000);
}

export function clock(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const days = Math.floor(whole / 86400);
  const hours = Math.floor(whole / 3600) % 24;
  const minutes = Math.floor(whole / 60) % 60;
  const time = days + hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
  return days > 0 ? t("{days} d {time}", { days, time }) : time;
}

export const isToday = (ms) => new Date(ms).toDateString() === new Date(page.state?.now ?? Date.now()).toDateString();

/** A moment of today as a time of 24 hours, of another day with its date, of another year with that too. */
export function timeText(ms) {
  const at = new Date(ms);
  const two = (number) => String(number).padStart(2, "0");
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  if (isToday(ms)) return time;
  const isThisYear = at.getFullYear() === new Date(page.state?.now ?? Date.now()).getFullYear();
  return `${isThisYear ? "" : `${at.getFullYear()}-`}${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`;
}

export function amount(number) {
  if (number < 1000) return String(number);
  const [value, unit] = number < 999_500 ? [number / 1000, "k"] : [number / 1e6, "M"];
  return `${value.toFixed(value < 9.95 ? 1 : 0)}${unit}`;
}

/** Asks this server; rejects with what it says where it refuses. */
export async function request(path, options = {}) {
  const key = sessionStorage.getItem(keyName);
  const response = await fetch(path, {
    cache: "no-store",
    ...options,
    headers: { ...(key === null ? {} : { "x-api-key": key }), ...options.headers },
  });
  if (response.ok) return response.json();
  const data = await response.json().catch(() => null);
  throw Object.assign(new Error(data?.error?.message ?? t("it answers {status}", { status: response.status })), {
    status: response.status,
  });
}
