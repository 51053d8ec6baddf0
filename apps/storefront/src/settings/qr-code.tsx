import { encode } from 'uqr';

// What the standard asks for around a code, in its own squares.
const QUIET_ZONE = 4;

/** Draws a text as a QR code, here: what it says goes to nobody else. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { ecc: 'M', border: QUIET_ZONE });
  const squares = data.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')));
  return (
    <svg
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
      className="w-full max-w-60 justify-self-center rounded-2xl bg-white"
    >
      <path d={squares.join('')} fill="#000" />
    </svg>
  );
}
