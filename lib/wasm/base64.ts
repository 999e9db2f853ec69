/** Bytes as text that `atob` reads. */
const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export function base64(bytes: Uint8Array): string {
  const text: string[] = [];
  for (let n = 0; n < bytes.length; n += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(n, n + 3);
    const bits = (a << 16) | (b << 8) | c;
    const four = [18, 12, 6, 0].map((shift) => digits[(bits >> shift) & 63]!);
    text.push(
      four
        .slice(0, Math.min(4, bytes.length - n + 1))
        .join("")
        .padEnd(4, "="),
    );
  }
  return text.join("");
}
