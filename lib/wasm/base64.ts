/** Bytes as text that `atob` reads. */
const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Two digits for each value of twelve bits. */
const pairs = Array.from({ length: 4096 }, (_, bits) => digits[bits >> 6]! + digits[bits & 63]!);

export function base64(bytes: Uint8Array): string {
  let text = "";
  const whole = bytes.length - (bytes.length % 3);
  for (let n = 0; n < whole; n += 3) {
    const bits = (bytes[n]! << 16) | (bytes[n + 1]! << 8) | bytes[n + 2]!;
    text += pairs[bits >> 12]! + pairs[bits & 4095]!;
  }
  const [a, b] = bytes.subarray(whole);
  if (a === undefined) return text;
  const bits = (a << 16) | ((b ?? 0) << 8);
  return `${text}${pairs[bits >> 12]!}${b === undefined ? "=" : digits[(bits >> 6) & 63]!}=`;
}
