// A drawn office to stand behind somebody: a wall, a window, a shelf, the office's name. Ours, so nobody's photograph is needed.

type Pen = OffscreenCanvasRenderingContext2D;

export function drawOffice(pen: Pen, wide: number, high: number, name: string): void {
  const u = Math.min(wide / 16, high / 9); // one square of the grid it is drawn on
  const wall = pen.createLinearGradient(0, 0, 0, high);
  wall.addColorStop(0, "#dfe5e8");
  wall.addColorStop(1, "#c6d0d4");
  pen.fillStyle = wall;
  pen.fillRect(0, 0, wide, high);
  pen.fillStyle = "#aebbc0"; // the panel along the wall
  pen.fillRect(0, high - 2.6 * u, wide, 2.6 * u);
  pen.fillStyle = "#98a8ae";
  pen.fillRect(0, high - 2.6 * u, wide, 0.12 * u);
  window_(pen, 1.5 * u, 1.1 * u, u);
  shelf(pen, wide - 5.4 * u, 2.9 * u, u);
  plant(pen, wide - 2 * u, high - 2.6 * u, u);
  pen.fillStyle = "#42565e";
  pen.textAlign = "right";
  pen.textBaseline = "alphabetic";
  pen.font = `600 ${0.52 * u}px "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif`;
  pen.fillText(name, wide - 1.5 * u, 1.3 * u, wide - 3 * u); // a tile may cut the sides off
}

function window_(pen: Pen, x: number, y: number, u: number): void {
  const sky = pen.createLinearGradient(0, y, 0, y + 4.4 * u);
  sky.addColorStop(0, "#cfe3f0");
  sky.addColorStop(1, "#eef4f4");
  pen.fillStyle = "#f4f6f6";
  pen.fillRect(x, y, 3.6 * u, 4.6 * u);
  pen.fillStyle = sky;
  for (const dx of [0.15, 1.87]) pen.fillRect(x + dx * u, y + 0.15 * u, 1.58 * u, 4.3 * u);
}

function shelf(pen: Pen, x: number, y: number, u: number): void {
  const backs = ["#5f7d8c", "#8a6f5a", "#7d8f6e", "#a2735c", "#61708f", "#8d8468", "#6f8a86"];
  backs.forEach((colour, n) => {
    const tall = (0.9 + 0.25 * ((n * 7) % 3)) * u;
    pen.fillStyle = colour;
    pen.fillRect(x + (0.2 + n * 0.42) * u, y - tall, 0.34 * u, tall);
  });
  pen.fillStyle = "#8f7a66";
  pen.fillRect(x, y, 4 * u, 0.16 * u);
}

function plant(pen: Pen, x: number, y: number, u: number): void {
  pen.fillStyle = "#6d8f72";
  for (const [dx, dy, turn] of [[-0.35, -0.5, -0.5], [0.35, -0.5, 0.5], [0, -0.8, 0]] as const) {
    pen.beginPath();
    pen.ellipse(x + dx * u, y + dy * u, 0.24 * u, 0.72 * u, turn, 0, 2 * Math.PI);
    pen.fill();
  }
  pen.fillStyle = "#b58a6a";
  pen.fillRect(x - 0.4 * u, y - 0.1 * u, 0.8 * u, 0.7 * u);
}
