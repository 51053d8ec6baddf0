import sharp from 'sharp';

/** A plain picture with a left half in red and a right half in blue. */
export async function makePicture(
  format: 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif',
  { width = 800, height = 600 }: { width?: number; height?: number } = {},
): Promise<Buffer> {
  const half = { width: Math.ceil(width / 2), height, channels: 3, background: '#0000ff' } as const;
  const right = await sharp({ create: half }).png({ compressionLevel: 1 }).toBuffer();
  return await sharp({ create: { width, height, channels: 3, background: '#ff0000' } })
    .composite([{ input: right, gravity: 'east' }])
    .toFormat(format)
    .toBuffer();
}

/** A JPEG that lies on its side, and says so, with the place and the camera written into it. */
export async function makeTurnedPhoto(): Promise<Buffer> {
  return await sharp(await makePicture('jpeg', { width: 600, height: 600 }))
    .withExif({
      IFD0: { Make: 'Secret camera', Orientation: '6' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '50/1 27/1 0/1' },
    })
    .withMetadata({ orientation: 6 })
    .toBuffer();
}

/** The picture's size and kind, what was written into it, and the colour at a point. */
export async function lookAt(picture: Buffer, point: { x: number; y: number }) {
  const metadata = await sharp(picture).metadata();
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (point.y * info.width + point.x) * info.channels;
  const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
  return { metadata, isRed: red > 200 && green < 60 && blue < 60, isBlue: blue > 200 && red < 60 && green < 60 };
}
