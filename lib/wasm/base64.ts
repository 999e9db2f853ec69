/** Bytes as text that `atob` reads. */
const digits = new TextEncoder().encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const padding = "=".charCodeAt(0);

export function base64(bytes: Uint8Array): string {
  const text = new Uint8Array(4 * Math.ceil(bytes.length / 3)).fill(padding);
  for (let n = 0, at = 0; n < bytes.length; n += 3, at += 4) {
    const bits = (bytes[n]! << 16) | ((bytes[n + 1] ?? 0) << 8) | (bytes[n + 2] ?? 0);
    text[at] = digits[bits >> 18]!;
    text[at + 1] = digits[(bits >> 12) & 63]!;
    if (n + 1 < bytes.length) text[at + 2] = digits[(bits >> 6) & 63]!;
    if (n + 2 < bytes.length) text[at + 3] = digits[bits & 63]!;
  }
  return new TextDecoder().decode(text);
}
