// From two readings of the connections' statistics to a quality level 1 (bad) … 4 (very good). Pure.

export interface Reading {
  received: number; // packets, all sources
  lost: number;
  sentLoss: number; // fraction 0…1 the server reports of what we send
  rtt: number; // seconds
}

export function reading(reports: Iterable<Record<string, unknown>>): Reading {
  const sum: Reading = { received: 0, lost: 0, sentLoss: 0, rtt: 0 };
  const n = (value: unknown): number => (typeof value === "number" && Number.isFinite(value) ? value : 0);
  for (const report of reports) {
    if (report.type === "inbound-rtp") {
      sum.received += n(report.packetsReceived);
      sum.lost += Math.max(0, n(report.packetsLost));
    } else if (report.type === "remote-inbound-rtp") {
      sum.sentLoss = Math.max(sum.sentLoss, n(report.fractionLost));
    } else if (report.type === "candidate-pair" && report.nominated) {
      sum.rtt = Math.max(sum.rtt, n(report.currentRoundTripTime));
    }
  }
  return sum;
}

export function level(before: Reading, now: Reading): number {
  const received = Math.max(0, now.received - before.received);
  const lost = Math.max(0, now.lost - before.lost);
  const loss = Math.max(received + lost ? lost / (received + lost) : 0, now.sentLoss);
  if (loss > 0.12 || now.rtt > 1) return 1;
  if (loss > 0.05 || now.rtt > 0.5) return 2;
  if (loss > 0.015 || now.rtt > 0.25) return 3;
  return 4;
}
