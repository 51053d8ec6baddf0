import { useQuery } from '@tanstack/react-query';
import { formatSeconds } from '../ui/format.ts';
import { readStoryboard } from './storyboard.ts';

const MOST_SCENES = 8;

/** Pictures from all over the film, to go there by. */
export function Scenes({ storyboard, onChoose }: { storyboard: string; onChoose: (seconds: number) => void }) {
  const { data: previews = [] } = useQuery({
    queryKey: ['storyboard', storyboard],
    queryFn: async () => {
      const answer = await fetch(storyboard);
      return answer.ok ? readStoryboard(await answer.text(), storyboard) : [];
    },
    staleTime: Infinity,
  });
  const step = Math.max(1, previews.length / MOST_SCENES);
  const scenes = previews.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
  if (scenes.length === 0) return null;
  return (
    <ol aria-label="Scenes" className="flex gap-3 overflow-x-auto pb-2">
      {scenes.map(({ start, src, x, y, width, height }) => (
        <li key={start} className="shrink-0">
          <button
            type="button"
            onClick={() => onChoose(start)}
            className="grid gap-1 text-sm text-dust hover:text-lamp"
          >
            <span
              aria-hidden="true"
              className="block rounded-lg bg-velvet"
              style={{ width, height, backgroundImage: `url("${src}")`, backgroundPosition: `-${x}px -${y}px` }}
            />
            {formatSeconds(start)}
          </button>
        </li>
      ))}
    </ol>
  );
}
