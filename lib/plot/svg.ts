/** SVG as text. Attributes and content are escaped here, nowhere else. */

export type Attributes = Readonly<Record<string, string | number>>;

const escaped = (text: string): string =>
  // Characters that XML forbids have no place in a picture.
  text
    .replaceAll(/(?![\t\n\r])\p{Cc}/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");

const number = (x: number): string => String(Math.round(x * 100) / 100);

export function element(name: string, attributes: Attributes, content: readonly string[] = []): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${typeof value === "number" ? number(value) : escaped(value)}"`,
  );
  const open = `<${name}${written.join("")}`;
  return content.length === 0 ? `${open}/>` : `${open}>${content.join("")}</${name}>`;
}

export const text = (x: number, y: number, content: string, attributes: Attributes = {}): string =>
  element("text", { x, y, ...attributes }, [escaped(content)]);

export const line = (x1: number, y1: number, x2: number, y2: number, attributes: Attributes): string =>
  element("line", { x1, y1, x2, y2, ...attributes });

/** A path through points; where one is not finite, it is broken. */
export function path(points: readonly (readonly [number, number])[], attributes: Attributes): string {
  let pen = "M";
  const parts: string[] = [];
  for (const [x, y] of points) {
    if (!Number.isFinite(x) || !Number.isFinite(y)) pen = "M";
    else {
      parts.push(`${pen}${number(x)},${number(y)}`);
      pen = "L";
    }
  }
  return element("path", { d: parts.join(""), fill: "none", ...attributes });
}

export const document = (width: number, height: number, content: readonly string[]): string =>
  `${element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      "font-family": "DejaVu Sans, Helvetica, Arial, sans-serif",
      "font-size": 12,
    },
    [element("rect", { width, height, fill: "white" }), ...content],
  )}\n`;
