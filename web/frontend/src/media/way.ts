// The way sound and picture take: straight to the server, or through a relay (TURN) where a network lets nothing
// else through. Owns the credentials for the relay and which way is being tried. No connections, no clock.
import type { RelayPass } from "../room/wire";

export class Way {
  private pass: RelayPass | null = null;
  private relayOnly = false;

  // What the server gave with its last answer: good for connections that begin now.
  take(pass: RelayPass | undefined): void {
    this.pass = pass ?? null;
    if (!pass) this.relayOnly = false;
  }

  get choice(): boolean {
    return this.pass !== null;
  }

  // The first way tries everything at once: the browser itself takes the relay where the direct path is closed.
  // The second is the relay alone, for networks that open a direct path and then let nothing pass on it.
  turn(): void {
    this.relayOnly = this.choice && !this.relayOnly;
  }

  configuration(): RTCConfiguration {
    const fixed: RTCConfiguration = { bundlePolicy: "max-bundle", rtcpMuxPolicy: "require" };
    if (!this.pass) return fixed;
    const { urls, username, credential } = this.pass;
    return { ...fixed, iceServers: [{ urls, username, credential }], iceTransportPolicy: this.relayOnly ? "relay" : "all" };
  }
}

// Whether a connection's statistics say that its packets go through the relay just now.
export function relayed(reports: Record<string, unknown>[]): boolean {
  return carriers(reports).some((candidate) => candidate.candidateType === "relay");
}

// What the packets travel in on their way to us, or to the relay; "" where the browser does not say.
export function over(reports: Record<string, unknown>[]): "" | "udp" | "tcp" | "tls" {
  const said = carriers(reports).map((candidate) => (candidate.candidateType === "relay" && candidate.relayProtocol) || candidate.protocol);
  return (["tls", "tcp", "udp"] as const).find((protocol) => said.includes(protocol)) ?? "";
}

// Our ends of the ways that are in use.
function carriers(reports: Record<string, unknown>[]): Record<string, unknown>[] {
  const selected = new Set(reports.filter((r) => r.type === "transport").map((r) => r.selectedCandidatePairId));
  const used = new Set(reports.filter((r) => r.type === "candidate-pair" && (selected.has(r.id) || r.selected === true)) // Firefox marks the pair itself
    .map((r) => r.localCandidateId));
  return reports.filter((r) => r.type === "local-candidate" && used.has(r.id));
}
