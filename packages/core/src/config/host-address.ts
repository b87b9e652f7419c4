// Link-local is 169.254.0.0/16 and fe80::/10; the others are where clouds answer with a machine's credentials:
// Alibaba, Oracle, Azure (wire server), AWS and Google over IPv6.
const metadataAddresses = new Set([
  "100.100.100.200",
  "192.0.0.192",
  "168.63.129.16",
  "fd00:ec2:0:0:0:0:0:254",
  "fd20:ce:0:0:0:0:0:254",
]);
const metadataNames = new Set([
  "metadata",
  "metadata.google.internal",
  "metadata.goog",
  "metadata.tencentyun.com",
  "instance-data",
  "instance-data.ec2.internal",
]);

/**
 * Decides whether a URL's `hostname` is a link-local or cloud metadata address, also if an IPv6 address only wraps
 * it.
 */
export function isForbiddenAddress(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.$/, "");
  if (metadataNames.has(name)) return true;
  const groups = ipv6Groups(name);
  if (groups === undefined) return isForbiddenIpv4(name);
  if ((groups[0]! & 0xffc0) === 0xfe80 || metadataAddresses.has(groups.map((group) => group.toString(16)).join(":"))) {
    return true;
  }
  const embedded = embeddedIpv4(groups);
  return embedded !== undefined && isForbiddenIpv4(embedded);
}

function isForbiddenIpv4(text: string): boolean {
  return text.startsWith("169.254.") || metadataAddresses.has(text);
}

/**
 * Decides whether a host, as a URL's `hostname` or as written in `settings.host`, can only be reached from this
 * machine.
 */
export function isLoopbackHost(host: string): boolean {
  const name = canonicalHost(host);
  if (name === undefined) return false;
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  const groups = ipv6Groups(name);
  if (groups === undefined) return /^127\.\d+\.\d+\.\d+$/.test(name);
  if (groups.slice(0, 7).every((group) => group === 0) && groups[7] === 1) return true;
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  return isMapped && groups[6]! >> 8 === 127;
}

/** Returns the host as a URL parser writes it (`127.1` → `127.0.0.1`, `::1` → `[::1]`); undefined where it is none. */
export function canonicalHost(host: string): string | undefined {
  const bracketed = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  if (/[/?#@\s\\]/.test(bracketed) || /\]./.test(bracketed)) return undefined;
  try {
    const url = new URL(`http://${bracketed}`);
    return url.port === "" && url.hostname !== "" ? url.hostname.replace(/\.$/, "") : undefined;
  } catch {
    return undefined;
  }
}

function ipv6Groups(hostname: string): number[] | undefined {
  if (!hostname.startsWith("[") || !hostname.endsWith("]")) return undefined;
  const [head = "", tail] = hostname.slice(1, -1).split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array.from({ length: zeros }, () => "0"), ...right].map((group) => Number.parseInt(group, 16));
}

// The ways in which an IPv6 address leads to an IPv4 one: mapped and compatible (RFC 4291), translated (RFC 6052), 6to4 (RFC 3056).
function embeddedIpv4(groups: readonly number[]): string | undefined {
  const startsWith = (prefix: readonly number[]): boolean => prefix.every((group, index) => groups[index] === group);
  if (startsWith([0x2002])) return dotted(groups[1]!, groups[2]!);
  const wraps = [
    [0, 0, 0, 0, 0, 0xffff],
    [0, 0, 0, 0, 0xffff, 0],
    [0, 0, 0, 0, 0, 0],
    [0x64, 0xff9b],
  ];
  return wraps.some(startsWith) ? dotted(groups[6]!, groups[7]!) : undefined;
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
