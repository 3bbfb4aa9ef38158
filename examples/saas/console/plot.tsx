import type { ReactNode } from "react";

/** A bar of parts, each as wide as its share, with its text below; told as a list to whoever does not see it. */
export function Segments({ label, segments }: { label: string; segments: { name: string; value: number; text: ReactNode }[] }) {
  const total = segments.reduce((sum, { value }) => sum + value, 0) || 1;
  let from = 0;
  return (
    <figure className="segments">
      <figcaption>{label}</figcaption>
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        {segments.map(({ name, value }, place) => {
          const x = from;
          from += (value / total) * 100;
          return <rect key={place} className={`fill-${name}`} x={x} y={0} width={(value / total) * 100} height={6} />;
        })}
      </svg>
      <ul>
        {segments.map(({ name, text }, place) => (
          <li key={place}>
            <i className={`dot fill-${name}`} aria-hidden="true" />
            {text}
          </li>
        ))}
      </ul>
    </figure>
  );
}

/** How a figure went since the page was opened. */
export function Sparkline({ values }: { values: number[] }) {
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const points = values.map((value, place) => `${(place / Math.max(1, values.length - 1)) * 100},${18 - ((value - low) / span) * 16}`);
  if (points.length === 1) points.push(`100,${18 - ((values[0]! - low) / span) * 16}`);
  return (
    <svg className="sparkline" viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true">
      <polyline points={points.join(" ")} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

/** One bar of several that are measured alike. */
export function Bar({ share }: { share: number }) {
  return (
    <svg className="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      <rect className="fill-track" width={100} height={4} />
      <rect className="fill-hot" width={Math.max(0.5, share * 100)} height={4} />
    </svg>
  );
}
