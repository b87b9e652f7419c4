const idAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz";

/** Makes 22 characters that are easy to read out, from `random`, which is uniform in [0, 1). */
export function randomId(random: () => number): string {
  let id = "";
  for (let index = 0; index < 22; index += 1) id += idAlphabet[Math.floor(random() * idAlphabet.length)] ?? "0";
  return id;
}
