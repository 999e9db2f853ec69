/** Arrays of a module's own: scratch, and doubles that results in single precision are rounded from. */
import type { Face } from "./face.ts";

export const scratch = (face: Face): readonly string[] =>
  face.nest.buffers
    .filter((b) => b.role === "scratch" || face.rounded.has(b.name))
    .map((b) => {
      const type = face.arrayType({ ...b, role: "scratch" });
      return `  const ${b.name} = new ${type}(${face.volume(b.shape)});`;
    });

export const roundings = ({ rounded }: Face): readonly string[] =>
  [...rounded].map(([name, given]) => `  ${given}.set(${name});`);
