// How often somebody is looked for in the picture, by what that costs this device; and when it costs too much. Pure.

const WINDOW = 30; // frames between two judgements
const DEAR = 0.5; // share of the time between frames spent on them: then it is looked less often
const CHEAP = 0.2;
const FULL = 0.85; // frames are being lost
const SELDOM = 4; // every so many frames at least
const OFTEN = 2;
const STRIKES = 3; // judgements in a row until it is too slow

export class Pace {
  every = OFTEN;
  private frames = 0;
  private spent = 0;
  private since: number | null = null;
  private strikes = 0;

  // One frame took `spent` ms and was done at `now`. Whether this device is too slow for it.
  take(spent: number, now: number): boolean {
    if (this.since === null) { // the first frame waits for much that is done once
      this.since = now;
      return false;
    }
    this.spent += spent;
    if (++this.frames < WINDOW) return false;
    const share = this.spent / Math.max(1, now - this.since);
    this.frames = this.spent = 0;
    this.since = now;
    this.strikes = share > FULL && this.every === SELDOM ? this.strikes + 1 : 0;
    if (share > DEAR && this.every < SELDOM) this.every += 1;
    else if (share < CHEAP && this.every > OFTEN) this.every -= 1;
    return this.strikes >= STRIKES;
  }
}
